// Splitting arguments, and names made from any text.
#include "base/strings.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)split_arguments(text);
  if (!is_dns_label(slug(text))) __builtin_trap();
  if (const auto name = plain_file_name(text))
    if (name->empty() || *name == ".." || name->find('/') != std::string::npos ||
        plain_file_name(*name).value_or("") != *name)
      __builtin_trap();
  return 0;
}
