#include "control/session_cluster_plan.h"

namespace weir::control {

using store::Expect;

SessionView load_session_view(const store::ReadModel& read, const std::string& id) {
  SessionView view;
  view.owner = read.session_cluster_by_id(id);
  if (!view.owner) return view;
  if (view.owner->internal.cluster_id)
    view.cluster = read.cluster(*view.owner->internal.cluster_id);
  view.jobs = jobs_in_session_cluster(read, *view.owner);
  return view;
}

model::SessionCluster& SessionDraft::owner() {
  if (!owner_) owner_ = *view_.owner;
  return *owner_;
}

model::Cluster& SessionDraft::cluster() {
  if (!cluster_) {
    cluster_ = *view_.cluster;
    expect_cluster_ = Expect::at(view_.cluster.revision);
  }
  return *cluster_;
}

void SessionDraft::create_cluster(model::Cluster made) {
  owner().internal.cluster_id = made.metadata.id;
  cluster_ = std::move(made);
  expect_cluster_ = Expect::absent();
}

void SessionDraft::cluster_gone() {
  owner().internal.cluster_id.reset();
  batch_.remove(view_.cluster);
}

void SessionDraft::enter(model::SessionClusterState state) {
  auto& status = owner().status;
  status.state = state;
  status.waiting_for.reset();
  if (state != model::SessionClusterState::FAILED) status.failure.reset();
  if (state != model::SessionClusterState::RUNNING) status.running.reset();
}

void SessionDraft::waiting_for(const std::string& text) {
  const auto& shown = owner_ ? owner_->status.waiting_for : view_.owner->status.waiting_for;
  if (shown != text) owner().status.waiting_for = text;
}

void SessionDraft::event(const char* name, std::string message, Telling telling) {
  model::Event made;
  made.metadata.id = new_id();
  made.metadata.name = name;
  made.metadata.namespace_ = view_.owner->metadata.namespace_;
  made.metadata.created_at = now_;
  made.metadata.session_cluster_id = view_.owner->metadata.id;
  made.metadata.resource_name = view_.owner->metadata.name;
  made.spec.message = std::move(message);
  made.spec.level = telling.level;
  if (!telling.reason.empty()) made.spec.reason = std::move(telling.reason);
  if (!telling.cause.empty()) made.spec.cause = std::move(telling.cause);
  made.spec.actor = "controller";
  batch_.create(std::move(made));
}

store::Batch SessionDraft::take() {
  if (owner_) batch_.puts.push_back({std::move(*owner_), Expect::at(view_.owner.revision)});
  if (cluster_) batch_.puts.push_back({std::move(*cluster_), expect_cluster_});
  owner_.reset();
  cluster_.reset();
  store::Batch batch = std::move(batch_);
  batch_ = {};
  return batch;
}

}  // namespace weir::control
