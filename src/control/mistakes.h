#pragma once

namespace weir::control {

/// Planted bugs: the simulator switches one on and must catch it. The shipped binary is compiled
/// without them; there every one is a constant false.
struct Mistakes {
  // one writer, intent before effect
  bool submit_before_record = false;
  bool new_job_id_after_timeout = false;
  bool start_before_proven_gone = false;
  bool rollback_before_proven_gone = false;
  bool reuse_epoch = false;
  bool take_unready_standby = false;
  // which state
  bool newest_by_wall_time = false;
  bool trust_recorded_points = false;
  bool lose_written_savepoint = false;
  bool upgrade_from_checkpoint = false;
  bool reuse_checkpoint_directory = false;
  bool forget_carried_directory = false;
  // what is kept
  bool end_old_cluster_early = false;
  bool delete_referenced_savepoint = false;
  bool delete_only_savepoint = false;
  // what is seen and told
  bool believe_finished_during_stop = false;
  bool unknown_is_absent = false;
  bool recover_after_restart = false;
  bool change_without_event = false;
  // every transition ends, and once
  bool forget_failed_attempts = false;
  bool rescale_without_checkpoint = false;
  bool forget_archive = false;
  bool forget_schedule = false;
};

#ifdef WEIR_PLANTED_MISTAKES
inline Mistakes mistakes;
#else
inline constexpr Mistakes mistakes;
#endif

}  // namespace weir::control
