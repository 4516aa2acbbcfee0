#include <gtest/gtest.h>

#include "api/feeds.h"
#include "api/negotiation.h"
#include "api/origin.h"
#include "api/redaction.h"
#include "api/resource_texts.h"
#include "async/event_loop.h"
#include "async/scope.h"
#include "store/sqlite/sqlite_store.h"
#include "support/memory_store.h"

namespace weir::api {
namespace {

using namespace std::chrono_literals;

Task<Result<net::Response>> nothing(Call&) { co_return net::Response(); }

Match find(const Router& router, std::string_view method, std::string_view path) {
  return router.find(method, net::parse_target(path).segments);
}

TEST(Router, FindsByMethodAndPath) {
  Router router;
  router.add({.method = "GET", .pattern = "/a/{x}", .handler = nothing});
  router.add({.method = "GET", .pattern = "/a/b", .handler = nothing});
  router.add({.method = "POST", .pattern = "/a/{x}", .handler = nothing});
  router.add({.method = "GET", .pattern = "/ui/{id}/{rest...}", .handler = nothing});
  EXPECT_EQ(find(router, "GET", "/a/b").route->pattern, "/a/b");
  EXPECT_EQ(find(router, "GET", "/a/c").parameters.at("x"), "c");
  EXPECT_EQ(find(router, "HEAD", "/a/c").route->method, "GET");
  EXPECT_EQ(find(router, "POST", "/a/b").route->pattern, "/a/{x}");
  EXPECT_EQ(find(router, "GET", "/ui/7").parameters.at("rest"), "");
  EXPECT_EQ(find(router, "GET", "/ui/7/x/y").parameters.at("rest"), "x/y");
  const Match wrong_method = find(router, "DELETE", "/a/c");
  EXPECT_EQ(wrong_method.route, nullptr);
  EXPECT_EQ(wrong_method.allowed, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_TRUE(find(router, "GET", "/a").allowed.empty());
  EXPECT_TRUE(find(router, "GET", "/ui").allowed.empty());
}

TEST(Negotiation, PrefersWhatTheClientPrefers) {
  const auto accepted = [](std::string text) {
    return accepted_format(net::Headers{{"Accept", std::move(text)}});
  };
  EXPECT_EQ(accepted_format({}), Format::kJson);
  EXPECT_EQ(accepted("application/yaml"), Format::kYaml);
  EXPECT_EQ(accepted("text/yaml, */*"), Format::kYaml);
  EXPECT_EQ(accepted("application/json, application/yaml"), Format::kJson);
  EXPECT_EQ(accepted("application/yaml;q=0.4, application/json;q=0.8"), Format::kJson);
  EXPECT_EQ(accepted("text/html"), Format::kJson);
}

TEST(Origin, KnowsItsOwnNames) {
  const auto check = [](const char* header, const char* value) {
    return check_origin(net::Headers{{header, value}}, {"weir.example"}).has_value();
  };
  for (const char* ours :
       {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]", "[::1]:8080", "weir.example:443"})
    EXPECT_TRUE(check("Host", ours)) << ours;
  for (const char* foreign :
       {"", "evil.example", "localhost.evil.example", "127.0.0.2", "[::2]:80"})
    EXPECT_FALSE(check("Host", foreign)) << foreign;
  EXPECT_TRUE(check("Origin", "http://localhost:4200"));
  EXPECT_FALSE(check("Origin", "http://evil.example"));
  EXPECT_FALSE(check("Origin", "null"));
}

/// Remembers what was written; may be slow on purpose.
struct MemoryWriter final : net::BodyWriter {
  explicit MemoryWriter(Timer& timer) : gate(timer) {}
  Task<Status> write(std::string_view piece) override {
    text.append(piece);
    if (blocked) co_await gate.wait();
    co_return Status();
  }
  void open() {
    blocked = false;
    gate.notify();
  }
  std::string text;
  bool blocked = false;
  Signal gate;
};

TEST(Redaction, HidesSecretsHoweverTheBodyIsCut) {
  run_blocking([](Environment env) -> Task<void> {
    const Redaction redaction({"open-sesame", "a\"quote", "abc"});
    const std::string body = R"(x open-sesame y "a\"quote" abc open-sesame)";
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
      MemoryWriter out(env.timer);
      RedactingWriter writer(out, redaction);
      EXPECT_TRUE(co_await writer.write(body.substr(0, cut)));
      EXPECT_TRUE(co_await writer.write(body.substr(cut)));
      EXPECT_TRUE(co_await writer.finish());
      EXPECT_EQ(out.text, R"(x ****** y "******" abc ******)") << cut;
    }
  });
}

model::Deployment deployment(const std::string& id) {
  model::Deployment made;
  made.metadata.id = id;
  made.metadata.name = id;
  made.metadata.namespace_ = "default";
  return made;
}

Task<void> serve(std::function<Task<Status>(net::BodyWriter&)> stream, MemoryWriter& writer) {
  EXPECT_TRUE(co_await stream(writer));
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

Task<void> settle(Environment env, const std::function<bool()>& done) {
  for (int i = 0; i < 2000 && !done(); ++i) co_await sleep_for(env.timer, 1ms);
}

constexpr std::size_t kChanges = Feeds::kQueue + 100;

Task<void> overflow_a_feed(Environment env) {
  std::string directory = "/tmp/weir-api-XXXXXX";
  EXPECT_NE(::mkdtemp(directory.data()), nullptr);
  auto store = co_await store::open_sqlite_store(env, directory + "/weir.db");
  EXPECT_TRUE(store);
  ResourceTexts texts(**store);
  Feeds feeds(env, **store, texts);
  Scope scope(env.timer, "test");
  MemoryWriter slow(env.timer);
  scope.spawn("feed", serve(feeds.open({}, std::nullopt).stream, slow));
  co_await settle(env, [&] { return count(slow.text, "event: bookmark") == 1; });
  slow.blocked = true;
  // More changes than its queue holds, while it cannot write.
  for (std::size_t i = 0; i < kChanges; i += 5) {
    store::Batch batch;
    for (std::size_t j = i; j < i + 5; ++j) batch.create(deployment("d" + std::to_string(j)));
    EXPECT_TRUE(co_await (*store)->commit(std::move(batch)));
  }
  EXPECT_EQ(feeds.open_feeds(), 1u);
  slow.open();
  co_await settle(env, [&] { return count(slow.text, "event: bookmark") == 2; });
  const std::string after =
      slow.text.substr(std::min(slow.text.find("event: resync"), slow.text.size()));
  EXPECT_EQ(count(slow.text, "event: resync"), 1u);
  EXPECT_EQ(count(after, "event: added"), kChanges);
  EXPECT_EQ(count(slow.text, "event: bookmark"), 2u);
  feeds.stop();
  co_await settle(env, [&] { return feeds.open_feeds() == 0; });
  EXPECT_EQ(feeds.open_feeds(), 0u);
  co_await scope.stop();
  std::filesystem::remove_all(directory);
}

Task<void> write_texts_once(Environment env) {
  store::MemoryDisk disk;
  store::MemoryStore store(env, disk);
  ResourceTexts texts(store, 2000);
  store::Batch batch;
  for (const char* id : {"a", "b"}) batch.create(deployment(id));
  EXPECT_TRUE(co_await store.commit(std::move(batch)));
  const auto first = texts.of(store.read().deployment("a"));
  EXPECT_EQ(*first, model::to_api_json(*store.read().deployment("a")));
  EXPECT_EQ(texts.of(store.read().deployment("a")), first) << "written again";
  const std::size_t one = texts.bytes();
  const auto old = store.read().deployment("a");
  model::Deployment changed = *old;
  changed.metadata.name = "other";
  store::Batch change;
  change.update(old, changed);
  EXPECT_TRUE(co_await store.commit(std::move(change)));
  EXPECT_EQ(texts.bytes(), 0U) << "what is no longer current is not kept";
  EXPECT_NE(texts.of(store.read().deployment("a"))->find("other"), std::string::npos);
  EXPECT_EQ(first->find("other"), std::string::npos) << "what was given out stays";
  for (int i = 0; i < 100; ++i) {
    store::Batch more;
    more.create(deployment("m" + std::to_string(i)));
    EXPECT_TRUE(co_await store.commit(std::move(more)));
    texts.of(store.read().deployment("m" + std::to_string(i)));
    EXPECT_LE(texts.bytes(), 2000 + one);
  }
}

TEST(ResourceTexts, AreWrittenOnceForEachRevisionAndBounded) { run_blocking(write_texts_once); }

// A Revision is only on disk: when it is deleted, its change has no state.
Task<void> resume_behind_a_removed_revision(Environment env) {
  store::MemoryDisk disk;
  store::MemoryStore store(env, disk);
  ResourceTexts texts(store);
  Feeds feeds(env, store, texts);
  const store::Revision before = store.read().revision();
  model::Revision revision;
  revision.metadata.id = "r";
  store::Batch batch;
  batch.create(std::move(revision));
  batch.create(deployment("a"));
  EXPECT_TRUE(co_await store.commit(std::move(batch)));
  store::Batch removal;
  removal.deletes.push_back({model::Kind::Revision, "r", store::Expect::any()});
  EXPECT_TRUE(co_await store.commit(std::move(removal)));
  Scope scope(env.timer, "test");
  MemoryWriter client(env.timer);
  scope.spawn("feed", serve(feeds.open({}, before).stream, client));
  co_await settle(env, [&] { return count(client.text, "event: added") == 1; });
  EXPECT_EQ(count(client.text, "event: added"), 1u);
  feeds.stop();
  co_await settle(env, [&] { return feeds.open_feeds() == 0; });
  co_await scope.stop();
}

TEST(Feeds, ResumeBehindARemovedRevision) { run_blocking(resume_behind_a_removed_revision); }

TEST(Feeds, ASlowClientStartsOver) { run_blocking(overflow_a_feed); }

}  // namespace
}  // namespace weir::api
