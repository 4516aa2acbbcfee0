#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "async/signal.h"
#include "async/virtual_loop.h"
#include "flink/cluster_spec.h"
#include "flink/flink_api.h"
#include "flink/state_directory.h"
#include "runtime/cluster_runtime.h"
#include "support/world/disk.h"
#include "support/world/output.h"

/// A small world in virtual time: processes, JobManagers with Flink's job state machine, disks, and
/// what goes wrong with them. It knows nothing of Weir; a crash of the control plane leaves it be.
namespace weir::simulated {

using namespace std::chrono_literals;

enum class Life { kStarting, kRunning, kExited };

struct Process {
  std::string role;
  int index = 0;
  std::int64_t pid = 0;
  Life life = Life::kStarting;
  std::optional<int> exit_code;
  std::optional<int> exit_signal;
  std::string cause;
  bool stopped = false;     ///< by SIGSTOP
  bool registered = false;  ///< a TaskManager's slots are known to the JobManager
  bool used = false;        ///< a job was deployed to its slots
};

/// What a job's main() and tasks do; from the program's arguments: KIND SECONDS.
struct Program {
  enum class Kind {
    kUnbounded,       ///< runs until it is stopped
    kBounded,         ///< finishes by itself after `length` of running
    kMainThrows,      ///< is refused
    kFails,           ///< FAILED soon after it runs
    kRestartsForever  ///< its tasks fail again and again and never complete a checkpoint
  };
  Kind kind = Kind::kUnbounded;
  Duration length{0};
  static Program parse(const std::vector<std::string>& arguments);
};

struct Trigger {
  flink::TriggerState state = flink::TriggerState::kInProgress;
  std::string location;
  std::string failure;
};

/// What a vertex may run with (adaptive scheduler), and runs with.
struct Bounds {
  int lower = 1;
  int upper = 1;
  int now = 0;
};

/// A job as its JobManager knows it.
struct Job {
  std::string id;
  std::string owner;  ///< whose output it writes: the deployment
  Program program;
  std::map<std::string, Bounds> vertices;  ///< a source of one task, and the rest
  std::optional<MonoTime> waits_since;     ///< for the slots of its upper bounds
  flink::JobState state = flink::JobState::kInitializing;
  bool all_tasks_running = false;
  std::uint64_t life = 0;  ///< changes with every state, so that older alarms are void
  std::uint64_t generation = 0;
  std::optional<std::string> restored_from;
  std::int64_t restored = 0;        ///< how often
  std::int64_t start_position = 0;  ///< of the state that it was submitted with
  std::int64_t position = 0;        ///< at `running_since`
  std::optional<MonoTime> running_since;
  Duration ran{0};  ///< in all, for bounded programs
  bool writes = false;
  std::int64_t restarts = 0;
  std::int64_t next_checkpoint = 1;
  std::int64_t completed = 0, failed = 0;
  std::vector<std::string> checkpoints;  ///< completed by this attempt, retained, oldest first
  std::optional<flink::CompletedCheckpoint> latest, latest_before;
  std::string root_cause;
  std::map<std::string, Trigger> triggers;
  std::optional<std::string> stopping;    ///< trigger id of a stop with savepoint under way
  std::optional<std::string> stopped_at;  ///< its savepoint, once that is written
  bool ended_by_itself = false;
  bool foreign = false;  ///< submitted in Flink's own UI, by somebody who knows nothing of Weir
};

struct Cluster {
  flink::ClusterSpec spec;
  std::string deployment_id;
  std::string checkpoint_directory;
  Duration checkpoint_interval{0};
  bool adaptive = false;           ///< its scheduler
  std::vector<Process> processes;  ///< the JobManager first
  bool answers = false;            ///< its REST port is bound
  MonoTime deaf_until{};           ///< REST answers nothing (a black hole), the job goes on
  MonoTime healthy_since{};        ///< nothing was wrong with its answers since then
  Duration extra_latency{0};
  std::set<std::string> jars;
  std::map<std::string, Job> jobs;
  bool primes = false;  ///< a throwaway job may run
  int primings = 0;     ///< that were asked for

  Process& job_manager() { return processes.front(); }
  bool job_manager_lives() const {
    return !processes.empty() && processes.front().life != Life::kExited;
  }
  bool lives() const;
  int task_managers() const;
  int slots() const;
  /// Slots of jobs that have not ended.
  int slots_used() const;
};

/// How often single calls go wrong, in thousandths, while the weather is bad.
struct Weather {
  bool bad = false;
  int request_lost = 10;   ///< no effect, no answer
  int answer_lost = 15;    ///< the effect happened, the caller hears nothing
  int reset_before = 8;    ///< connection reset, no effect
  int reset_after = 8;     ///< connection reset after the effect
  int garbage = 6;         ///< an answer that makes no sense
  int not_found = 4;       ///< "no such job", wrongly
  int slow = 20;           ///< takes seconds
  int port_taken = 60;     ///< by somebody else, when a JobManager starts
  int out_of_memory = 20;  ///< a TaskManager's end, some time after its start
};

class World {
 public:
  World(VirtualLoop& loop, std::uint64_t seed);

  // ---- time and chance ----
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(int thousandths) { return static_cast<int>(below(1000)) < thousandths; }
  Duration between(Duration least, Duration most);
  void after(Duration delay, std::function<void()> action);
  MonoTime now() const { return loop_.mono_now(); }
  VirtualLoop& loop() { return loop_; }
  std::function<void(const std::string&)> trace;
  void tell(const std::string& text) {
    if (trace) trace(text);
  }

  // ---- what went wrong in the control plane's doing ----
  void violate(const std::string& text);
  const std::vector<std::string>& violations() const { return violations_; }

  // ---- processes (processes.cpp) ----
  /// Starts what is missing. See ClusterRuntime::ensure.
  Status ensure(const flink::ClusterSpec& spec);
  void kill(const std::string& cluster_id, const std::string& role, int index, int signal);
  void kill_all(const std::string& cluster_id);
  /// See ClusterRuntime::end_task_manager.
  Status end_task_manager(const std::string& cluster_id, int epoch, int index);
  /// Nothing of this cluster and epoch can start any more.
  void fence(const std::string& cluster_id, int epoch);
  void stop_job_manager(const std::string& cluster_id, Duration time);
  /// Every process of the machine ends without a word.
  void reboot();
  Cluster* cluster(const std::string& id);
  std::map<std::string, std::unique_ptr<Cluster>>& clusters() { return clusters_; }
  /// The cluster whose JobManager answers at this port.
  Cluster* listening(int port);
  std::function<void(const std::string& cluster_id)> on_change;

  // ---- jobs (jobs.cpp) ----
  Status submit(Cluster& cluster, const flink::RunRequest& request);
  /// Runs a throwaway job, which sometimes fails and sometimes stays.
  /// @param number of this priming among the cluster's; the newest ends what earlier ones began
  Status prime(Cluster& cluster, int number);
  Status check_plan(const Cluster& cluster, const flink::RunRequest& request) const;
  Status checkpoint_now(Cluster& cluster, const std::string& job_id);
  Status require_parallelism(Cluster& cluster, const std::string& job_id,
                             const std::map<std::string, int>& of_vertices);
  Status cancel(Cluster& cluster, const std::string& job_id);
  Status savepoint(Cluster& cluster, const std::string& job_id, const std::string& directory,
                   const std::string& trigger, bool stop);
  void fail_tasks(const std::string& cluster_id, const std::string& why);
  /// A job appears that nobody asked for; it writes nothing.
  void submit_foreign(Cluster& cluster);
  Job* job(const std::string& cluster_id, const std::string& job_id);
  /// Of jobs on clusters that are not one deployment's alone: Flink's job id -> deployment.
  std::map<std::string, std::string> owners;
  std::string owner_of(const Cluster& cluster, const std::string& job_id) const;
  std::int64_t position_of(const Job& job) const;
  /// It reached its own end, and an archive says so.
  bool has_finished(const std::string& job_id) const { return finished_.contains(job_id); }
  /// Nobody is left who could know how attempts before now have ended, nor their directories.
  void forget_ends();
  /// Called at the moment of a submit, before the job exists.
  std::function<void(const Cluster&, const flink::RunRequest&)> on_submit;

  // ---- the places' faults ----
  Weather weather;
  Disk disk;
  Output output;
  std::map<std::string, flink::ArchivedJob> archives;  ///< by the path of their file
  MonoTime disk_unreadable_until{};
  MonoTime disk_full_until{};   ///< no checkpoint or savepoint can be written
  MonoTime store_down_until{};  ///< the control plane's database takes no transaction
  Duration store_delay{0};      ///< of every transaction
  MonoTime blind_until{};       ///< the runtime cannot tell what lives
  MonoTime stuck_until{};       ///< processes that cannot be killed (state D)
  std::set<int> foreign_ports;
  std::int64_t memory_bytes = 1LL << 40;

 private:
  void start_process(Cluster& cluster, std::size_t which);
  void process_runs(const std::string& cluster_id, std::size_t which, std::int64_t pid);
  void process_ends(Cluster& cluster, Process& process);
  void register_task_managers(const std::string& cluster_id);
  void job_manager_ended(Cluster& cluster);
  void changed(const std::string& cluster_id);

  void check_one_writer(const Job& job);
  /// The cluster's checkpoints go there, and it is that deployment's.
  void own_directory(Cluster& cluster, const std::string& directory);
  /// What came with a job to a cluster that was made before it; nothing if that says no directory.
  void take_configuration(Cluster& cluster, const std::map<std::string, std::string>& values);
  void enter(Cluster& cluster, Job& job, flink::JobState state);
  /// Runs `step` after `delay`, unless the job has entered another state by then.
  void later(Cluster& cluster, Job& job, Duration delay, std::function<void(Cluster&, Job&)> step);
  void deploy(Cluster& cluster, Job& job);
  void run_tasks(Cluster& cluster, Job& job);
  void stop_tasks(Cluster& cluster, Job& job);
  void restart(Cluster& cluster, Job& job, const std::string& why);
  /// Back to the newest completed checkpoint of this attempt.
  void go_back(Job& job);
  /// With other tasks, if the bounds and the slots allow more or ask for less.
  void rescale(Cluster& cluster, Job& job);
  void occupy_slots(Cluster& cluster);
  void end_job(Cluster& cluster, Job& job, flink::JobState state);
  void archive(Cluster& cluster, Job& job);
  void schedule_checkpoint(Cluster& cluster, Job& job);
  void begin_checkpoint(Cluster& cluster, Job& job);
  void complete_checkpoint(Cluster& cluster, Job& job, SavedState state);
  void complete_savepoint(Cluster& cluster, Job& job, const std::string& directory,
                          const std::string& trigger, SavedState state, bool stop);
  bool fails_to_stop(Cluster& cluster, Job& job);
  void end_of_savepoint_stop(Cluster& cluster, Job& job, const std::string& trigger,
                             const SavedState& state);
  SavedState begin_state(const Cluster& cluster, Job& job);

  VirtualLoop& loop_;
  std::mt19937_64 random_;
  std::vector<std::string> violations_;
  std::map<std::string, std::unique_ptr<Cluster>> clusters_;
  std::map<std::string, int> fences_;
  std::set<std::string> finished_;  // jobs whose archive says so
  std::map<std::string, std::string> directory_owner_;
  std::int64_t last_pid_ = 1000;
};

}  // namespace weir::simulated
