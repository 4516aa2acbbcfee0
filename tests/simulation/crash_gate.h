#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "async/signal.h"
#include "async/virtual_loop.h"

namespace weir::simulation {

/// Every call of the control plane that leaves the process, and every commit. Before and after each
/// is a crash point.
inline constexpr std::array<std::string_view, 35> kCalls{
    "store.commit",       "store.revisions",    "store.prune",       "runtime.choose_ports",
    "runtime.ensure",     "runtime.observe",    "runtime.tear_down", "runtime.capacity",
    "flink.overview",     "flink.upload_jar",   "flink.run",         "flink.job",
    "flink.plan",         "flink.checkpoint",   "flink.checkpoints", "flink.exceptions",
    "flink.restarts",     "flink.cancel",       "flink.stop",        "flink.savepoint",
    "flink.trigger",      "states.checkpoints", "states.savepoints", "states.inspect",
    "states.prepare",     "states.remove",      "artifacts.fetch",   "artifacts.kept",
    "flink.prime",        "flink.parallelism",  "flink.rescale",     "flink.idle",
    "runtime.end_worker", "states.archived",    "states.jobs"};
inline constexpr std::size_t kPoints = kCalls.size() * 2;

/// "before flink.run", "after store.commit", ...
std::string point_name(std::size_t point);

/// How often each crash point was passed, and how often the control plane died there.
struct PointCounts {
  std::array<std::uint64_t, kPoints> passed{};
  std::array<std::uint64_t, kPoints> died{};
  void add(const PointCounts& other);
};

/// Die at the n-th passing of this point, counted from `armed_at`; from `anywhere_at` on, at the
/// next point of any name.
struct CrashTarget {
  std::size_t point = 0;
  int nth = 1;
  MonoTime armed_at{};
  MonoTime anywhere_at = MonoTime::max();
};

/// One life of the control plane: from the moment it dies, nothing that it does has an effect.
class CrashGate {
 public:
  CrashGate(VirtualLoop& loop, PointCounts& counts, std::optional<CrashTarget> target)
      : loop_(loop), counts_(counts), target_(target) {}

  /// Passes a point, or never returns because the control plane has died (the coroutine is then
  /// cancelled by its owner).
  Task<void> pass(std::size_t point);
  void kill() { dead_ = true; }
  bool dead() const { return dead_; }

 private:
  VirtualLoop& loop_;
  PointCounts& counts_;
  bool dies_at(std::size_t point);

  std::optional<CrashTarget> target_;
  bool dead_ = false;
};

/// One of `kCalls` by its name. A name that is not among them does not compile.
struct ListedCall {
  consteval ListedCall(const char* name) {
    while (kCalls.at(number) != name) ++number;
  }
  std::size_t number = 0;
};

/// Performs `call` between its two crash points.
template <class T>
Task<T> guarded(CrashGate& gate, ListedCall listed, Task<T> call) {
  co_await gate.pass(listed.number * 2);
  T result = co_await std::move(call);
  co_await gate.pass(listed.number * 2 + 1);
  co_return result;
}

}  // namespace weir::simulation
