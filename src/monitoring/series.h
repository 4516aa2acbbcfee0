#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "monitoring/history.h"

/// Columns of the history in steps of equal length, as charts want them.
namespace weir::monitoring {

struct SeriesName {
  std::string vertex_id;  ///< empty: the job's
  std::size_t column = 0;
};

/// "busy" is the job's, "cbc357ccb763df2852fee8c4fc7d55f2.busy" a vertex's.
/// @error kInvalidArgument there is no such metric
Result<SeriesName> parse_series_name(const std::string& text);

struct Steps {
  WallTime from;
  Duration step{};
  std::size_t count = 0;
};

/// Several values of a step become their mean, or the last one of what counts; a step without any
/// is nothing.
std::vector<std::optional<double>> series_of(const History& history, const std::string& job_id,
                                             const SeriesName& name, const Steps& steps);

}  // namespace weir::monitoring
