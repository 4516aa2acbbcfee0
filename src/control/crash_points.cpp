#include "control/crash_points.h"

#ifdef WEIR_CRASH_POINTS
#include <csignal>
#include <cstdlib>
#include <string_view>
#endif

namespace weir::control {

#ifdef WEIR_CRASH_POINTS

namespace {

void pass(std::string_view point) {
  const char* wanted = std::getenv("WEIR_CRASH_AT");
  if (wanted != nullptr && point == wanted) std::raise(SIGKILL);
}

bool upgrades(const View& view) {
  return view.transition && view.transition->kind == model::TransitionKind::UPGRADE;
}

bool has_been_submitted(const Status& status) {
  return status || status.error().code == Code::kAlreadyExists;
}

}  // namespace

void pass_before_effect(const Effect& effect, const View& view) {
  if (!upgrades(view)) return;
  if (std::holds_alternative<PrimeCluster>(effect)) pass("prepared");
  if (std::holds_alternative<StopWithSavepoint>(effect)) pass("stop-recorded");
  if (std::holds_alternative<SubmitJob>(effect)) pass("submit-recorded");
}

void pass_after_effect(const EffectResult& result, const View& view) {
  if (!upgrades(view)) return;
  if (std::holds_alternative<PrimedCluster>(result)) pass("primed");
  if (std::holds_alternative<StoppedWithSavepoint>(result)) pass("stop-sent");
  if (const auto* found = std::get_if<FoundSavepoint>(&result);
      found && found->point && *found->point)
    pass("savepoint-complete");
  if (const auto* job = std::get_if<SubmittedJob>(&result); job && has_been_submitted(job->status))
    pass("submitted");
  if (const auto* torn = std::get_if<TornDown>(&result);
      torn && torn->status && view.transition->phase == model::TransitionPhase::RETIRE)
    pass("old-torn-down");
}

#else

void pass_before_effect(const Effect&, const View&) {}
void pass_after_effect(const EffectResult&, const View&) {}

#endif

}  // namespace weir::control
