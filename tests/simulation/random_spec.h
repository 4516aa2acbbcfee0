#pragma once

#include "model/deployment.h"
#include "support/world/world.h"

namespace weir::simulation {

/// What a user may write: some member of the spec, found by its description, gets another value
/// (one of the enumeration's, a small number, or none). Texts are taken from a table by the
/// member's path; what is not in it stays as it is. A new member of the spec is changed without
/// being named here.
/// @return the member's path; empty if nothing that the API accepts was found
std::string change_some_member(simulated::World& world, model::Deployment& deployment);

/// Gives it what the API gives every spec that it stores. @return whether it accepts it
bool complete(model::Deployment& deployment);

/// The arguments of a job: its program.
std::string random_program(simulated::World& world);

}  // namespace weir::simulation
