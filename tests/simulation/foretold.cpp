#include "simulation/foretold.h"

#include <fmt/format.h>

#include "codec/describe_json.h"
#include "simulation/judge.h"

namespace weir::simulation {
namespace {

using control::PreviewAction;
using model::TransitionKind;

// What the decision depends on besides the user's change.
std::string rest_of(const control::View& view) {
  const auto& running = view.deployment->status.running;
  return fmt::format("{} {} {} {} {} {}", codec::enum_text(view.deployment->status.state),
                     view.job ? view.job->metadata.id : "",
                     view.job ? codec::enum_text(view.job->status.state) : "", view.clusters.size(),
                     view.deployment->internal.sealed_intent.value_or(""),
                     running ? codec::to_json_text(running->conditions) : "");
}

std::string action_text(PreviewAction action) { return std::string(codec::enum_text(action)); }

// The kind of transition that the action begins with; empty: none.
std::string kind_of(PreviewAction action) {
  switch (action) {
    case PreviewAction::NONE: return "";
    case PreviewAction::START:
    case PreviewAction::SUSPEND:
    case PreviewAction::CANCEL: return action_text(action);
    default: return "UPGRADE";
  }
}

// Those that follow from what users want; the others answer to what goes wrong.
bool is_wanted(const model::Transition& transition) {
  switch (transition.kind) {
    case TransitionKind::START: return !transition.continues_job_id;
    case TransitionKind::UPGRADE:
    case TransitionKind::SUSPEND:
    case TransitionKind::CANCEL: return true;
    default: return false;
  }
}

bool begins_its_way(const model::Transition& upgrade) {
  return upgrade.phase == model::TransitionPhase::ADD_WORKERS ||
         (upgrade.stage == model::UpgradeStage::PREPARE &&
          upgrade.phase == model::TransitionPhase::FETCH_JAR);
}

}  // namespace

void Foretold::foretell(const store::ReadModel& read, const model::Deployment& changed,
                        const flink::FlinkHomes& homes) {
  const std::string& id = changed.metadata.id;
  sayings_.erase(id);
  const control::View view = control::load_view(read, id);
  if (!view.deployment || view.transition || changed.internal.deleting) return;
  control::Room room;
  room.capacity = {1LL << 40, 1000.0, 1LL << 40};
  room.capacity_known = true;
  control::Settings settings;
  settings.data_directory = "/data";
  VirtualLoop ids(1);  // of its own, so that what is asked does not change what happens
  const control::PreviewWorld world{
      room, settings, homes, ids, world_.loop().mono_now(), world_.loop().wall_now(), ""};
  Saying saying;
  saying.version = changed.metadata.resource_version;
  saying.rest = rest_of(view);
  saying.said = control::preview(view, changed, world);
  sayings_[id] = std::move(saying);
}

void Foretold::begins(const store::ReadModel& read, const model::Transition& transition) {
  const std::string& id = *transition.metadata.deployment_id;
  const auto found = sayings_.find(id);
  if (found == sayings_.end()) return;
  Saying& saying = found->second;
  const control::View view = control::load_view(read, id);
  const bool same = is_wanted(transition) && view.deployment && !view.transition &&
                    view.deployment->metadata.resource_version == saying.version &&
                    rest_of(view) == saying.rest;
  if (!same) {
    // Something else came first; what was said is of no use any more.
    sayings_.erase(found);
    return;
  }
  const std::string kind(codec::enum_text(transition.kind));
  if (kind_of(saying.said.action) != kind)
    world_.violate(fmt::format("the preview said {} ({}), and deployment {} begins {}",
                               action_text(saying.said.action), saying.said.reason, id, kind));
  ++fulfilled_;
  saying.transition_id = transition.metadata.id;
}

void Foretold::takes_way(const store::ReadModel& read, const model::Transition& transition) {
  const auto found = sayings_.find(*transition.metadata.deployment_id);
  if (found == sayings_.end() || found->second.transition_id != transition.metadata.id) return;
  const std::string way(codec::enum_text(transition.way));
  const control::View view = control::load_view(read, *transition.metadata.deployment_id);
  // Its session cluster ended meanwhile: not what was asked about.
  if (control::View::has_lost_session_cluster(view.old_job, view.old_cluster)) {
    sayings_.erase(found);
    return;
  }
  if (action_text(found->second.said.action) != way)
    world_.violate(fmt::format("the preview said {} ({}), and deployment {} goes by {}",
                               action_text(found->second.said.action), found->second.said.reason,
                               *transition.metadata.deployment_id, way));
  sayings_.erase(found);
}

void Foretold::sees_commit(const store::ReadModel& read, const store::Batch& batch) {
  if (is_outdated(read, batch)) return;
  for (const store::Put& put : batch.puts) {
    const auto* transition = std::get_if<model::Transition>(&put.resource);
    if (transition == nullptr) continue;
    if (put.expect.what == store::Expect::What::kAbsent) begins(read, *transition);
    else if (transition->kind == TransitionKind::UPGRADE && begins_its_way(*transition))
      takes_way(read, *transition);
  }
}

}  // namespace weir::simulation
