#include "support/world/disk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "base/strings.h"

namespace weir::simulated {

bool Disk::write(SavedState state) {
  if (states_.contains(state.location)) return false;
  const std::string location = state.location;
  states_.emplace(location, std::move(state));
  return true;
}

void Disk::outlived(const std::string& location) {
  if (const auto found = states_.find(location); found != states_.end())
    found->second.ends_job = false;
}

void Disk::damage(const std::string& location) {
  if (const auto found = states_.find(location); found != states_.end())
    found->second.readable = false;
}

const SavedState* Disk::find(const std::string& location) const {
  const auto found = states_.find(location);
  return found == states_.end() ? nullptr : &found->second;
}

std::vector<const SavedState*> Disk::below(const std::string& directory) const {
  std::vector<const SavedState*> found;
  const std::string prefix = directory + "/";
  for (auto at = states_.lower_bound(prefix); at != states_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    found.push_back(&at->second);
  }
  return found;
}

std::vector<flink::JobDirectory> Disk::job_directories(const std::string& state) const {
  std::map<std::string, flink::JobDirectory> found;
  const std::string prefix = "file://" + state + "/";
  for (const auto& [location, saved] : states_) {
    if (!location.starts_with(prefix)) continue;
    const auto parts = split(std::string_view(location).substr(prefix.size()), '/');
    if (parts.size() < 6 || parts[2] != "checkpoints" || parts[3] != "jobs") continue;
    const std::string path =
        fmt::format("{}/{}/{}/checkpoints/jobs/{}", state, parts[0], parts[1], parts[4]);
    const auto list = [&](flink::JobDirectory directory) {
      auto& listed = found.try_emplace(directory.path, directory).first->second;
      listed.last_written = std::max(listed.last_written, saved.begun_at);
    };
    list({path, std::string(parts[1]), std::string(parts[4]), 1, {}});
    if (parts[1] != parts[4] || parts.size() < 8) continue;
    list({fmt::format("{}/{}/{}", path, parts[5], parts[6]),
          std::string(parts[1]),
          uuid_of_flink_id(parts[6]),
          1,
          {},
          true});
  }
  std::vector<flink::JobDirectory> all;
  for (auto& [path, directory] : found) all.push_back(std::move(directory));
  return all;
}

std::vector<const SavedState*> Disk::of_deployment(const std::string& deployment_id) const {
  std::vector<const SavedState*> found;
  for (const auto& [location, state] : states_)
    if (state.deployment_id == deployment_id) found.push_back(&state);
  return found;
}

std::vector<const SavedState*> Disk::of_job(const std::string& flink_job_id) const {
  std::vector<const SavedState*> found;
  for (const auto& [location, state] : states_)
    if (state.flink_job_id == flink_job_id) found.push_back(&state);
  return found;
}

}  // namespace weir::simulated
