// Label selectors of any text.
#include "model/label_selector.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto selector = weir::model::LabelSelector::parse(text)) {
    (void)selector->matches({});
    (void)selector->matches({{"a", "b"}, {"app", "x"}});
  }
  return 0;
}
