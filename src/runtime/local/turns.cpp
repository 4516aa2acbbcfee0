#include "runtime/local/turns.h"

namespace weir::runtime {

Task<std::optional<Turns::Turn>> Turns::take(std::string name, MonoTime deadline) {
  const auto self = shared_from_this();
  const auto [entry, free] = waiting_.try_emplace(name);
  if (free) co_return Turn(self, name);
  const auto waiter = std::make_shared<Waiter>(timer_);
  entry->second.push_back(waiter);
  std::exception_ptr cancelled;
  try {
    co_await waiter->granted.wait(deadline);
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (waiter->has_turn) {
    Turn turn(self, name);
    if (cancelled) std::rethrow_exception(cancelled);
    co_return turn;
  }
  waiting_[name].remove(waiter);
  if (cancelled) std::rethrow_exception(cancelled);
  co_return std::nullopt;
}

void Turns::pass_on(const std::string& name) {
  auto& queue = waiting_.at(name);
  if (queue.empty()) {
    waiting_.erase(name);
    return;
  }
  const auto next = queue.front();
  queue.pop_front();
  next->has_turn = true;
  next->granted.notify();
}

}  // namespace weir::runtime
