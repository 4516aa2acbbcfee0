#include <fmt/format.h>

#include "control/plan.h"

namespace weir::control {

std::optional<model::Logging> changed_log_levels(const Situation& s) {
  if (s.view.on_session_cluster()) return std::nullopt;  // its log levels are its own
  model::Job wanted = new_job(s, s.view.job->metadata.id);
  if (!configure(s, wanted) || !only_log_levels_differ(*s.view.job, wanted)) return std::nullopt;
  return std::move(wanted.spec.logging);
}

void take_log_levels(Situation& s, Draft& draft, const model::Logging& logging) {
  model::Job& job = draft.job();
  job.spec.logging = logging;
  job.internal.unwritten_log_levels = true;
  take_revision(s, draft, s.view.wanted_revision());
}

std::optional<Decision> write_log_levels(Situation& s, Draft& draft) {
  if (!s.view.job->internal.unwritten_log_levels) return std::nullopt;
  const auto* ensured = std::get_if<EnsuredCluster>(&s.memory.result);
  if (ensured == nullptr) return Decision{EnsureCluster{}, s.settings.poll_fast};
  if (!ensured->status) return std::nullopt;  // the job is watched before the next try
  model::Job& job = draft.job();
  job.internal.unwritten_log_levels.reset();
  draft.event("EXTERNAL",
              fmt::format("Job {} runs on with other log levels. Its processes read them within "
                          "seconds.",
                          job.metadata.id),
              {model::EventLevel::INFO, "LogLevels", ""});
  return std::nullopt;
}

}  // namespace weir::control
