#pragma once

#include <map>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "control/controller.h"

namespace weir::api {

/// What the HTTP side counts of itself. I/O thread only.
class Measurements {
 public:
  /// @param route the pattern, never the path: its values are few
  void request(const std::string& route, const std::string& method, int status, Duration took);
  /// Prometheus text.
  void write(std::string& out) const;

 private:
  std::map<std::tuple<std::string, std::string, int>, std::uint64_t> requests_;
  std::map<std::pair<std::string, std::string>, control::Histogram> durations_;
};

/// Appends samples in Prometheus' text format.
class MetricText {
 public:
  explicit MetricText(std::string& out) : out_(out) {}
  void family(const char* name, const char* type, const char* help);
  /// @param labels `a="b",c="d"` or empty
  void sample(const std::string& name, const std::string& labels, double value);
  void histogram(const std::string& name, const std::string& labels,
                 const control::Histogram& histogram);

 private:
  std::string& out_;
};

/// `name="value"` with the value escaped.
std::string label(const char* name, std::string_view value);

}  // namespace weir::api
