#include "simulation/crash_gate.h"

namespace weir::simulation {

std::string point_name(std::size_t point) {
  return std::string(point % 2 == 0 ? "before " : "after ") + std::string(kCalls[point / 2]);
}

void PointCounts::add(const PointCounts& other) {
  for (std::size_t i = 0; i < kPoints; ++i) {
    passed[i] += other.passed[i];
    died[i] += other.died[i];
  }
}

bool CrashGate::dies_at(std::size_t point) {
  if (!target_) return false;
  const MonoTime now = loop_.mono_now();
  if (now >= target_->anywhere_at) return true;
  return target_->point == point && now >= target_->armed_at && --target_->nth <= 0;
}

Task<void> CrashGate::pass(std::size_t point) {
  if (!dead_) {
    ++counts_.passed[point];
    dead_ = dies_at(point);
    if (dead_) ++counts_.died[point];
  }
  if (!dead_) co_return;
  Signal never(loop_);
  co_await never.wait();
}

}  // namespace weir::simulation
