#pragma once

#include "model/deployment.h"

/// What was given up is tried again because its user asks for it. Pure.
namespace weir::control {

/// A state that could not be reached, or a revision that was rolled back.
bool gave_up(const model::Deployment& deployment);

/// The same with fresh attempts. Metadata is the caller's business.
model::Deployment tried_again(model::Deployment deployment);

}  // namespace weir::control
