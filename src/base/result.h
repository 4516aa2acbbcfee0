#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace weir {

/// A value or an Error: what every function returns that the outside world can make fail.
/// Exceptions are for bugs only and are caught at the root of a coroutine.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result() = default;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: implicit by design
  Result(Base base) : Base(std::move(base)) {}                   // NOLINT
};

using Status = Result<void>;

/// An Error built in place: `return fail(Code::kNotFound, "No such job.", "JobNotFound");`
inline Error fail(Code code, std::string message, std::string reason = {}) {
  return Error(code, std::move(message), std::move(reason));
}

}  // namespace weir

#define WEIR_CONCAT_INNER(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_INNER(a, b)

/// WEIR_TRY(auto value, expression): binds the value or returns the error from this function.
#define WEIR_TRY(declaration, expression) \
  WEIR_TRY_IMPL(WEIR_CONCAT(weir_try_, __LINE__), declaration, expression, return)
/// The same inside a coroutine; the expression may contain co_await.
#define WEIR_CO_TRY(declaration, expression) \
  WEIR_TRY_IMPL(WEIR_CONCAT(weir_try_, __LINE__), declaration, expression, co_return)
#define WEIR_TRY_IMPL(temporary, declaration, expression, returning)     \
  auto temporary = (expression);                                         \
  if (!temporary) returning ::weir::Error(std::move(temporary).error()); \
  declaration = std::move(*temporary)

/// WEIR_CHECK_OK(expression): returns the error of a Status, or goes on.
#define WEIR_CHECK_OK(expression)                                           \
  do {                                                                      \
    auto weir_status = (expression);                                        \
    if (!weir_status) return ::weir::Error(std::move(weir_status).error()); \
  } while (false)
#define WEIR_CO_CHECK_OK(expression)                                           \
  do {                                                                         \
    auto weir_status = (expression);                                           \
    if (!weir_status) co_return ::weir::Error(std::move(weir_status).error()); \
  } while (false)
