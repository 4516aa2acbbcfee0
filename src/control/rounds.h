#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "async/signal.h"
#include "async/task.h"
#include "async/timer.h"

namespace weir::control {

/// Lets waiting passes go on a few in each round of the event loop, in the order in which they
/// came. So what users do is never queued behind the next steps of thousands of deployments.
/// I/O thread only; outlives its waiters.
class Rounds {
 public:
  /// @param at_once passes of one round
  Rounds(Timer& timer, std::size_t at_once) : timer_(timer), at_once_(at_once) {}
  ~Rounds();
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  /// Returns in one of the next rounds. Cancellation: throws at once.
  Task<void> next();

 private:
  void plan_round();
  void run_round();

  Timer& timer_;
  std::size_t at_once_;
  std::deque<std::weak_ptr<Signal>> waiting_;
  std::optional<Timer::Id> planned_;
};

}  // namespace weir::control
