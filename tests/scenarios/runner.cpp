#include "scenarios/runner.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "async/scope.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "codec/merge_patch.h"
#include "codec/yaml.h"
#include "model/documents.h"
#include "scenarios/expectation.h"
#include "scenarios/world.h"

namespace weir::scenarios {
namespace {

using codec::Node;
using namespace std::chrono_literals;

std::string text_of(const Node& object, const char* name, std::string otherwise = "") {
  const Node* found = object.find(name);
  return found == nullptr ? otherwise : found->text;
}

/// Runs the steps of one test and collects what goes wrong.
class Test {
 public:
  Test(World& world, const Node& file) : world_(world), documents_(file.find("documents")) {
    if (const Node* variables = file.find("variables"))
      for (const auto& [name, value] : variables->members)
        variables_[name] = substitute(value.text, variables_);
    variables_["server"] = fmt::format("http://127.0.0.1:{}", world.server.port());
    variables_["flinkPort"] = std::to_string(world.job_manager.port());
    variables_["directory"] = world.directory;
  }

  Task<void> run(const Node& steps) {
    for (std::size_t i = 0; i < steps.items.size() && failures_.empty(); ++i) {
      const Node step = substitute(steps.items[i], variables_);
      where_ = fmt::format("step {}", i + 1);
      if (step.find("request") != nullptr) where_ += ": " + step.find("request")->text;
      co_await run_step(step);
    }
    feeds_.clear();
  }

  std::vector<std::string> failures() const { return failures_; }

 private:
  struct Feed {
    std::unique_ptr<net::ClientStream> stream;
    std::string buffer;
  };

  void complain(const std::string& what) { failures_.push_back(where_ + ": " + what); }

  Task<void> run_step(const Node& step) {
    if (step.find("times") != nullptr) co_await in_parallel(step);
    else if (step.find("request") != nullptr) co_await request(step);
    else if (const Node* put = step.find("put"))
      co_await store_resource(text_of(step, "as", text_of(*put, "kind")), *put);
    else if (const Node* change = step.find("change")) co_await change_resource(*change);
    else if (const Node* live = step.find("live_job")) set_live_job(*live);
    else if (const Node* garbage = step.find("garbage")) set_garbage(*garbage);
    else if (const Node* room = step.find("room")) set_room(*room);
    else if (const Node* flink = step.find("flink")) set_flink(*flink);
    else if (const Node* log = step.find("log")) write_log(*log);
    else if (const Node* feed = step.find("feed")) co_await open_feed(*feed);
    else if (const Node* next = step.find("next")) co_await next_event(*next);
    else if (const Node* ended = step.find("ended")) co_await expect_end(*ended);
    else if (step.find("stop") != nullptr) world_.api.stop();
    else complain("unknown kind of step");
  }

  // ---- requests ----

  void set_body(const Node& step, net::ClientRequest& request) {
    const bool typed = request.headers.has("Content-Type");
    const auto type = [&](const char* text) {
      if (!typed) request.headers.set("Content-Type", text);
    };
    if (const Node* json = step.find("json")) {
      request.body = codec::write_json(*json);
      type("application/json");
    } else if (const Node* name = step.find("body")) {
      const Node* known = documents_ != nullptr ? documents_->find(name->text) : nullptr;
      if (known == nullptr) return complain("no document is called " + name->text);
      Node body = substitute(*known, variables_);
      if (const Node* with = step.find("with")) codec::merge_patch(body, *with);
      request.body = codec::write_json(body);
      type("application/json");
    } else if (const Node* yaml = step.find("yaml")) {
      request.body = yaml->is_string() ? yaml->text : codec::write_yaml(*yaml);
      type("application/yaml");
    } else if (const Node* text = step.find("text_body")) {
      request.body = text->text;
    } else if (const Node* large = step.find("large_body")) {
      request.body = "\"" + std::string(std::stoul(large->text), 'x') + "\"";
      type("application/json");
    } else if (const Node* bytes = step.find("hex_body")) {
      for (std::size_t i = 0; i + 1 < bytes->text.size(); i += 2)
        request.body += static_cast<char>(std::stoi(bytes->text.substr(i, 2), nullptr, 16));
      type("application/json");
    }
  }

  net::ClientRequest make_request(const Node& step) {
    net::ClientRequest request;
    const std::string line = step.find("request")->text;
    const auto space = line.find(' ');
    request.method = line.substr(0, space);
    request.url = variables_["server"] + line.substr(space + 1);
    if (const Node* headers = step.find("headers"))
      for (const auto& [name, value] : headers->members) request.headers.set(name, value.text);
    set_body(step, request);
    return request;
  }

  // The same request many times at once; all must succeed.
  Task<void> in_parallel(const Node& step) {
    const int times = std::stoi(text_of(step, "times"));
    Scope scope(world_.env.timer, "parallel");
    int running = times;
    Signal ended(world_.env.timer);
    for (int i = 0; i < times; ++i) scope.spawn("request", one_of(step, running, ended));
    while (running > 0) co_await ended.wait();
    co_await scope.stop();
  }

  Task<void> one_of(const Node& step, int& running, Signal& ended) {
    co_await request(step);
    --running;
    ended.notify();
  }

  Task<void> request(const Node& step) {
    net::ClientRequest sent = make_request(step);
    if (!failures_.empty()) co_return;
    auto answer = co_await world_.client.send(std::move(sent), world_.env.now() + 20s);
    if (!answer) co_return complain(to_string(answer.error()));
    check_status(step, *answer);
    if (const Node* headers = step.find("answer_headers"))
      for (const auto& [name, value] : headers->members) {
        const Node actual = Node::string(std::string(answer->headers.get(name)));
        for (const std::string& difference :
             differences(value, answer->headers.has(name) ? &actual : nullptr, "header " + name))
          complain(difference);
      }
    if (const Node* text = step.find("text")) {
      const Node actual = Node::string(answer->body);
      for (const std::string& difference : differences(*text, &actual, "text"))
        complain(difference);
    }
    check_body(step, *answer);
  }

  void check_status(const Node& step, const net::ClientResponse& answer) {
    const std::string wanted = text_of(step, "status", "200");
    if (std::to_string(answer.status) != wanted)
      complain(fmt::format("expected status {}, got {}: {}", wanted, answer.status,
                           answer.body.substr(0, 600)));
  }

  void check_body(const Node& step, const net::ClientResponse& answer) {
    const Node* expected = step.find("expect");
    const Node* save = step.find("save");
    if (expected == nullptr && save == nullptr) return;
    const bool yaml = answer.headers.get("Content-Type").find("yaml") != std::string_view::npos;
    const auto body = yaml ? codec::parse_yaml(answer.body) : codec::parse_json(answer.body);
    if (!body) return complain("the answer cannot be parsed: " + answer.body.substr(0, 300));
    if (expected != nullptr)
      for (const std::string& difference : differences(*expected, &*body)) complain(difference);
    if (save == nullptr) return;
    for (const auto& [name, path] : save->members) {
      const Node* found = at(*body, path.text);
      if (found == nullptr) complain("nothing to save at " + path.text);
      else variables_[name] = found->text;
    }
  }

  // ---- what controllers would do ----

  Task<void> store_resource(std::string kind_name, const Node& put) {
    const auto kind = codec::enum_value<model::Kind>(kind_name);
    if (!kind) co_return complain("unknown kind");
    auto resource = model::from_stored_json(*kind, codec::write_json(put));
    if (!resource) co_return complain(to_string(resource.error()));
    store::Batch batch;
    batch.puts.push_back({std::move(*resource), store::Expect::any()});
    const auto committed = co_await world_.store->commit(std::move(batch));
    if (!committed) complain(to_string(committed.error()));
  }

  Task<void> change_resource(const Node& change) {
    const auto deployment = world_.store->read().deployment(text_of(change, "deployment"));
    if (!deployment) co_return complain("no such deployment to change");
    Node node = *codec::parse_json(model::to_stored_json(*deployment));
    codec::merge_patch(node, *change.find("merge"));
    node.set("kind", Node::string("Deployment"));
    co_await store_resource("Deployment", node);
  }

  void set_live_job(const Node& live) {
    control::LiveJob job;
    job.flink_status = text_of(live, "status");
    job.restarts = std::stoi(text_of(live, "restarts", "0"));
    job.last_update_time = world_.env.wall_now();
    controller_answers().live_jobs[text_of(live, "job")] = job;
  }

  void set_garbage(const Node& garbage) {
    controller_answers().garbage.clear();
    for (const Node& item : garbage.items)
      controller_answers().garbage.push_back({text_of(item, "path"),
                                              std::stoll(text_of(item, "bytes", "0")),
                                              text_of(item, "reason"), "", ""});
  }

  void set_flink(const Node& answers) {
    for (const auto& [path, answer] : answers.members)
      flink_answers()[path] = answer.is_null() ? "" : codec::write_json(answer);
  }

  void set_room(const Node& room) {
    controller_answers().room.reserved_memory = std::stoll(text_of(room, "reservedMemory", "0"));
    controller_answers().room.reserved_by = text_of(room, "reservedBy");
  }

  void write_log(const Node& log) {
    const std::string path =
        world_.runtime.log_path(text_of(log, "cluster"), text_of(log, "role", "jobmanager"),
                                std::stoi(text_of(log, "index", "0")),
                                text_of(log, "stream", "log") == "out" ? runtime::LogStream::kOut
                                                                       : runtime::LogStream::kLog);
    if (log.find("rotate") != nullptr) std::filesystem::rename(path, path + ".1");
    std::ofstream(path, std::ios::app) << text_of(log, "text");
  }

  // ---- streams ----

  Task<void> open_feed(const Node& feed) {
    auto stream = co_await world_.client.open(make_request(feed), world_.env.now() + 10s);
    if (!stream) co_return complain(to_string(stream.error()));
    const std::string wanted = text_of(feed, "status", "200");
    if (std::to_string((*stream)->status) != wanted)
      complain(fmt::format("expected status {}, got {}", wanted, (*stream)->status));
    feeds_[text_of(feed, "as")] = {std::move(*stream), ""};
  }

  /// The next piece up to `end`, without it; nothing at the stream's end.
  Task<Result<std::string>> read_until(Feed& feed, std::string end) {
    while (feed.buffer.find(end) == std::string::npos) {
      WEIR_CO_TRY(const std::string piece, co_await feed.stream->read(world_.env.now() + 10s));
      if (piece.empty()) co_return std::string();
      feed.buffer += piece;
    }
    const auto at = feed.buffer.find(end);
    std::string text = feed.buffer.substr(0, at);
    feed.buffer.erase(0, at + end.size());
    co_return text;
  }

  Task<void> next_event(const Node& next) {
    Feed& feed = feeds_[text_of(next, "from")];
    if (const Node* line = next.find("line")) {
      const auto text = co_await read_until(feed, "\n");
      const Node actual = Node::string(text.value_or("(error)"));
      for (const std::string& difference : differences(*line, &actual, "line"))
        complain(difference);
      co_return;
    }
    std::string frame = ":";
    while (frame.starts_with(":")) {
      const auto text = co_await read_until(feed, "\n\n");
      if (!text) co_return complain(to_string(text.error()));
      frame = *text;
    }
    Node event = Node::object();
    for (std::string_view line : split(frame, '\n')) {
      const auto colon = std::min(line.find(':'), line.size());
      const std::string value(trim(line.substr(std::min(colon + 1, line.size()))));
      if (line.starts_with("data")) event.set("data", codec::parse_json(value).value_or(Node()));
      else event.set(line.substr(0, colon), Node::string(value));
    }
    if (const Node* save = next.find("save"))
      for (const auto& [name, path] : save->members)
        if (const Node* found = at(event, path.text)) variables_[name] = found->text;
    for (const std::string& difference : differences(*next.find("expect"), &event, "event"))
      complain(difference);
  }

  Task<void> expect_end(const Node& ended) {
    Feed& feed = feeds_[ended.text];
    while (true) {
      const auto piece = co_await feed.stream->read(world_.env.now() + 10s);
      if (!piece) co_return complain(to_string(piece.error()));
      if (piece->empty()) co_return;
    }
  }

  World& world_;
  const Node* documents_;
  Variables variables_;
  std::map<std::string, Feed> feeds_;
  std::string where_;
  std::vector<std::string> failures_;
};

Task<void> run_test(Environment env, const Node& file, const Node& test,
                    std::vector<std::string>& failures) {
  controller_answers() = {};
  flink_answers().clear();
  const Directory directory;
  auto store = co_await store::open_sqlite_store(env, directory.path() + "/weir.db");
  if (!store) {
    failures.push_back(to_string(store.error()));
    co_return;
  }
  const Node nothing = Node::object();
  const Node* own = test.find("setup");
  const Node* shared = file.find("setup");
  const Node& setup = own != nullptr ? *own : shared != nullptr ? *shared : nothing;
  model::DeploymentSpec defaults;
  if (const Node* given = setup.find("globalDefaults"))
    defaults = *codec::from_node<model::DeploymentSpec>(*given);
  World world(env, std::move(*store), directory.path(), std::move(defaults),
              text_of(setup, "proxyAllowsStop") == "true");
  if (const Node* homes = setup.find("homes"))
    for (const Node& version : homes->items)
      world.homes.homes.push_back(
          {version.text, "/flink/" + version.text, "/java", 17, {}, {}, {}, {}, {}});
  const Status started = co_await world.start();
  if (!started) {
    failures.push_back(to_string(started.error()));
  } else {
    Test steps(world, file);
    co_await steps.run(*test.find("steps"));
    failures = steps.failures();
  }
  co_await world.stop();
}

}  // namespace

std::vector<Outcome> run_file(const ScenarioFile& file) {
  std::vector<Outcome> outcomes;
  const Node* tests = file.content.find("tests");
  if (tests == nullptr) return {{file.name, {"the file has no tests"}}};
  for (const Node& test : tests->items) {
    Outcome outcome{file.name + ": " + text_of(test, "name"), {}};
    run_blocking(
        [&](Environment env) { return run_test(env, file.content, test, outcome.failures); });
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace weir::scenarios
