#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/signal.h"
#include "async/task.h"

namespace weir {

/// Threads for what blocks: disk, hashing, YAML, name look-up. Safe from any thread.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  /// Runs `work` on a pool thread and then `done` on the I/O thread.
  virtual void submit(std::function<void()> work, std::function<void()> done) = 0;
};

/// Runs `work` on the pool and returns its value on the I/O thread.
/// Cancellation: waits for the work to end first (it may use the caller's objects), then throws.
template <class F>
auto run_on(WorkerPool& pool, Timer& timer, F work) -> Task<std::invoke_result_t<F&>> {
  using R = std::invoke_result_t<F&>;
  struct Shared {
    explicit Shared(Timer& t, F f) : finished(t), work(std::move(f)) {}
    Signal finished;
    F work;
    std::conditional_t<std::is_void_v<R>, std::optional<bool>, std::optional<R>> value;
    std::exception_ptr failure;
    bool done = false;
  };
  auto shared = std::make_shared<Shared>(timer, std::move(work));
  pool.submit(
      [shared] {
        try {
          if constexpr (std::is_void_v<R>) shared->work();
          else shared->value.emplace(shared->work());
        } catch (...) {
          shared->failure = std::current_exception();
        }
      },
      [shared] {
        shared->done = true;
        shared->finished.notify();
      });
  std::exception_ptr cancelled;
  try {
    co_await shared->finished.wait();
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    while (!shared->done) co_await shared->finished.wait();
    std::rethrow_exception(cancelled);
  }
  if (shared->failure) std::rethrow_exception(shared->failure);
  if constexpr (!std::is_void_v<R>) co_return std::move(*shared->value);
}

}  // namespace weir
