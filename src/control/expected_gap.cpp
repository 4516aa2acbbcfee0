#include <fmt/format.h>

#include <algorithm>

#include "codec/describe_json.h"
#include "control/preview.h"

namespace weir::control {
namespace {

double seconds_between(WallTime from, WallTime to) {
  return std::chrono::duration<double>(to - from).count();
}

ExpectedGap summary(std::vector<double> measured, const std::string& one,
                    const std::string& several) {
  ExpectedGap gap;
  gap.samples = static_cast<std::int32_t>(measured.size());
  if (measured.empty()) {
    gap.why = fmt::format("Unknown: no {} of this deployment is recorded.", one);
    return gap;
  }
  std::sort(measured.begin(), measured.end());
  const std::size_t middle = measured.size() / 2;
  gap.median_seconds =
      measured.size() % 2 == 1 ? measured[middle] : (measured[middle - 1] + measured[middle]) / 2;
  gap.least_seconds = measured.front();
  gap.most_seconds = measured.back();
  gap.why = fmt::format("Median and range of {} {} of this deployment.", measured.size(),
                        measured.size() == 1 ? one : several);
  return gap;
}

}  // namespace

ExpectedGap gap_of_way(const std::vector<store::Stored<model::Job>>& jobs, model::UpgradeWay way) {
  std::vector<double> measured;
  if (way == model::UpgradeWay::IN_PLACE) {
    for (const auto& job : jobs)
      if (const auto& rescale = job->status.rescale; rescale && rescale->requested_at &&
                                                     rescale->running_at &&
                                                     *rescale->running_at >= *rescale->requested_at)
        measured.push_back(seconds_between(*rescale->requested_at, *rescale->running_at));
    return summary(std::move(measured), "rescale in place", "rescales in place");
  }
  for (const auto& job : jobs) {
    if (job->status.way != way || !job->status.phases) continue;
    const auto& phases = *job->status.phases;
    // The wall clock may have been set back in between.
    if (phases.stopping_at && phases.running_at && *phases.running_at >= *phases.stopping_at)
      measured.push_back(seconds_between(*phases.stopping_at, *phases.running_at));
  }
  return summary(std::move(measured), fmt::format("upgrade by {}", codec::enum_text(way)),
                 fmt::format("upgrades by {}", codec::enum_text(way)));
}

ExpectedGap gap_of_start(const std::vector<store::Stored<model::Job>>& jobs) {
  std::vector<double> measured;
  for (const auto& job : jobs) {
    if (job->status.way || !job->status.phases) continue;
    const auto& phases = *job->status.phases;
    if (!phases.stopping_at && phases.requested_at && phases.running_at &&
        *phases.running_at >= *phases.requested_at)
      measured.push_back(seconds_between(*phases.requested_at, *phases.running_at));
  }
  return summary(std::move(measured), "start", "starts");
}

}  // namespace weir::control
