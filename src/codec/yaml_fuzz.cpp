// What the YAML reader takes can be written, and reads back as the same tree.
#include "codec/yaml.h"

using weir::codec::parse_yaml;
using weir::codec::parse_yaml_documents;
using weir::codec::write_yaml;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto documents = parse_yaml_documents({reinterpret_cast<const char*>(data), size});
  if (!documents) return 0;
  for (const auto& document : *documents) {
    if (document.is_null()) continue;
    const auto again = parse_yaml(write_yaml(document));
    if (!again || *again != document) __builtin_trap();
  }
  return 0;
}
