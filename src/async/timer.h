#pragma once

#include <cstdint>
#include <functional>

#include "async/task.h"
#include "base/clock.h"

namespace weir {

/// The only way to wait for time. Used on the I/O thread alone.
class Timer {
 public:
  using Id = std::uint64_t;
  virtual ~Timer() = default;

  virtual const Clock& clock() const = 0;
  virtual Executor executor() = 0;

  /// Calls `action` once, on the I/O thread, not before `when` and never from inside this call.
  virtual Id schedule(MonoTime when, std::function<void()> action) = 0;
  /// The action will not run; unknown ids and those that ran are ignored.
  virtual void cancel(Id id) = 0;

  MonoTime now() const { return clock().mono_now(); }
};

/// Returns at `when`. Cancellation: throws at once.
Task<void> sleep_until(Timer& timer, MonoTime when);
Task<void> sleep_for(Timer& timer, Duration duration);

}  // namespace weir
