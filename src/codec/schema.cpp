#include "codec/schema.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace weir::codec::detail {

std::string type_name(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> full(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
  const std::string name = status == 0 ? full.get() : mangled;
  return name.substr(name.rfind(':') + 1);
}

}  // namespace weir::codec::detail
