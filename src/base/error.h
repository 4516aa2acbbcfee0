#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// The closed list of failure codes. Each one maps once to an HTTP status, a CLI exit code and a
/// retry class (see `code_traits`); choose the code by what the caller can do about it.
enum class Code {
  kInvalidArgument,     ///< the request is wrong whatever the state of the system
  kNotFound,            ///< the named thing is proven not to exist
  kAlreadyExists,       ///< a thing with that name or id exists
  kConflict,            ///< somebody else changed it first, or it is in use; read again
  kUnauthenticated,     ///< no or a wrong identity
  kPermissionDenied,    ///< the identity is known and may not do this
  kFailedPrecondition,  ///< the system must be brought into another state first
  kResourceExhausted,   ///< out of memory, disk, slots, quota or size limit
  kUnavailable,         ///< the other side did not answer; trying again may help
  kDeadline,            ///< not finished in time; the effect may still happen
  kCancelled,           ///< the caller gave up
  kInternal,            ///< a bug or an answer that makes no sense
};

enum class RetryClass { kNever, kSoon, kAfterChange };

struct CodeTraits {
  std::string_view name;       ///< stable text, e.g. "NOT_FOUND"
  int http_status;             ///< status of an API answer
  std::string_view http_text;  ///< reason phrase
  int exit_code;               ///< exit code of the command line
  RetryClass retry;
};

const CodeTraits& code_traits(Code code);

/// One broken field of a document. `path` is dotted, e.g. "spec.template.spec.parallelism".
struct FieldError {
  std::string path;
  std::string message;
  std::string reason;  ///< isMissing | isLower | isInvalid ... (vocabulary of the REST contract)
};

/// A failure as data. `message` is a whole sentence for a person and says what to do where that is
/// known; `reason` is a stable machine-readable word ("JarNotFound") or empty.
struct Error {
  Code code = Code::kInternal;
  std::string message;
  std::string reason;
  std::vector<FieldError> fields;

  Error() = default;
  Error(Code c, std::string m, std::string r = {})
      : code(c), message(std::move(m)), reason(std::move(r)) {}

  /// The same failure with "context: " in front of its message.
  Error with_context(std::string_view context) &&;
};

/// "NOT_FOUND: message (field: why; ...)" for logs.
std::string to_string(const Error& error);

}  // namespace weir
