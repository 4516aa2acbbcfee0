// Stored documents: what can be read is written in a form that reads back to the same text. The
// first byte chooses the kind.
#include "model/documents.h"

using namespace weir::model;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<Kind>(data[0] % (static_cast<int>(Kind::Revision) + 1));
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto resource = from_stored_json(kind, text);
  if (!resource) return 0;
  const std::string stored = to_stored_json(*resource);
  const auto again = from_stored_json(kind, stored);
  if (!again || to_stored_json(*again) != stored) __builtin_trap();
  return 0;
}
