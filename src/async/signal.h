#pragma once

#include <memory>

#include "async/timer.h"

namespace weir {

/// Wakes one waiting coroutine. A notification without a waiter is kept (once) for the next wait.
/// I/O thread only; must outlive its waiter.
class Signal {
 public:
  explicit Signal(Timer& timer);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void notify();

  /// @return true when notified, false when `deadline` passed first. At most one waiter at a time.
  /// Cancellation: throws at once; a notification that raced with it is kept.
  Task<bool> wait(MonoTime deadline);
  /// Waits without a limit.
  Task<void> wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir
