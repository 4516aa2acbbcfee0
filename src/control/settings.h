#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/standby.h"

namespace weir::control {

/// What an administrator may tune; all have defaults that fit one machine.
struct Settings {
  std::string data_directory;  ///< absolute; state goes to DATA/state/<namespace>/<deployment id>
  std::string priming_jar;     ///< of Weir's throwaway job; empty: new clusters are not warmed up
  std::string time_zone = "UTC";  ///< of the JVMs
  bool self_check = true;         ///< assert the invariants before each effect

  Duration poll_fast = std::chrono::milliseconds(100);   ///< while something is in flight
  Duration poll_gap = std::chrono::milliseconds(20);     ///< while nothing is processed
  Duration poll_stable = std::chrono::seconds(2);        ///< RUNNING and quiet, with jitter
  Duration call_time = std::chrono::seconds(5);          ///< of one call of a JobManager
  Duration priming_time = std::chrono::seconds(20);      ///< then an upgrade goes on without
  Duration submit_time = std::chrono::minutes(2);        ///< main() may take so long
  Duration fetch_time = std::chrono::minutes(10);        ///< a jar's download
  Duration cluster_time = std::chrono::minutes(3);       ///< processes up and slots registered
  Duration running_time = std::chrono::minutes(3);       ///< from submit to all tasks running
  Duration rescale_time = std::chrono::seconds(60);      ///< then an upgrade takes another way
  Duration verify_time = std::chrono::seconds(60);       ///< from RUNNING to a checkpoint
  Duration cancel_time = std::chrono::seconds(30);       ///< then the processes are ended
  Duration tear_down_time = std::chrono::seconds(20);    ///< of one try; it is repeated
  Duration savepoint_time = std::chrono::minutes(10);    ///< then a warning, see state safety 4
  Duration unreachable_time = std::chrono::seconds(60);  ///< then a JobManager is made certain
  Duration backoff_first = std::chrono::seconds(1);      ///< doubled up to `backoff_limit`
  Duration backoff_limit = std::chrono::seconds(60);
  Duration checkpoint_record_interval = std::chrono::seconds(10);

  std::vector<model::StandbyPool> standby_clusters;

  int starts_at_once = 2;  ///< clusters that may be coming up at the same time
  /// A cluster that finds no room waits so long, then its start counts as failed. Zero fails at
  /// once.
  Duration room_time = std::chrono::minutes(10);
  std::int64_t disk_reserve_bytes = 512LL << 20;  ///< below it nothing new is started
  std::int64_t memory_reserve_bytes = 512LL << 20;

  std::size_t events_per_deployment = 1000;
  std::size_t jobs_per_deployment = 50;
  Duration cluster_directories_age = std::chrono::hours(24 * 7);  ///< of ended clusters
  std::int64_t cluster_directories_bytes = 5LL << 30;             ///< newest are kept within it
  Duration state_directories_age = std::chrono::hours(24 * 7);    ///< of checkpoints no start needs
};

}  // namespace weir::control
