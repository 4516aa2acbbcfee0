// What the JSON reader takes can be written, and reads back as the same tree.
#include "codec/json_text.h"

using weir::codec::parse_json;
using weir::codec::write_json;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto node = parse_json({reinterpret_cast<const char*>(data), size});
  if (!node) return 0;
  for (int indent : {0, 2}) {
    const auto again = parse_json(write_json(*node, indent));
    if (!again || *again != *node) __builtin_trap();
  }
  weir::codec::to_value(*node);
  return 0;
}
