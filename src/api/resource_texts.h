#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/documents.h"
#include "store/store.h"

namespace weir::api {

/// The API's JSON of stored resources, written once for each revision however often it is listed or
/// sent to feeds. Only what is current is kept, and no more than `limit` bytes of it. I/O thread
/// only.
class ResourceTexts {
 public:
  using Text = std::shared_ptr<const std::string>;

  /// @param store outlives this
  explicit ResourceTexts(store::Store& store, std::size_t limit = 32 << 20);

  template <class T>
  Text of(const store::Stored<T>& stored) {
    if (Text kept = find(stored->metadata.id, stored.revision)) return kept;
    return keep(stored->metadata.id, stored.revision, model::to_api_json(*stored));
  }
  /// Of what a change tells; what is never listed again (events, deleted ones) is not kept.
  Text of(const store::Change& change);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    store::Revision revision = 0;
    Text text;
  };

  Text find(const std::string& id, store::Revision revision) const;
  Text keep(const std::string& id, store::Revision revision, std::string text);
  void drop(const std::string& id);

  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, Entry> entries_;
  std::shared_ptr<void> subscription_;
};

}  // namespace weir::api
