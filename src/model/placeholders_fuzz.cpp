// Placeholders and references to secrets in any text.
#include "model/placeholders.h"

using namespace weir::model;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)replace_placeholders(text, {{"namespace", "default"}, {"jobId", "{{jobId}}"}});
  (void)unknown_placeholder(text);
  std::map<std::string, std::string> secrets;
  for (const std::string& name : secret_names(text)) secrets[name] = "${" + name + "}";
  // Every secret that is named is known, so nothing can be missing.
  if (!resolve_secrets(text, secrets)) __builtin_trap();
  return 0;
}
