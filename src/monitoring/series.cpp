#include "monitoring/series.h"

#include <fmt/format.h>

#include <cmath>

#include "monitoring/catalogue.h"

namespace weir::monitoring {

Result<SeriesName> parse_series_name(const std::string& text) {
  const auto dot = text.find('.');
  SeriesName name;
  const bool of_vertex = dot != std::string::npos;
  if (of_vertex) name.vertex_id = text.substr(0, dot);
  const auto column = column_of(of_vertex ? vertex_metrics() : job_metrics(),
                                of_vertex ? std::string_view(text).substr(dot + 1) : text);
  if (!column || (of_vertex && name.vertex_id.empty()))
    return fail(Code::kInvalidArgument,
                fmt::format("There is no metric '{}'. '.../metrics/available' lists those of the "
                            "job; a vertex's are VERTEX_ID.NAME.",
                            text),
                "MetricUnknown");
  name.column = *column;
  return name;
}

std::vector<std::optional<double>> series_of(const History& history, const std::string& job_id,
                                             const SeriesName& name, const Steps& steps) {
  const bool counts =
      (name.vertex_id.empty() ? job_metrics() : vertex_metrics())[name.column].counts;
  std::vector<std::optional<double>> values(steps.count);
  std::vector<std::size_t> of_step(steps.count);
  const WallTime end = steps.from + steps.step * static_cast<std::int64_t>(steps.count);
  history.each({job_id, name.vertex_id}, steps.from, end,
               [&](WallTime time, std::span<const float> row) {
                 const float value = row[name.column];
                 const auto at = static_cast<std::size_t>((time - steps.from) / steps.step);
                 if (std::isnan(value) || at >= steps.count) return;
                 values[at] = counts ? value : values[at].value_or(0) + value;
                 ++of_step[at];
               });
  if (counts) return values;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i]) *values[i] /= static_cast<double>(of_step[i]);
  return values;
}

}  // namespace weir::monitoring
