#include "base/error.h"

#include <array>

namespace weir {
namespace {

constexpr std::array<CodeTraits, 12> kTraits{{
    {"INVALID_ARGUMENT", 400, "Bad Request", 2, RetryClass::kNever},
    {"NOT_FOUND", 404, "Not Found", 3, RetryClass::kNever},
    {"ALREADY_EXISTS", 409, "Conflict", 4, RetryClass::kNever},
    {"CONFLICT", 409, "Conflict", 4, RetryClass::kAfterChange},
    {"UNAUTHENTICATED", 401, "Unauthorized", 5, RetryClass::kNever},
    {"PERMISSION_DENIED", 403, "Forbidden", 5, RetryClass::kNever},
    {"FAILED_PRECONDITION", 409, "Conflict", 6, RetryClass::kAfterChange},
    {"RESOURCE_EXHAUSTED", 413, "Content Too Large", 7, RetryClass::kAfterChange},
    {"UNAVAILABLE", 503, "Service Unavailable", 8, RetryClass::kSoon},
    {"DEADLINE", 504, "Gateway Timeout", 9, RetryClass::kSoon},
    {"CANCELLED", 499, "Client Closed Request", 130, RetryClass::kNever},
    {"INTERNAL", 500, "Internal Server Error", 1, RetryClass::kSoon},
}};

}  // namespace

const CodeTraits& code_traits(Code code) { return kTraits.at(static_cast<std::size_t>(code)); }

Error Error::with_context(std::string_view context) && {
  message = std::string(context) + ": " + message;
  return std::move(*this);
}

std::string to_string(const Error& error) {
  std::string text(code_traits(error.code).name);
  text += ": ";
  text += error.message;
  if (!error.reason.empty()) text += " [" + error.reason + "]";
  for (const FieldError& field : error.fields) text += "; " + field.path + ": " + field.message;
  return text;
}

}  // namespace weir
