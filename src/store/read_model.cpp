#include "store/read_model.h"

#include <algorithm>

namespace weir::store {
namespace {

template <class T>
Stored<T> stored(const std::shared_ptr<const model::Resource>& resource, Revision revision) {
  return {std::shared_ptr<const T>(resource, &std::get<T>(*resource)), revision};
}

// Whether a new version stands at the same places of every index.
bool same_place(const model::Metadata& a, const model::Metadata& b) {
  return a.created_at == b.created_at && a.namespace_ == b.namespace_ && a.name == b.name &&
         a.deployment_id == b.deployment_id;
}

}  // namespace

bool MemoryReadModel::Older::operator()(const Entry* a, const Entry* b) const {
  const model::Metadata& first = model::metadata_of(*a->resource);
  const model::Metadata& second = model::metadata_of(*b->resource);
  return std::tie(first.created_at, first.id) < std::tie(second.created_at, second.id);
}

bool is_in_memory(model::Kind kind) {
  return kind != model::Kind::Event && kind != model::Kind::Revision;
}

void MemoryReadModel::link(Table& table, const Entry& entry) {
  const model::Metadata& metadata = model::metadata_of(*entry.resource);
  table.by_age.insert(&entry);
  if (metadata.name) table.by_name[{metadata.namespace_, *metadata.name}] = &entry;
  if (!metadata.deployment_id) return;
  auto& siblings = table.by_deployment[*metadata.deployment_id];
  const auto newer = [](const Entry* a, const Entry* b) { return Older()(b, a); };
  siblings.insert(std::upper_bound(siblings.begin(), siblings.end(), &entry, newer), &entry);
}

void MemoryReadModel::unlink(Table& table, const Entry& entry) {
  const model::Metadata& metadata = model::metadata_of(*entry.resource);
  table.by_age.erase(&entry);
  if (metadata.name) table.by_name.erase({metadata.namespace_, *metadata.name});
  if (!metadata.deployment_id) return;
  const auto siblings = table.by_deployment.find(*metadata.deployment_id);
  std::erase(siblings->second, &entry);
  if (siblings->second.empty()) table.by_deployment.erase(siblings);
}

void MemoryReadModel::apply(const Change& change) {
  revision_ = std::max(revision_, change.revision);
  if (!is_in_memory(change.kind)) return;
  if (change.kind == model::Kind::Cluster) {
    standby_.erase(change.id);
    if (!change.deleted && std::get<model::Cluster>(*change.resource).standby)
      standby_.insert(change.id);
  }
  Table& table = tables_[static_cast<std::size_t>(change.kind)];
  const auto found = table.by_id.find(change.id);
  if (change.deleted) {
    if (found == table.by_id.end()) return;
    unlink(table, found->second);
    table.by_id.erase(found);
    return;
  }
  if (found == table.by_id.end()) {
    link(table,
         table.by_id.emplace(change.id, Entry{change.resource, change.revision}).first->second);
    return;
  }
  Entry& entry = found->second;
  const bool moves =
      !same_place(model::metadata_of(*entry.resource), model::metadata_of(*change.resource));
  if (moves) unlink(table, entry);
  entry = {change.resource, change.revision};
  if (moves) link(table, entry);
}

std::shared_ptr<const model::Resource> MemoryReadModel::lookup(model::Kind kind,
                                                               const std::string& id) const {
  const auto found = table(kind).by_id.find(id);
  return found == table(kind).by_id.end() ? nullptr : found->second.resource;
}

template <class T>
Stored<T> MemoryReadModel::find(std::string_view id) const {
  const auto& by_id = table(model::kind_of<T>()).by_id;
  const auto found = by_id.find(id);
  if (found == by_id.end()) return {};
  return stored<T>(found->second.resource, found->second.revision);
}

template <class T>
Stored<T> MemoryReadModel::find_named(std::string_view ns, std::string_view name) const {
  const auto& by_name = table(model::kind_of<T>()).by_name;
  const auto found = by_name.find(std::pair(std::string(ns), std::string(name)));
  return found == by_name.end() ? Stored<T>()
                                : stored<T>(found->second->resource, found->second->revision);
}

template <class T>
std::vector<Stored<T>> MemoryReadModel::all(std::string_view ns, bool newest_first) const {
  std::vector<Stored<T>> list;
  const auto& by_age = table(model::kind_of<T>()).by_age;
  list.reserve(by_age.size());
  for (const Entry* entry : by_age)
    if (ns.empty() || model::metadata_of(*entry->resource).namespace_ == ns)
      list.push_back(stored<T>(entry->resource, entry->revision));
  if (newest_first) std::reverse(list.begin(), list.end());
  return list;
}

template <class T>
std::vector<Stored<T>> MemoryReadModel::of_deployment(std::string_view deployment_id) const {
  std::vector<Stored<T>> list;
  const auto& by_deployment = table(model::kind_of<T>()).by_deployment;
  const auto found = by_deployment.find(deployment_id);
  if (found == by_deployment.end()) return list;
  list.reserve(found->second.size());
  for (const Entry* entry : found->second)
    list.push_back(stored<T>(entry->resource, entry->revision));
  return list;
}

Stored<model::Deployment> MemoryReadModel::deployment(std::string_view id) const {
  return find<model::Deployment>(id);
}
Stored<model::Deployment> MemoryReadModel::deployment_by_name(std::string_view ns,
                                                              std::string_view name) const {
  return find_named<model::Deployment>(ns, name);
}
std::vector<Stored<model::Deployment>> MemoryReadModel::deployments(std::string_view ns) const {
  return all<model::Deployment>(ns, false);
}
Stored<model::Job> MemoryReadModel::job(std::string_view id) const { return find<model::Job>(id); }
std::vector<Stored<model::Job>> MemoryReadModel::jobs(std::string_view ns) const {
  return all<model::Job>(ns, true);
}
std::vector<Stored<model::Job>> MemoryReadModel::jobs_of(std::string_view deployment_id) const {
  return of_deployment<model::Job>(deployment_id);
}
Stored<model::Savepoint> MemoryReadModel::savepoint(std::string_view id) const {
  return find<model::Savepoint>(id);
}
std::vector<Stored<model::Savepoint>> MemoryReadModel::savepoints(std::string_view ns) const {
  return all<model::Savepoint>(ns, true);
}
std::vector<Stored<model::Savepoint>> MemoryReadModel::savepoints_of(
    std::string_view deployment_id) const {
  return of_deployment<model::Savepoint>(deployment_id);
}
Stored<model::DeploymentTarget> MemoryReadModel::target(std::string_view ns,
                                                        std::string_view name) const {
  return find_named<model::DeploymentTarget>(ns, name);
}
Stored<model::DeploymentTarget> MemoryReadModel::target_by_id(std::string_view id) const {
  return find<model::DeploymentTarget>(id);
}
std::vector<Stored<model::DeploymentTarget>> MemoryReadModel::targets(std::string_view ns) const {
  return all<model::DeploymentTarget>(ns, false);
}

Stored<model::SessionCluster> MemoryReadModel::session_cluster(std::string_view ns,
                                                               std::string_view name) const {
  return find_named<model::SessionCluster>(ns, name);
}
Stored<model::SessionCluster> MemoryReadModel::session_cluster_by_id(std::string_view id) const {
  return find<model::SessionCluster>(id);
}
std::vector<Stored<model::SessionCluster>> MemoryReadModel::session_clusters(
    std::string_view ns) const {
  return all<model::SessionCluster>(ns, false);
}
Stored<model::DeploymentDefaults> MemoryReadModel::defaults(std::string_view ns) const {
  const auto list = all<model::DeploymentDefaults>(ns, false);
  return list.empty() ? Stored<model::DeploymentDefaults>() : list.front();
}
Stored<model::SecretValue> MemoryReadModel::secret(std::string_view ns,
                                                   std::string_view name) const {
  return find_named<model::SecretValue>(ns, name);
}
std::vector<Stored<model::SecretValue>> MemoryReadModel::secrets(std::string_view ns) const {
  return all<model::SecretValue>(ns, false);
}
Stored<model::Cluster> MemoryReadModel::cluster(std::string_view id) const {
  return find<model::Cluster>(id);
}
std::vector<Stored<model::Cluster>> MemoryReadModel::clusters() const {
  return all<model::Cluster>("", false);
}
std::vector<Stored<model::Cluster>> MemoryReadModel::clusters_of(
    std::string_view deployment_id) const {
  return of_deployment<model::Cluster>(deployment_id);
}
std::vector<Stored<model::Cluster>> MemoryReadModel::standby_clusters() const {
  std::vector<Stored<model::Cluster>> list;
  for (const std::string& id : standby_) list.push_back(find<model::Cluster>(id));
  return list;
}
Stored<model::Transition> MemoryReadModel::open_transition(std::string_view deployment_id) const {
  const auto open = of_deployment<model::Transition>(deployment_id);
  return open.empty() ? Stored<model::Transition>() : open.front();
}
std::vector<Stored<model::RestorePoint>> MemoryReadModel::restore_points_of(
    std::string_view deployment_id) const {
  return of_deployment<model::RestorePoint>(deployment_id);
}

}  // namespace weir::store
