#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "async/environment.h"
#include "store/change_feed.h"
#include "store/read_model.h"

namespace weir::store {

/// What is durable: survives the MemoryStore objects that are opened on it one after the other.
class MemoryDisk {
 public:
  struct Row {
    std::shared_ptr<const model::Resource> resource;
    Revision revision = 0;
  };
  using Key = std::pair<model::Kind, std::string>;

  /// The present row, or nullptr.
  const Row* find(model::Kind kind, const std::string& id) const;
  const std::map<Key, Row>& rows() const { return rows_; }
  /// Oldest first.
  const std::vector<std::shared_ptr<const model::Event>>& events() const { return events_; }
  Revision revision() const { return revision_; }

  /// Called with each transaction at the moment it becomes durable, `before` it is applied: the
  /// place to check what must hold between two states.
  std::function<void(const MemoryDisk& before, const Batch& batch)> on_durable;

 private:
  friend class MemoryStore;

  std::map<Key, Row> rows_;
  std::map<std::tuple<model::Kind, std::string, std::string>, std::string> names_;
  std::vector<std::shared_ptr<const model::Event>> events_;
  std::unordered_set<std::string> event_ids_;
  Revision revision_ = 0;
};

/// A Store in memory with the behaviour of the SQLite one: group commit after a delay that the
/// environment's randomness chooses, the same expectations, names and errors. I/O thread only.
class MemoryStore final : public Store {
 public:
  /// @param disk outlives the store; what it holds is read here
  MemoryStore(Environment env, MemoryDisk& disk);
  ~MemoryStore() override;

  const ReadModel& read() const override { return read_model_; }
  Task<Result<Revision>> commit(Batch batch) override;
  Task<Result<std::vector<std::shared_ptr<const model::Event>>>> events(
      EventFilter filter) override;
  Task<Result<std::shared_ptr<const model::Event>>> event(std::string id) override;
  Task<Result<std::vector<std::shared_ptr<const model::Revision>>>> revisions(
      std::string deployment_id) override;
  Task<Status> prune_events(std::string deployment_id, std::size_t keep) override;
  std::shared_ptr<void> subscribe(Listener listener) override;
  Result<std::vector<Change>> changes_since(Revision since) const override;

  /// The process dies: what is not durable by now never will be, and is never answered.
  void crash();

 private:
  struct Request;

  Task<Result<Revision>> enqueue(std::shared_ptr<Request> request);
  void flush();
  Result<Revision> apply(Request& request);
  Status check(const Expect& expect, model::Kind kind, const std::string& id,
               const model::Metadata* metadata) const;
  Status put(Put& put, Revision revision, Request& request);
  Status remove(const Delete& removal, Revision revision, Request& request);
  void keep_old(const MemoryDisk::Key& key, Request& request) const;
  void replace(const MemoryDisk::Key& key, const std::optional<MemoryDisk::Row>& row);
  void prune(const std::string& deployment_id, std::size_t keep);

  Environment env_;
  MemoryDisk& disk_;
  MemoryReadModel read_model_;
  ChangeFeed feed_;
  std::vector<std::shared_ptr<Request>> waiting_;
  std::optional<Timer::Id> alarm_;
  bool dead_ = false;
};

}  // namespace weir::store
