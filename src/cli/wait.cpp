#include <fmt/format.h>

#include <charconv>

#include "base/strings.h"
#include "cli/commands.h"
#include "cli/feed.h"
#include "cli/field.h"
#include "model/metadata.h"
#include "net/url.h"

namespace weir::cli {
namespace {

using codec::Node;

constexpr Duration kAskAgain = std::chrono::seconds(1);

std::string waiting_line(const std::string& name, const Node& deployment) {
  std::string line = fmt::format("{}: {}", name, text_at(deployment, "status.state"));
  if (const auto phase = text_at(deployment, "status.transition.phase"); !phase.empty())
    line += fmt::format(" ({})", phase);
  if (std::string waiting = text_at(deployment, "status.transition.waitingFor"); !waiting.empty()) {
    if (waiting.ends_with('.')) waiting.pop_back();
    line += fmt::format(", waits for {}", waiting);
  }
  return line;
}

Error failed_instead(const std::string& name, const Node& deployment) {
  std::string message = text_at(deployment, "status.failure.message");
  if (message.empty()) message = "No reason is recorded; see 'weir events " + name + "'.";
  return fail(Code::kFailedPrecondition, fmt::format("Deployment {} is FAILED: {}", name, message),
              text_at(deployment, "status.failure.reason"));
}

enum class Verdict { kGoOn, kReached };

std::int64_t number_at(const Node& document, std::string_view path, std::int64_t otherwise) {
  const std::string text = text_at(document, path);
  std::int64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Whether the revision that is waited for can still come, and whether it runs.
Result<bool> runs_revision(const std::string& name, const Node& deployment, std::int64_t wanted) {
  const std::int64_t newest = newest_revision(deployment);
  if (wanted > newest)
    return fail(
        Code::kNotFound,
        fmt::format("Deployment {} has no revision {}; its newest is {}.", name, wanted, newest),
        "RevisionNotFound");
  const std::int64_t running = number_at(deployment, "status.revision.running", 0);
  if (running == wanted) return text_at(deployment, "status.state") == "RUNNING";
  if (wanted < newest)
    return fail(Code::kFailedPrecondition,
                fmt::format("Revision {} of deployment {} was overtaken by revision {}.", wanted,
                            name, newest),
                "RevisionOvertaken");
  const std::string why = text_at(deployment, "status.revision.rolledBackBecause");
  if (!why.empty() && text_at(deployment, "status.state") == "RUNNING")
    return fail(Code::kFailedPrecondition,
                fmt::format("Revision {} of deployment {} was rolled back, revision {} runs: {} "
                            "Change the template, or run 'weir retry {}'.",
                            wanted, name, running, why, name),
                "RolledBack");
  return false;
}

// Whether a deployment's present status ends the wait.
Result<Verdict> judge(const std::string& name, const Node& deployment, WaitGoal& goal) {
  const Node* status = deployment.find("status");
  if (goal.stale_status && status != nullptr && *status == *goal.stale_status)
    return Verdict::kGoOn;
  goal.stale_status.reset();
  const std::string state = text_at(deployment, "status.state");
  if (goal.revision) {
    WEIR_TRY(const bool runs, runs_revision(name, deployment, *goal.revision));
    if (runs) return Verdict::kReached;
  } else if (state == goal.state) {
    return Verdict::kReached;
  }
  if (state == "FAILED") return failed_instead(name, deployment);
  if (state == "FINISHED")
    return fail(Code::kFailedPrecondition,
                fmt::format("Deployment {} is FINISHED: its job has ended by itself.", name));
  return Verdict::kGoOn;
}

std::string goal_text(const WaitGoal& goal) {
  return goal.revision ? fmt::format("{} with revision {}", goal.state, *goal.revision)
                       : goal.state;
}

class Wait {
 public:
  Wait(Session& session, std::string name, std::string id, WaitGoal goal)
      : session_(session),
        name_(std::move(name)),
        id_(std::move(id)),
        goal_(std::move(goal)),
        deadline_(session.env().now() + goal_.timeout),
        progress_(session.terminal) {}

  Task<Status> run(Node first) {
    WEIR_CO_TRY(const Verdict verdict, look(first));
    if (verdict == Verdict::kReached) co_return Status();
    Feed feed(session_.client, fmt::format("/api/v1/watch?namespace={}&kinds=Deployment&"
                                           "deploymentId={}",
                                           net::percent_encode(session_.ns), id_));
    while (true) {
      auto event = co_await feed.next(deadline_);
      if (!event) break;
      if (!*event) co_return too_late();
      if ((*event)->type == "DELETED") co_return gone();
      if ((*event)->type != "ADDED" && (*event)->type != "MODIFIED") continue;
      WEIR_CO_TRY(const Verdict seen, look((*event)->object));
      if (seen == Verdict::kReached) co_return Status();
    }
    co_return co_await poll();
  }

 private:
  // Without a feed the answer is asked for; a server that is away for a while may come back.
  Task<Status> poll() {
    const KindEntry kind = *find_kind("deployment");
    const std::string path = path_of(kind, session_.ns, name_);
    while (session_.env().now() < deadline_) {
      auto deployment = co_await session_.client.get(path);
      if (!deployment && deployment.error().code == Code::kNotFound) co_return gone();
      if (deployment) {
        WEIR_CO_TRY(const Verdict verdict, look(*deployment));
        if (verdict == Verdict::kReached) co_return Status();
      } else {
        last_ = deployment.error().message;
        progress_.show(last_);
      }
      const MonoTime again = session_.env().now() + kAskAgain;
      co_await sleep_until(session_.env().timer, std::min(again, deadline_));
    }
    co_return too_late();
  }

  Result<Verdict> look(const Node& deployment) {
    auto verdict = judge(name_, deployment, goal_);
    if (verdict && *verdict == Verdict::kGoOn) {
      last_ = waiting_line(name_, deployment);
      progress_.show(last_);
    }
    return verdict;
  }

  Error too_late() const {
    return fail(Code::kDeadline,
                fmt::format("Deployment {} is not {} after {}. Last seen: {}.", name_,
                            goal_text(goal_), format_duration(goal_.timeout), last_));
  }
  Error gone() const {
    return fail(Code::kNotFound, fmt::format("Deployment {} was deleted meanwhile.", name_));
  }

  Session& session_;
  std::string name_;
  std::string id_;
  WaitGoal goal_;
  MonoTime deadline_;
  Progress progress_;
  std::string last_;
};

Result<WaitGoal> goal_of_condition(const std::string& condition) {
  static const std::vector<std::string> states{"RUNNING",       "SUSPENDED", "CANCELLED",
                                               "TRANSITIONING", "FAILED",    "FINISHED"};
  if (condition.starts_with("state="))
    for (const std::string& state : states)
      if (equals_ignoring_case(condition.substr(6), state))
        return WaitGoal{state, Duration{}, std::nullopt};
  std::int64_t revision = 0;
  if (condition.starts_with("revision=")) {
    const char* end = condition.data() + condition.size();
    const auto [stop, error] = std::from_chars(condition.data() + 9, end, revision);
    if (error != std::errc() || stop != end) revision = 0;
  }
  if (revision > 0) return WaitGoal{"RUNNING", Duration{}, std::nullopt, revision};
  return fail(Code::kInvalidArgument,
              fmt::format("--for {}: write state=STATE with one of {}, or revision=NUMBER.",
                          condition, join(states, ", ")));
}

}  // namespace

std::int64_t newest_revision(const Node& deployment) {
  const Node* annotations = find_at(deployment, "metadata.annotations");
  const Node* version =
      annotations != nullptr ? annotations->find(model::kSpecVersionAnnotation) : nullptr;
  std::int64_t number = 1;
  if (version != nullptr)
    std::from_chars(version->text.data(), version->text.data() + version->text.size(), number);
  return number;
}

Task<Status> wait_for_state(Session& session, Node deployment, WaitGoal goal) {
  std::string name = text_at(deployment, "metadata.name");
  std::string id = text_at(deployment, "metadata.id");
  Wait wait(session, std::move(name), std::move(id), std::move(goal));
  co_return co_await wait.run(std::move(deployment));
}

Task<Status> run(Session& session, const WaitCommand& command) {
  WEIR_CO_TRY(WaitGoal goal, goal_of_condition(command.condition));
  goal.timeout = command.timeout;
  const std::string reached = goal_text(goal);
  WEIR_CO_TRY(Node deployment, co_await get_deployment(session, command.name));
  const std::string name = text_at(deployment, "metadata.name");
  WEIR_CO_CHECK_OK(co_await wait_for_state(session, std::move(deployment), std::move(goal)));
  session.terminal.out << "deployment/" << name << " is " << reached << std::endl;
  co_return Status();
}

}  // namespace weir::cli
