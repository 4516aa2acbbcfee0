#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/event_loop.h"
#include "cli/commands.h"
#include "net/http_server.h"

/// For tests of commands: a server with canned answers, and what a command prints.
namespace weir::cli {

// Canned answers by "METHOD target", first in first out while there are several; what was asked is
// kept.
struct FakeServer {
  struct Reply {
    int status = 200;
    std::string body;
    std::string type = "application/json";
  };
  std::map<std::string, std::vector<Reply>> replies;
  std::vector<std::string> requests;
  std::vector<std::string> bodies;

  Task<net::Response> handle(net::Request& request) {
    const std::string key = request.method + " " + request.target;
    requests.push_back(key);
    auto body = co_await request.read_body(1 << 24);
    bodies.push_back(body ? *body : "unreadable");
    net::Response response;
    auto found = replies.find(key);
    if (found == replies.end()) {
      response.status = 404;
      response.body = R"({"statusCode":404,"message":"nothing at )" + request.target +
                      R"(","code":"NOT_FOUND","errors":[]})";
      co_return response;
    }
    const Reply reply = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    response.status = reply.status;
    response.body = reply.body;
    response.headers.set("Content-Type", reply.type);
    co_return response;
  }
};

struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

inline Outcome run_weir(FakeServer& fake, std::vector<std::string> words,
                        std::istream* answers = nullptr) {
  Outcome outcome;
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, FakeServer& f, std::vector<std::string> w, Outcome& o,
              std::istream* answers) -> Task<void> {
      net::HttpServer server(e, {}, [&f](net::Request& r) { return f.handle(r); });
      EXPECT_TRUE(server.start());
      w.insert(w.begin(), "weir");
      w.push_back("--server");
      w.push_back("http://127.0.0.1:" + std::to_string(server.port()));
      std::vector<const char*> argv;
      for (const std::string& word : w) argv.push_back(word.c_str());
      auto parsed = parse_arguments(static_cast<int>(argv.size()), argv.data());
      std::ostringstream out, err;
      Terminal terminal{out, err};
      terminal.answers = answers;
      if (auto* printed = std::get_if<Printed>(&parsed)) {
        o = {printed->exit_code, printed->text, ""};
      } else {
        o.exit_code = co_await run_client_command(e, std::get<Arguments>(parsed), terminal);
        o.out = out.str();
        o.err = err.str();
      }
      co_await server.stop();
    }(env, fake, words, outcome, answers);
  });
  return outcome;
}

inline const std::string kBase = "/api/v1/namespaces/default";

inline std::string deployment(const std::string& desired, const std::string& status) {
  return R"({"kind":"Deployment","metadata":{"id":"d1","name":"a","namespace":"default"},)"
         R"("spec":{"state":")" +
         desired + R"("},"status":)" + status + "}";
}

class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("weir-cli-" + system_ids().uuid());
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }

  std::filesystem::path directory_;
  FakeServer server_;
};

}  // namespace weir::cli
