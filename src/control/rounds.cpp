#include "control/rounds.h"

namespace weir::control {

Rounds::~Rounds() {
  if (planned_) timer_.cancel(*planned_);
}

Task<void> Rounds::next() {
  const auto turn = std::make_shared<Signal>(timer_);
  waiting_.push_back(turn);
  plan_round();
  co_await turn->wait();
}

void Rounds::plan_round() {
  if (planned_ || waiting_.empty()) return;
  planned_ = timer_.schedule(timer_.now(), [this] {
    planned_.reset();
    run_round();
  });
}

void Rounds::run_round() {
  for (std::size_t i = 0; i < at_once_ && !waiting_.empty(); waiting_.pop_front())
    if (const auto turn = waiting_.front().lock()) {
      turn->notify();
      ++i;
    }
  plan_round();
}

}  // namespace weir::control
