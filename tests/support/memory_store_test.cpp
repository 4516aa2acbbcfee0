#include "support/memory_store.h"

#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/virtual_loop.h"

namespace weir::store {
namespace {

using namespace std::chrono_literals;

model::Deployment deployment(const std::string& id) {
  model::Deployment made;
  made.metadata.id = id;
  made.metadata.name = "n" + id;
  made.metadata.namespace_ = "default";
  return made;
}

Task<void> create(Store& store, std::string id, int& answered) {
  Batch batch;
  batch.create(deployment(id));
  if (co_await store.commit(std::move(batch))) ++answered;
}

TEST(MemoryStore, ACrashLosesWhatWasNotAnsweredAndNothingElse) {
  VirtualLoop loop(1);
  MemoryDisk disk;
  int answered = 0;
  {
    Scope scope(loop, "test");
    MemoryStore store(loop.environment(), disk);
    scope.spawn("a", create(store, "1", answered));
    loop.run_for(1s);
    scope.spawn("b", create(store, "2", answered));
    while (loop.step() && answered < 1) {
    }
    store.crash();
    EXPECT_TRUE(loop.run(scope.stop()));
  }
  EXPECT_EQ(answered, 1);
  MemoryStore again(loop.environment(), disk);
  EXPECT_TRUE(again.read().deployment("1"));
  EXPECT_FALSE(again.read().deployment("2"));
}

TEST(MemoryStore, TheObserverSeesOnlyTransactionsThatSucceed) {
  VirtualLoop loop(2);
  MemoryDisk disk;
  int seen = 0;
  disk.on_durable = [&](const MemoryDisk& before, const Batch& batch) {
    EXPECT_EQ(before.find(model::Kind::Deployment, "1"), nullptr);
    EXPECT_EQ(batch.puts.size(), 1u);
    ++seen;
  };
  Scope scope(loop, "test");
  MemoryStore store(loop.environment(), disk);
  int answered = 0;
  scope.spawn("a", create(store, "1", answered));
  scope.spawn("b", create(store, "1", answered));
  loop.run_for(1s);
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(seen, 1);
  EXPECT_TRUE(loop.run(scope.stop()));
}

}  // namespace
}  // namespace weir::store
