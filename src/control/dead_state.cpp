#include "control/dead_state.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/sizes.h"
#include "control/plan.h"
#include "flink/local_state_directory.h"

namespace weir::control {
namespace {

using flink::JobDirectory;
using PointRef = store::Stored<model::RestorePoint>;

// As the directories are named; empty for what is not on this machine's disk.
std::string path_of(const std::string& location) {
  const auto path = flink::local_path(location);
  return path ? std::filesystem::path(*path).lexically_normal().string() : std::string();
}

/// What is recorded about all deployments, gathered once for all directories.
struct Needs {
  std::set<std::string> jobs;                        ///< live, or with state that a start looks at
  std::set<std::string> busy;                        ///< deployments with an open transition
  std::set<std::string> paths;                       ///< that must stay, whoever wrote them
  std::multimap<std::string, PointRef> checkpoints;  ///< recorded, of any job, by path
};

void add_location(Needs& needs, const std::optional<std::string>& location) {
  if (location && !location->empty()) needs.paths.insert(path_of(*location));
}

void add_jobs(Needs& needs, const View& view) {
  const auto keep = [&](const store::Stored<model::Job>& job) {
    if (!job || !needs.jobs.insert(job->metadata.id).second) return;
    add_location(needs, job->internal.first_checkpoints);
    if (const auto& places = job->internal.attempt_checkpoints)
      for (const std::string& place : *places) add_location(needs, place);
    add_location(needs, job->internal.restore_location);
    add_location(needs, job->spec.savepoint_location);
  };
  for (const auto& job : view.jobs)
    if (!model::is_terminal(job->status.state)) keep(job);
  for (const auto& job : jobs_with_state(view)) keep(job);
  for (const auto& job : {view.job, view.old_job, view.next_job, view.fallback}) keep(job);
}

void add_points(Needs& needs, const View& view) {
  std::vector<model::RestorePoint> usable;
  for (const auto& point : view.points) {
    if (point->usable) usable.push_back(*point);
    if (point->kind == model::RestorePointKind::CHECKPOINT)
      needs.checkpoints.emplace(path_of(point->location), point);
    else add_location(needs, point->location);
  }
  // Older ones may go once this one stays.
  if (const auto* newest = model::newest(usable, true)) add_location(needs, newest->location);
}

Needs needs_of(const store::ReadModel& read) {
  Needs needs;
  for (const auto& deployment : read.deployments("")) {
    const View view = load_view(read, deployment->metadata.id);
    add_jobs(needs, view);
    add_points(needs, view);
    if (deployment->internal.reset) add_location(needs, deployment->internal.reset->location);
    if (view.transition) {
      needs.busy.insert(deployment->metadata.id);
      add_location(needs, view.transition->restore_location);
    }
  }
  for (const auto& savepoint : read.savepoints(""))
    add_location(needs, savepoint->spec.savepoint_location);
  return needs;
}

// Of the directory's deployment, or of all that name its session cluster.
std::vector<store::Stored<model::Job>> known_jobs(
    const store::ReadModel& read, const JobDirectory& directory,
    const store::Stored<model::SessionCluster>& session) {
  if (!session) return read.jobs_of(directory.deployment_id);
  auto jobs = read.jobs(session->metadata.namespace_);
  std::erase_if(jobs, [&](const auto& job) {
    return job->metadata.session_cluster_name != session->metadata.name;
  });
  return jobs;
}

// Records of a deployment's oldest jobs are dropped in time. What is unknown and not older than all
// that is known is of a database that was restored from a backup.
bool is_forgotten(const JobDirectory& directory,
                  const std::vector<store::Stored<model::Job>>& jobs) {
  return !jobs.empty() && std::all_of(jobs.begin(), jobs.end(), [&](const auto& job) {
    return directory.last_written < job->metadata.created_at;
  });
}

/// Why the directory's job is dead; empty: it is not, or that is not known.
std::string why_dead(const store::ReadModel& read, const Needs& needs,
                     const JobDirectory& directory) {
  const auto session = read.session_cluster_by_id(directory.deployment_id);
  // While a session cluster is there each job's state in it is looked at by itself, then all of it.
  if (directory.in_session_cluster != bool(session)) return {};
  const auto job = read.job(directory.job_id);
  const std::string owner =
      job ? job->metadata.deployment_id.value_or("") : directory.deployment_id;
  if (needs.busy.contains(owner) || needs.jobs.contains(directory.job_id)) return {};
  // What has written and was never submitted did so after a restored database was saved.
  if (job && !job->internal.submit_recorded && directory.bytes > 0) return {};
  if (job) return "checkpoints of an ended job that no start needs";
  if (!session && !read.deployment(owner)) return "checkpoints of a deleted deployment";
  return is_forgotten(directory, known_jobs(read, directory, session))
             ? "checkpoints of a job that is not recorded any more"
             : "";
}

bool needs_inside(const Needs& needs, const std::string& directory) {
  const auto at = needs.paths.lower_bound(directory + "/");
  return at != needs.paths.end() && at->starts_with(directory + "/");
}

std::vector<PointRef> points_inside(const Needs& needs, const std::string& directory) {
  std::vector<PointRef> points;
  for (auto at = needs.checkpoints.lower_bound(directory + "/");
       at != needs.checkpoints.end() && at->first.starts_with(directory + "/"); ++at)
    points.push_back(at->second);
  return points;
}

}  // namespace

std::vector<DeadState> dead_state(const std::vector<JobDirectory>& all,
                                  const store::ReadModel& read, const Settings& settings,
                                  WallTime now) {
  const Needs needs = needs_of(read);
  std::vector<DeadState> dead;
  for (const JobDirectory& directory : all) {
    if (now - directory.last_written <= settings.state_directories_age) continue;
    const std::string why = why_dead(read, needs, directory);
    const std::string path = path_of(directory.path);
    if (why.empty() || needs_inside(needs, path)) continue;
    auto points = points_inside(needs, path);
    // A job that began on another one's cluster has its checkpoints there.
    const bool shared = std::any_of(points.begin(), points.end(), [&](const PointRef& point) {
      return needs.jobs.contains(point->metadata.job_id.value_or("")) ||
             needs.busy.contains(point->metadata.deployment_id.value_or(""));
    });
    if (shared) continue;
    dead.push_back({directory,
                    why + ", older than " + format_duration(settings.state_directories_age),
                    std::move(points)});
  }
  return dead;
}

}  // namespace weir::control
