#pragma once

#include "control/controller.h"
#include "control/room_ledger.h"
#include "control/situation.h"
#include "control/state_on_disk.h"
#include "flink/endpoint.h"

namespace weir::control {

/// Thin code that asks and acts for the planners. It decides nothing. I/O thread only.
class Executor {
 public:
  /// @param ledger knows the taken ports; outlives this
  Executor(World world, const Settings& settings, const RoomLedger& ledger)
      : world_(world), settings_(settings), ledger_(ledger) {}

  /// Asks one after the other, each within `call_time`. What is not answered is an Error.
  Task<Observation> observe(Questions ask, View view);
  /// Performs an effect whose intent is durable. Every effect may be repeated.
  /// Cancellation: the effect may have happened.
  Task<EffectResult> perform(Effect effect, View view);

 private:
  Task<EffectResult> fetch_jar(View view);
  Task<EffectResult> choose_ports();
  Task<EffectResult> ensure_cluster(View view);
  Task<EffectResult> upload_jar(View view);
  Task<EffectResult> check_plan(View view);
  Task<EffectResult> prime_cluster(View view);
  Task<EffectResult> submit_job(View view);
  Task<EffectResult> require_parallelism(RequireParallelism effect, View view);
  Task<EffectResult> stop_with_savepoint(View view);
  Task<EffectResult> find_state(FindState effect, View view);
  Task<EffectResult> find_savepoint(View view);
  Task<Status> remove_deployment(View view);
  /// How the current job ended by its last cluster's archive. @error it cannot be read
  Task<Result<std::optional<flink::ArchivedJob>>> archived_end(View view);
  Task<void> look_into_archive(View view, Observation& seen);

  Result<flink::ClusterSpec> cluster_spec(const View& view) const;
  Result<flink::RunRequest> run_request(const View& view) const;
  MonoTime soon() const { return world_.env.now() + settings_.call_time; }

  World world_;
  const Settings& settings_;
  const RoomLedger& ledger_;
};

/// The values of the secrets that `${name}` references in a text need.
/// @error kInvalidArgument reason "SecretNotFound"
Result<std::map<std::string, std::string>> secrets_in(const World& world, const std::string& text,
                                                      const std::string& ns);

/// Runs a throwaway job on a cluster that runs nothing else. @error reason "NotIdle": what it left
/// there may still run
Task<Status> prime(World world, const Settings& settings, store::Stored<model::Cluster> cluster);

using flink::endpoint_of;

}  // namespace weir::control
