#include <fmt/format.h>

#include "base/strings.h"
#include "control/next_start.h"
#include "control/plan.h"
#include "control/plan_session.h"
#include "flink/assemble.h"
#include "model/slots.h"

namespace weir::control {

using model::TransitionKind;
using model::TransitionPhase;

namespace {

constexpr std::size_t kJobsToSearch = 5;

// What ran before is run again as it was, with the jar that was kept.
void copy_fallback(const model::Job& fallback, model::Job& job) {
  job.spec = fallback.spec;
  job.spec.savepoint_location.reset();
  job.status.revision = fallback.status.revision;
  job.internal.jar_sha256 = fallback.internal.jar_sha256;
  job.internal.jar_name = fallback.internal.jar_name;
}

void copy_template(const model::Deployment& deployment, model::Job& job) {
  const auto& spec = *deployment.spec.template_->spec;
  job.spec.artifact = *spec.artifact;
  job.spec.parallelism = spec.parallelism.value_or(1);
  job.spec.resources = spec.resources.value_or(model::Resources{});
  job.spec.user_flink_configuration = flink::user_configuration(*deployment.spec.template_);
  job.spec.logging = spec.logging.value_or(model::Logging{});
  job.spec.kubernetes = spec.kubernetes;
  job.status.revision = deployment.internal.spec_revision;
}

// The record of the job that is to run, and where its way goes on: to its jar, or at once to its
// cluster, where the jar is kept already.
TransitionPhase phase_after_creation(const Situation& s, Draft& draft, model::Job& job) {
  if (!s.view.fallback) return TransitionPhase::FETCH_JAR;
  if (job.metadata.session_cluster_name) return TransitionPhase::SPIN_UP;
  const auto& old = s.view.old_cluster;
  const bool reuse = s.view.transition->kind == TransitionKind::ROLLBACK && old &&
                     old->metadata.id == s.view.transition->spared_cluster_id;
  if (!reuse) return TransitionPhase::SPIN_UP;
  run_on_cluster_of_another(s, draft, old, job);
  return TransitionPhase::AWAIT_CLUSTER;
}

}  // namespace

flink::JobContext context_of(const model::Deployment& deployment, const std::string& job_id,
                             const Settings& settings) {
  const auto& metadata = deployment.metadata;
  return {metadata.namespace_, metadata.id, metadata.name.value_or(""), job_id,
          fmt::format("{}/state/{}/{}", settings.data_directory, metadata.namespace_, metadata.id)};
}

bool needs_state(const View& view) {
  const auto& strategy = view.deployment->spec.restore_strategy;
  return view.transition->continues_job_id || pending_reset(view) != nullptr || !strategy ||
         strategy->kind != model::RestoreStrategyKind::NONE;
}

std::vector<store::Stored<model::Job>> jobs_with_state(const View& view) {
  std::vector<store::Stored<model::Job>> found;
  std::size_t ran = 0;
  for (const auto& job : view.jobs) {
    if (!job->internal.submit_recorded) continue;
    found.push_back(job);
    // Attempts that all failed do not hide the last job that ran.
    if (job->internal.ran && ++ran == kJobsToSearch) break;
  }
  return found;
}

Status configure(const Situation& s, model::Job& job) {
  if (s.view.fallback) return {};  // it ran like that
  model::TemplateSpec spec = *s.view.deployment->spec.template_->spec;
  spec.flink_configuration = job.spec.user_flink_configuration;
  if (spec.artifact->kind != model::ArtifactKind::JAR)
    return fail(Code::kFailedPrecondition,
                "Only artifacts of kind JAR can be run; SQL scripts and Python come later.",
                "ArtifactKindUnsupported");
  // In a session cluster the version is the cluster's.
  const auto& session = s.view.session.cluster;
  const auto version =
      session ? std::optional(session->flink_version) : spec.artifact->flink_version;
  WEIR_TRY(const flink::FlinkHome home, s.homes.resolve(version));
  job.spec.artifact.flink_version = home.version;
  WEIR_TRY(const model::Slots slots, model::slots_of(spec));
  job.spec.number_of_task_managers = slots.task_managers;
  const auto context = context_of(*s.view.deployment, job.metadata.id, s.settings);
  WEIR_TRY(job.spec.flink_configuration, flink::effective_configuration(spec, context, home));
  return {};
}

model::Job new_job(const Situation& s, std::string id) {
  const auto& deployment = *s.view.deployment;
  model::Job job;
  job.metadata.id = std::move(id);
  job.metadata.namespace_ = deployment.metadata.namespace_;
  job.metadata.created_at = job.metadata.modified_at = s.wall_now;
  job.metadata.deployment_id = deployment.metadata.id;
  job.metadata.deployment_name = deployment.metadata.name;
  if (s.view.fallback) copy_fallback(*s.view.fallback, job);
  else copy_template(deployment, job);
  job.metadata.session_cluster_name = s.view.fallback
                                          ? s.view.fallback->metadata.session_cluster_name
                                          : deployment.spec.session_cluster_name;
  job.metadata.annotations =
      model::StringMap{{model::kSpecVersionAnnotation, std::to_string(job.status.revision)}};
  const auto& strategy = deployment.spec.restore_strategy;
  job.spec.allow_non_restored_state =
      strategy && strategy->allow_non_restored_state.value_or(false);
  if (s.view.transition)
    job.status.phases.emplace().requested_at = s.view.transition->metadata.created_at;
  job.internal.chain_position = deployment.internal.chain_position + 1;
  return job;
}

void restore_from(model::Job& job, const model::RestoreChoice& choice) {
  if (choice.what != model::RestoreChoice::What::kPoint) return;
  job.spec.savepoint_location = choice.location;
  job.internal.restore_location = choice.location;
}

Decision plan_create_job(Situation& s, Draft& draft) {
  const View& view = s.view;
  if (view.prepares()) return plan_next_job(s, draft);
  if (!view.wants(model::DesiredState::RUNNING)) {
    draft.finish(model::ObservedState::SUSPENDED, "State transition to SUSPENDED is completed.");
    return {};
  }
  if (!view.target_exists) {
    give_up(s, draft, "REFERENCED_DEPLOYMENT_TARGET_DOES_NOT_EXIST",
            "The deployment target does not exist. Create it, or name another one in "
            "spec.deploymentTargetName, then set the state again.",
            "TargetMissing", "");
    return {};
  }
  if (auto wait = await_session_cluster(s, draft)) return *wait;
  if (const std::string deletion = deletion_to_wait_for(view);
      needs_state(view) && !deletion.empty()) {
    draft.waiting_for(deletion);
    return {{}, s.settings.poll_fast * 3};
  }
  std::vector<model::RestorePoint> points;
  const auto jobs = jobs_with_state(view);
  if (needs_state(view) && (!jobs.empty() || !view.points.empty())) {
    auto* found = std::get_if<FoundPoints>(&s.memory.result);
    if (found == nullptr) return {FindState{jobs, recorded_points(view)}, Duration(0)};
    if (!found->points) {
      // Unknown is not absent: starting now could start without the newest state.
      draft.waiting_for("the restore points, which cannot be read: " +
                        found->points.error().message);
      return {{}, std::chrono::seconds(1)};
    }
    points = std::move(*found->points);
    drop_unrecorded(view, points);
    record_points(s, draft, points);
  }
  const model::RestoreChoice choice = choose_next_start(view, points);
  if (choice.what == model::RestoreChoice::What::kMissing) {
    give_up(s, draft, "FAILED_CREATING_A_NEW_JOB",
            choice.explanation +
                " Reset it to another restore point, then set its state to "
                "CANCELLED and to RUNNING again.",
            "RestorePointMissing", "");
    return {};
  }
  model::Job& job = draft.create_job(new_job(s, draft.new_id()));
  restore_from(job, choice);
  s.memory.phases = {};
  draft.deployment().internal.chain_position = job.internal.chain_position;
  draft.transition().not_before.reset();
  // Nothing of its own stays beside a job in a session cluster.
  if (job.metadata.session_cluster_name) draft.transition().spared_cluster_id.reset();
  draft.enter(phase_after_creation(s, draft, job));
  draft.event("CREATING_A_NEW_JOB",
              fmt::format("Creating a new job {}. {}", job.metadata.id, choice.explanation));
  if (const Status good = configure(s, job); !good)
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", good.error());
  return {};
}

Decision plan_fetch_jar(Situation& s, Draft& draft) {
  auto* fetched = std::get_if<FetchedJar>(&s.memory.result);
  if (fetched == nullptr) return {FetchJar{}, Duration(0)};
  if (!fetched->jar) {
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", fetched->jar.error());
    return {};
  }
  draft.job().internal.jar_sha256 = fetched->jar->sha256;
  draft.job().internal.jar_name = fetched->jar->name;
  if (s.view.prepares() && s.view.transition->way == model::UpgradeWay::RESTART) {
    stop_old_job(s, draft);
    return {};
  }
  if (s.view.prepares() && s.view.transition->way == model::UpgradeWay::SAME_CLUSTER) {
    draft.enter(TransitionPhase::AWAIT_CLUSTER);
    return {};
  }
  draft.enter(TransitionPhase::SPIN_UP);
  if (s.view.job_in_session()) return {};
  draft.event(
      "SPINNING_UP_A_CLUSTER_FOR_A_JOB",
      fmt::format("Creating a cluster for job {}: Flink {}, {} TaskManager{}.",
                  s.view.job->metadata.id, s.view.job->spec.artifact.flink_version.value_or("?"),
                  s.view.job->spec.number_of_task_managers,
                  s.view.job->spec.number_of_task_managers == 1 ? "" : "s"));
  return {};
}

}  // namespace weir::control
