#pragma once

#include "base/result.h"
#include "model/template.h"

namespace weir::model {

struct Slots {
  int task_managers = 1;
  int slots_per_task_manager = 1;
};

/// How many TaskManagers with how many slots run a job: slots = numberOfTaskManagers x
/// `taskmanager.numberOfTaskSlots`. What is not given follows from the parallelism.
/// @error kInvalidArgument both are given and too few; the message names all three numbers
Result<Slots> slots_of(const TemplateSpec& spec);

}  // namespace weir::model
