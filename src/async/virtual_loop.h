#pragma once

#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "async/environment.h"

namespace weir {

/// A seeded `Environment` in virtual time, for tests: every run with one seed is the same run. What
/// is ready runs in an order the seed chooses; when nothing is ready, time jumps to the next alarm.
/// Work for the pool runs on the calling thread after a delay the seed chooses. One thread only.
class VirtualLoop final : public Timer, public WorkerPool, public IdSource, public Clock {
 public:
  explicit VirtualLoop(std::uint64_t seed,
                       WallTime start = WallTime(std::chrono::hours(24 * 365 * 55)));
  ~VirtualLoop() override;

  Environment environment() { return {*this, *this, *this}; }

  /// Runs until `main` ends; its exception comes out here.
  /// @return false when nothing was left to run before it ended, or virtual time passed `limit`
  bool run(Task<void> main, Duration limit = std::chrono::hours(24));

  /// Runs one ready piece or jumps to the next alarm. @return false when there was nothing
  bool step();
  /// Steps until virtual time has moved on by `duration`.
  void run_for(Duration duration);
  /// Drops everything that is ready or waiting, unrun: the process is "killed". Objects captured by
  /// coroutines are destroyed.
  void drop_all();

  /// Called before each step; the simulator checks its invariants there.
  void on_step(std::function<void()> observer) { observer_ = std::move(observer); }

  // Timer
  const Clock& clock() const override { return *this; }
  Executor executor() override;
  Id schedule(MonoTime when, std::function<void()> action) override;
  void cancel(Id id) override;
  // WorkerPool
  void submit(std::function<void()> work, std::function<void()> done) override;
  // IdSource
  std::string uuid() override;
  std::uint64_t below(std::uint64_t bound) override;
  // Clock
  WallTime wall_now() const override { return start_ + (now_ - MonoTime()) + wall_shift_; }
  MonoTime mono_now() const override { return now_; }

  /// Steps the wall clock (an NTP jump); monotonic time is untouched.
  void shift_wall(Duration by) { wall_shift_ += by; }

  /// A piece of work that is ready to run. Internal to the executor.
  struct Job {
    virtual ~Job() = default;
    virtual void run() = 0;
  };
  void make_ready(std::unique_ptr<Job> job) { ready_.push_back(std::move(job)); }
  boost::asio::execution_context& context() { return *context_; }
  /// A piece of work is being run now. Internal to the executor.
  bool is_running() const { return running_; }

 private:
  std::mt19937_64 random_;
  WallTime start_;
  Duration wall_shift_{0};
  MonoTime now_{};
  Id last_ = 0;
  std::vector<std::unique_ptr<Job>> ready_;
  std::map<std::pair<MonoTime, Id>, std::function<void()>> alarms_;
  std::map<Id, MonoTime> when_;
  std::function<void()> observer_;
  bool running_ = false;
  std::unique_ptr<boost::asio::execution_context> context_;
};

}  // namespace weir
