#pragma once

#include "model/template.h"

namespace weir::model {

/// Clusters that are kept ready without a job, for whichever job fits on one. Of an administrator's
/// configuration.
struct StandbyPool {
  std::string name;
  std::int32_t clusters = 1;
  std::optional<std::string> flink_version;
  std::int32_t number_of_task_managers = 1;
  std::optional<Resources> resources;
  std::optional<StringMap> flink_configuration;
};
BOOST_DESCRIBE_STRUCT(StandbyPool, (),
                      (name, clusters, flink_version, number_of_task_managers, resources,
                       flink_configuration))

/// That a cluster belongs to a pool, and what it is compared by. It goes when a job takes it.
struct Standby {
  std::string pool;
  Resources resources;
  bool ready = false;  ///< all slots are registered; it may be taken
};
BOOST_DESCRIBE_STRUCT(Standby, (), (pool, resources, ready))

/// The same as a job's template: what of a job's specification is the cluster's.
TemplateSpec cluster_template(const StandbyPool& pool);

}  // namespace weir::model
