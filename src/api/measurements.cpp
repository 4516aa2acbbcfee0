#include "api/measurements.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace weir::api {

std::string label(const char* name, std::string_view value) {
  std::string text = replace_all(std::string(value), "\\", "\\\\");
  text = replace_all(std::move(text), "\"", "\\\"");
  return fmt::format("{}=\"{}\"", name, replace_all(std::move(text), "\n", "\\n"));
}

void MetricText::family(const char* name, const char* type, const char* help) {
  out_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void MetricText::sample(const std::string& name, const std::string& labels, double value) {
  out_ += labels.empty() ? fmt::format("{} {}\n", name, value)
                         : fmt::format("{}{{{}}} {}\n", name, labels, value);
}

void MetricText::histogram(const std::string& name, const std::string& labels,
                           const control::Histogram& histogram) {
  const std::string first = labels.empty() ? "" : labels + ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < std::size(control::Histogram::kBounds); ++i) {
    below += histogram.buckets[i];
    sample(name + "_bucket", first + fmt::format("le=\"{}\"", control::Histogram::kBounds[i]),
           static_cast<double>(below));
  }
  sample(name + "_bucket", first + "le=\"+Inf\"", static_cast<double>(histogram.count));
  sample(name + "_sum", labels, histogram.sum_seconds);
  sample(name + "_count", labels, static_cast<double>(histogram.count));
}

void Measurements::request(const std::string& route, const std::string& method, int status,
                           Duration took) {
  ++requests_[{route, method, status}];
  durations_[{route, method}].add(took);
}

void Measurements::write(std::string& out) const {
  MetricText text(out);
  text.family("weir_http_requests_total", "counter", "Answered requests.");
  for (const auto& [key, count] : requests_)
    text.sample("weir_http_requests_total",
                label("route", std::get<0>(key)) + "," + label("method", std::get<1>(key)) +
                    fmt::format(",status=\"{}\"", std::get<2>(key)),
                static_cast<double>(count));
  text.family("weir_http_request_duration_seconds", "histogram",
              "From a request's head to its answer's head.");
  for (const auto& [key, histogram] : durations_)
    text.histogram("weir_http_request_duration_seconds",
                   label("route", key.first) + "," + label("method", key.second), histogram);
}

}  // namespace weir::api
