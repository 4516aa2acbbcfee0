#pragma once

#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "store/store.h"

namespace weir::store {

/// The read model of a store: takes committed changes in order and answers from memory.
class MemoryReadModel final : public ReadModel {
 public:
  void apply(const Change& change);
  /// Any resource that is held here, or nullptr.
  std::shared_ptr<const model::Resource> lookup(model::Kind kind, const std::string& id) const;
  void set_revision(Revision revision) { revision_ = revision; }

  Stored<model::Deployment> deployment(std::string_view id) const override;
  Stored<model::Deployment> deployment_by_name(std::string_view ns,
                                               std::string_view name) const override;
  std::vector<Stored<model::Deployment>> deployments(std::string_view ns) const override;
  Stored<model::Job> job(std::string_view id) const override;
  std::vector<Stored<model::Job>> jobs(std::string_view ns) const override;
  std::vector<Stored<model::Job>> jobs_of(std::string_view deployment_id) const override;
  Stored<model::Savepoint> savepoint(std::string_view id) const override;
  std::vector<Stored<model::Savepoint>> savepoints(std::string_view ns) const override;
  std::vector<Stored<model::Savepoint>> savepoints_of(
      std::string_view deployment_id) const override;
  Stored<model::DeploymentTarget> target(std::string_view ns, std::string_view name) const override;
  Stored<model::DeploymentTarget> target_by_id(std::string_view id) const override;
  std::vector<Stored<model::DeploymentTarget>> targets(std::string_view ns) const override;
  Stored<model::SessionCluster> session_cluster(std::string_view ns,
                                                std::string_view name) const override;
  Stored<model::SessionCluster> session_cluster_by_id(std::string_view id) const override;
  std::vector<Stored<model::SessionCluster>> session_clusters(std::string_view ns) const override;
  Stored<model::DeploymentDefaults> defaults(std::string_view ns) const override;
  Stored<model::SecretValue> secret(std::string_view ns, std::string_view name) const override;
  std::vector<Stored<model::SecretValue>> secrets(std::string_view ns) const override;
  Stored<model::Cluster> cluster(std::string_view id) const override;
  std::vector<Stored<model::Cluster>> clusters() const override;
  std::vector<Stored<model::Cluster>> clusters_of(std::string_view deployment_id) const override;
  std::vector<Stored<model::Cluster>> standby_clusters() const override;
  Stored<model::Transition> open_transition(std::string_view deployment_id) const override;
  std::vector<Stored<model::RestorePoint>> restore_points_of(
      std::string_view deployment_id) const override;
  Revision revision() const override { return revision_; }

 private:
  struct Entry {
    std::shared_ptr<const model::Resource> resource;
    Revision revision = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
  /// Creation time, then id, so that the order is total and stable.
  struct Older {
    bool operator()(const Entry* a, const Entry* b) const;
  };
  /// Every index points into `by_id`, whose nodes stay where they are.
  struct Table {
    ByText<Entry> by_id;
    std::set<const Entry*, Older> by_age;  ///< oldest first
    std::map<std::pair<std::string, std::string>, const Entry*> by_name;
    ByText<std::vector<const Entry*>> by_deployment;  ///< newest first
  };

  const Table& table(model::Kind kind) const { return tables_[static_cast<std::size_t>(kind)]; }
  template <class T>
  Stored<T> find(std::string_view id) const;
  template <class T>
  Stored<T> find_named(std::string_view ns, std::string_view name) const;
  template <class T>
  std::vector<Stored<T>> all(std::string_view ns, bool newest_first) const;
  template <class T>
  std::vector<Stored<T>> of_deployment(std::string_view deployment_id) const;
  static void link(Table& table, const Entry& entry);
  static void unlink(Table& table, const Entry& entry);

  std::array<Table, std::variant_size_v<model::Resource>> tables_;
  std::set<std::string> standby_;  ///< ids of clusters that no job has taken
  Revision revision_ = 0;
};

/// Events and Revisions are read from disk; everything else lives in the read model.
bool is_in_memory(model::Kind kind);

}  // namespace weir::store
