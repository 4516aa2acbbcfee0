#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::flink {

struct Version {
  int major = 0;
  int minor = 0;
  int patch = -1;  ///< -1: only the line is meant
  auto operator<=>(const Version&) const = default;
};
/// "1.20" or "1.20.5". @error kInvalidArgument
Result<Version> parse_version(std::string_view text);

/// What a Flink line can do. The only place where versions are compared.
struct Capabilities {
  bool own_job_id = true;             ///< `jobId` in /jars/:id/run (1.8)
  bool program_args_list = true;      ///< 1.7
  bool stop_with_savepoint = true;    ///< POST /jobs/:id/stop (1.9)
  bool client_trigger_id = true;      ///< `triggerId` in savepoint calls (1.15)
  bool savepoint_format = true;       ///< `formatType` (1.15)
  bool job_status_path = true;        ///< GET /jobs/:id/status (1.16)
  bool post_plan = true;              ///< POST /jars/:id/plan with a body (1.10)
  bool checkpoint_trigger = true;     ///< POST /jobs/:id/checkpoints (1.17)
  bool run_configuration = true;      ///< `flinkConfiguration` in run (1.17)
  bool restart_strategy_type = true;  ///< `restart-strategy.type` (1.17)
  bool claim_mode = true;             ///< `claimMode` (1.20), before it `restoreMode` (1.15)
  bool restore_mode = true;
  bool config_yaml = true;              ///< config.yaml (1.19), before it flink-conf.yaml
  bool log4j2 = true;                   ///< 1.11
  bool plugins = true;                  ///< 1.9
  bool unified_memory = true;           ///< 1.10 TaskManagers, 1.11 JobManagers
  bool state_backend_hashmap = true;    ///< `hashmap` instead of `filesystem` (1.13)
  bool checkpoint_keys_renamed = true;  ///< execution.checkpointing.dir (1.20)
  /// PUT /jobs/:id/resource-requirements (1.18), trusted from 1.20 on: the adaptive scheduler is
  /// the default from there.
  bool rescale_in_place = true;
  bool rescale_keys_renamed = true;  ///< jobmanager.adaptive-scheduler.executing.* (2.0)
};
Capabilities capabilities_of(const std::string& version);

}  // namespace weir::flink
