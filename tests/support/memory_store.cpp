#include "support/memory_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::store {
namespace {

Error conflict(model::Kind kind, const std::string& name, std::string_view why) {
  return fail(Code::kConflict, fmt::format("{} '{}' {}.", model::kind_name(kind), name, why),
              "Conflict");
}

Error name_taken(const model::Resource& resource) {
  const model::Metadata& metadata = model::metadata_of(resource);
  return fail(Code::kAlreadyExists,
              fmt::format("{} '{}' exists already in namespace '{}'.",
                          model::kind_name(model::kind_of(resource)),
                          metadata.name.value_or(metadata.id), metadata.namespace_),
              "NameTaken");
}

bool matches(const model::Event& event, const EventFilter& filter) {
  const model::Metadata& m = event.metadata;
  return m.namespace_ == filter.namespace_ &&
         (!filter.deployment_id || m.deployment_id == filter.deployment_id) &&
         (!filter.job_id || m.job_id == filter.job_id) &&
         (!filter.session_cluster_id || m.session_cluster_id == filter.session_cluster_id);
}

}  // namespace

const MemoryDisk::Row* MemoryDisk::find(model::Kind kind, const std::string& id) const {
  const auto found = rows_.find({kind, id});
  return found == rows_.end() ? nullptr : &found->second;
}

struct MemoryStore::Request {
  explicit Request(Timer& timer) : finished(timer) {}
  Batch batch;
  std::optional<std::pair<std::string, std::size_t>> prune;
  std::vector<Change> changes;
  std::vector<std::pair<MemoryDisk::Key, std::optional<MemoryDisk::Row>>> replaced;
  std::optional<Result<Revision>> result;
  Signal finished;
};

MemoryStore::MemoryStore(Environment env, MemoryDisk& disk) : env_(env), disk_(disk) {
  for (const auto& [key, row] : disk_.rows()) {
    Change change;
    change.kind = key.first;
    change.id = key.second;
    change.revision = row.revision;
    change.resource = row.resource;
    read_model_.apply(change);
  }
  read_model_.set_revision(disk_.revision());
  feed_.reset(disk_.revision());
}

MemoryStore::~MemoryStore() { crash(); }

void MemoryStore::crash() {
  dead_ = true;
  waiting_.clear();
  if (alarm_) env_.timer.cancel(*alarm_);
  alarm_.reset();
}

Task<Result<Revision>> MemoryStore::commit(Batch batch) {
  auto request = std::make_shared<Request>(env_.timer);
  for (Put& put : batch.puts)
    if (auto* secret = std::get_if<model::SecretValue>(&put.resource)) secret->spec.value.reset();
  request->batch = std::move(batch);
  co_return co_await enqueue(std::move(request));
}

Task<Status> MemoryStore::prune_events(std::string deployment_id, std::size_t keep) {
  auto request = std::make_shared<Request>(env_.timer);
  request->prune = {std::move(deployment_id), keep};
  auto result = co_await enqueue(std::move(request));
  if (!result) co_return std::move(result).error();
  co_return Status();
}

Task<Result<Revision>> MemoryStore::enqueue(std::shared_ptr<Request> request) {
  if (!dead_) {
    waiting_.push_back(request);
    const auto delay = std::chrono::microseconds(200 + env_.ids.below(5000));
    if (!alarm_)
      alarm_ = env_.timer.schedule(env_.now() + delay, [this] {
        alarm_.reset();
        flush();
      });
  }
  co_await request->finished.wait();
  co_return std::move(*request->result);
}

// One disk write for everybody who waits.
void MemoryStore::flush() {
  const auto batch = std::exchange(waiting_, {});
  for (const auto& request : batch) request->result = apply(*request);
  for (const auto& request : batch) {
    if (*request->result)
      for (const Change& change : request->changes) read_model_.apply(change);
    if (*request->result)
      for (const Change& change : request->changes) feed_.publish(change);
    request->finished.notify();
  }
}

Status MemoryStore::check(const Expect& expect, model::Kind kind, const std::string& id,
                          const model::Metadata* metadata) const {
  const auto* row = disk_.find(kind, id);
  const std::string name = metadata != nullptr ? metadata->name.value_or(id) : id;
  switch (expect.what) {
    case Expect::What::kAny: return {};
    case Expect::What::kAbsent:
      if (row != nullptr) return conflict(kind, name, "exists already");
      return {};
    case Expect::What::kRevision:
      if (row == nullptr) return conflict(kind, name, "was deleted meanwhile");
      if (row->revision != expect.revision) return conflict(kind, name, "was changed meanwhile");
      return {};
  }
  return {};
}

void MemoryStore::keep_old(const MemoryDisk::Key& key, Request& request) const {
  const auto* row = disk_.find(key.first, key.second);
  request.replaced.emplace_back(key, row ? std::optional(*row) : std::nullopt);
}

// The row and its name together.
void MemoryStore::replace(const MemoryDisk::Key& key, const std::optional<MemoryDisk::Row>& row) {
  if (const auto* old = disk_.find(key.first, key.second)) {
    const model::Metadata& metadata = model::metadata_of(*old->resource);
    if (metadata.name) disk_.names_.erase({key.first, metadata.namespace_, *metadata.name});
    disk_.rows_.erase(key);
  }
  if (!row) return;
  const model::Metadata& metadata = model::metadata_of(*row->resource);
  if (metadata.name) disk_.names_[{key.first, metadata.namespace_, *metadata.name}] = metadata.id;
  disk_.rows_[key] = *row;
}

Status MemoryStore::put(Put& put, Revision revision, Request& request) {
  const model::Kind kind = model::kind_of(put.resource);
  const model::Metadata metadata = model::metadata_of(put.resource);
  Change change;
  change.kind = kind;
  change.id = metadata.id;
  change.namespace_ = metadata.namespace_;
  change.revision = revision;
  change.created = put.expect.what == Expect::What::kAbsent;
  if (kind == model::Kind::Event) {
    if (!disk_.event_ids_.insert(metadata.id).second) return name_taken(put.resource);
    change.resource = std::make_shared<const model::Resource>(std::move(put.resource));
    disk_.events_.emplace_back(change.resource, &std::get<model::Event>(*change.resource));
    request.changes.push_back(std::move(change));
    return {};
  }
  WEIR_CHECK_OK(check(put.expect, kind, metadata.id, &metadata));
  if (metadata.name) {
    const auto taken = disk_.names_.find({kind, metadata.namespace_, *metadata.name});
    if (taken != disk_.names_.end() && taken->second != metadata.id)
      return name_taken(put.resource);
  }
  change.resource = std::make_shared<const model::Resource>(std::move(put.resource));
  keep_old({kind, metadata.id}, request);
  replace({kind, metadata.id}, MemoryDisk::Row{change.resource, revision});
  request.changes.push_back(std::move(change));
  return {};
}

Status MemoryStore::remove(const Delete& removal, Revision revision, Request& request) {
  WEIR_CHECK_OK(check(removal.expect, removal.kind, removal.id, nullptr));
  Change change;
  change.kind = removal.kind;
  change.id = removal.id;
  change.revision = revision;
  change.deleted = true;
  if (const auto* row = disk_.find(removal.kind, removal.id)) {
    change.resource = row->resource;
    change.namespace_ = model::metadata_of(*row->resource).namespace_;
    keep_old({removal.kind, removal.id}, request);
    replace({removal.kind, removal.id}, std::nullopt);
  }
  request.changes.push_back(std::move(change));
  return {};
}

void MemoryStore::prune(const std::string& deployment_id, std::size_t keep) {
  std::size_t seen = 0;
  auto& events = disk_.events_;
  for (std::size_t i = events.size(); i-- > 0;) {
    const model::Metadata& metadata = events[i]->metadata;
    const bool is_of =
        metadata.deployment_id == deployment_id || metadata.session_cluster_id == deployment_id;
    if (!is_of || ++seen <= keep) continue;
    disk_.event_ids_.erase(events[i]->metadata.id);
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// One transaction: its failure leaves the disk as it was.
Result<Revision> MemoryStore::apply(Request& request) {
  const Revision revision = disk_.revision_ + 1;
  if (request.prune) {
    prune(request.prune->first, request.prune->second);
    return disk_.revision_ = revision;
  }
  MemoryDisk before;
  if (disk_.on_durable) before.rows_ = disk_.rows_;
  before.revision_ = disk_.revision_;
  const auto events = disk_.events_.size();
  request.replaced.clear();
  // Only a transaction that will succeed is shown, so it is tried on a copy of its operations.
  const Batch shown = disk_.on_durable ? request.batch : Batch();
  const auto run = [&]() -> Status {
    for (Put& each : request.batch.puts) WEIR_CHECK_OK(put(each, revision, request));
    for (const Delete& each : request.batch.deletes) WEIR_CHECK_OK(remove(each, revision, request));
    return {};
  };
  if (Status status = run(); !status) {
    for (auto old = request.replaced.rbegin(); old != request.replaced.rend(); ++old)
      replace(old->first, old->second);
    while (disk_.events_.size() > events) {
      disk_.event_ids_.erase(disk_.events_.back()->metadata.id);
      disk_.events_.pop_back();
    }
    request.changes.clear();
    return std::move(status).error();
  }
  if (disk_.on_durable) disk_.on_durable(before, shown);
  return disk_.revision_ = revision;
}

Task<Result<std::vector<std::shared_ptr<const model::Event>>>> MemoryStore::events(
    EventFilter filter) {
  std::vector<std::shared_ptr<const model::Event>> list;
  for (std::size_t i = disk_.events_.size(); i-- > 0;) {
    if (filter.limit != 0 && list.size() >= filter.limit) break;
    if (matches(*disk_.events_[i], filter)) list.push_back(disk_.events_[i]);
  }
  co_return list;
}

Task<Result<std::shared_ptr<const model::Event>>> MemoryStore::event(std::string id) {
  for (const auto& event : disk_.events_)
    if (event->metadata.id == id) co_return event;
  co_return fail(Code::kNotFound, "Event '" + id + "' not found.");
}

Task<Result<std::vector<std::shared_ptr<const model::Revision>>>> MemoryStore::revisions(
    std::string deployment_id) {
  std::vector<std::pair<Revision, std::shared_ptr<const model::Revision>>> found;
  for (const auto& [key, row] : disk_.rows_)
    if (key.first == model::Kind::Revision) {
      std::shared_ptr<const model::Revision> item(row.resource,
                                                  &std::get<model::Revision>(*row.resource));
      if (item->metadata.deployment_id == deployment_id) found.emplace_back(row.revision, item);
    }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::shared_ptr<const model::Revision>> list;
  for (auto& [revision, item] : found) list.push_back(std::move(item));
  co_return list;
}

std::shared_ptr<void> MemoryStore::subscribe(Listener listener) {
  return feed_.subscribe(std::move(listener));
}

Result<std::vector<Change>> MemoryStore::changes_since(Revision since) const {
  return feed_.since(since);
}

}  // namespace weir::store
