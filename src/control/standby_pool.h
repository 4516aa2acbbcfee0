#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "control/situation.h"
#include "flink/assemble.h"
#include "store/store.h"

/// The life of a pool's clusters until a job takes them: the decisions, pure. The same rules as for
/// a job's own cluster hold: intent before effect, unknown is not absent, gone only when proven.
namespace weir::control {

struct StandbyObservation {
  runtime::ClusterObservation processes;
  std::optional<Result<flink::ClusterOverview>> overview;  ///< absent: nobody was asked
};

// ---- effects and results beside those of deployments ----
struct EnsureStandby {
  std::string cluster_id;
};
struct PrimeStandby {
  std::string cluster_id;
};
using StandbyEffect =
    std::variant<std::monostate, ChoosePorts, EnsureStandby, PrimeStandby, TearDown>;
using StandbyResult =
    std::variant<std::monostate, ChosenPorts, EnsuredCluster, PrimedCluster, TornDown>;

/// What is remembered between passes. Losing it (a crash) costs time only.
struct StandbyMemory {
  StandbyResult result;
  std::string result_of;                    ///< cluster that it is about
  std::map<std::string, MonoTime> ensured;  ///< since when its processes are there, by cluster
  std::set<std::string> ended_here;         ///< clusters whose end was decided here
  int failures = 0;                         ///< clusters that ended badly, one after the other
  std::optional<MonoTime> not_before;       ///< no new cluster until then
  std::string message;                      ///< why there are fewer than wanted, for people
};

struct StandbySituation {
  const model::StandbyPool& pool;
  const std::vector<store::Stored<model::Cluster>>& clusters;  ///< the pool's
  const std::map<std::string, StandbyObservation>& seen;       ///< of those that are WANTED
  StandbyMemory& memory;
  const Room& room;
  const Settings& settings;
  const flink::FlinkHomes& homes;
  IdSource& ids;
  MonoTime now;
  WallTime wall_now;
};

/// One step: the batch is committed first, then the effect is performed.
struct StandbyDecision {
  store::Batch batch;
  StandbyEffect effect;
  Duration again{0};
};

/// A new cluster is to come up, of which only a few may do so at a time.
bool wants_standby(const model::StandbyPool& pool,
                   const std::vector<store::Stored<model::Cluster>>& clusters);
/// The next step of a pool towards what its administrator wants.
StandbyDecision plan_standby_pool(StandbySituation& s);

ClusterNeed need_of(const model::StandbyPool& pool);
/// A pool's cluster as if a job had all of it: what assembling it needs.
model::Job job_of_standby(const model::StandbyPool& pool, const std::string& cluster_id,
                          model::StringMap configuration);
flink::JobContext context_of_standby(const Settings& settings, const std::string& cluster_id);

}  // namespace weir::control
