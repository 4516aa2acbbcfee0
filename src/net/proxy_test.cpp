#include "net/proxy.h"

#include <gtest/gtest.h>

#include "async/event_loop.h"
#include "async/scope.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/sse.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;

// What the upstream and the tests tell each other.
struct World {
  explicit World(Environment e) : env(e), go_on(e.timer), stream_ended(e.timer) {}
  Environment env;
  Signal go_on;         // lets the upstream's stream write its second piece
  Signal stream_ended;  // notified when the upstream's stream was ended
  Headers seen;
  std::string seen_body;
};

struct NotifyAtEnd {
  Signal& signal;
  ~NotifyAtEnd() { signal.notify(); }
};

Task<Status> two_events(World& world, BodyWriter& writer) {
  const NotifyAtEnd at_end{world.stream_ended};
  SseWriter events(writer);
  const ServerEvent first{"1", "", "first"};
  WEIR_CO_CHECK_OK(co_await events.send(first));
  co_await world.go_on.wait();
  const ServerEvent second{"2", "", "second"};
  co_return co_await events.send(second);
}

Task<Status> broken_off(BodyWriter& writer) {
  WEIR_CO_CHECK_OK(co_await writer.write("half"));
  co_return fail(Code::kInternal, "broken");
}

Task<Response> upstream(World& world, Request& request) {
  Response response;
  world.seen = request.headers;
  response.headers.set("X-Path", request.target);
  const std::string what = request.url.segments.empty() ? "" : request.url.segments[0];
  if (what == "events") {
    co_return sse_response([&world](BodyWriter& writer) { return two_events(world, writer); });
  }
  if (what == "broken") response.stream = broken_off;
  if (what == "never") co_await sleep_for(world.env.timer, 1h);
  if (what == "none") response.status = 204;
  if (what == "config") {
    response.headers.set("ETag", "\"1\"");
    response.headers.set("Content-Type", "application/json");
    response.body = R"({"refresh-interval":9999})";
  }
  if (what == "large") response.body = std::string(3 * 1024 * 1024, 'x');
  if (what == "echo") {
    auto body = co_await request.read_body(10 * 1024 * 1024);
    if (body) world.seen_body = *body;
    response.headers.add("Connection", "X-Hop");
    response.headers.set("X-Hop", "1");
    response.body = "echo " + std::to_string(world.seen_body.size());
  }
  co_return response;
}

Result<std::string> rewrite(int status, const Headers& headers, std::string body) {
  EXPECT_EQ(status, 200);
  EXPECT_EQ(headers.get("Content-Type"), "application/json");
  const auto at = body.find("9999");
  return body.replace(at, 4, "3000");
}

Task<Response> front(Environment env, HttpClient& client, std::string base, Request& request) {
  ProxyOptions options;
  options.base_url = base;
  options.target = request.target;
  options.body_limit = 1024 * 1024;
  options.head_time = request.url.segments.at(0) == "never" ? Duration(50ms) : Duration(10s);
  options.edit_response = [](int, Headers& headers) { headers.set("X-Front", "yes"); };
  if (request.url.segments.at(0) == "config") options.transform = rewrite;
  if (request.url.has("small")) {
    options.transform = [](int, const Headers&, std::string body) { return body; };
    options.transform_limit = 1024;
  }
  auto answer = co_await proxy(env, client, request, std::move(options));
  if (answer) co_return std::move(*answer);
  Response response;
  const Error& error = answer.error();
  response.status = error.code == Code::kDeadline ? 504
                    : error.code == Code::kUnavailable || error.code == Code::kInternal
                        ? 502
                        : code_traits(error.code).http_status;
  response.body = error.reason;
  co_return response;
}

using Test = Task<void> (*)(World& world, HttpClient& client, std::string url);

Task<void> with_both(Environment env, Test test, bool upstream_runs) {
  World world(env);
  HttpServer behind(env, {}, [&world](Request& request) { return upstream(world, request); });
  EXPECT_TRUE(behind.start());
  const std::string base = "http://127.0.0.1:" + std::to_string(behind.port());
  if (!upstream_runs) co_await behind.stop();
  HttpClient inner(env);
  HttpServer before(
      env, {}, [env, &inner, base](Request& request) { return front(env, inner, base, request); });
  EXPECT_TRUE(before.start());
  HttpClient client(env);
  co_await test(world, client, "http://127.0.0.1:" + std::to_string(before.port()));
  co_await before.stop();
  co_await behind.stop();
  EXPECT_EQ(behind.connections(), 0u);
}

void run(Test test, bool upstream_runs = true) {
  run_blocking([=](Environment env) { return with_both(env, test, upstream_runs); });
}

Task<ClientResponse> send(World& world, HttpClient& client, ClientRequest request) {
  auto response = co_await client.send(std::move(request), world.env.now() + 10s);
  EXPECT_TRUE(response) << to_string(response.error());
  co_return response ? std::move(*response) : ClientResponse{};
}

Task<ClientResponse> get(World& world, HttpClient& client, std::string url) {
  ClientRequest request;
  request.url = url;
  co_return co_await send(world, client, std::move(request));
}

TEST(Proxy, PassesHeadsAndBodiesWithoutWhatBelongsToOneConnection) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    ClientRequest request;
    request.method = "POST";
    request.url = url + "/echo?a=%2Fb";
    request.headers = {{"X-Keep", "1"},   {"Connection", "X-Drop"},
                       {"X-Drop", "1"},   {"Authorization", "Bearer secret"},
                       {"Cookie", "a=b"}, {"TE", "trailers"}};
    request.body = "hello";
    const ClientResponse response = co_await send(world, client, std::move(request));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "echo 5");
    EXPECT_EQ(response.headers.get("X-Path"), "/echo?a=%2Fb");
    EXPECT_EQ(response.headers.get("X-Front"), "yes");
    EXPECT_FALSE(response.headers.has("X-Hop"));
    EXPECT_EQ(world.seen_body, "hello");
    EXPECT_EQ(world.seen.get("X-Keep"), "1");
    EXPECT_EQ(world.seen.get("Content-Length"), "5");
    for (const char* name : {"X-Drop", "Authorization", "Cookie", "TE", "Connection"})
      EXPECT_FALSE(world.seen.has(name)) << name;
  });
}

Task<Result<std::string>> pieces_of(int& left) {
  if (left == 0) co_return std::string();
  co_return std::string(10000, static_cast<char>('a' + left--));
}

TEST(Proxy, StreamsRequestBodiesOfUnknownLength) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    int left = 20;
    ClientRequest request;
    request.method = "POST";
    request.url = url + "/echo";
    request.body_source = [&left] { return pieces_of(left); };
    const ClientResponse response = co_await send(world, client, std::move(request));
    EXPECT_EQ(response.body, "echo 200000");
    EXPECT_EQ(world.seen_body.size(), 200000u);
    EXPECT_FALSE(world.seen.has("Content-Length"));
  });
}

TEST(Proxy, RefusesBodiesOverItsLimit) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    ClientRequest request;
    request.method = "POST";
    request.url = url + "/echo";
    request.body = std::string(2 * 1024 * 1024, 'x');
    const ClientResponse response = co_await send(world, client, std::move(request));
    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(response.body, "BodyTooLarge");
  });
}

TEST(Proxy, LargeAnswersArriveWhole) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    const ClientResponse response = co_await get(world, client, url + "/large");
    EXPECT_EQ(response.body, std::string(3 * 1024 * 1024, 'x'));
    EXPECT_EQ(response.headers.get("Content-Length"), "3145728");
    ClientRequest head;
    head.method = "HEAD";
    head.url = url + "/config";
    const ClientResponse nothing = co_await send(world, client, std::move(head));
    EXPECT_EQ(nothing.body, "");
    const ClientResponse none = co_await get(world, client, url + "/none");
    EXPECT_EQ(none.status, 204);
  });
}

TEST(Proxy, AnEventArrivesBeforeTheNextIsWritten) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    ClientRequest request;
    request.url = url + "/events";
    auto stream = co_await client.open(std::move(request), world.env.now() + 10s);
    EXPECT_TRUE(stream);
    EXPECT_EQ((*stream)->headers.get("Content-Type"), "text/event-stream; charset=utf-8");
    auto first = co_await (*stream)->read(world.env.now() + 10s);
    EXPECT_EQ(first.value_or("?"), "id: 1\ndata: first\n\n");
    world.go_on.notify();
    auto second = co_await (*stream)->read(world.env.now() + 10s);
    EXPECT_EQ(second.value_or("?"), "id: 2\ndata: second\n\n");
    auto end = co_await (*stream)->read(world.env.now() + 10s);
    EXPECT_EQ(end.value_or("?"), "");
  });
}

TEST(Proxy, AClientThatGoesAwayEndsASilentUpstream) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    ClientRequest request;
    request.url = url + "/events";
    auto stream = co_await client.open(std::move(request), world.env.now() + 10s);
    EXPECT_TRUE(stream);
    EXPECT_TRUE(co_await (*stream)->read(world.env.now() + 10s));
    stream->reset();
    EXPECT_TRUE(co_await world.stream_ended.wait(world.env.now() + 10s));
  });
}

TEST(Proxy, RewritesSmallDocuments) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    ClientRequest request;
    request.url = url + "/config";
    request.headers = {{"Accept-Encoding", "gzip"}, {"If-None-Match", "\"1\""}};
    const ClientResponse response = co_await send(world, client, std::move(request));
    EXPECT_EQ(response.body, R"({"refresh-interval":3000})");
    EXPECT_FALSE(response.headers.has("ETag"));
    EXPECT_FALSE(world.seen.has("Accept-Encoding"));
    EXPECT_FALSE(world.seen.has("If-None-Match"));
    const ClientResponse large = co_await get(world, client, url + "/large?small");
    EXPECT_EQ(large.status, 502);
    EXPECT_EQ(large.body, "BadAnswer");
  });
}

TEST(Proxy, ASilentUpstreamCostsTheDeadline) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    const ClientResponse response = co_await get(world, client, url + "/never");
    EXPECT_EQ(response.status, 504);
  });
}

TEST(Proxy, AnUpstreamThatIsGoneIsAnError) {
  run(
      [](World& world, HttpClient& client, std::string url) -> Task<void> {
        const ClientResponse response = co_await get(world, client, url + "/x");
        EXPECT_EQ(response.status, 502);
        EXPECT_EQ(response.body, "ConnectionRefused");
      },
      false);
}

TEST(Proxy, AnAnswerThatBreaksOffBreaksOffForTheClient) {
  run([](World& world, HttpClient& client, std::string url) -> Task<void> {
    ClientRequest request;
    request.url = url + "/broken";
    auto response = co_await client.send(std::move(request), world.env.now() + 10s);
    EXPECT_FALSE(response);
  });
}

}  // namespace
}  // namespace weir::net
