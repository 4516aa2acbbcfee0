#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "control/draft.h"
#include "control/session_jobs.h"
#include "control/situation.h"
#include "flink/assemble.h"

/// A session cluster's life: the decisions, pure. The same rules as for a job's own cluster hold:
/// intent before effect, unknown is not absent, gone only when proven.
namespace weir::control {

/// Everything recorded about one session cluster, read at one moment.
struct SessionView {
  store::Stored<model::SessionCluster> owner;
  store::Stored<model::Cluster> cluster;        ///< the attempt that is not proven gone
  std::vector<store::Stored<model::Job>> jobs;  ///< that it may run
};
SessionView load_session_view(const store::ReadModel& read, const std::string& id);

struct SessionObservation {
  std::optional<runtime::ClusterObservation> processes;
  std::optional<Result<flink::ClusterOverview>> overview;
};

// ---- effects and results beside those of deployments ----
struct EnsureSessionCluster {};
/// Which checkpoints stand below the attempt's directory: new ones are a proof of life.
struct LookForCheckpoints {};
using SessionEffect = std::variant<std::monostate, ChoosePorts, EnsureSessionCluster,
                                   EndIdleWorkers, TearDown, LookForCheckpoints>;

struct SeenCheckpoints {
  Result<std::set<std::string>> locations;
};
using SessionResult =
    std::variant<std::monostate, ChosenPorts, EnsuredCluster, TornDown, SeenCheckpoints>;

/// What is remembered between passes. Losing it (a crash) costs time only.
struct SessionMemory {
  SessionResult result;
  std::string phase_key;
  MonoTime phase_since{};
  std::string ensured;  ///< cluster and number of TaskManagers whose processes were asked for
  int lost_workers = 0;
  std::optional<MonoTime> worker_wait_until;
  std::optional<MonoTime> unreachable_since;
  std::optional<MonoTime> looked_on_disk;
  std::optional<std::set<std::string>> checkpoints;
  int uncounted = 0;  ///< attempts that were lost through nobody's fault
};

struct SessionSituation {
  const SessionView& view;
  const SessionObservation& seen;
  SessionMemory& memory;
  const Room& room;
  const Settings& settings;
  const flink::FlinkHomes& homes;
  MonoTime now;
  WallTime wall_now;

  Duration in_phase() const { return now - memory.phase_since; }
};

struct SessionDecision {
  SessionEffect effect;
  Duration again{0};
};

/// The changes of one decision, committed as one transaction.
class SessionDraft {
 public:
  SessionDraft(const SessionView& view, IdSource& ids, WallTime now)
      : view_(view), ids_(ids), now_(now) {}

  bool empty() const { return batch_.empty() && !owner_ && !cluster_; }
  std::string new_id() { return ids_.uuid(); }
  model::SessionCluster& owner();
  model::Cluster& cluster();  ///< precondition: there is one
  void create_cluster(model::Cluster cluster);
  void cluster_gone();
  void enter(model::SessionClusterState state);
  void waiting_for(const std::string& text);
  void event(const char* name, std::string message, Telling telling = {});
  store::Batch take();

 private:
  const SessionView& view_;
  IdSource& ids_;
  WallTime now_;
  store::Batch batch_;
  std::optional<model::SessionCluster> owner_;
  std::optional<model::Cluster> cluster_;
  store::Expect expect_cluster_;
};

/// It is about to bring processes up, of which only a few may do so at a time.
bool comes_up(const SessionView& view);
/// The next step of a session cluster towards what its user wants.
SessionDecision plan_session_cluster(SessionSituation& s, SessionDraft& draft);

/// The attempt as a job that has the whole cluster: what assembling a cluster needs.
/// @param configuration the effective one of the attempt
model::Job job_of_attempt(const model::SessionCluster& owner, model::StringMap configuration);
flink::JobContext context_of(const model::SessionCluster& owner, const Settings& settings);

}  // namespace weir::control
