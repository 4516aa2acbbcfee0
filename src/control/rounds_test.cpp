#include "control/rounds.h"

#include <gtest/gtest.h>

#include "async/event_loop.h"
#include "async/scope.h"
#include "async/virtual_loop.h"

namespace weir::control {
namespace {

Task<void> take_turn(Rounds& rounds, int number, std::vector<int>& order) {
  co_await rounds.next();
  order.push_back(number);
}

Task<void> go_in_order(Environment env) {
  Rounds rounds(env.timer, 2);
  Scope scope(env.timer, "test");
  std::vector<int> order;
  for (int i = 0; i < 7; ++i) scope.spawn("pass", take_turn(rounds, i, order));
  while (scope.size() > 0) co_await sleep_for(env.timer, std::chrono::milliseconds(1));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6}));
  co_await scope.stop();
}

TEST(Rounds, EverybodyGoesOnInOrder) {
  // Not in virtual time, which mixes what is ready on purpose.
  run_blocking(go_in_order);
}

Task<void> forget_cancelled(Environment env) {
  Rounds rounds(env.timer, 1);
  std::vector<int> order;
  Scope cancelled(env.timer, "cancelled");
  cancelled.spawn("pass", take_turn(rounds, 0, order));
  co_await cancelled.stop();
  Scope scope(env.timer, "test");
  scope.spawn("pass", take_turn(rounds, 1, order));
  while (scope.size() > 0) co_await sleep_for(env.timer, std::chrono::milliseconds(1));
  EXPECT_EQ(order, (std::vector<int>{1}));
  co_await scope.stop();
}

TEST(Rounds, WhoIsCancelledTakesNobodysTurn) {
  VirtualLoop loop(1);
  loop.run(forget_cancelled(loop.environment()));
}

}  // namespace
}  // namespace weir::control
