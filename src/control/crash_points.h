#pragma once

#include "control/situation.h"

/// Named moments of an upgrade at which a test ends the process, as kill -9 does. Only builds with
/// WEIR_CRASH_POINTS do so, where the environment's WEIR_CRASH_AT names one of `prepared`,
/// `primed`, `stop-recorded`, `stop-sent`, `savepoint-complete`, `submit-recorded`, `submitted` and
/// `old-torn-down`; in all others passing one does nothing.
namespace weir::control {

/// What was decided is durable, and its effect is about to begin.
/// @param view as it is recorded now
void pass_before_effect(const Effect& effect, const View& view);

/// An effect has ended, and nothing is recorded about its result.
/// @param view as it was recorded when the effect began
void pass_after_effect(const EffectResult& result, const View& view);

}  // namespace weir::control
