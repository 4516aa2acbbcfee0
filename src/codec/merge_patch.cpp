#include "codec/merge_patch.h"

namespace weir::codec {

void merge_patch(Node& target, const Node& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Node::object();
  for (const auto& [name, value] : patch.members) {
    if (value.is_null()) {
      target.erase(name);
    } else {
      Node* found = target.find(name);
      merge_patch(found != nullptr ? *found : target.set(name, {}), value);
    }
  }
}

}  // namespace weir::codec
