#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "async/event_loop.h"
#include "async/scope.h"
#include "store/change_feed.h"
#include "store/sqlite/database.h"
#include "store/sqlite/sqlite_store.h"
#include "support/memory_store.h"

namespace weir::store {
namespace {

using namespace std::chrono_literals;

class TemporaryFile {
 public:
  TemporaryFile() {
    char name[] = "/tmp/weir-store-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~TemporaryFile() { std::filesystem::remove_all(directory_); }
  std::string path() const { return directory_ + "/weir.db"; }

 private:
  std::string directory_;
};

model::Deployment deployment(const std::string& id, const std::string& name) {
  model::Deployment d;
  d.metadata.id = id;
  d.metadata.name = name;
  d.metadata.namespace_ = "default";
  return d;
}

model::Event event(const std::string& id, const std::string& deployment_id) {
  model::Event e;
  e.metadata.id = id;
  e.metadata.name = "EXTERNAL";
  e.metadata.namespace_ = "default";
  e.metadata.deployment_id = deployment_id;
  return e;
}

using Body = std::function<Task<void>(Environment, Store&)>;

// Opens the file's store, runs `body`, closes it.
void with_store(const std::string& path, const Body& body) {
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, std::string file, const Body& run) -> Task<void> {
      auto store = co_await open_sqlite_store(e, file);
      EXPECT_TRUE(store) << to_string(store.error());
      if (store) co_await run(e, **store);
    }(env, path, body);
  });
}

// The contract of `Store`, for every implementation: opens the same content again and again.
class StoreContract : public ::testing::TestWithParam<const char*> {
 protected:
  void with_store(const Body& body) {
    if (GetParam() == std::string_view("sqlite")) return store::with_store(file_.path(), body);
    run_blocking([&](Environment env) -> Task<void> {
      return [](Environment e, MemoryDisk& disk, const Body& run) -> Task<void> {
        MemoryStore store(e, disk);
        co_await run(e, store);
      }(env, disk_, body);
    });
  }

 private:
  TemporaryFile file_;
  MemoryDisk disk_;
};

Task<Result<Revision>> create(Store& store, model::Resource resource) {
  Batch batch;
  batch.puts.push_back({std::move(resource), Expect::absent()});
  co_return co_await store.commit(std::move(batch));
}

TEST_P(StoreContract, WhatIsCommittedIsReadAndSurvivesClosing) {
  with_store([](Environment, Store& store) -> Task<void> {
    auto revision = co_await create(store, deployment("1", "a"));
    EXPECT_TRUE(revision);
    auto stored = store.read().deployment_by_name("default", "a");
    EXPECT_TRUE(stored);
    EXPECT_EQ(stored.revision, *revision);
    model::Deployment changed = *stored;
    changed.internal.epoch = 5;
    Batch batch;
    batch.update(stored, changed);
    batch.create(event("e1", "1"));
    EXPECT_TRUE(co_await store.commit(std::move(batch)));
  });
  with_store([](Environment, Store& store) -> Task<void> {
    EXPECT_EQ(store.read().deployment("1")->internal.epoch, 5);
    EXPECT_EQ(store.read().revision(), 2u);
    EventFilter filter{"default", "1", {}, {}, 0};
    auto events = co_await store.events(filter);
    EXPECT_EQ(events->size(), 1u);
    auto next = co_await create(store, deployment("2", "b"));
    EXPECT_EQ(*next, 3u);
  });
}

TEST_P(StoreContract, ExpectationsAreKept) {
  with_store([](Environment, Store& store) -> Task<void> {
    EXPECT_TRUE(co_await create(store, deployment("1", "a")));
    auto again = co_await create(store, deployment("1", "x"));
    EXPECT_EQ(again.error().code, Code::kConflict);
    auto taken = co_await create(store, deployment("2", "a"));
    EXPECT_EQ(taken.error().reason, "NameTaken");
    const auto old = store.read().deployment("1");
    Batch first;
    first.update(old, *old);
    EXPECT_TRUE(co_await store.commit(std::move(first)));
    Batch second;
    second.update(old, *old);
    second.create(event("never", "1"));
    auto stale = co_await store.commit(std::move(second));
    EXPECT_EQ(stale.error().code, Code::kConflict);
    auto events = co_await store.events(EventFilter{"default", {}, {}, {}, 0});
    EXPECT_TRUE(events->empty());
    Batch removal;
    removal.remove(store.read().deployment("1"));
    EXPECT_TRUE(co_await store.commit(std::move(removal)));
    EXPECT_FALSE(store.read().deployment("1"));
    EXPECT_TRUE(co_await create(store, deployment("3", "a")));
  });
}

TEST_P(StoreContract, ManyCallersShareCommitsAndOneFailureDisturbsNobody) {
  with_store([](Environment env, Store& store) -> Task<void> {
    Scope scope(env.timer, "test");
    int good = 0, bad = 0;
    const auto one = [](Store& s, int i, int& yes, int& no) -> Task<void> {
      const std::string name = i % 10 == 9 ? "same" : "n" + std::to_string(i);
      auto result = co_await create(s, deployment(std::to_string(i), name));
      ++(result ? yes : no);
    };
    for (int i = 0; i < 200; ++i) scope.spawn("commit", one(store, i, good, bad));
    while (good + bad < 200) co_await sleep_for(env.timer, 1ms);
    EXPECT_EQ(good, 181);
    EXPECT_EQ(bad, 19);
    EXPECT_EQ(store.read().deployments("default").size(), 181u);
    co_await scope.stop();
  });
}

TEST_P(StoreContract, ListsAreInOrderOfCreationWhateverWasWrittenLast) {
  with_store([](Environment, Store& store) -> Task<void> {
    const auto at = [](model::Resource resource, int second, const char* owner) {
      auto& job = std::get<model::Job>(resource);
      job.metadata.created_at = WallTime(std::chrono::seconds(second));
      job.metadata.deployment_id = owner;
      return resource;
    };
    const auto job = [](const char* id) {
      model::Job made;
      made.metadata.id = id;
      made.metadata.namespace_ = "default";
      return made;
    };
    EXPECT_TRUE(co_await create(store, at(job("b"), 2, "d")));
    EXPECT_TRUE(co_await create(store, at(job("c"), 3, "other")));
    EXPECT_TRUE(co_await create(store, at(job("a"), 1, "d")));
    EXPECT_TRUE(co_await create(store, at(job("e"), 2, "d")));
    const auto ids = [](const auto& list) {
      std::string text;
      for (const auto& item : list) text += item->metadata.id;
      return text;
    };
    EXPECT_EQ(ids(store.read().jobs("default")), "ceba");
    EXPECT_EQ(ids(store.read().jobs_of("d")), "eba");
    const auto old = store.read().job("a");
    Batch moved;
    moved.update(old, std::get<model::Job>(at(job("a"), 9, "other")));
    EXPECT_TRUE(co_await store.commit(std::move(moved)));
    EXPECT_EQ(ids(store.read().jobs("")), "aceb");
    EXPECT_EQ(ids(store.read().jobs_of("d")), "eb");
    EXPECT_EQ(ids(store.read().jobs_of("other")), "ac");
    Batch removal;
    removal.remove(store.read().job("e"));
    EXPECT_TRUE(co_await store.commit(std::move(removal)));
    EXPECT_EQ(ids(store.read().jobs_of("d")), "b");
    EXPECT_EQ(ids(store.read().jobs("elsewhere")), "");
  });
}

TEST_P(StoreContract, SubscribersHearEachChangeInOrder) {
  with_store([](Environment, Store& store) -> Task<void> {
    std::vector<std::string> heard;
    auto subscription = store.subscribe([&](const Change& change) {
      heard.push_back((change.deleted ? "-" : "+") + change.id + "@" + change.namespace_);
    });
    EXPECT_TRUE(co_await create(store, deployment("1", "a")));
    const Revision before = store.read().revision();
    EXPECT_TRUE(co_await create(store, event("e", "1")));
    Batch removal;
    removal.remove(store.read().deployment("1"));
    EXPECT_TRUE(co_await store.commit(std::move(removal)));
    EXPECT_EQ(heard, (std::vector<std::string>{"+1@default", "+e@default", "-1@default"}));
    EXPECT_EQ(store.changes_since(before)->size(), 2u);
    subscription.reset();
    EXPECT_TRUE(co_await create(store, deployment("2", "b")));
    EXPECT_EQ(heard.size(), 3u);
  });
  with_store([](Environment, Store& store) -> Task<void> {
    EXPECT_EQ(store.changes_since(1).error().reason, "Resync");
    co_return;
  });
}

Change change_of(const std::string& id, Revision revision, int epoch) {
  model::Deployment made = deployment(id, id);
  made.internal.epoch = epoch;
  Change change;
  change.revision = revision;
  change.id = id;
  change.created = epoch == 0;
  change.resource = std::make_shared<const model::Resource>(std::move(made));
  return change;
}

int epoch_of(const Change& change) {
  return std::get<model::Deployment>(*change.resource).internal.epoch;
}

TEST(ChangeFeed, OldChangesShowTheNewestState) {
  ChangeFeed feed;
  constexpr int kChanges = static_cast<int>(ChangeFeed::kExact) + 3;
  for (int i = 0; i < kChanges; ++i) feed.publish(change_of("1", Revision(i + 1), i));
  const auto all = *feed.since(0);
  ASSERT_EQ(all.size(), std::size_t(kChanges));
  EXPECT_TRUE(all[0].created);
  for (int i = 0; i < kChanges; ++i) {
    EXPECT_EQ(all[std::size_t(i)].revision, Revision(i + 1));
    EXPECT_EQ(epoch_of(all[std::size_t(i)]), i < 3 ? kChanges - 1 : i) << i;
  }
}

TEST(ChangeFeed, StatesGoWithTheLastChangeThatTellsOfThem) {
  ChangeFeed feed;
  Change first = change_of("1", 1, 0);
  const std::weak_ptr<const model::Resource> state = first.resource;
  feed.publish(first);
  first.revision = 2;
  first.deleted = true;
  feed.publish(first);
  first.resource.reset();
  Change unknown;  // of a kind that is only on disk
  unknown.revision = 3;
  unknown.id = "r";
  unknown.deleted = true;
  feed.publish(unknown);
  EXPECT_EQ(feed.since(0)->size(), 3u);
  EXPECT_EQ(feed.since(0)->back().resource, nullptr);
  EXPECT_FALSE(state.expired());
  for (std::size_t i = 0; i < ChangeFeed::kRing; ++i) feed.publish(change_of("2", 4 + i, int(i)));
  EXPECT_EQ(feed.since(0).error().reason, "Resync");
  EXPECT_EQ(feed.since(3)->size(), ChangeFeed::kRing);
  EXPECT_TRUE(state.expired());
}

TEST_P(StoreContract, EventsAreNewestFirstFilteredAndPruned) {
  with_store([](Environment, Store& store) -> Task<void> {
    for (int i = 0; i < 6; ++i)
      EXPECT_TRUE(co_await create(store, event("e" + std::to_string(i), i % 2 ? "odd" : "even")));
    auto even = co_await store.events(EventFilter{"default", "even", {}, {}, 2});
    EXPECT_EQ(even->size(), 2u);
    EXPECT_EQ((*even)[0]->metadata.id, "e4");
    EXPECT_TRUE(co_await store.prune_events("even", 1));
    auto left = co_await store.events(EventFilter{"default", {}, {}, {}, 0});
    EXPECT_EQ(left->size(), 4u);
    model::Event session = event("s", "none");
    session.metadata.deployment_id.reset();
    session.metadata.session_cluster_id = "cluster";
    EXPECT_TRUE(co_await create(store, session));
    EventFilter of_session;
    of_session.namespace_ = "default";
    of_session.session_cluster_id = "cluster";
    const auto told = co_await store.events(of_session);
    EXPECT_EQ(told->size(), 1u);
    EXPECT_TRUE(co_await store.prune_events("cluster", 0));
    const auto none = co_await store.events(of_session);
    EXPECT_TRUE(none->empty());
  });
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, ::testing::Values("sqlite", "memory"),
                         [](const auto& info) { return std::string(info.param); });

TEST(SqliteStore, ANewerSchemaIsRefused) {
  TemporaryFile file;
  with_store(file.path(), [](Environment, Store&) -> Task<void> { co_return; });
  {
    auto database = Database::open(file.path());
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute("PRAGMA user_version=99"));
  }
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, std::string path) -> Task<void> {
      auto store = co_await open_sqlite_store(e, path);
      EXPECT_EQ(store.error().reason, "SchemaTooNew");
    }(env, file.path());
  });
}

TEST(SqliteStore, AnOlderSchemaIsBroughtUpAndKeepsWhatItHas) {
  TemporaryFile file;
  with_store(file.path(), [](Environment, Store& store) -> Task<void> {
    model::Deployment kept;
    kept.metadata.id = "kept";
    Batch batch;
    batch.create(std::move(kept));
    EXPECT_TRUE(co_await store.commit(std::move(batch)));
  });
  ASSERT_TRUE(Database::open(file.path())->execute("PRAGMA user_version=1"));
  with_store(file.path(), [](Environment, Store& store) -> Task<void> {
    EXPECT_TRUE(store.read().deployment("kept"));
    co_return;
  });
  EXPECT_EQ(Database::open(file.path())->number("PRAGMA user_version").value(), kSchemaVersion);
}

// A child commits and prints what was answered; it is killed in the middle; all of that must be
// there.
TEST(SqliteStore, KillLosesNothingThatWasAnswered) {
  TemporaryFile file;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    run_blocking([&](Environment env) -> Task<void> {
      return [](Environment e, std::string path, int out) -> Task<void> {
        auto store = co_await open_sqlite_store(e, path);
        for (int i = 0; store; ++i) {
          auto result =
              co_await create(**store, deployment(std::to_string(i), "n" + std::to_string(i)));
          const char answered = 'x';
          if (result && ::write(out, &answered, 1) != 1) break;
        }
      }(env, file.path(), pipe[1]);
    });
    ::_exit(0);
  }
  ::close(pipe[1]);
  int answered = 0;
  char byte = 0;
  while (answered < 300 && ::read(pipe[0], &byte, 1) == 1) ++answered;
  ::kill(child, SIGKILL);
  while (::read(pipe[0], &byte, 1) == 1) ++answered;
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  ASSERT_GE(answered, 300);
  with_store(file.path(), [&](Environment, Store& store) -> Task<void> {
    for (int i = 0; i < answered; ++i) EXPECT_TRUE(store.read().deployment(std::to_string(i))) << i;
    co_return;
  });
}

}  // namespace
}  // namespace weir::store
