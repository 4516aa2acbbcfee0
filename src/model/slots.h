#pragma once

#include "base/result.h"
#include "model/job.h"

namespace weir::model {

struct Slots {
  int task_managers = 1;
  int slots_per_task_manager = 1;
};

/// How many TaskManagers with how many slots run a job: slots = numberOfTaskManagers x
/// `taskmanager.numberOfTaskSlots`. What is not given follows from the parallelism.
/// @error kInvalidArgument both are given and too few; the message names all three numbers
Result<Slots> slots_of(const TemplateSpec& spec);

/// The same for a job's snapshot: what ran is what counts, not what the deployment says by now.
Result<Slots> slots_of(const JobSpec& spec);

}  // namespace weir::model
