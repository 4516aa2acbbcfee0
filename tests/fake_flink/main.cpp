#include <fmt/format.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <map>

#include "async/event_loop.h"
#include "async/signal.h"
#include "fake_flink/fake_cluster.h"
#include "net/http_server.h"

/// Many fake Flink clusters in one process, each behind a loopback port of its own. A port for
/// administration says which there are:
///   PUT    /clusters/<cluster id>?slots=N[&port=P]   -> 200, the body is the port of its REST
///   DELETE /clusters/<cluster id>                    -> 200
///   POST   /black-holes?percent=N                    -> 200, so many of the clusters stop
///   answering GET    /counts                                   -> 200, what was asked of the jobs
///   so far
/// The administration's own port is the first line on standard output.
namespace weir::fake_flink {
namespace {

class Fleet {
 public:
  explicit Fleet(Environment env) : env_(env) {}

  Task<net::Response> handle(net::Request& request) {
    net::Response response;
    const auto& path = request.url.segments;
    if (path.size() == 1 && path[0] == "counts") {
      response.body =
          fmt::format(R"({{"submits":{},"duplicates":{},"stops":{},"cancels":{}}})",
                      counts_.submits, counts_.duplicates, counts_.stops, counts_.cancels);
      co_return response;
    }
    if (path.size() == 1 && path[0] == "black-holes") {
      make_black_holes(number(request.url.get("percent"), 0));
      co_return response;
    }
    if (path.size() != 2 || path[0] != "clusters") {
      response.status = 404;
      co_return response;
    }
    if (request.method == "DELETE") {
      if (const auto found = clusters_.find(path[1]); found != clusters_.end()) {
        co_await found->second->server.stop();
        clusters_.erase(path[1]);
      }
      co_return response;
    }
    const auto port =
        add(path[1], number(request.url.get("slots"), 1), number(request.url.get("port"), 0));
    response.status = port ? 200 : 500;
    response.body = port ? std::to_string(*port) : port.error().message;
    co_return response;
  }

 private:
  struct Member {
    Member(Environment env, std::string id, int slots, int port, Counts& counts)
        : cluster(env, std::move(id), slots, counts),
          server(env, options(port),
                 [this](net::Request& request) { return cluster.handle(request); }) {}
    FakeCluster cluster;
    net::HttpServer server;
  };

  static net::ServerOptions options(int port) {
    net::ServerOptions options;
    options.port = port;
    options.idle_time = std::chrono::hours(1);
    return options;
  }

  static int number(const std::string& text, int otherwise) {
    int value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  Result<int> add(const std::string& id, int slots, int port) {
    auto& member = clusters_[id];
    if (member) {
      member->cluster.set_slots(slots);
      return member->server.port();
    }
    member = std::make_unique<Member>(env_, id, slots, port, counts_);
    if (Status started = member->server.start(); !started) {
      clusters_.erase(id);
      return std::move(started).error();
    }
    return member->server.port();
  }

  // The same ones every time: the first of each hundred, by port.
  void make_black_holes(int percent) {
    for (auto& [id, member] : clusters_)
      member->cluster.set_black_hole(member->server.port() % 100 < percent);
  }

  Environment env_;
  Counts counts_;
  std::map<std::string, std::unique_ptr<Member>> clusters_;
};

Task<void> serve(Environment env) {
  Fleet fleet(env);
  net::HttpServer server(env, {},
                         [&fleet](net::Request& request) { return fleet.handle(request); });
  if (const Status started = server.start(); !started) {
    fmt::print(stderr, "{}\n", to_string(started.error()));
    co_return;
  }
  fmt::print("{}\n", server.port());
  std::fflush(stdout);
  Signal never(env.timer);
  co_await never.wait();
}

}  // namespace
}  // namespace weir::fake_flink

int main(int argc, char** argv) {
  CLI::App app("Fake Flink clusters behind loopback ports, for benches and tests.");
  bool with_parent = false;
  app.add_flag("--with-parent", with_parent, "end when the parent process ends");
  CLI11_PARSE(app, argc, argv);
  if (with_parent) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  weir::run_blocking([](weir::Environment env) { return weir::fake_flink::serve(env); });
  return 0;
}
