#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/situation.h"

namespace weir::control {

/// What deployments share: memory, CPU and ports of the place, and the few that may come up at the
/// same time. Kept up by the store's changes, so that asking costs the same with ten clusters and
/// ten thousand. Room is reserved together with the intent: a cluster counts from the decision on,
/// not only from its commit. I/O thread only.
class RoomLedger {
 public:
  explicit RoomLedger(int starts_at_once) : starts_at_once_(starts_at_once) {}

  /// What `deployment_id` may use now. Asking with `wants_to_start` takes a place in the line;
  /// whoever is not first in it, or finds no place among the few, has `may_start` false until it is
  /// `next`.
  Room room_for(const std::string& deployment_id, bool wants_to_start);
  /// What another cluster would find now; nobody takes a place in the line.
  Room present() const;
  /// Its cluster is up, or it does not want one any more.
  /// @return whether it stood in the line or was one of the few, so that `next` may be another one
  bool leave_line(const std::string& deployment_id);
  /// Who may start now but has not asked since; empty if nobody waits or no place is free.
  std::string next() const;
  /// Everybody in the line, first come first.
  std::vector<std::string> waiting() const;

  void set_capacity(runtime::Capacity capacity) {
    capacity_ = capacity;
    capacity_known_ = true;
  }
  /// The cluster uses room, or is about to; the same one again replaces what was counted for it.
  void count(const model::Cluster& cluster);
  /// It uses none any more. Unknown ids are ignored.
  void forget(const std::string& cluster_id);
  /// Of all clusters that are counted.
  std::vector<int> taken_ports() const;

 private:
  struct Claim {
    std::int64_t memory = 0;
    std::int64_t micro_cpus = 0;
    int ports[3] = {};
  };
  using Ticket = std::uint64_t;

  bool may_start(const std::string& deployment_id);
  bool has_place() const { return static_cast<int>(starting_.size()) < starts_at_once_; }

  int starts_at_once_;
  std::set<std::string> starting_;
  std::map<Ticket, std::string> line_;               ///< first come, first served
  std::unordered_map<std::string, Ticket> tickets_;  ///< of those in the line
  Ticket last_ticket_ = 0;
  std::unordered_map<std::string, Claim> claims_;  ///< by cluster
  std::int64_t memory_ = 0;                        ///< sum of the claims
  std::int64_t micro_cpus_ = 0;                    ///< likewise; whole, so that it stays exact
  runtime::Capacity capacity_;
  bool capacity_known_ = false;
};

}  // namespace weir::control
