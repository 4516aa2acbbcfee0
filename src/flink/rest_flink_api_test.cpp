#include "flink/rest_flink_api.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "flink/jar_upload.h"
#include "net/http_server.h"

namespace weir::flink {
namespace {

using namespace std::chrono_literals;

// A JobManager that knows one job and keeps the names of uploaded jars.
struct JobManager {
  std::string cluster = "c1";
  std::string jars;
  std::string uploaded;  // the whole multipart body
  std::vector<std::string> asked;

  net::Response answer(std::string method, const net::Target& target, std::string body) {
    std::string path;
    for (const std::string& segment : target.segments) path += "/" + segment;
    asked.push_back(method + " " + path);
    net::Response response;
    if (path == "/jobmanager/config")
      response.body = R"([{"key":"weir.cluster-id","value":")" + cluster + R"("}])";
    else if (path == "/overview")
      response.body = R"({"taskmanagers":2,"slots-total":4,"slots-available":3,)"
                      R"("flink-version":"1.20.5"})";
    else if (path == "/jars") response.body = R"({"files":[)" + jars + "]}";
    else if (path == "/jars/upload") {
      uploaded = std::move(body);
      const std::size_t at = uploaded.find("filename=\"") + 10;
      const std::string name = uploaded.substr(at, uploaded.find('"', at) - at);
      jars = R"({"id":"1_)" + name + R"(","name":")" + name + R"("})";
      response.body = R"({"filename":"/tmp/1_)" + name + R"(","status":"success"})";
    } else if (path == "/jobs/overview")
      response.body = R"({"jobs":[{"jid":"j1","name":"n","start-time":5,"end-time":-1,)"
                      R"("duration":7,"state":"RUNNING","tasks":{"total":2,"running":2}}]})";
    else if (path == "/jobs/j1/checkpoints/config" && checkpointing)
      response.body = R"({"interval":500})";
    else if (path == "/jobs/j1/checkpoints" && checkpointing)
      response.body = R"({"counts":{"completed":3},"latest":{}})";
    else if (path == "/jobs/j1/metrics") response.body = R"([{"id":"fullRestarts","value":"2"}])";
    else if (path == "/jobs/j1/savepoints" || path == "/jobs/j1/stop") {
      response.status = 202;
      response.body = R"({"request-id":"flink-chose"})";
    } else if (path == "/jobs/j1/savepoints/flink-chose")
      response.body = R"({"status":{"id":"IN_PROGRESS"}})";
    else {
      response.status = 404;
      response.body = R"({"errors":["Checkpointing is not enabled for this job."]})";
    }
    return response;
  }
  bool checkpointing = true;
};

struct World {
  Environment env;
  JobManager& manager;
  RestFlinkApi& api;
  Endpoint endpoint;
  MonoTime soon;
};

void with_world(const std::function<Task<void>(World)>& test) {
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, const std::function<Task<void>(World)>& body) -> Task<void> {
      JobManager manager;
      net::HttpServer server(e, {}, [&manager](net::Request& request) -> Task<net::Response> {
        auto text = co_await request.read_body(10 << 20);
        EXPECT_TRUE(text);
        co_return manager.answer(request.method, request.url, *text);
      });
      EXPECT_TRUE(server.start());
      net::HttpClient client(e);
      RestFlinkApi api(e, client);
      const Endpoint endpoint{"127.0.0.1", server.port(), "c1", "1.20.5"};
      co_await body({e, manager, api, endpoint, e.now() + 20s});
      co_await server.stop();
    }(env, test);
  });
}

TEST(RestFlinkApi, AsksOnceWhoAnswers) {
  with_world([](World world) -> Task<void> {
    auto overview = co_await world.api.overview(world.endpoint, world.soon);
    EXPECT_EQ(overview->slots_total, 4);
    auto job = co_await world.api.job(world.endpoint, "j1", world.soon);
    EXPECT_TRUE(job->all_tasks_running);
    EXPECT_EQ(job->now_ms, 12);
    EXPECT_EQ(world.manager.asked,
              (std::vector<std::string>{"GET /jobmanager/config", "GET /overview",
                                        "GET /jobs/overview"}));
    auto unknown = co_await world.api.job(world.endpoint, "j2", world.soon);
    EXPECT_EQ(unknown.error().code, Code::kNotFound);
  });
}

TEST(RestFlinkApi, AnotherClusterIsRefusedForEveryCall) {
  with_world([](World world) -> Task<void> {
    world.manager.cluster = "c2";
    auto overview = co_await world.api.overview(world.endpoint, world.soon);
    EXPECT_EQ(overview.error().code, Code::kConflict);
    EXPECT_EQ(overview.error().reason, "WrongCluster");
    auto cancelled = co_await world.api.cancel(world.endpoint, "j1", world.soon);
    EXPECT_EQ(cancelled.error().reason, "WrongCluster");
    EXPECT_EQ(std::count(world.manager.asked.begin(), world.manager.asked.end(), "PATCH /jobs/j1"),
              0);
  });
}

TEST(RestFlinkApi, NobodyThereIsUnavailable) {
  with_world([](World world) -> Task<void> {
    Endpoint nobody = world.endpoint;
    nobody.port = 1;
    auto overview = co_await world.api.overview(nobody, world.soon);
    EXPECT_EQ(overview.error().code, Code::kUnavailable);
  });
}

TEST(RestFlinkApi, AJarIsStreamedOnceAndFoundAgain) {
  const std::string path = testing::TempDir() + "weir-upload.jar";
  std::string content;
  for (int i = 0; content.size() < (2u << 20); ++i) content += std::to_string(i) + "\n";
  std::ofstream(path, std::ios::binary) << content;
  with_world([&](World world) -> Task<void> {
    return [](World w, std::string file, std::string text) -> Task<void> {
      auto id = co_await w.api.upload_jar(w.endpoint, file, "../My job.jar", w.soon);
      EXPECT_TRUE(id) << to_string(id.error());
      EXPECT_TRUE(id->starts_with("1_")) << *id;
      EXPECT_TRUE(id->ends_with("_My-job.jar")) << *id;
      EXPECT_NE(w.manager.uploaded.find("\r\n\r\n" + text + "\r\n--"), std::string::npos);
      auto again = co_await w.api.upload_jar(w.endpoint, file, "../My job.jar", w.soon);
      EXPECT_EQ(*again, *id);
      EXPECT_EQ(std::count(w.manager.asked.begin(), w.manager.asked.end(), "POST /jars/upload"), 1);
      auto missing = co_await w.api.upload_jar(w.endpoint, file + ".not", "x.jar", w.soon);
      EXPECT_EQ(missing.error().reason, "JarNotFound");
    }(world, path, content);
  });
  std::filesystem::remove(path);
}

TEST(RestFlinkApi, ChecksOnceWhetherAJobTakesCheckpoints) {
  with_world([](World world) -> Task<void> {
    auto first = co_await world.api.checkpoints(world.endpoint, "j1", world.soon);
    EXPECT_TRUE(first->enabled);
    EXPECT_EQ(first->completed, 3);
    auto second = co_await world.api.checkpoints(world.endpoint, "j1", world.soon);
    EXPECT_TRUE(second->enabled);
    EXPECT_EQ(std::count(world.manager.asked.begin(), world.manager.asked.end(),
                         "GET /jobs/j1/checkpoints/config"),
              1);
    auto restarts = co_await world.api.restarts(world.endpoint, "j1", world.soon);
    EXPECT_EQ(*restarts, 2);
    world.manager.checkpointing = false;
    Endpoint other = world.endpoint;
    world.manager.cluster = other.cluster_id = "c3";
    auto none = co_await world.api.checkpoints(other, "j1", world.soon);
    EXPECT_TRUE(none);
    EXPECT_FALSE(none->enabled);
  });
}

TEST(RestFlinkApi, OldFlinkChoosesTriggerIdsAndARepeatSendsNothing) {
  with_world([](World world) -> Task<void> {
    Endpoint old = world.endpoint;
    old.flink_version = "1.14.6";
    for (int i = 0; i < 2; ++i)
      EXPECT_TRUE(
          co_await world.api.stop_with_savepoint(old, "j1", "file:/d", "ours", false, world.soon));
    EXPECT_EQ(
        std::count(world.manager.asked.begin(), world.manager.asked.end(), "POST /jobs/j1/stop"),
        1);
    auto status = co_await world.api.savepoint_status(old, "j1", "ours", world.soon);
    EXPECT_EQ(status->state, TriggerState::kInProgress);
    auto unknown = co_await world.api.savepoint_status(old, "j1", "other", world.soon);
    EXPECT_EQ(unknown.error().code, Code::kNotFound);
  });
}

TEST(UploadName, HasTheContentInItAndIsNoPath) {
  const std::string hash(64, 'a');
  EXPECT_EQ(upload_name(hash, "../../etc/x y.jar"), "aaaaaaaaaaaaaaaa_x-y.jar");
  EXPECT_EQ(upload_name(hash, "x"), "aaaaaaaaaaaaaaaa_x.jar");
  EXPECT_EQ(upload_name(hash, std::string(300, 'n') + ".jar").size(), 17u + 100u);
}

}  // namespace
}  // namespace weir::flink
