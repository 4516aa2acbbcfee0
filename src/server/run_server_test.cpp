#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/event_loop.h"
#include "async/scope.h"
#include "net/http_client.h"
#include "server/server.h"

namespace weir::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class RunServer : public testing::Test {
 public:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("weir-server-" + system_ids().uuid());
    fs::create_directories(directory_ / "homes");
  }
  void TearDown() override { fs::remove_all(directory_); }

  Configuration configuration(const std::string& data = "data") const {
    Configuration c;
    c.listen = "127.0.0.1:0";
    c.data = (directory_ / data).string();
    c.flink_homes = (directory_ / "homes").string();
    c.control.data_directory = c.data;
    c.train_archives = false;
    c.log_level = log::Level::kError;
    return c;
  }
  RunOptions options(const std::string& ready = "url") const {
    RunOptions o;
    o.ready_file = (directory_ / ready).string();
    o.shim = (fs::read_symlink("/proc/self/exe").parent_path() / "weir-shim").string();
    return o;
  }
  std::string ready_text() const {
    std::string url;
    std::ifstream(directory_ / "url") >> url;
    return url;
  }

  fs::path directory_;
};

Task<void> serve(Environment env, Configuration configuration, RunOptions options, Signal& stop,
                 Status& result) {
  result = co_await run_server(env, std::move(configuration), std::move(options), stop);
}

TEST_F(RunServer, ServesUntilToldToStopAndKeepsOthersOut) {
  run_blocking([this](Environment env) -> Task<void> {
    return [](Environment e, RunServer& test) -> Task<void> {
      Signal stop(e.timer);
      Scope scope(e.timer, "test");
      Status result = fail(Code::kInternal, "not ended");
      std::ostringstream out;
      RunOptions first = test.options();
      first.out = &out;
      scope.spawn("server", serve(e, test.configuration(), first, stop, result));
      while (test.ready_text().empty() && scope.size() > 0) co_await sleep_for(e.timer, 10ms);
      const std::string url = test.ready_text();
      EXPECT_NE(out.str().find("answers at " + url + "\n"), std::string::npos) << out.str();

      net::HttpClient client(e);
      net::ClientRequest request;
      request.url = url + "/api/v1/namespaces/default/deployment-targets/default";
      const auto answer = co_await client.send(std::move(request), e.now() + 30s);
      EXPECT_TRUE(answer && answer->status == 200);

      Signal never(e.timer);
      const Status second = co_await run_server(e, test.configuration(), test.options("2"), never);
      EXPECT_EQ(second.error().reason, "DataDirectoryInUse");
      Configuration same_port = test.configuration("other");
      same_port.listen = url.substr(url.find("127"));
      const Status third = co_await run_server(e, same_port, test.options("3"), never);
      EXPECT_EQ(third.error().reason, "PortTaken");
      EXPECT_FALSE(fs::exists(test.directory_ / "3"));

      stop.notify();
      while (scope.size() > 0) co_await sleep_for(e.timer, 10ms);
      EXPECT_TRUE(result) << to_string(result.error());
      co_await scope.stop();
    }(env, *this);
  });
}

// As on a full disk: the jobs that run must be looked after all the same.
TEST_F(RunServer, ServesWithoutTheJarThatWarmsClusters) {
  fs::create_directories(directory_ / "data" / "priming-job.jar");
  run_blocking([this](Environment env) -> Task<void> {
    return [](Environment e, RunServer& test) -> Task<void> {
      Signal stop(e.timer);
      Scope scope(e.timer, "test");
      Status result = fail(Code::kInternal, "not ended");
      scope.spawn("server", serve(e, test.configuration(), test.options(), stop, result));
      while (test.ready_text().empty() && scope.size() > 0) co_await sleep_for(e.timer, 10ms);
      EXPECT_NE(test.ready_text(), "") << to_string(result.error());
      stop.notify();
      while (scope.size() > 0) co_await sleep_for(e.timer, 10ms);
      EXPECT_TRUE(result) << to_string(result.error());
      co_await scope.stop();
    }(env, *this);
  });
}

TEST_F(RunServer, AMissingShimIsToldBeforeAnythingIsMade) {
  run_blocking([this](Environment env) -> Task<void> {
    return [](Environment e, RunServer& test) -> Task<void> {
      RunOptions options = test.options();
      options.shim = (test.directory_ / "weir-shim").string();
      Signal never(e.timer);
      const Status status = co_await run_server(e, test.configuration(), options, never);
      EXPECT_FALSE(status);
      EXPECT_NE(status.error().message.find("beside the weir binary"), std::string::npos);
      EXPECT_FALSE(fs::exists(test.directory_ / "data"));
    }(env, *this);
  });
}

}  // namespace
}  // namespace weir::server
