#include "reactions.h"

namespace weir::bench {

Reactions::Reactions(Environment env, store::Store& store) : env_(env) {
  for (const auto& deployment : store.read().deployments(""))
    wanted_[deployment->metadata.id] = *deployment->spec.state;
  subscription_ = store.subscribe([this](const store::Change& change) { hear(change); });
}

void Reactions::hear(const store::Change& change) {
  if (const auto* deployment = std::get_if<model::Deployment>(change.resource.get())) {
    model::DesiredState& wanted = wanted_[change.id];
    if (change.created || wanted != *deployment->spec.state) waiting_[change.id] = env_.now();
    wanted = *deployment->spec.state;
    return;
  }
  if (change.kind != model::Kind::Transition || !change.created) return;
  const auto found = waiting_.find(*model::metadata_of(*change.resource).deployment_id);
  if (found == waiting_.end()) return;
  times_.push_back(std::chrono::duration<double, std::milli>(env_.now() - found->second).count());
  waiting_.erase(found);
}

}  // namespace weir::bench
