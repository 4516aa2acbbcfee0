#pragma once

namespace weir::control {

/// Planted bugs: the simulator switches one on and must catch it. The shipped binary is compiled
/// without them; there every one is a constant false.
struct Mistakes {
  bool submit_before_record = false;
  bool believe_finished_during_stop = false;
  bool newest_by_wall_time = false;
  bool reuse_checkpoint_directory = false;
  bool start_before_proven_gone = false;
  bool unknown_is_absent = false;
  bool new_job_id_after_timeout = false;
  bool forget_failed_attempts = false;
  bool rescale_without_checkpoint = false;
  bool forget_archive = false;
};

#ifdef WEIR_PLANTED_MISTAKES
inline Mistakes mistakes;
#else
inline constexpr Mistakes mistakes;
#endif

}  // namespace weir::control
