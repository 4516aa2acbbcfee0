#include "simulation/planted.h"

#include <utility>

#include "control/mistakes.h"

namespace weir::simulation {
namespace {

using control::Mistakes;

const std::vector<std::pair<const char*, bool Mistakes::*>>& all() {
  static const std::vector<std::pair<const char*, bool Mistakes::*>> kAll{
      {"submit_before_record", &Mistakes::submit_before_record},
      {"believe_finished_during_stop", &Mistakes::believe_finished_during_stop},
      {"newest_by_wall_time", &Mistakes::newest_by_wall_time},
      {"reuse_checkpoint_directory", &Mistakes::reuse_checkpoint_directory},
      {"start_before_proven_gone", &Mistakes::start_before_proven_gone},
      {"unknown_is_absent", &Mistakes::unknown_is_absent},
      {"new_job_id_after_timeout", &Mistakes::new_job_id_after_timeout},
      {"forget_failed_attempts", &Mistakes::forget_failed_attempts},
      {"rescale_without_checkpoint", &Mistakes::rescale_without_checkpoint},
      {"forget_archive", &Mistakes::forget_archive},
  };
  return kAll;
}

}  // namespace

std::vector<std::string> planted_bugs() {
  std::vector<std::string> names;
  for (const auto& [name, member] : all()) names.emplace_back(name);
  return names;
}

bool plant(const std::string& name) {
  for (const auto& [known, member] : all()) {
    if (name != known) continue;
    control::mistakes.*member = true;
    return true;
  }
  return false;
}

}  // namespace weir::simulation
