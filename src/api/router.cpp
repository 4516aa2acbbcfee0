#include "api/router.h"

#include <algorithm>

#include "base/strings.h"

namespace weir::api {
namespace {

constexpr std::string_view kRest = "{rest...}";

/// A segment "{name}" or "{name}:verb".
struct Parameter {
  std::string_view name;
  std::string_view verb;  ///< with its colon; empty = none
};
std::optional<Parameter> parameter_of(std::string_view segment) {
  const auto end = segment.find('}');
  if (!segment.starts_with('{') || end == std::string_view::npos) return std::nullopt;
  return Parameter{segment.substr(1, end - 1), segment.substr(end + 1)};
}

bool takes(const Parameter& parameter, std::string_view segment, Parameters& parameters) {
  if (!segment.ends_with(parameter.verb) || segment.size() <= parameter.verb.size()) return false;
  segment.remove_suffix(parameter.verb.size());
  parameters[std::string(parameter.name)] = std::string(segment);
  return true;
}

std::vector<std::string> segments_of(std::string_view pattern) {
  std::vector<std::string> segments;
  for (std::string_view segment : split(pattern, '/'))
    if (!segment.empty()) segments.emplace_back(segment);
  return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
             Parameters& parameters) {
  const bool open = !pattern.empty() && pattern.back() == kRest;
  const std::size_t fixed = pattern.size() - (open ? 1 : 0);
  if (open ? path.size() < fixed : path.size() != fixed) return false;
  for (std::size_t i = 0; i < fixed; ++i) {
    if (const auto parameter = parameter_of(pattern[i])) {
      if (!takes(*parameter, path[i], parameters)) return false;
    } else if (pattern[i] != path[i]) {
      return false;
    }
  }
  if (open)
    parameters["rest"] = join({path.begin() + static_cast<std::ptrdiff_t>(fixed), path.end()}, "/");
  return true;
}

// How much of a path the pattern says itself.
std::size_t literals(const std::vector<std::string>& pattern) {
  std::size_t sum = 0;
  for (const std::string& segment : pattern) {
    const auto parameter = parameter_of(segment);
    sum += !parameter ? 2 : parameter->verb.empty() ? 0 : 1;
  }
  return sum;
}

}  // namespace

void Router::add(Route route) {
  patterns_.push_back(segments_of(route.pattern));
  routes_.push_back(std::move(route));
}

Match Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Match best;
  std::size_t best_literals = 0;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Parameters parameters;
    if (!matches(patterns_[i], segments, parameters)) continue;
    const Route& route = routes_[i];
    if (std::find(best.allowed.begin(), best.allowed.end(), route.method) == best.allowed.end())
      best.allowed.push_back(route.method);
    // A server answers HEAD wherever it answers GET.
    if (route.method != method && !(method == "HEAD" && route.method == "GET")) continue;
    if (best.route != nullptr && literals(patterns_[i]) <= best_literals) continue;
    best.route = &route;
    best.parameters = std::move(parameters);
    best_literals = literals(patterns_[i]);
  }
  return best;
}

}  // namespace weir::api
