#include "flink/flink_answers.h"

#include <fmt/format.h>

#include <array>

#include "base/strings.h"
#include "codec/json_text.h"
#include "flink/answer_reading.h"
#include "flink/endpoint.h"

namespace weir::flink::answers {
namespace {

using codec::Node;

// Old Flink answers with a place holder where a checkpoint has no address.
std::string location_of(const Node& checkpoint) {
  std::string path = text_of(checkpoint, "external_path");
  return path.starts_with('<') ? std::string() : path;
}

// "org.apache.flink.util.FlinkException: boom" -> "FlinkException: boom".
std::string without_package(std::string_view line) {
  const std::size_t end = line.find_first_of(": \t");
  const std::string_view name = line.substr(0, end);
  const std::size_t dot = name.rfind('.');
  return std::string(dot == std::string_view::npos ? line : line.substr(dot + 1));
}

// The error texts of an answer, one after the other, without what says nothing.
std::string error_text(std::string_view body) {
  const auto node = codec::parse_json(body);
  if (!node || !node->is_object()) return std::string(trim(body.substr(0, 2000)));
  std::string text;
  for (const Node& error : items_of(*node, "errors")) {
    std::string_view part = error.text;
    if (part == "Internal server error.") continue;
    for (std::string_view start : {"<Exception on server side:\n"})
      if (part.starts_with(start)) part.remove_prefix(start.size());
    text += std::string(part) + "\n";
  }
  return text;
}

// The innermost cause line that holds `word`, or nothing.
std::optional<std::string> line_with(std::string_view text, std::string_view word) {
  std::optional<std::string> found;
  for (std::string_view line : split(text, '\n')) {
    if (line.starts_with('\t') || line.find(word) == std::string_view::npos) continue;
    if (line.starts_with("Caused by: ")) line.remove_prefix(11);
    found = without_package(trim(line));
  }
  return found;
}

// The newest failure that is not just the echo of another one: a coordinator that speaks to a task
// which has failed, or a failure beside the real one.
const Node* telling_entry(const std::vector<Node>& entries) {
  const auto is_echo = [](const Node& entry) {
    const std::string cause = innermost_cause(text_of(entry, "stacktrace"));
    return cause.starts_with("TaskNotRunningException");
  };
  for (const Node& entry : entries) {
    if (!is_echo(entry)) return &entry;
    for (const Node& beside : items_of(entry, "concurrentExceptions"))
      if (!is_echo(beside)) return &beside;
  }
  return entries.empty() ? nullptr : &entries.front();
}

bool holds(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

}  // namespace

Result<ClusterOverview> overview(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  ClusterOverview overview;
  overview.flink_version = text_of(node, "flink-version");
  if (overview.flink_version.empty()) return bad_answer("flink-version");
  overview.task_managers = static_cast<int>(number_of(node, "taskmanagers"));
  overview.slots_total = static_cast<int>(number_of(node, "slots-total"));
  overview.slots_available = static_cast<int>(number_of(node, "slots-available"));
  return overview;
}

Result<std::string> cluster_id(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  if (!node.is_array()) return bad_answer("list of options");
  for (const Node& option : node.items)
    if (text_of(option, "key") == "weir.cluster-id") return text_of(option, "value");
  return std::string();
}

Result<std::vector<Jar>> jars(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  if (node.find("files") == nullptr) return bad_answer("files");
  std::vector<Jar> all;
  for (const Node& file : items_of(node, "files"))
    all.push_back({text_of(file, "id"), text_of(file, "name")});
  return all;
}

Result<std::string> uploaded_jar(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  const std::string path = text_of(node, "filename");
  const std::string id = path.substr(path.rfind('/') + 1);
  if (id.empty()) return bad_answer("filename");
  return id;
}

Result<std::vector<Job>> jobs(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  if (node.find("jobs") == nullptr) return bad_answer("jobs");
  std::vector<Job> all;
  for (const Node& job : items_of(node, "jobs")) {
    Job one;
    one.flink_job_id = text_of(job, "jid");
    one.detail.name = text_of(job, "name");
    one.detail.state = parse_job_state(text_of(job, "state"));
    one.detail.start_time_ms = number_of(job, "start-time");
    one.detail.end_time_ms = number_of(job, "end-time", -1);
    one.detail.now_ms = one.detail.start_time_ms + number_of(job, "duration");
    if (const Node* tasks = job.find("tasks")) {
      const std::int64_t total = number_of(*tasks, "total");
      const std::int64_t up = number_of(*tasks, "running") + number_of(*tasks, "finished");
      one.detail.all_tasks_running =
          one.detail.state == JobState::kRunning && total > 0 && up == total;
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<CheckpointStatistics> checkpoints(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  const Node* counts = node.find("counts");
  if (counts == nullptr) return bad_answer("counts");
  CheckpointStatistics statistics;
  statistics.completed = number_of(*counts, "completed");
  statistics.failed = number_of(*counts, "failed");
  statistics.restored = number_of(*counts, "restored");
  const Node* latest = node.find("latest");
  if (latest == nullptr) return statistics;
  if (const Node* completed = latest->find("completed"); completed && completed->is_object()) {
    CompletedCheckpoint checkpoint;
    checkpoint.id = number_of(*completed, "id");
    checkpoint.location = location_of(*completed);
    checkpoint.is_savepoint = text_of(*completed, "is_savepoint") == "true";
    checkpoint.completed_at_ms = number_of(*completed, "latest_ack_timestamp");
    if (!checkpoint.location.empty()) statistics.latest_completed = std::move(checkpoint);
  }
  if (const Node* restored = latest->find("restored"); restored && restored->is_object())
    statistics.latest_restored = location_of(*restored);
  return statistics;
}

Result<bool> checkpoints_enabled(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  // "Never" is the largest number that a long or an int holds.
  const std::int64_t interval = number_of(node, "interval");
  return interval > 0 && interval < std::int64_t{1} << 53 && interval != 0x7fffffff;
}

Result<std::vector<VertexParallelism>> parallelism(std::string_view detail,
                                                   std::string_view requirements) {
  WEIR_TRY(const Node job, parse(detail));
  WEIR_TRY(const Node required, parse(requirements));
  if (job.find("vertices") == nullptr) return bad_answer("vertices");
  std::vector<VertexParallelism> all;
  for (const Node& vertex : items_of(job, "vertices")) {
    VertexParallelism one;
    one.vertex = text_of(vertex, "id");
    one.now = static_cast<int>(number_of(vertex, "parallelism"));
    one.most = static_cast<int>(number_of(vertex, "maxParallelism"));
    const Node* const own = required.is_object() ? required.find(one.vertex) : nullptr;
    const Node* const bounds = own != nullptr ? own->find("parallelism") : nullptr;
    if (bounds == nullptr) return bad_answer("parallelism of vertex " + one.vertex);
    one.lower = static_cast<int>(number_of(*bounds, "lowerBound"));
    one.upper = static_cast<int>(number_of(*bounds, "upperBound"));
    all.push_back(std::move(one));
  }
  return all;
}

Result<std::vector<int>> idle_task_managers(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  if (node.find("taskmanagers") == nullptr) return bad_answer("taskmanagers");
  std::vector<int> idle;
  for (const Node& worker : items_of(node, "taskmanagers")) {
    const auto index = task_manager_index(text_of(worker, "id"));
    if (index && number_of(worker, "freeSlots", -1) == number_of(worker, "slotsNumber"))
      idle.push_back(*index);
  }
  return idle;
}

Result<JobExceptions> exceptions(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  JobExceptions found;
  if (const Node* history = node.find("exceptionHistory")) {
    const auto& entries = items_of(*history, "entries");
    found.entries = static_cast<std::int64_t>(entries.size());
    if (const Node* entry = telling_entry(entries)) {
      found.full_text = text_of(*entry, "stacktrace");
      found.timestamp_ms = number_of(*entry, "timestamp");
      if (found.full_text.empty()) found.full_text = text_of(*entry, "exceptionName");
    }
  } else {
    found.entries = static_cast<std::int64_t>(items_of(node, "all-exceptions").size());
  }
  if (found.full_text.empty()) {
    found.full_text = text_of(node, "root-exception");
    found.timestamp_ms = number_of(node, "timestamp");
    if (!found.full_text.empty()) found.entries = std::max<std::int64_t>(found.entries, 1);
  }
  found.root_cause = innermost_cause(found.full_text);
  return found;
}

Result<JobExceptions> execution_failure(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  if (node.find("status") == nullptr) return bad_answer("status");
  JobExceptions found;
  const Node* const result = node.find("job-execution-result");
  const Node* const cause = result != nullptr ? result->find("failure-cause") : nullptr;
  if (cause == nullptr || !cause->is_object()) return found;
  found.full_text = text_of(*cause, "stack-trace");
  if (found.full_text.empty()) found.full_text = text_of(*cause, "class");
  found.root_cause = innermost_cause(found.full_text);
  found.entries = 1;
  return found;
}

Result<ArchivedJob> archived_job(std::string_view archive, std::string_view flink_job_id) {
  WEIR_TRY(const Node node, parse(archive));
  ArchivedJob archived;
  for (const Node& entry : items_of(node, "archive")) {
    const std::string path = text_of(entry, "path");
    if (path == "/jobs/overview") {
      WEIR_TRY(const auto all, jobs(text_of(entry, "json")));
      for (const Job& job : all)
        if (job.flink_job_id == flink_job_id) archived.state = job.detail.state;
    } else if (path == fmt::format("/jobs/{}/exceptions", flink_job_id)) {
      if (const auto found = exceptions(text_of(entry, "json")))
        archived.root_cause = found->root_cause;
    }
  }
  if (!is_globally_terminal(archived.state)) return bad_answer("end of the job");
  return archived;
}

Result<std::optional<std::int64_t>> metric(std::string_view body,
                                           const std::vector<std::string_view>& names) {
  WEIR_TRY(const Node node, parse(body));
  for (std::string_view name : names)
    for (const Node& entry : node.items) {
      if (text_of(entry, "id") != name) continue;
      constexpr std::int64_t kNone = -1;
      const std::int64_t value = number_of(entry, "value", kNone);
      if (value != kNone) return std::optional(value);
    }
  return std::optional<std::int64_t>();
}

Result<std::string> trigger_id(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  std::string id = text_of(node, "request-id");
  if (id.empty()) return bad_answer("request-id");
  return id;
}

Result<TriggerStatus> trigger_status(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  const Node* status = node.find("status");
  const std::string id = status == nullptr ? std::string() : text_of(*status, "id");
  TriggerStatus found;
  if (id == "IN_PROGRESS") return found;
  const Node* operation = node.find("operation");
  if (id != "COMPLETED" || operation == nullptr || !operation->is_object())
    return bad_answer("savepoint status");
  found.location = text_of(*operation, "location");
  found.state = TriggerState::kCompleted;
  if (const Node* cause = operation->find("failure-cause"); cause && cause->is_object()) {
    found.state = TriggerState::kFailed;
    const std::string trace = text_of(*cause, "stack-trace");
    found.failure = innermost_cause(trace);
    // The savepoint is there although the job went on; its path stands only in the text.
    if (const auto line = line_with(trace, "StopWithSavepointStoppingException")) {
      found.failure = *line;
      constexpr std::string_view kBefore = "created at: ";
      if (const std::size_t at = line->find(kBefore); at != std::string::npos) {
        const std::string rest = line->substr(at + kBefore.size());
        found.location = rest.substr(0, rest.find_first_of(", "));
      }
    }
    if (found.failure.empty()) found.failure = text_of(*cause, "class");
  }
  if (found.state == TriggerState::kCompleted && found.location.empty())
    return bad_answer("savepoint location");
  return found;
}

std::string innermost_cause(std::string_view stack_trace) {
  std::string_view cause;
  for (std::string_view line : split(stack_trace, '\n')) {
    // Indented causes belong to suppressed exceptions.
    constexpr std::string_view kCausedBy = "Caused by: ";
    if (line.starts_with(kCausedBy)) cause = line.substr(kCausedBy.size());
    else if (cause.empty() && !trim(line).empty()) cause = line;
  }
  return without_package(trim(cause));
}

Error refusal(int status, std::string_view body) {
  const std::string text = error_text(body);
  std::string cause = innermost_cause(text);
  if (cause.empty()) cause = fmt::format("Flink answered with status {}.", status);
  if (status == 503 || holds(text, "leader election") || holds(text, "RecipientUnreachable") ||
      holds(text, "EndpointNotStarted") || text.starts_with("Not found: "))
    return fail(Code::kUnavailable, cause, "NoLeader");
  if (status == 404 || holds(text, "FlinkJobNotFoundException"))
    return fail(Code::kNotFound, cause, "FlinkJobNotFound");
  if (status == 409) return fail(Code::kFailedPrecondition, cause, "FlinkRefused");
  if (status == 408 || holds(text, "AskTimeoutException") || holds(text, "TimeoutException:"))
    return fail(Code::kDeadline, cause, "FlinkTimeout");
  if (status >= 400 && status < 500) return fail(Code::kInvalidArgument, cause, "BadRequest");
  return fail(Code::kInternal, cause, "FlinkError");
}

Error requirements_refusal(int status, std::string_view body) {
  const std::string text = error_text(body);
  if (holds(text, "UnsupportedOperationException"))
    return fail(Code::kFailedPrecondition, innermost_cause(text), "NotAdaptive");
  return refusal(status, body);
}

Error run_refusal(int status, std::string_view body) {
  const std::string text = error_text(body);
  struct Rule {
    std::string_view word;
    Code code;
    std::string_view reason;
    bool that_line;  // the line with the word says it better than the innermost cause
  };
  static constexpr Code kBad = Code::kInvalidArgument;
  // The first that matches; what only looks like a failure of main() stands before it.
  static constexpr std::array<Rule, 19> kRules{{
      {"DuplicateJobSubmissionException", Code::kAlreadyExists, "DuplicateJob", true},
      {"DuplicateApplicationSubmissionException", Code::kAlreadyExists, "DuplicateJob", true},
      {"RestHandlerException: Jar file", Code::kNotFound, "JarNotFound", false},
      {"The program's entry point class", kBad, "ClassNotFound", true},
      {"No manifest found in jar file", kBad, "ClassNotFound", true},
      {"Neither a 'Main-Class'", kBad, "ClassNotFound", true},
      {"ZipException", kBad, "NotAJar", false},
      {"Error while opening jar file", kBad, "NotAJar", false},
      {"UserSystemExitException", kBad, "ProgramExited", false},
      {"Cannot find checkpoint or savepoint", kBad, "RestoreFailed", false},
      {"Failed to rollback to checkpoint/savepoint", kBad, "RestoreFailed", false},
      {"Cannot map checkpoint/savepoint state", kBad, "RestoreFailed", false},
      {"Cannot find meta data file", kBad, "RestoreFailed", false},
      {"StateMigrationException", kBad, "RestoreFailed", false},
      {"Unexpected magic number", kBad, "RestoreFailed", false},
      {"The main method caused an error: Failed to execute job", kBad, "BadRequest", false},
      {"No jobs included in application", kBad, "MainFailed", true},
      {"The main method caused an error", kBad, "MainFailed", false},
      {"ProgramInvocationException", kBad, "MainFailed", false},
  }};
  for (const Rule& rule : kRules) {
    if (!holds(text, rule.word)) continue;
    std::string message = innermost_cause(text);
    if (rule.that_line) message = line_with(text, rule.word).value_or(message);
    return fail(rule.code, message, std::string(rule.reason));
  }
  return refusal(status, body);
}

}  // namespace weir::flink::answers
