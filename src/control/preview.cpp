#include "control/preview.h"

#include <fmt/format.h>

#include <functional>

#include "codec/describe_json.h"
#include "control/next_start.h"
#include "control/plan.h"
#include "control/plan_session.h"
#include "control/standby.h"

namespace weir::control {
namespace {

using model::DesiredState;
using model::ObservedState;
using model::TransitionKind;
using model::TransitionPhase;

constexpr char kNoJob[] = "00000000-0000-4000-8000-000000000000";

/// What a planner wrote.
struct Step {
  std::optional<model::Transition> transition;
  std::optional<model::Deployment> deployment;
  bool takes_log_levels = false;
};

/// Views of what does not happen, and the planner's answers about them.
class Question {
 public:
  Question(View view, const PreviewWorld& world) : view(std::move(view)), world_(world) {}

  Situation situation() {
    return {view,         nothing_,   memory_,        world_.room, world_.settings,
            world_.homes, world_.now, world_.wall_now};
  }
  Step ask(const std::function<void(Situation&, Draft&)>& planner) {
    Situation s = situation();
    Draft draft(view, world_.ids, world_.wall_now);
    planner(s, draft);
    Step step;
    for (auto& put : draft.take().puts) {
      if (auto* transition = std::get_if<model::Transition>(&put.resource))
        step.transition = std::move(*transition);
      if (auto* deployment = std::get_if<model::Deployment>(&put.resource))
        step.deployment = std::move(*deployment);
      if (const auto* job = std::get_if<model::Job>(&put.resource))
        step.takes_log_levels = job->internal.unwritten_log_levels.value_or(false);
    }
    return step;
  }
  const PreviewWorld& world() const { return world_; }

  View view;
  bool is_new = false;  ///< nothing is recorded about the deployment

 private:
  const PreviewWorld& world_;
  Observation nothing_;
  Memory memory_;
};

template <class T>
store::Stored<T> as_stored(T value) {
  return {std::make_shared<const T>(std::move(value)), 0};
}

View with_change(View view, const model::Deployment& changed) {
  view.deployment = as_stored(changed);
  if (changed.internal.refused_revision != changed.internal.spec_revision) view.fallback = {};
  const auto& session = changed.spec.session_cluster_name;
  if (view.session.name != session) view.session = {session, {}, {}, 0};
  return view;
}

ObservedState end_of(const model::Transition& open) {
  if (open.kind == TransitionKind::CLEAN_UP) return ObservedState::FINISHED;
  switch (open.target) {
    case DesiredState::RUNNING: return ObservedState::RUNNING;
    case DesiredState::SUSPENDED: return ObservedState::SUSPENDED;
    case DesiredState::CANCELLED: return ObservedState::CANCELLED;
  }
  return ObservedState::CANCELLED;
}

// The job that the open transition is going to run; where there is none yet, it will be one of the
// specification that is wanted by then.
model::Job job_to_come(Question& question) {
  const View& view = question.view;
  if (view.next_job) return *view.next_job;
  if (job_is_live(view)) return *view.job;
  const Situation s = question.situation();
  model::Job job = new_job(s, kNoJob);
  (void)configure(s, job);  // what is wrong with it, its own start will tell
  return job;
}

// As if the open transition had reached its end.
void settle(Question& question) {
  View& view = question.view;
  const ObservedState state = end_of(*view.transition);
  model::Deployment deployment = *view.deployment;
  deployment.status.state = state;
  if (state == ObservedState::RUNNING) {
    model::Job job = job_to_come(question);
    job.status.state = model::JobState::STARTED;
    if (!view.cluster) view.cluster = as_stored(model::Cluster{});
    view.job = as_stored(std::move(job));
    view.clusters = {view.cluster};
  } else {
    view.job = {};
    view.cluster = {};
    view.clusters.clear();
  }
  view.transition = {};
  view.old_job = view.next_job = {};
  view.old_cluster = view.next_cluster = {};
  view.deployment = as_stored(std::move(deployment));
}

// The preparation of an upgrade is dropped; the job that runs, runs on.
void withdraw(Question& question) {
  View& view = question.view;
  view.job = view.old_job;
  view.cluster = view.old_cluster;
  view.next_job = {};
  settle(question);
}

PreviewedState state_of(const model::RestoreChoice& choice) {
  PreviewedState state;
  state.why = choice.explanation;
  if (choice.what == model::RestoreChoice::What::kNothing) return state;
  state.kind = choice.what == model::RestoreChoice::What::kPoint ? PreviewedStateKind::RESTORE_POINT
                                                                 : PreviewedStateKind::MISSING;
  state.location = choice.location;
  return state;
}

PreviewedState state_of_next_start(const View& view) {
  return state_of(choose_next_start(view, recorded_points(view)));
}

// A savepoint that does not exist yet, unless the restore strategy wants none.
PreviewedState state_of_new_savepoint(const View& view) {
  PreviewedState state = state_of(choose_after_savepoint(view, savepoint_base(*view.job)));
  if (state.kind != PreviewedStateKind::RESTORE_POINT) return state;
  state.kind = PreviewedStateKind::NEW_SAVEPOINT;
  state.why = "The savepoint is taken when the job stops.";
  return state;
}

// Rescaled, it goes on from a checkpoint that is made for that.
PreviewedState state_of_running_job(const View& view) {
  PreviewedState state;
  state.kind = PreviewedStateKind::NEW_CHECKPOINT;
  state.why = "A checkpoint is made just before, and the job goes on from it.";
  return state;
}

void warn_of_job_that_does_not_run(const Question& question, Preview& answer) {
  const std::string& says = question.world().flink_status;
  if (says.empty() || says == "RUNNING") return;
  answer.warnings.push_back(fmt::format(
      "Flink says {} of the running job, and only a RUNNING job can make a savepoint. If it stays "
      "so, {}.",
      says,
      state_is_latest(question.view)
          ? "its newest checkpoint is used instead"
          : "nothing is stopped, because restoreStrategy is LATEST_SAVEPOINT"));
}

// A cluster that is up already, or why none of those that are serves.
void tell_of_standby(const Question& question, const model::Job& job, Preview& answer) {
  const StandbyChoice choice = choose_standby(question.view, job);
  if (!choice.reason.empty()) answer.reason += " " + choice.reason;
}

// Whether a new cluster for the job finds room. Nothing is said while that is not known.
void warn_of_room(Question& question, const model::Job& job, Preview& answer) {
  const Situation s = question.situation();
  if (!question.world().room.capacity_known || choose_standby(question.view, job).cluster) return;
  if (const std::string why = never_fits(s, job); !why.empty()) answer.warnings.push_back(why);
  else if (const std::string lack = lack_of_room(s, job); !lack.empty())
    answer.warnings.push_back("It would wait for room. " + lack);
}

// As the planner does it: a second cluster beside the running one unless there is no room for it.
WayChoice way_with_room(Question& question, const model::Job& next, Preview& answer) {
  const Situation s = question.situation();
  const WayChoice wished = way_of_upgrade(question.view, next, {});
  if (wished.way == model::UpgradeWay::IN_PLACE && question.world().room.capacity_known) {
    const std::string lack = lack_of_room_to_grow(s, *question.view.old_cluster, next,
                                                  task_managers_for(question.view, next));
    return lack.empty() ? wished : way_of_upgrade(question.view, next, {lack, lack});
  }
  if (wished.way != model::UpgradeWay::WARM_SWAP || !question.world().room.capacity_known ||
      choose_standby(question.view, next).cluster)
    return wished;
  if (const std::string why = never_fits(s, next); !why.empty()) {
    answer.warnings.push_back(why);
    return wished;
  }
  const std::string lack = lack_of_room(s, next);
  if (lack.empty()) return wished;
  if (!insists_on_warm_swap(question.view)) return way_of_upgrade(question.view, next, {lack, {}});
  answer.warnings.push_back("It would wait for room. " + lack);
  return wished;
}

PreviewAction action_of(model::UpgradeWay way) {
  switch (way) {
    case model::UpgradeWay::RESTART: return PreviewAction::RESTART;
    case model::UpgradeWay::SAME_CLUSTER: return PreviewAction::SAME_CLUSTER;
    case model::UpgradeWay::WARM_SWAP: return PreviewAction::WARM_SWAP;
    case model::UpgradeWay::IN_PLACE: return PreviewAction::IN_PLACE;
  }
  return PreviewAction::RESTART;
}

void preview_upgrade(Question& question, model::Transition transition, Preview& answer) {
  View& view = question.view;
  view.old_job = view.job;
  view.old_cluster = view.cluster;
  view.transition = as_stored(std::move(transition));
  const Situation s = question.situation();
  model::Job next = new_job(s, kNoJob);
  if (const Status good = configure(s, next); !good) {
    answer.reason =
        "The upgrade would be given up and the running job stay as it is: " + good.error().message;
    return;
  }
  const WayChoice choice = way_with_room(question, next, answer);
  answer.action = action_of(choice.way);
  answer.reason = choice.reason;
  if (choice.way == model::UpgradeWay::WARM_SWAP || choice.way == model::UpgradeWay::RESTART)
    tell_of_standby(question, next, answer);
  answer.expected_gap = gap_of_way(view.jobs, choice.way);
  if (choice.way == model::UpgradeWay::IN_PLACE) {
    answer.state = state_of_running_job(view);
  } else if (is_stateful(view)) {
    answer.state = state_of_new_savepoint(view);
    warn_of_job_that_does_not_run(question, answer);
  } else {
    answer.state = state_of_next_start(view);
  }
}

void preview_start(Question& question, std::string reason, Preview& answer) {
  answer.action = PreviewAction::START;
  answer.reason = std::move(reason);
  answer.state = state_of_next_start(question.view);
  answer.expected_gap = gap_of_start(question.view.jobs);
  const Situation s = question.situation();
  model::Job next = new_job(s, kNoJob);
  if (const Status good = configure(s, next); !good)
    answer.warnings.push_back("The start would fail: " + good.error().message);
  else if (!next.metadata.session_cluster_name) {
    tell_of_standby(question, next, answer);
    warn_of_room(question, next, answer);
  } else if (const std::string why = why_session_not_ready(question.view);
             question.view.session.owner && !why.empty())
    answer.warnings.push_back("It would wait for " + why);
}

// A session cluster goes on without the job.
const char* then_processes_end(const View& view) {
  return view.on_session_cluster() ? "" : ", then its processes end";
}

void preview_suspend(Question& question, Preview& answer) {
  const View& view = question.view;
  answer.action = PreviewAction::SUSPEND;
  if (!job_is_live(view)) {
    answer.reason = "There is no job to suspend; the deployment becomes SUSPENDED at once.";
    answer.state = state_of_next_start(view);
    return;
  }
  answer.reason = fmt::format("The job is stopped with a savepoint{}.", then_processes_end(view));
  answer.state = state_of_new_savepoint(view);
  warn_of_job_that_does_not_run(question, answer);
}

void preview_cancel(Question& question, Preview& answer) {
  const View& view = question.view;
  answer.action = PreviewAction::CANCEL;
  answer.reason = job_is_live(view) ? fmt::format(
                                          "The job is cancelled without a savepoint{}. Its newest "
                                          "checkpoint stays.",
                                          then_processes_end(view))
                                    : "There is no job to cancel; what processes there are end.";
  View later = view;  // the next start's choice, not that of the transition that ends here
  later.transition = {};
  answer.state = state_of_next_start(later);
}

std::string why_nothing(const View& view) {
  const auto& deployment = *view.deployment;
  const bool sealed = deployment.internal.sealed_intent == view.intent();
  switch (*deployment.spec.state) {
    case DesiredState::CANCELLED: return "The deployment is CANCELLED and stays so.";
    case DesiredState::SUSPENDED:
      if (deployment.status.state == ObservedState::SUSPENDED)
        return "The deployment is SUSPENDED and stays so.";
      return "What was given up is not tried again before the deployment is changed.";
    case DesiredState::RUNNING: break;
  }
  if (deployment.status.state == ObservedState::FINISHED)
    return "The deployment is FINISHED. To run its job once more, set spec.state to CANCELLED and "
           "then to RUNNING.";
  if (deployment.status.state == ObservedState::FAILED && !job_is_live(view))
    return "The deployment is FAILED, and nothing is changed that would let its job run. Change "
           "the template, or ask for a retry.";
  if (view.job_is_outdated() && !sealed)
    return "upgradeStrategy is NONE: the running job stays as it is, and the change is taken up by "
           "the next start.";
  return "Nothing of the running job changes.";
}

void preview_settled(Question& question, Preview& answer) {
  const View& view = question.view;
  const std::string before =
      question.is_new ? "new" : std::string(codec::enum_text(view.deployment->status.state));
  Step step = question.ask([](Situation& s, Draft& draft) { (void)plan_settled(s, draft); });
  if (!step.transition) {
    const bool refused = step.deployment && step.deployment->status.failure &&
                         step.deployment->internal.sealed_intent == view.intent();
    const Situation s = question.situation();
    if (!refused && job_is_live(view) && view.job_is_outdated() && turned_back(s))
      answer.reason = "This is what runs already.";
    else if (!refused && step.takes_log_levels)
      answer.reason =
          "Only log levels change: the running job's processes read them again within seconds.";
    else answer.reason = refused ? step.deployment->status.failure->message : why_nothing(view);
    return;
  }
  switch (step.transition->kind) {
    case TransitionKind::UPGRADE:
      return preview_upgrade(question, std::move(*step.transition), answer);
    case TransitionKind::SUSPEND: return preview_suspend(question, answer);
    case TransitionKind::CANCEL: return preview_cancel(question, answer);
    default: break;
  }
  question.view.transition = as_stored(std::move(*step.transition));
  const auto& session = view.deployment->spec.session_cluster_name;
  const std::string where =
      session ? fmt::format("the job is started in session cluster '{}'", *session)
              : "a cluster is started and the job on it";
  preview_start(question, fmt::format("The deployment is {}: {}.", before, where), answer);
}

std::string told(const model::Transition& open) {
  return fmt::format("The transition {} in phase {}", codec::enum_text(open.kind),
                     codec::enum_text(open.phase));
}

// The planner drops or turns what is under way. @return whether that is all there is to say
bool preview_replaced(Question& question, model::Transition replaced, Preview& answer) {
  const model::Transition open = *question.view.transition;
  const bool drops_preparation = question.view.prepares() &&
                                 replaced.kind == TransitionKind::UPGRADE &&
                                 replaced.phase == TransitionPhase::RETIRE;
  if (drops_preparation) {
    answer.waits_for =
        "The upgrade that is being prepared is dropped; the running job is not "
        "touched by that.";
    withdraw(question);
    return false;
  }
  const std::string before = told(open);
  switch (replaced.kind) {
    case TransitionKind::CANCEL:
      preview_cancel(question, answer);
      answer.reason = fmt::format("{} is ended. {}", before, answer.reason);
      return true;
    case TransitionKind::SUSPEND:
      answer.action = PreviewAction::SUSPEND;
      answer.reason = before + " becomes a suspension; no job is started.";
      answer.state = open.phase == TransitionPhase::SAVEPOINT
                         ? state_of_new_savepoint(question.view)
                         : state_of_next_start(question.view);
      return true;
    default:
      preview_start(question,
                    before +
                        " begins anew with this specification, because no job has been "
                        "submitted yet.",
                    answer);
      return true;
  }
}

}  // namespace

Preview preview(const View& present, const model::Deployment& changed, const PreviewWorld& world) {
  Question question(with_change(present, changed), world);
  question.is_new = !present.deployment;
  Preview answer;
  if (question.view.transition) {
    const model::Transition open = *question.view.transition;
    bool replaced = false;
    Step step =
        question.ask([&](Situation& s, Draft& draft) { replaced = follow_new_intent(s, draft); });
    if (replaced && step.transition) {
      if (preview_replaced(question, std::move(*step.transition), answer)) return answer;
    } else {
      answer.waits_for = told(open) + " ends first.";
      settle(question);
    }
  }
  preview_settled(question, answer);
  return answer;
}

}  // namespace weir::control
