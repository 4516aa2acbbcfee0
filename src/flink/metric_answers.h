#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flink/flink_metrics.h"

/// Reading what Flink's REST tells about metrics. Pure; errors as in flink_answers.h.
namespace weir::flink::answers {

/// /jobs/:id
Result<GraphReading> graph(std::string_view body);
/// /jobs/:id/vertices/:id/watermarks: the smallest; nothing if no subtask has one.
Result<std::optional<std::int64_t>> smallest_watermark(std::string_view body);
/// The names in a metrics answer without values.
Result<std::vector<std::string>> metric_names(std::string_view body);
/// Those of `names` that count what the source operators of a chain have sent on.
std::vector<std::string> source_counters(const std::vector<std::string>& names);
/// Values by name: "value" of a plain metrics answer, "sum" of an aggregated one. What is no finite
/// number is left out.
Result<std::map<std::string, double>> metric_values(std::string_view body);
/// /jobs/:id/checkpoints
Result<CheckpointReading> checkpoint_reading(std::string_view body);
/// /jobs/:id/checkpoints/details/:n: bytes of state by vertex
Result<std::map<std::string, std::int64_t>> checkpoint_sizes(std::string_view body);
/// What the JVM's metrics say; see `process_metrics`.
ProcessReading processes(const std::map<std::string, double>& values);
/// The JVM's metrics to ask for, of all that there are (`names`): asking for one that is not there
/// makes Flink answer nothing at all. Before 1.19 each collector counts for itself.
std::vector<std::string> process_metrics(const std::vector<std::string>& names);

}  // namespace weir::flink::answers
