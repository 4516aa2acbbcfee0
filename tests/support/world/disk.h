#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "flink/state_directory.h"

namespace weir::simulated {

/// A checkpoint or savepoint with its `_metadata`, as it stands on the simulated disk.
struct SavedState {
  std::string location;
  std::string deployment_id;
  std::string flink_job_id;
  std::int64_t checkpoint_id = 0;
  std::int64_t position = 0;  ///< records that were written before it: what the state remembers
  bool savepoint = false;
  bool ends_job = false;         ///< the job stopped exactly here
  bool readable = true;          ///< the first bytes of `_metadata` are intact
  std::uint64_t order = 0;       ///< grows with each one that is begun in the whole world
  std::uint64_t generation = 0;  ///< of the output that it continues, see Output
  WallTime begun_at{};
};

/// The state directories of all jobs. Whether the disk can be read now is not decided here.
class Disk {
 public:
  /// @return false if a state stands there already (Flink then fails the checkpoint)
  bool write(SavedState state);
  void remove(const std::string& location) { states_.erase(location); }
  void damage(const std::string& location);
  /// The job went on after the savepoint that was to be its end.
  void outlived(const std::string& location);
  const SavedState* find(const std::string& location) const;
  std::vector<const SavedState*> below(const std::string& directory) const;
  std::vector<const SavedState*> of_deployment(const std::string& deployment_id) const;
  std::vector<const SavedState*> of_job(const std::string& flink_job_id) const;
  /// As the local disk has them: "file://STATE/namespace/deployment/checkpoints/jobs/JOB/...".
  std::vector<flink::JobDirectory> job_directories(const std::string& state) const;
  std::uint64_t next_order() { return ++order_; }
  std::uint64_t last_order() const { return order_; }

 private:
  std::map<std::string, SavedState> states_;
  std::uint64_t order_ = 0;
};

}  // namespace weir::simulated
