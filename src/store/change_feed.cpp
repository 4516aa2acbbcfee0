#include "store/change_feed.h"

#include <algorithm>

namespace weir::store {

void ChangeFeed::keep(const Change& change) {
  Newest& newest = newest_[change.id];
  if (change.resource) newest.resource = change.resource;
  ++newest.changes;
  ring_.push_back({change, &newest});
  if (ring_.size() > kExact) ring_[ring_.size() - 1 - kExact].change.resource.reset();
}

void ChangeFeed::drop_oldest() {
  const Kept& oldest = ring_.front();
  oldest_ = oldest.change.revision;
  if (--oldest.newest->changes == 0) newest_.erase(oldest.change.id);
  ring_.pop_front();
}

void ChangeFeed::publish(const Change& change) {
  keep(change);
  while (ring_.size() > kRing) drop_oldest();
  // A listener may subscribe or unsubscribe meanwhile.
  const std::vector<std::shared_ptr<Store::Listener>> now(listeners_->begin(), listeners_->end());
  for (const auto& listener : now) (*listener)(change);
}

std::shared_ptr<void> ChangeFeed::subscribe(Store::Listener listener) {
  auto entry = std::make_shared<Store::Listener>(std::move(listener));
  listeners_->push_back(entry);
  std::weak_ptr<Listeners> all = listeners_;
  return std::shared_ptr<void>(entry.get(), [all, entry](void*) {
    if (const auto alive = all.lock()) alive->remove(entry);
  });
}

Result<std::vector<Change>> ChangeFeed::since(Revision revision) const {
  if (revision < oldest_)
    return fail(Code::kNotFound, "Changes since that revision are no longer kept; list again.",
                "Resync");
  std::vector<Change> changes;
  for (auto kept = std::find_if(ring_.begin(), ring_.end(),
                                [&](const Kept& k) { return k.change.revision > revision; });
       kept != ring_.end(); ++kept)
    if (Change& change = changes.emplace_back(kept->change); !change.resource)
      change.resource = kept->newest->resource;
  return changes;
}

}  // namespace weir::store
