#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "model/resource.h"

namespace weir::store {

/// The number of a commit: grows by one with each, never repeats, also across restarts.
using Revision = std::uint64_t;

/// A resource as the store holds it: immutable, shared, with the revision that wrote it.
template <class T>
struct Stored {
  std::shared_ptr<const T> value;  ///< never null inside a container
  Revision revision = 0;
  explicit operator bool() const { return value != nullptr; }
  const T* operator->() const { return value.get(); }
  const T& operator*() const { return *value; }
};

/// What a Put demands of the resource it replaces.
struct Expect {
  enum class What { kAny, kAbsent, kRevision } what = What::kAny;
  Revision revision = 0;
  static Expect any() { return {}; }
  static Expect absent() { return {What::kAbsent, 0}; }
  static Expect at(Revision r) { return {What::kRevision, r}; }
};

struct Put {
  model::Resource resource;  ///< metadata.id decides which one
  Expect expect;
};
struct Delete {
  model::Kind kind;
  std::string id;
  Expect expect;
};

/// One transaction: all of it or nothing.
struct Batch {
  std::vector<Put> puts;
  std::vector<Delete> deletes;

  template <class T>
  void create(T resource) {
    puts.push_back({std::move(resource), Expect::absent()});
  }
  /// Replaces what was read as `old`; fails with kConflict if somebody was faster.
  template <class T>
  void update(const Stored<T>& old, T resource) {
    puts.push_back({std::move(resource), Expect::at(old.revision)});
  }
  template <class T>
  void remove(const Stored<T>& old) {
    deletes.push_back({model::kind_of<T>(), old.value->metadata.id, Expect::at(old.revision)});
  }
  bool empty() const { return puts.empty() && deletes.empty(); }
};

/// One resource's change, as subscribers get it, in revision order.
struct Change {
  Revision revision = 0;
  model::Kind kind{};
  std::string id;
  std::string namespace_;
  bool deleted = false;
  bool created = false;
  /// The new state; the last one when deleted, nullptr if only the disk had it (Revisions).
  std::shared_ptr<const model::Resource> resource;
};

struct EventFilter {
  std::string namespace_;
  std::optional<std::string> deployment_id;
  std::optional<std::string> job_id;
  std::optional<std::string> session_cluster_id;
  std::size_t limit = 0;  ///< newest first; 0 = all
};

/// All live resources in memory. I/O thread only; what it returns stays valid (shared, immutable),
/// containers are copies. Events and Revisions are not held here (see Store).
class ReadModel {
 public:
  virtual ~ReadModel() = default;

  virtual Stored<model::Deployment> deployment(std::string_view id) const = 0;
  virtual Stored<model::Deployment> deployment_by_name(std::string_view ns,
                                                       std::string_view name) const = 0;
  /// By creation time, oldest first. An empty namespace means all.
  virtual std::vector<Stored<model::Deployment>> deployments(std::string_view ns) const = 0;

  virtual Stored<model::Job> job(std::string_view id) const = 0;
  /// Newest first.
  virtual std::vector<Stored<model::Job>> jobs(std::string_view ns) const = 0;
  virtual std::vector<Stored<model::Job>> jobs_of(std::string_view deployment_id) const = 0;

  virtual Stored<model::Savepoint> savepoint(std::string_view id) const = 0;
  virtual std::vector<Stored<model::Savepoint>> savepoints(std::string_view ns) const = 0;
  virtual std::vector<Stored<model::Savepoint>> savepoints_of(
      std::string_view deployment_id) const = 0;

  virtual Stored<model::DeploymentTarget> target(std::string_view ns,
                                                 std::string_view name) const = 0;
  virtual Stored<model::DeploymentTarget> target_by_id(std::string_view id) const = 0;
  virtual std::vector<Stored<model::DeploymentTarget>> targets(std::string_view ns) const = 0;

  virtual Stored<model::SessionCluster> session_cluster(std::string_view ns,
                                                        std::string_view name) const = 0;
  virtual Stored<model::SessionCluster> session_cluster_by_id(std::string_view id) const = 0;
  /// By creation time, oldest first. An empty namespace means all.
  virtual std::vector<Stored<model::SessionCluster>> session_clusters(
      std::string_view ns) const = 0;

  virtual Stored<model::DeploymentDefaults> defaults(std::string_view ns) const = 0;

  virtual Stored<model::SecretValue> secret(std::string_view ns, std::string_view name) const = 0;
  virtual std::vector<Stored<model::SecretValue>> secrets(std::string_view ns) const = 0;

  virtual Stored<model::Cluster> cluster(std::string_view id) const = 0;
  virtual std::vector<Stored<model::Cluster>> clusters() const = 0;
  virtual std::vector<Stored<model::Cluster>> clusters_of(std::string_view deployment_id) const = 0;
  /// That no job has taken yet, of every pool.
  virtual std::vector<Stored<model::Cluster>> standby_clusters() const = 0;

  virtual Stored<model::Transition> open_transition(std::string_view deployment_id) const = 0;
  /// In no order.
  virtual std::vector<Stored<model::RestorePoint>> restore_points_of(
      std::string_view deployment_id) const = 0;

  virtual Revision revision() const = 0;
};

/// The durable truth. I/O thread only.
class Store {
 public:
  virtual ~Store() = default;

  virtual const ReadModel& read() const = 0;

  /// Makes the batch durable and then visible in `read()`; subscribers are told before this
  /// returns. Concurrent callers share one disk commit; a failing batch does not disturb the
  /// others.
  /// @error kConflict           an expectation does not hold; read again
  /// @error kAlreadyExists      a name is taken in its namespace (reason "NameTaken")
  /// @error kResourceExhausted  disk full
  /// @error kUnavailable        the database cannot be written
  /// Cancellation: the batch may still be committed.
  virtual Task<Result<Revision>> commit(Batch batch) = 0;

  /// Newest first.
  virtual Task<Result<std::vector<std::shared_ptr<const model::Event>>>> events(
      EventFilter filter) = 0;
  virtual Task<Result<std::shared_ptr<const model::Event>>> event(std::string id) = 0;
  /// By number, oldest first.
  virtual Task<Result<std::vector<std::shared_ptr<const model::Revision>>>> revisions(
      std::string deployment_id) = 0;
  /// Removes the oldest events of a deployment beyond `keep`. Not a change for subscribers.
  virtual Task<Status> prune_events(std::string deployment_id, std::size_t keep) = 0;

  /// `listener` is called on the I/O thread for each change after it is durable, in order; it must
  /// not block or commit from inside. The subscription ends when the returned handle dies.
  using Listener = std::function<void(const Change&)>;
  virtual std::shared_ptr<void> subscribe(Listener listener) = 0;

  /// Changes after `since` from the ring of the last 10,000, in order. The last 1,000 show their
  /// resource as it was then, older ones as it is now (or was when it was deleted).
  /// @error kNotFound some of them are no longer kept: list again ("resync")
  virtual Result<std::vector<Change>> changes_since(Revision since) const = 0;
};

}  // namespace weir::store
