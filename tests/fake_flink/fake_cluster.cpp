#include "fake_flink/fake_cluster.h"

#include <fmt/format.h>

#include "codec/json_text.h"

namespace weir::fake_flink {
namespace {

constexpr auto kCheckpointInterval = std::chrono::seconds(10);

net::Response json(std::string body, int status = 200) {
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json; charset=UTF-8");
  response.body = std::move(body);
  return response;
}

net::Response refusal(int status, std::string_view trace) {
  std::string body = R"({"errors":[)";
  codec::append_json_string(body, trace);
  return json(body + "]}", status);
}

std::string text_in(const std::string& body, std::string_view name) {
  const auto node = codec::parse_json(body);
  if (!node || !node->is_object()) return {};
  const codec::Node* found = node->find(name);
  return found != nullptr ? found->text : std::string();
}

}  // namespace

Task<net::Response> FakeCluster::handle(net::Request& request) {
  while (black_hole_) co_await sleep_for(env_.timer, std::chrono::milliseconds(500));
  const auto& path = request.url.segments;
  if (path.size() == 2 && path[0] == "jars" && path[1] == "upload") {
    // The content does not matter: the form is read to its end and dropped.
    request.body->limit(2ULL << 30);
    while (true) {
      auto piece = co_await request.body->read();
      if (!piece) co_return refusal(400, "Upload failed.");
      if (piece->empty()) break;
    }
    jars_["0000_job.jar"] = "job.jar";
    co_return json(R"({"filename":"/tmp/flink-web-upload/0000_job.jar","status":"success"})");
  }
  auto body = co_await request.read_body(1 << 20);
  if (!body) co_return refusal(400, "The body cannot be read.");
  if (path.size() >= 2 && path[0] == "jobs" && path[1] != "overview")
    co_return job_answer(path[1], request, *body);
  co_return cluster_answer(request, *body);
}

net::Response FakeCluster::cluster_answer(const net::Request& request, const std::string& body) {
  const auto& path = request.url.segments;
  const std::string first = path.empty() ? "" : path[0];
  if (first == "overview") {
    return json(fmt::format(
        R"({{"taskmanagers":1,"slots-total":{0},"slots-available":{0},"flink-version":"1.20.5"}})",
        slots_));
  }
  if (first == "taskmanagers" && path.size() == 1) return json(task_managers());
  if ((first == "jobmanager" || first == "taskmanagers") && path.size() == 2 &&
      path[1] == "metrics")
    return json(process_metrics());
  if (first == "jobmanager")
    return json(fmt::format(R"([{{"key":"weir.cluster-id","value":"{}"}}])", id_));
  if (first == "jars" && path.size() == 1) {
    std::string files;
    for (const auto& [id, name] : jars_)
      files += fmt::format(R"({}{{"id":"{}","name":"{}"}})", files.empty() ? "" : ",", id, name);
    return json(R"({"files":[)" + files + "]}");
  }
  if (first == "jars" && path.size() == 3 && path[2] == "run") return submit(body);
  if (first == "jars" && path.size() == 3 && path[2] == "plan") return json(R"({"plan":{}})");
  if (first == "jobs") {
    std::string jobs;
    for (const auto& [id, job] : jobs_)
      jobs += fmt::format(
          R"({0}{{"jid":"{1}","name":"job","state":"{2}","tasks":{{"total":1,"running":{3}}}}})",
          jobs.empty() ? "" : ",", id, job.state, job.state == "RUNNING" ? 1 : 0);
    return json(R"({"jobs":[)" + jobs + "]}");
  }
  return refusal(404, "Not found.");
}

net::Response FakeCluster::submit(const std::string& body) {
  const std::string id = text_in(body, "jobId");
  ++counts_.submits;
  if (body.find("--fail-in-main") != std::string::npos)
    return refusal(400,
                   "org.apache.flink.client.program.ProgramInvocationException: The main method "
                   "caused an error: No topic 'orders'.\nCaused by: "
                   "java.lang.IllegalStateException: No topic 'orders'.");
  if (jobs_.contains(id)) {
    ++counts_.duplicates;
    return refusal(409,
                   "org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has "
                   "already been submitted.");
  }
  Job& job = jobs_[id];
  job.started = env_.now();
  job.restored_from = text_in(body, "savepointPath");
  job.parallelism = std::max(std::atoi(text_in(body, "parallelism").c_str()), 1);
  if (body.find("--stay-created") != std::string::npos) job.state = "CREATED";
  return json(fmt::format(R"({{"jobid":"{}"}})", id));
}

// Two vertices through which a thousand records go in a second.
std::string FakeCluster::detail(const std::string& job_id, const Job& job) const {
  const auto ran = std::chrono::duration_cast<std::chrono::milliseconds>(env_.now() - job.started);
  const auto vertex = [&](const char* id, const char* name) {
    return fmt::format(
        R"({{"id":"{0}","name":"{1}","parallelism":{5},"maxParallelism":128,"status":"{2}","tasks":{{"RUNNING":1}},)"
        R"("metrics":{{"read-records":{3},"write-records":{3},"read-bytes":{3},"write-bytes":{3},)"
        R"("accumulated-busy-time":{4},"accumulated-idle-time":{4},)"
        R"("accumulated-backpressured-time":0}}}})",
        id, name, job.state, ran.count(), ran.count() / 2, job.parallelism);
  };
  return fmt::format(
      R"({{"jid":"{}","name":"job","state":"{}","start-time":1,"end-time":-1,"now":2,)"
      R"("vertices":[{},{}],"plan":{{"nodes":[{{"id":"a"}},)"
      R"({{"id":"b","inputs":[{{"id":"a","ship_strategy":"HASH"}}]}}]}}}})",
      job_id, job.state, vertex("a", "Source: numbers"), vertex("b", "Sum -> Files"));
}

std::string FakeCluster::process_metrics() const {
  const auto now = env_.now().time_since_epoch();
  const auto used = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() / 10;
  return fmt::format(
      R"([{{"id":"Status.JVM.CPU.Time","value":"{0}","sum":{0}}},)"
      R"({{"id":"Status.JVM.Memory.Heap.Used","value":"100000000","sum":100000000}},)"
      R"({{"id":"Status.JVM.GarbageCollector.All.Time","value":"{1}","sum":{1}}}])",
      used, used / 100'000'000);
}

std::string FakeCluster::checkpoints(const std::string& job_id, const Job& job) const {
  const auto completed = (env_.now() - job.started) / kCheckpointInterval + job.asked_checkpoints;
  std::string latest;
  if (completed > 0)
    latest = fmt::format(
        R"("completed":{{"id":{0},"external_path":"s3://fake/{1}/chk-{0}","is_savepoint":false,)"
        R"("latest_ack_timestamp":1,"end_to_end_duration":40,"state_size":4096}})",
        completed, job_id);
  if (!job.restored_from.empty())
    latest += fmt::format(R"({}"restored":{{"id":1,"external_path":"{}"}})",
                          latest.empty() ? "" : ",", job.restored_from);
  return fmt::format(R"({{"counts":{{"completed":{},"failed":0,"restored":{}}},"latest":{{{}}}}})",
                     completed, job.rescales + (job.restored_from.empty() ? 0 : 1), latest);
}

net::Response FakeCluster::require_parallelism(Job& job, const std::string& body) {
  const auto node = codec::parse_json(body);
  const codec::Node* const vertex = node && node->is_object() ? node->find("a") : nullptr;
  const codec::Node* const bounds = vertex != nullptr ? vertex->find("parallelism") : nullptr;
  if (bounds == nullptr || bounds->find("upperBound") == nullptr)
    return refusal(400, "org.apache.flink.runtime.rest.handler.RestHandlerException: No bounds.");
  const int parallelism = std::atoi(bounds->find("upperBound")->text.c_str());
  if (parallelism != job.parallelism) ++job.rescales;
  job.parallelism = job.least = parallelism;
  return json("{}");
}

// One slot each; the job has the first ones.
std::string FakeCluster::task_managers() const {
  int used = 0;
  for (const auto& [id, job] : jobs_)
    if (job.state == "RUNNING") used += job.parallelism;
  std::string all;
  for (int index = 0; index < slots_; ++index)
    all += fmt::format(R"({}{{"id":"tm-{}-{}","slotsNumber":1,"freeSlots":{}}})",
                       all.empty() ? "" : ",", index, id_.substr(0, 8), index < used ? 0 : 1);
  return R"({"taskmanagers":[)" + all + "]}";
}

net::Response FakeCluster::savepoint(Job& job, const std::string& body, bool stop) {
  const std::string trigger = text_in(body, "triggerId");
  const std::string directory = text_in(body, stop ? "targetDirectory" : "target-directory");
  job.savepoints[trigger] = directory + "/savepoint-000000-000000000000";
  if (stop) {
    job.state = "FINISHED";
    ++counts_.stops;
  }
  return json(fmt::format(R"({{"request-id":"{}"}})", trigger), 202);
}

net::Response FakeCluster::job_answer(const std::string& job_id, const net::Request& request,
                                      const std::string& body) {
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end())
    return refusal(404,
                   "org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find "
                   "Flink job (" +
                       job_id + ")");
  Job& job = found->second;
  const auto& path = request.url.segments;
  const std::string what = path.size() > 2 ? path[2] : "";
  if (what.empty() && request.method == "PATCH") {
    job.state = "CANCELED";
    ++counts_.cancels;
    return json("{}", 202);
  }
  if (what.empty()) return json(detail(job_id, job));
  if (what == "checkpoints" && request.method == "POST") {
    ++job.asked_checkpoints;
    return json(R"({"request-id":"checkpoint"})", 202);
  }
  if (what == "vertices")  // watermarks; no vertex has any, nor metrics of its operators
    return json("[]");
  if (what == "checkpoints" && path.size() > 4)
    return json(R"({"tasks":{"a":{"state_size":96},"b":{"state_size":4000}}})");
  if (what == "checkpoints" && path.size() > 3) return json(R"({"interval":10000})");
  if (what == "checkpoints") return json(checkpoints(job_id, job));
  if (what == "resource-requirements" && request.method == "PUT")
    return require_parallelism(job, body);
  if (what == "resource-requirements")
    return json(fmt::format(R"({{"a":{{"parallelism":{{"lowerBound":{0},"upperBound":{1}}}}},)"
                            R"("b":{{"parallelism":{{"lowerBound":{0},"upperBound":{1}}}}}}})",
                            job.least, job.parallelism));
  if (what == "exceptions") return json(R"({"exceptionHistory":{"entries":[]}})");
  if (what == "metrics") return json(R"([{"id":"numRestarts","value":"0"}])");
  if (what == "stop") return savepoint(job, body, true);
  if (what == "savepoints" && request.method == "POST") return savepoint(job, body, false);
  if (what == "savepoints" && path.size() > 3) {
    const auto trigger = job.savepoints.find(path[3]);
    if (trigger == job.savepoints.end())
      return refusal(404, "There is no savepoint operation with triggerId " + path[3]);
    return json(fmt::format(R"({{"status":{{"id":"COMPLETED"}},"operation":{{"location":"{}"}}}})",
                            trigger->second));
  }
  return refusal(404, "Not found.");
}

}  // namespace weir::fake_flink
