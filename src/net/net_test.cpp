#include <gtest/gtest.h>

#include "async/event_loop.h"
#include "async/scope.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/stream.h"
#include "net/url.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;

Task<Response> echo(Request& request) {
  Response response;
  if (request.url.segments == std::vector<std::string>{"stream"}) {
    response.stream = [](BodyWriter& writer) -> Task<Status> {
      for (int i = 0; i < 3; ++i)
        WEIR_CO_CHECK_OK(co_await writer.write("piece " + std::to_string(i) + "\n"));
      co_return Status();
    };
    co_return response;
  }
  if (request.url.segments == std::vector<std::string>{"boom"}) throw std::logic_error("boom");
  if (request.url.segments == std::vector<std::string>{"unread"}) co_return response;
  auto body = co_await request.read_body(1000);
  if (!body) {
    response.status = code_traits(body.error().code).http_status;
    co_return response;
  }
  response.body = request.method + " " + request.target + " " + *body;
  co_return response;
}

// Runs `test` against a server on a free port, and stops the server whatever happens.
void with_server(const std::function<Task<void>(Environment, std::string url)>& test,
                 ServerOptions options = {}) {
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, ServerOptions o,
              const std::function<Task<void>(Environment, std::string)>& body) -> Task<void> {
      HttpServer server(e, std::move(o), echo);
      EXPECT_TRUE(server.start());
      co_await body(e, "http://127.0.0.1:" + std::to_string(server.port()));
      co_await server.stop();
      EXPECT_EQ(server.connections(), 0u);
    }(env, options, test);
  });
}

Task<std::string> raw(Environment env, std::string url, std::string text) {
  const Url parsed = *parse_url(url);
  auto stream = co_await connect(env, parsed.host, parsed.port, std::nullopt, env.now() + 10s);
  EXPECT_TRUE(stream);
  EXPECT_TRUE(co_await (*stream)->write(text, env.now() + 10s));
  std::string answer;
  char buffer[4096];
  while (true) {
    auto got = co_await (*stream)->read_some(buffer, sizeof buffer, env.now() + 10s);
    if (!got || *got == 0) break;
    answer.append(buffer, *got);
  }
  co_return answer;
}

TEST(Http, RoundTripsAndReusesTheConnection) {
  with_server([](Environment env, std::string url) -> Task<void> {
    HttpClient client(env);
    for (int i = 0; i < 3; ++i) {
      ClientRequest request{"POST", url + "/a//b?x=1", {}, "body", {}, 0};
      auto response = co_await client.send(request, env.now() + 10s);
      EXPECT_TRUE(response) << to_string(response.error());
      EXPECT_EQ(response->status, 200);
      EXPECT_EQ(response->body, "POST /a//b?x=1 body");
    }
  });
}

TEST(Http, StreamsChunkedAnswers) {
  with_server([](Environment env, std::string url) -> Task<void> {
    HttpClient client(env);
    ClientRequest request;
    request.url = url + "/stream";
    auto response = co_await client.send(request, env.now() + 10s);
    EXPECT_TRUE(response);
    EXPECT_EQ(response->body, "piece 0\npiece 1\npiece 2\n");
  });
}

TEST(Http, RefusesWhatIsTooLargeOrBroken) {
  with_server([](Environment env, std::string url) -> Task<void> {
    const auto starts = [](const std::string& answer, const char* status) {
      EXPECT_TRUE(answer.starts_with(std::string("HTTP/1.1 ") + status)) << answer;
    };
    starts(co_await raw(env, url, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n"),
           "413");
    starts(co_await raw(env, url,
                        "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20000, 'a') + "\r\n\r\n"),
           "431");
    starts(co_await raw(env, url, "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n"), "400");
    starts(co_await raw(env, url, "nonsense\r\n\r\n"), "400");
    starts(co_await raw(env, url,
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: "
                        "chunked\r\n\r\n0\r\n\r\n"),
           "400");
    starts(co_await raw(env, url,
                        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
                        "chunked\r\n\r\nzz\r\n"),
           "400");
    starts(co_await raw(env, url, "GET /boom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
           "500");
  });
}

TEST(Http, AnswersPipelinedRequestsInOrder) {
  with_server([](Environment env, std::string url) -> Task<void> {
    const std::string answer = co_await raw(
        env, url,
        "POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nrest"
        "GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("POST /1 abc"), std::string::npos) << answer;
    EXPECT_NE(answer.find("GET /2 "), std::string::npos) << answer;
    EXPECT_LT(answer.find("POST /1"), answer.find("GET /2"));
  });
}

TEST(Http, SlowHeadsAreCutOff) {
  ServerOptions options;
  options.header_time = 50ms;
  with_server(
      [](Environment env, std::string url) -> Task<void> {
        EXPECT_EQ(co_await raw(env, url, "GET / HT"), "");
      },
      options);
}

TEST(HttpClient, TellsWhyThereIsNoAnswer) {
  run_blocking([](Environment env) -> Task<void> {
    HttpClient client(env);
    ClientRequest request;
    request.url = "http://127.0.0.1:1/";
    auto refused = co_await client.send(request, env.now() + 10s);
    EXPECT_EQ(refused.error().reason, "ConnectionRefused");
    request.url = "http:/x";
    auto bad = co_await client.send(request, env.now() + 10s);
    EXPECT_EQ(bad.error().code, Code::kInvalidArgument);
  });
}

TEST(HttpClient, ABlackHoleCostsTheDeadline) {
  ServerOptions options;
  run_blocking([](Environment env) -> Task<void> {
    HttpServer server(env, {}, [timer = &env.timer](Request&) -> Task<Response> {
      co_await sleep_for(*timer, 1h);
      co_return Response{};
    });
    EXPECT_TRUE(server.start());
    HttpClient client(env);
    ClientRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    auto answer = co_await client.send(request, env.now() + 50ms);
    EXPECT_EQ(answer.error().code, Code::kDeadline);
    co_await server.stop();
  });
}

TEST(Url, ParsesTargetsAndUrls) {
  const Target target = parse_target("//api/v1//x%2Fy/?a=1&b=x%20y+z&c");
  EXPECT_EQ(target.segments, (std::vector<std::string>{"api", "v1", "x/y"}));
  EXPECT_TRUE(target.trailing_slash);
  EXPECT_EQ(target.get("b"), "x y z");
  EXPECT_TRUE(target.has("c"));
  const Url url = *parse_url("https://u:p@example.org/a?b");
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.target, "/a?b");
  EXPECT_EQ(url.authority(), "example.org");
  EXPECT_EQ(parse_url("http://[::1]:80/")->host, "::1");
  EXPECT_FALSE(parse_url("ftp://x/"));
  EXPECT_FALSE(parse_url("http://a%2Fb/"));
  EXPECT_FALSE(parse_url("http://a%3A1/"));
  EXPECT_FALSE(parse_url("http://a%0D%0AX:1/"));
  EXPECT_EQ(resolve_url(url, "/c")->authority(), "example.org");
  EXPECT_EQ(resolve_url(url, "d?e#f")->target, "/d?e");
  EXPECT_EQ(resolve_url(url, "http://other:1/x")->port, 1);
  EXPECT_FALSE(resolve_url(url, "ftp://x/"));
  EXPECT_FALSE(resolve_url(url, "http://[bad"));
  EXPECT_EQ(percent_decode(percent_encode("a/b ü%")), "a/b ü%");
}

TEST(Address, PrivateOnesAreKnown) {
  for (const char* address :
       {"127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.1.1", "::1", "fe80::1",
        "fc00::1", "0.0.0.0", "::ffff:127.0.0.1", "nonsense"})
    EXPECT_TRUE(is_private_address(address)) << address;
  for (const char* address : {"8.8.8.8", "172.32.0.1", "2001:4860::1"})
    EXPECT_FALSE(is_private_address(address)) << address;
}

}  // namespace
}  // namespace weir::net
