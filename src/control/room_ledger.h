#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/situation.h"

namespace weir::control {

/// What somebody wants of the place.
struct RoomWish {
  bool to_start = false;            ///< a cluster comes up, or is to
  std::optional<ClusterNeed> need;  ///< of the one that is not recorded yet
  bool goes_on = false;             ///< what ran before comes back: it waits for nobody else
  bool yields = false;              ///< room is never kept for it
};

/// What deployments share: memory, CPU and ports of the place, and the few that may come up at the
/// same time. Kept up by the store's changes, so that asking costs the same with ten clusters and
/// ten thousand. Room is reserved together with the intent: a cluster counts from the decision on,
/// not only from its commit. I/O thread only.
class RoomLedger {
 public:
  RoomLedger(int starts_at_once, Duration room_time)
      : starts_at_once_(starts_at_once), room_time_(room_time) {}

  /// What another cluster would find now.
  Room present() const;
  /// Takes a place in the line. Whoever is not first in it, or finds no place among the few, may
  /// not start until it is `next`.
  bool may_start(const std::string& id);
  /// Its cluster is up, or it does not want one any more.
  /// @return whether it stood in the line or was one of the few, so that `next` may be another one
  bool leave_line(const std::string& id);
  /// It finds no room, so it leaves the line: those that find room go first. For half of the time
  /// that a start may wait for room; in the other half what becomes free is kept for the one that
  /// waits longest, or many small ones could take it away for ever. Then its time begins anew, so
  /// that one that is too large for what is running does not hold back the others for ever.
  /// @return as leave_line
  bool wait_for_room(const std::string& id, MonoTime now);
  /// Whether room is kept for somebody else.
  bool is_kept_from(const std::string& id, MonoTime now) const;
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

  bool has_place() const { return static_cast<int>(starting_.size()) < starts_at_once_; }

  int starts_at_once_;
  Duration room_time_;
  std::map<std::string, MonoTime> waiting_;  ///< for room, since then
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
