#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "support/world/world.h"

namespace weir::simulated {

/// One call of the world: the effect happens after `there`, the answer comes after `back` more, or
/// never if the effect gives none. Once sent, the effect happens even if nobody waits any more.
/// @error kDeadline no answer by then
template <class T>
Task<Result<T>> exchange(World& world, Duration there, Duration back, MonoTime deadline,
                         std::function<std::optional<Result<T>>()> effect) {
  struct Line {
    explicit Line(Timer& timer) : answered(timer) {}
    Signal answered;
    std::optional<Result<T>> answer;
  };
  auto line = std::make_shared<Line>(world.loop());
  world.after(there, [&world, line, back, effect = std::move(effect)] {
    auto answer = effect();
    if (!answer) return;
    world.after(back, [line, answer = std::move(answer)] {
      line->answer = answer;
      line->answered.notify();
    });
  });
  co_await line->answered.wait(deadline);
  if (!line->answer) co_return fail(Code::kDeadline, "No answer in time.");
  co_return std::move(*line->answer);
}

}  // namespace weir::simulated
