#include "api/resource_texts.h"

namespace weir::api {

ResourceTexts::ResourceTexts(store::Store& store, std::size_t limit) : limit_(limit) {
  subscription_ = store.subscribe([this](const store::Change& change) { drop(change.id); });
}

ResourceTexts::Text ResourceTexts::of(const store::Change& change) {
  if (change.deleted || change.kind == model::Kind::Event)
    return std::make_shared<const std::string>(model::to_api_json(*change.resource));
  if (Text kept = find(change.id, change.revision)) return kept;
  return keep(change.id, change.revision, model::to_api_json(*change.resource));
}

ResourceTexts::Text ResourceTexts::find(const std::string& id, store::Revision revision) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.revision == revision ? found->second.text
                                                                       : nullptr;
}

ResourceTexts::Text ResourceTexts::keep(const std::string& id, store::Revision revision,
                                        std::string text) {
  text.shrink_to_fit();
  auto made = std::make_shared<const std::string>(std::move(text));
  drop(id);
  // Too many to hold all of them: beginning anew is as good as choosing, since lists take all.
  if (bytes_ + made->size() > limit_) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += made->size();
  entries_[id] = {revision, made};
  return made;
}

void ResourceTexts::drop(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  bytes_ -= found->second.text->size();
  entries_.erase(found);
}

}  // namespace weir::api
