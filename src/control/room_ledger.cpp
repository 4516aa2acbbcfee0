#include "control/room_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weir::control {
namespace {
constexpr double kMicro = 1e6;
}

bool RoomLedger::may_start(const std::string& id) {
  waiting_.erase(id);
  if (starting_.contains(id)) return true;
  if (const auto [ticket, is_new] = tickets_.try_emplace(id, last_ticket_ + 1); is_new)
    line_.emplace(++last_ticket_, id);
  if (next() != id) return false;
  leave_line(id);
  starting_.insert(id);
  return true;
}

bool RoomLedger::leave_line(const std::string& id) {
  waiting_.erase(id);
  if (starting_.erase(id) > 0) return true;
  const auto ticket = tickets_.find(id);
  if (ticket == tickets_.end()) return false;
  line_.erase(ticket->second);
  tickets_.erase(ticket);
  return true;
}

bool RoomLedger::wait_for_room(const std::string& id, MonoTime now) {
  const auto known = waiting_.find(id);
  const bool goes_on = known != waiting_.end() && now - known->second < room_time_;
  const MonoTime since = goes_on ? known->second : now;
  const bool left = leave_line(id);
  waiting_[id] = since;
  return left;
}

std::vector<std::string> RoomLedger::waiting() const {
  std::vector<std::string> ids;
  for (const auto& [ticket, id] : line_) ids.push_back(id);
  return ids;
}

bool RoomLedger::is_kept_from(const std::string& id, MonoTime now) const {
  const auto longest =
      std::min_element(waiting_.begin(), waiting_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return longest != waiting_.end() && longest->first != id &&
         now - longest->second >= room_time_ / 2 && now - longest->second < room_time_;
}

std::string RoomLedger::next() const {
  return has_place() && !line_.empty() ? line_.begin()->second : std::string();
}

Room RoomLedger::present() const {
  Room room;
  room.capacity = capacity_;
  room.capacity_known = capacity_known_;
  room.reserved_memory = memory_;
  room.reserved_cpu = static_cast<double>(micro_cpus_) / kMicro;
  room.reserved_by =
      fmt::format("{} other cluster{}", claims_.size(), claims_.size() == 1 ? "" : "s");
  return room;
}

void RoomLedger::count(const model::Cluster& cluster) {
  forget(cluster.metadata.id);
  if (cluster.phase == model::ClusterPhase::GONE) return;
  const Claim claim{cluster.memory_bytes,
                    std::llround(cluster.cpu * kMicro),
                    {cluster.rest_port, cluster.rpc_port, cluster.blob_port}};
  claims_[cluster.metadata.id] = claim;
  memory_ += claim.memory;
  micro_cpus_ += claim.micro_cpus;
}

void RoomLedger::forget(const std::string& cluster_id) {
  const auto claim = claims_.find(cluster_id);
  if (claim == claims_.end()) return;
  memory_ -= claim->second.memory;
  micro_cpus_ -= claim->second.micro_cpus;
  claims_.erase(claim);
}

std::vector<int> RoomLedger::taken_ports() const {
  std::vector<int> ports;
  ports.reserve(claims_.size() * std::size(Claim{}.ports));
  for (const auto& [id, claim] : claims_)
    ports.insert(ports.end(), std::begin(claim.ports), std::end(claim.ports));
  return ports;
}

}  // namespace weir::control
