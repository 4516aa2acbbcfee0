#pragma once

#include "async/environment.h"
#include "monitoring/figures.h"
#include "monitoring/settings.h"
#include "store/store.h"

namespace weir::monitoring {

/// Asks a job's JobManager for everything.
/// @param watched every vertex's watermark and part of the checkpoint as well
/// @param before the last reading, whose checkpoint need not be asked for again; may be null
/// @error kFailedPrecondition the job has no cluster;  else what FlinkMetrics gives for the job's
///        graph; what else is not answered is absent
Task<Result<Reading>> read_figures(Environment env, const store::ReadModel& read,
                                   flink::FlinkMetrics& flink, const Settings& settings,
                                   std::string job_id, bool watched,
                                   std::shared_ptr<const Reading> before);

}  // namespace weir::monitoring
