#include "simulation/planted.h"

#include <utility>

#include "control/mistakes.h"

namespace weir::simulation {
namespace {

using control::Mistakes;

const std::vector<std::pair<const char*, bool Mistakes::*>>& all() {
  static const std::vector<std::pair<const char*, bool Mistakes::*>> kAll{
      {"submit_before_record", &Mistakes::submit_before_record},
      {"new_job_id_after_timeout", &Mistakes::new_job_id_after_timeout},
      {"start_before_proven_gone", &Mistakes::start_before_proven_gone},
      {"rollback_before_proven_gone", &Mistakes::rollback_before_proven_gone},
      {"reuse_epoch", &Mistakes::reuse_epoch},
      {"take_unready_standby", &Mistakes::take_unready_standby},
      {"newest_by_wall_time", &Mistakes::newest_by_wall_time},
      {"trust_recorded_points", &Mistakes::trust_recorded_points},
      {"lose_written_savepoint", &Mistakes::lose_written_savepoint},
      {"upgrade_from_checkpoint", &Mistakes::upgrade_from_checkpoint},
      {"reuse_checkpoint_directory", &Mistakes::reuse_checkpoint_directory},
      {"forget_carried_directory", &Mistakes::forget_carried_directory},
      {"end_old_cluster_early", &Mistakes::end_old_cluster_early},
      {"delete_referenced_savepoint", &Mistakes::delete_referenced_savepoint},
      {"delete_only_savepoint", &Mistakes::delete_only_savepoint},
      {"believe_finished_during_stop", &Mistakes::believe_finished_during_stop},
      {"unknown_is_absent", &Mistakes::unknown_is_absent},
      {"recover_after_restart", &Mistakes::recover_after_restart},
      {"change_without_event", &Mistakes::change_without_event},
      {"forget_failed_attempts", &Mistakes::forget_failed_attempts},
      {"rescale_without_checkpoint", &Mistakes::rescale_without_checkpoint},
      {"forget_archive", &Mistakes::forget_archive},
      {"forget_schedule", &Mistakes::forget_schedule},
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
