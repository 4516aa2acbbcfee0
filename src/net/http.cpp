#include "net/http.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>

#include "base/strings.h"

namespace weir::net {

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (equals_ignoring_case(key, name)) return value;
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

void Headers::set(std::string_view name, std::string value) {
  erase(name);
  add(std::string(name), std::move(value));
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::erase(std::string_view name) {
  std::erase_if(fields_,
                [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

Task<Result<std::string>> Request::read_body(std::uint64_t limit) {
  body->limit(limit);
  std::string all;
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await body->read());
    if (piece.empty()) co_return all;
    all += piece;
  }
}

std::string_view reason_phrase(int status) {
  const auto text =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

}  // namespace weir::net
