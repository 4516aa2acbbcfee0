#include "flink/flink_api.h"

#include <array>
#include <utility>

namespace weir::flink {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 11> kNames{{
    {JobState::kInitializing, "INITIALIZING"},
    {JobState::kCreated, "CREATED"},
    {JobState::kRunning, "RUNNING"},
    {JobState::kFailing, "FAILING"},
    {JobState::kFailed, "FAILED"},
    {JobState::kCancelling, "CANCELLING"},
    {JobState::kCanceled, "CANCELED"},
    {JobState::kFinished, "FINISHED"},
    {JobState::kRestarting, "RESTARTING"},
    {JobState::kSuspended, "SUSPENDED"},
    {JobState::kReconciling, "RECONCILING"},
}};

}  // namespace

std::string_view to_string(JobState state) {
  for (const auto& [value, name] : kNames)
    if (value == state) return name;
  return "UNKNOWN";
}

JobState parse_job_state(std::string_view text) {
  for (const auto& [value, name] : kNames)
    if (name == text) return value;
  return JobState::kUnknown;
}

bool is_globally_terminal(JobState state) {
  return state == JobState::kFinished || state == JobState::kCanceled || state == JobState::kFailed;
}

}  // namespace weir::flink
