#include "control/draft.h"

#include <fmt/format.h>

#include <cassert>

#include "codec/describe_json.h"
#include "control/mistakes.h"

namespace weir::control {

using model::ObservedState;
using model::TransitionKind;
using model::TransitionPhase;
using store::Expect;

Draft::Draft(const View& view, IdSource& ids, WallTime now) : view_(view), ids_(ids), now_(now) {}

template <class T>
T& Draft::edit(std::optional<T>& mine, const store::Stored<T>& recorded, Expect& expect) {
  if (!mine) {
    assert(recorded);
    mine = *recorded;
    expect = Expect::at(recorded.revision);
  }
  return *mine;
}

model::Deployment& Draft::deployment() {
  return edit(deployment_, view_.deployment, expect_deployment_);
}
model::Transition& Draft::transition() {
  return edit(transition_, view_.transition, expect_transition_);
}
model::Job& Draft::job() { return edit(job_, view_.job, expect_job_); }
model::Cluster& Draft::cluster() { return edit(cluster_, view_.cluster, expect_cluster_); }
model::Savepoint& Draft::savepoint() {
  return edit(savepoint_, view_.savepoint, expect_savepoint_);
}

model::Job& Draft::next_job() {
  assert(!view_.prepares());
  return edit(next_job_, view_.next_job, expect_next_job_);
}

model::Transition& Draft::begin(TransitionKind kind, TransitionPhase phase,
                                const std::string& message, Telling telling) {
  model::Transition made;
  made.metadata.id = new_id();
  made.metadata.namespace_ = view_.deployment->metadata.namespace_;
  made.metadata.deployment_id = view_.deployment->metadata.id;
  made.metadata.created_at = now_;
  made.kind = kind;
  made.phase = phase;
  made.target = *view_.deployment->spec.state;
  transition_ = std::move(made);
  expect_transition_ = Expect::absent();
  auto& annotations = deployment().metadata.annotations;
  if (!annotations) annotations.emplace();
  (*annotations)[model::kTransitioningAnnotation] = "true";
  (*annotations)[model::kTransitioningSinceAnnotation] = std::to_string(to_epoch_ms(now_));
  deployment().status.state = ObservedState::TRANSITIONING;
  deployment().status.running.reset();
  deployment().status.failure.reset();
  if (auto& revision = deployment().status.revision)
    revision->desired = deployment().internal.spec_revision;
  deployment().internal.sealed_intent.reset();
  show_transition();
  if (!message.empty()) event("STATE_TRANSITION_IS_NEEDED", message, std::move(telling));
  return *transition_;
}

model::Transition& Draft::open(TransitionKind kind, TransitionPhase phase,
                               const std::string& message, Telling telling) {
  assert(!has_transition());
  return begin(kind, phase, message, std::move(telling));
}

model::Transition& Draft::supersede(TransitionKind kind, TransitionPhase phase,
                                    const std::string& message) {
  const std::optional<std::string> savepoint = transition().savepoint_id;
  batch_.remove(view_.transition);
  transition_.reset();
  begin(kind, phase, message, {}).savepoint_id = savepoint;
  return *transition_;
}

void Draft::show_transition() {
  model::TransitionStatus shown;
  shown.id = transition().metadata.id;
  shown.kind = codec::enum_text(transition().kind);
  shown.phase = codec::enum_text(transition().phase);
  // Until the job is created nobody has chosen a way.
  if (transition().kind == TransitionKind::UPGRADE &&
      transition().phase != TransitionPhase::CREATE_JOB)
    shown.way = codec::enum_text(transition().way);
  shown.since = transition().metadata.created_at;
  deployment().status.transition = std::move(shown);
}

void Draft::enter(TransitionPhase phase) {
  transition().phase = phase;
  show_transition();
}

void Draft::waiting_for(const std::string& text) {
  const auto& shown =
      deployment_ ? deployment_->status.transition : view_.deployment->status.transition;
  if (shown && shown->waiting_for == text) return;
  if (!deployment().status.transition) show_transition();
  deployment().status.transition->waiting_for = text;
}

void Draft::finish(ObservedState state, const std::string& message) {
  auto& changed = deployment();
  changed.status.state = state;
  changed.status.transition.reset();
  if (changed.metadata.annotations) {
    (*changed.metadata.annotations)[model::kTransitioningAnnotation] = "false";
    changed.metadata.annotations->erase(model::kTransitioningSinceAnnotation);
  }
  if (!message.empty()) event("STATE_TRANSITION_IS_COMPLETED", message);
  if (view_.transition &&
      (!transition_ || transition_->metadata.id == view_.transition->metadata.id))
    batch_.remove(view_.transition);
  transition_ended_ = true;
}

model::Job& Draft::create_job(model::Job made) {
  job_ = std::move(made);
  expect_job_ = Expect::absent();
  deployment().internal.current_job_id = job_->metadata.id;
  return *job_;
}

model::Job& Draft::create_next_job(model::Job made) {
  job_ = std::move(made);
  expect_job_ = Expect::absent();
  transition().next_job_id = job_->metadata.id;
  return *job_;
}

model::Cluster& Draft::create_cluster(model::Cluster made) {
  cluster_ = std::move(made);
  expect_cluster_ = Expect::absent();
  return *cluster_;
}

model::Savepoint& Draft::create_savepoint(model::Savepoint made) {
  savepoint_ = std::move(made);
  expect_savepoint_ = Expect::absent();
  return *savepoint_;
}

void Draft::cluster_gone(const store::Stored<model::Cluster>& recorded) { batch_.remove(recorded); }

void Draft::cluster_ending(const store::Stored<model::Cluster>& recorded) {
  if (recorded->phase == model::ClusterPhase::TEARING_DOWN) return;
  model::Cluster ending = *recorded;
  ending.phase = model::ClusterPhase::TEARING_DOWN;
  batch_.update(recorded, std::move(ending));
}

void Draft::event(const char* name, std::string message, Telling telling) {
  model::Event made;
  made.metadata.id = new_id();
  made.metadata.name = name;
  made.metadata.namespace_ = view_.deployment->metadata.namespace_;
  made.metadata.created_at = now_;
  made.metadata.deployment_id = view_.deployment->metadata.id;
  made.metadata.resource_name = view_.deployment->metadata.name;
  if (job_) made.metadata.job_id = job_->metadata.id;
  else if (view_.job && !model::is_terminal(view_.job->status.state))
    made.metadata.job_id = view_.job->metadata.id;
  made.spec.message = std::move(message);
  made.spec.level = telling.level;
  if (!telling.reason.empty()) made.spec.reason = std::move(telling.reason);
  if (!telling.cause.empty()) made.spec.cause = std::move(telling.cause);
  made.spec.actor = "controller";
  made.spec.revision = view_.deployment->internal.spec_revision;
  if (transition_) made.spec.transition_id = transition_->metadata.id;
  else if (view_.transition) made.spec.transition_id = view_.transition->metadata.id;
  batch_.create(std::move(made));
}

store::Batch Draft::take() {
  const auto flush = [&](auto& mine, Expect expect) {
    if (mine) batch_.puts.push_back({std::move(*mine), expect});
    mine.reset();
  };
  flush(deployment_, expect_deployment_);
  if (transition_ended_) transition_.reset();
  flush(transition_, expect_transition_);
  flush(job_, expect_job_);
  flush(cluster_, expect_cluster_);
  flush(savepoint_, expect_savepoint_);
  flush(next_job_, expect_next_job_);
  store::Batch batch = std::move(batch_);
  batch_ = {};
  if (mistakes.change_without_event)
    std::erase_if(batch.puts, [](const auto& put) {
      return std::holds_alternative<model::Event>(put.resource);
    });
  return batch;
}

}  // namespace weir::control
