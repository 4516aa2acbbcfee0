#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flink/flink_api.h"
#include "flink/state_directory.h"

/// Reading what Flink's REST answers, 1.6 to 2.x. Pure. An answer that makes no sense is kInternal
/// with reason "BadAnswer".
namespace weir::flink::answers {

Result<ClusterOverview> overview(std::string_view body);

/// The value of `weir.cluster-id` in /jobmanager/config; empty if it is not there.
Result<std::string> cluster_id(std::string_view body);

struct Jar {
  std::string id;
  std::string name;
};
Result<std::vector<Jar>> jars(std::string_view body);
/// The jar id in the answer to an upload.
Result<std::string> uploaded_jar(std::string_view body);

/// /jobs/overview: one detail for each job, with its id.
struct Job {
  std::string flink_job_id;
  JobDetail detail;
};
Result<std::vector<Job>> jobs(std::string_view body);

/// /jobs/:id/checkpoints; `enabled` is not in it and stays false.
Result<CheckpointStatistics> checkpoints(std::string_view body);
/// /jobs/:id/checkpoints/config: whether Flink triggers checkpoints by itself.
Result<bool> checkpoints_enabled(std::string_view body);

/// /jobs/:id and /jobs/:id/resource-requirements of the same job.
Result<std::vector<VertexParallelism>> parallelism(std::string_view detail,
                                                   std::string_view requirements);

/// /taskmanagers: the indexes of those that have every slot free.
Result<std::vector<int>> idle_task_managers(std::string_view body);

/// /jobs/:id/execution-result: what a job ended with, nothing while it has not ended. The adaptive
/// scheduler's exceptions do not tell of a job that failed before it ran.
Result<JobExceptions> execution_failure(std::string_view body);
Result<JobExceptions> exceptions(std::string_view body);
/// The archive of an ended job: a list of REST answers with their paths.
/// @error as for any answer; also when the job's state in it is none that a job ends in
Result<ArchivedJob> archived_job(std::string_view archive, std::string_view flink_job_id);
/// The first of `names` that is in a metrics answer; nothing if none is.
Result<std::optional<std::int64_t>> metric(std::string_view body,
                                           const std::vector<std::string_view>& names);
Result<std::string> trigger_id(std::string_view body);
Result<TriggerStatus> trigger_status(std::string_view body);

/// The innermost "Caused by" of a Java stack trace, without the package of the exception's class:
/// "IllegalStateException: boom". The first line when nothing caused it.
std::string innermost_cause(std::string_view stack_trace);

/// What an error answer of any call means.
Error refusal(int status, std::string_view body);
/// The same for /jobs/:id/resource-requirements, with the reasons of `FlinkApi::parallelism`.
Error requirements_refusal(int status, std::string_view body);
/// The same for /jars/:id/run, with the reasons of `FlinkApi::run`.
Error run_refusal(int status, std::string_view body);

}  // namespace weir::flink::answers
