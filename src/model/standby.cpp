#include "model/standby.h"

namespace weir::model {

TemplateSpec cluster_template(const StandbyPool& pool) {
  TemplateSpec made;
  made.artifact.emplace().flink_version = pool.flink_version;
  made.number_of_task_managers = pool.number_of_task_managers;
  // One slot for each TaskManager, unless the configuration says how many.
  made.parallelism = pool.number_of_task_managers;
  made.resources = pool.resources;
  made.flink_configuration = pool.flink_configuration;
  return made;
}

}  // namespace weir::model
