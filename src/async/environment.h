#pragma once

#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/clock.h"
#include "base/ids.h"

namespace weir {

/// The outside world's time, threads and randomness, handed to every component as one value.
/// The referenced objects outlive all components.
struct Environment {
  Timer& timer;
  WorkerPool& pool;
  IdSource& ids;

  const Clock& clock() const { return timer.clock(); }
  Executor executor() const { return timer.executor(); }
  MonoTime now() const { return timer.now(); }
  WallTime wall_now() const { return timer.clock().wall_now(); }

  template <class F>
  auto run(F work) const {
    return run_on(pool, timer, std::move(work));
  }
};

}  // namespace weir
