#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/environment.h"
#include "async/scope.h"
#include "async/signal.h"
#include "monitoring/figures.h"
#include "monitoring/history.h"
#include "monitoring/settings.h"
#include "store/store.h"

namespace weir::monitoring {

/// What is known of a job.
struct Seen {
  std::shared_ptr<const Reading> reading;  ///< the last good one; null: none
  Figures figures;                         ///< of that reading; valid if there is one
  std::string problem;                     ///< why nothing newer is known; empty: nothing is wrong
  std::optional<WallTime> problem_since;
};

struct Statistics {
  std::uint64_t readings = 0;
  std::uint64_t failures = 0;
  std::uint64_t postponed = 0;  ///< because the event loop was late
};

/// Reads the figures of all running jobs. The more there are, the less often each is read, so that
/// all together take a small share of the thread; those that are watched are read often. I/O thread
/// only. Life: `start`, then `stop`, then destroy.
class Monitor {
 public:
  /// `store` and `flink` outlive this.
  Monitor(Environment env, store::Store& store, flink::FlinkMetrics& flink, Settings settings);

  void start();
  Task<void> stop();

  /// What is known of the job, not older than a watched job's interval if its JobManager answers
  /// before `deadline`. It is watched from now on for a while.
  Task<Seen> look(std::string job_id, MonoTime deadline);
  /// The job is watched for a while: read often, and its vertices' figures are kept too.
  void watch(const std::string& job_id);

  /// The last good reading; nullptr if there is none. Nobody is asked.
  std::shared_ptr<const Reading> last_reading(const std::string& job_id) const;

  const History& history() const { return history_; }
  const Statistics& statistics() const { return statistics_; }
  const Settings& settings() const { return settings_; }
  /// How often a job that nobody watches is read at present.
  Duration present_interval() const;

 private:
  struct Job {
    bool runs = true;
    bool being_read = false;
    MonoTime due{};
    std::optional<MonoTime> watched_until;
    Seen seen;
    std::vector<std::shared_ptr<Signal>> waiting;  ///< for the reading under way, or the next
  };

  void on_change(const store::Change& change);
  void add(const std::string& job_id);
  void on_job(const std::string& job_id, bool runs);
  void forget_old_jobs();
  void plan_at(const std::string& job_id, Job& job, MonoTime when);
  void plan_next(const std::string& job_id, Job& job);
  bool is_watched(const Job& job) const;
  void postpone(MonoTime now);
  Task<void> run();
  Task<void> read_job(std::string job_id);
  void tell_waiting(Job& job);
  void take(const std::string& job_id, Job& job, Result<Reading> result);
  void remember(const std::string& job_id, const Job& job);

  Environment env_;
  store::Store& store_;
  flink::FlinkMetrics& flink_;
  Settings settings_;
  History history_;
  Statistics statistics_;
  std::map<std::string, Job> jobs_;
  std::list<std::string> ended_;                    ///< of `jobs_`, oldest first
  std::set<std::pair<MonoTime, std::string>> due_;  ///< of those that run and are not being read
  std::size_t running_ = 0;
  int reading_ = 0;
  std::shared_ptr<void> subscription_;
  Signal wake_;
  Scope scope_;
};

}  // namespace weir::monitoring
