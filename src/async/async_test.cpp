#include <gtest/gtest.h>

#include "async/channel.h"
#include "async/event_loop.h"
#include "async/scope.h"
#include "async/virtual_loop.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

Task<void> note_after(Timer& timer, Duration delay, std::vector<int>& notes, int note) {
  co_await sleep_for(timer, delay);
  notes.push_back(note);
}

TEST(VirtualLoop, TimeJumpsToTheNextAlarm) {
  VirtualLoop loop(1);
  Scope scope(loop, "test");
  std::vector<int> notes;
  scope.spawn("late", note_after(loop, 10h, notes, 2));
  scope.spawn("early", note_after(loop, 1h, notes, 1));
  loop.run_for(11h);
  EXPECT_EQ(notes, (std::vector<int>{1, 2}));
  EXPECT_EQ(scope.size(), 0u);
}

TEST(VirtualLoop, TheSameSeedGivesTheSameOrder) {
  const auto order = [](std::uint64_t seed) {
    VirtualLoop loop(seed);
    Scope scope(loop, "test");
    std::vector<int> notes;
    for (int i = 0; i < 20; ++i) scope.spawn("n", note_after(loop, 0s, notes, i));
    loop.run_for(1s);
    return notes;
  };
  EXPECT_EQ(order(7), order(7));
  EXPECT_NE(order(7), order(8));
}

TEST(Scope, StopCancelsAndJoins) {
  VirtualLoop loop(3);
  Scope scope(loop, "test");
  std::vector<int> notes;
  scope.spawn("sleeper", note_after(loop, 24h, notes, 1));
  EXPECT_TRUE(loop.run(scope.stop()));
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_TRUE(notes.empty());
  scope.spawn("after the end", note_after(loop, 0s, notes, 2));
  loop.run_for(1s);
  EXPECT_TRUE(notes.empty());
}

Task<void> notify_and_end(Signal& signal) {
  signal.notify();
  co_return;
}

// A child may end between the cancellation and the step in which it would be seen.
TEST(Scope, StopMeetsTheEndOfAChild) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    VirtualLoop loop(seed);
    Scope scope(loop, "test");
    Scope other(loop, "other");
    Signal signal(loop);
    const auto wait = [](Signal& s) -> Task<void> { co_await s.wait(); };
    scope.spawn("waiter", wait(signal));
    loop.run_for(1ms);
    other.spawn("notifier", notify_and_end(signal));
    loop.step();
    EXPECT_TRUE(loop.run(scope.stop()));
    EXPECT_TRUE(loop.run(other.stop()));
  }
}

Task<void> throw_bug() {
  throw std::logic_error("boom");
  co_return;
}

TEST(Scope, AnExceptionIsCountedAndLeavesTheOthersAlone) {
  VirtualLoop loop(4);
  Scope scope(loop, "test");
  std::vector<int> notes;
  const auto before = failed_coroutines();
  scope.spawn("bug", throw_bug());
  scope.spawn("other", note_after(loop, 1s, notes, 1));
  loop.run_for(2s);
  EXPECT_EQ(failed_coroutines(), before + 1);
  EXPECT_EQ(notes.size(), 1u);
}

Task<void> wait_signal(Signal& signal, MonoTime deadline, std::optional<bool>& result) {
  result = co_await signal.wait(deadline);
}

TEST(Signal, NotificationWithoutWaiterIsKept) {
  VirtualLoop loop(5);
  Signal signal(loop);
  signal.notify();
  std::optional<bool> result;
  EXPECT_TRUE(loop.run(wait_signal(signal, loop.now() + 1h, result)));
  EXPECT_EQ(result, true);
  EXPECT_TRUE(loop.run(wait_signal(signal, loop.now() + 1h, result)));
  EXPECT_EQ(result, false);
}

Task<void> compute(Environment env, int& result) {
  result = co_await env.run([] { return 6 * 7; });
}

TEST(WorkerPool, ResultArrivesOnTheLoop) {
  int virtual_result = 0;
  VirtualLoop loop(6);
  EXPECT_TRUE(loop.run(compute(loop.environment(), virtual_result)));
  EXPECT_EQ(virtual_result, 42);
  int real_result = 0;
  run_blocking([&](Environment env) { return compute(env, real_result); });
  EXPECT_EQ(real_result, 42);
}

Task<void> stop_while_working(Environment env, bool& finished) {
  Scope scope(env.timer, "test");
  const auto work = [](Environment e, bool& flag) -> Task<void> {
    co_await e.run([&flag] {
      std::this_thread::sleep_for(20ms);
      flag = true;
    });
  };
  scope.spawn("work", work(env, finished));
  co_await sleep_for(env.timer, 1ms);
  co_await scope.stop();
}

TEST(WorkerPool, StopWaitsForRunningWork) {
  bool finished = false;
  run_blocking([&](Environment env) { return stop_while_working(env, finished); });
  EXPECT_TRUE(finished);
}

Task<void> consume(Channel<int>& channel, std::vector<int>& values) {
  while (auto value = co_await channel.pop(MonoTime::max())) values.push_back(*value);
}

TEST(Channel, DeliversInOrderAndEndsWhenClosed) {
  VirtualLoop loop(9);
  Channel<int> channel(loop, 2);
  std::vector<int> values;
  EXPECT_TRUE(channel.try_push(1));
  EXPECT_TRUE(channel.try_push(2));
  EXPECT_FALSE(channel.try_push(3));
  channel.close();
  EXPECT_TRUE(loop.run(consume(channel, values)));
  EXPECT_EQ(values, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace weir
