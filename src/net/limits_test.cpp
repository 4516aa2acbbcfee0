// What a server does with clients that ask too much or do too little.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "async/event_loop.h"
#include "async/scope.h"
#include "net/http_server.h"
#include "net/stream.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;

struct Seen {
  std::vector<std::string> requests;
  std::vector<std::string> body_errors;
  const HttpServer* server = nullptr;
};

Task<Status> endless(BodyWriter& writer) {
  const std::string piece(64 * 1024, 'x');
  while (true) WEIR_CO_CHECK_OK(co_await writer.write(piece));
}

Task<Response> answer(Environment env, Seen& seen, Request& request) {
  seen.requests.push_back(request.target);
  Response response;
  if (request.target == "/endless") response.stream = endless;
  if (request.target == "/slow") co_await sleep_for(env.timer, 20ms);
  if (request.target == "/large") response.body = std::string(64 * 1024 * 1024, 'x');
  auto body = co_await request.read_body(100000);
  if (!body) {
    seen.body_errors.push_back(body.error().reason);
    response.status = code_traits(body.error().code).http_status;
  } else if (response.body.empty()) {
    response.body = request.target + " " + std::to_string(body->size());
  }
  co_return response;
}

using Test = Task<void> (*)(Environment env, int port, Seen& seen);

Task<void> with_server(Environment env, ServerOptions options, Test test) {
  Seen seen;
  HttpServer server(env, std::move(options),
                    [env, &seen](Request& request) { return answer(env, seen, request); });
  EXPECT_TRUE(server.start());
  seen.server = &server;
  co_await test(env, server.port(), seen);
  co_await server.stop();
  EXPECT_EQ(server.connections(), 0u);
}

void run(Test test, ServerOptions options = {}) {
  run_blocking([=](Environment env) { return with_server(env, options, test); });
}

Task<std::unique_ptr<Stream>> open(Environment env, int port) {
  auto stream = co_await connect(env, "127.0.0.1", port, std::nullopt, env.now() + 10s);
  EXPECT_TRUE(stream);
  co_return std::move(*stream);
}

// Everything until the server ends its side.
Task<std::string> read_all(Environment env, Stream& stream) {
  std::string all;
  std::string buffer(64 * 1024, '\0');
  while (true) {
    auto got = co_await stream.read_some(buffer.data(), buffer.size(), env.now() + 10s);
    if (!got) all += "!" + got.error().reason;
    if (!got || *got == 0) co_return all;
    all.append(buffer, 0, *got);
  }
}

Task<std::string> exchange(Environment env, int port, std::string text) {
  auto stream = co_await open(env, port);
  EXPECT_TRUE(co_await stream->write(text, env.now() + 10s));
  co_return co_await read_all(env, *stream);
}

void expect_status(const std::string& answer, int status) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " "))
      << answer.substr(0, 200);
  EXPECT_EQ(answer.find('!'), std::string::npos) << answer.substr(0, 200);
}

TEST(ServerLimits, AHeadOverTheLimitGetsItsAnswerEvenWhenMoreIsOnItsWay) {
  run([](Environment env, int port, Seen& seen) -> Task<void> {
    const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    expect_status(co_await exchange(env, port, head + std::string(1000000, 'a')), 431);
    EXPECT_TRUE(seen.requests.empty());
  });
}

TEST(ServerLimits, ABodyOverTheLimitGetsItsAnswerEvenWhenMoreIsOnItsWay) {
  run([](Environment env, int port, Seen& seen) -> Task<void> {
    const std::string body(3000000, 'b');
    expect_status(
        co_await exchange(env, port,
                          "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + body),
        413);
    expect_status(
        co_await exchange(env, port,
                          "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "2dc6c0\r\n" +
                              body + "\r\n0\r\n\r\n"),
        413);
    EXPECT_EQ(seen.body_errors, (std::vector<std::string>{"BodyTooLarge", "BodyTooLarge"}));
  });
}

TEST(ServerLimits, ARequestNeedsOneHost) {
  run([](Environment env, int port, Seen& seen) -> Task<void> {
    expect_status(co_await exchange(env, port, "GET / HTTP/1.1\r\n\r\n"), 400);
    expect_status(co_await exchange(env, port, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
                  400);
    EXPECT_TRUE(seen.requests.empty());
    expect_status(co_await exchange(env, port, "GET / HTTP/1.0\r\n\r\n"), 200);
  });
}

TEST(ServerLimits, PipelinedAnswersKeepTheOrder) {
  run([](Environment env, int port, Seen& seen) -> Task<void> {
    std::string requests = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < 20; ++i)
      requests +=
          "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    requests += "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const std::string answers = co_await exchange(env, port, requests);
    std::size_t at = answers.find("/slow 0");
    for (int i = 0; i < 20; ++i) {
      at = answers.find("/" + std::to_string(i) + " 3", at);
      EXPECT_NE(at, std::string::npos) << i;
    }
    EXPECT_NE(answers.find("/end 0", at), std::string::npos);
    EXPECT_EQ(seen.requests.size(), 22u);
  });
}

TEST(ServerLimits, ASlowHeadIsCutOff) {
  ServerOptions options;
  options.header_time = 50ms;
  run(
      [](Environment env, int port, Seen& seen) -> Task<void> {
        EXPECT_EQ(co_await exchange(env, port, "GET / HTTP/1.1\r\nHost: x\r\nA: "), "");
        EXPECT_TRUE(seen.requests.empty());
      },
      options);
}

TEST(ServerLimits, AnIdleConnectionIsCutOff) {
  ServerOptions options;
  options.idle_time = 50ms;
  run(
      [](Environment env, int port, Seen& seen) -> Task<void> {
        EXPECT_EQ(co_await exchange(env, port, ""), "");
        expect_status(co_await exchange(env, port, "GET /once HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
      },
      options);
}

TEST(ServerLimits, ABodyThatStopsIsCutOff) {
  ServerOptions options;
  options.body_piece_time = 50ms;
  run(
      [](Environment env, int port, Seen& seen) -> Task<void> {
        co_await exchange(env, port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
        EXPECT_EQ(seen.body_errors, std::vector<std::string>{"TimedOut"});
      },
      options);
}

Task<void> drip(Environment env, Stream& stream) {
  for (int i = 0; i < 1000; ++i) {
    if (!co_await stream.write("x", env.now() + 10s)) co_return;
    co_await sleep_for(env.timer, 5ms);
  }
}

TEST(ServerLimits, ABodyThatDripsIsCutOff) {
  ServerOptions options;
  options.body_piece_time = 100ms;  // never reached between two bytes
  run(
      [](Environment env, int port, Seen& seen) -> Task<void> {
        auto stream = co_await open(env, port);
        const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n";
        EXPECT_TRUE(co_await stream->write(head, env.now() + 10s));
        Scope scope(env.timer, "test");
        scope.spawn("drip", drip(env, *stream));
        co_await read_all(env, *stream);
        EXPECT_EQ(seen.body_errors, std::vector<std::string>{"TimedOut"});
        co_await scope.stop();
      },
      options);
}

TEST(ServerLimits, AClientThatDoesNotReadIsCutOff) {
  ServerOptions options;
  options.write_time = 50ms;
  for (const char* target : {"/endless", "/large"}) {
    static const char* asked;
    asked = target;
    run(
        [](Environment env, int port, Seen& seen) -> Task<void> {
          auto stream = co_await open(env, port);
          const std::string request = "GET " + std::string(asked) + " HTTP/1.1\r\nHost: x\r\n\r\n";
          EXPECT_TRUE(co_await stream->write(request, env.now() + 10s));
          // Reads nothing until the server has given up; its accepting loop counts as one.
          while (seen.requests.empty() || seen.server->connections() > 1)
            co_await sleep_for(env.timer, 5ms);
        },
        options);
  }
}

// ---- many idle connections ----

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Clients by plain blocking sockets, which cost this process nothing but descriptors.
std::vector<int> connect_and_ask(int port, std::size_t count) {
  std::vector<int> clients;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string request = "GET /idle HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    char buffer[1024];
    EXPECT_GT(::recv(fd, buffer, sizeof buffer, 0), 0);
    clients.push_back(fd);
  }
  return clients;
}

// Sanitizers put shadow and red zones around everything, so only plain builds can be measured.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::size_t kAllowedBytes = 512 * 1024 * 1024;
#else
constexpr std::size_t kAllowedBytes = 32 * 1024 * 1024;
#endif
#endif

TEST(ServerLimits, AThousandIdleConnectionsCostLittleMemory) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  run([](Environment env, int port, Seen& seen) -> Task<void> {
    // The first connections warm up what is allocated once.
    std::vector<int> clients = co_await env.run([port] { return connect_and_ask(port, 10); });
    const std::size_t before = resident_bytes();
    const auto more = co_await env.run([port] { return connect_and_ask(port, 1000); });
    const std::size_t after = resident_bytes();
    clients.insert(clients.end(), more.begin(), more.end());
    EXPECT_EQ(seen.requests.size(), 1010u);
    const std::size_t grown = after > before ? after - before : 0;
    testing::Test::RecordProperty("bytes_per_idle_connection", static_cast<int>(grown / 1000));
    EXPECT_LE(grown, kAllowedBytes);
    for (int fd : clients) ::close(fd);
  });
}

}  // namespace
}  // namespace weir::net
