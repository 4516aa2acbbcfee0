#include "store/sqlite/writer.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace weir::store {
namespace {

constexpr std::size_t kBatch = 128;

void bind_optional(Statement& statement, int index, const std::optional<std::string>& text) {
  if (text) statement.bind(index, *text);
  else statement.bind_null(index);
}

Error conflict(const Writer::Operation& operation, std::string_view why) {
  return fail(Code::kConflict,
              fmt::format("{} '{}' {}.", model::kind_name(operation.kind),
                          operation.name.value_or(operation.id), why),
              "Conflict");
}

}  // namespace

struct Writer::Impl {
  Impl(Database d, Revision last, std::function<void(std::vector<Done>)> done)
      : database(std::move(d)), revision(last), on_done(std::move(done)) {}

  struct Queued {
    Ticket ticket;
    Work work;
  };

  Result<Revision> current(const Operation& operation, bool& exists) {
    select.reset();
    select.bind(1, static_cast<std::int64_t>(operation.kind));
    select.bind(2, operation.id);
    const int code = select.step();
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      return database.error("A resource cannot be read");
    exists = code == SQLITE_ROW;
    const Revision found = exists ? static_cast<Revision>(select.number(0)) : 0;
    select.reset();
    return found;
  }

  Status check(const Operation& operation) {
    bool exists = false;
    WEIR_TRY(const Revision found, current(operation, exists));
    switch (operation.expect.what) {
      case Expect::What::kAny: return {};
      case Expect::What::kAbsent:
        if (exists) return conflict(operation, "exists already");
        return {};
      case Expect::What::kRevision:
        if (!exists) return conflict(operation, "was deleted meanwhile");
        if (found != operation.expect.revision) return conflict(operation, "was changed meanwhile");
        return {};
    }
    return {};
  }

  Status run(Statement& statement, const Operation& operation) {
    const int code = statement.step();
    const Status status = [&]() -> Status {
      if (code == SQLITE_DONE) return {};
      if (code == SQLITE_CONSTRAINT_UNIQUE)
        return fail(Code::kAlreadyExists,
                    fmt::format("{} '{}' exists already in namespace '{}'.",
                                model::kind_name(operation.kind),
                                operation.name.value_or(operation.id), operation.namespace_),
                    "NameTaken");
      return database.error("A resource cannot be written");
    }();
    statement.reset();
    return status;
  }

  Status apply(const Operation& operation, Revision number) {
    if (operation.kind == model::Kind::Event) {
      insert_event.bind(1, operation.id);
      insert_event.bind(2, operation.namespace_);
      bind_optional(insert_event, 3, operation.deployment_id);
      bind_optional(insert_event, 4, operation.job_id);
      bind_optional(insert_event, 5, operation.session_cluster_id);
      insert_event.bind(6, static_cast<std::int64_t>(number));
      insert_event.bind(7, operation.document);
      return run(insert_event, operation);
    }
    WEIR_CHECK_OK(check(operation));
    if (operation.is_delete) {
      remove.bind(1, static_cast<std::int64_t>(operation.kind));
      remove.bind(2, operation.id);
      return run(remove, operation);
    }
    upsert.bind(1, static_cast<std::int64_t>(operation.kind));
    upsert.bind(2, operation.id);
    upsert.bind(3, operation.namespace_);
    bind_optional(upsert, 4, operation.name);
    bind_optional(upsert, 5, operation.deployment_id);
    upsert.bind(6, static_cast<std::int64_t>(number));
    upsert.bind(7, operation.document);
    return run(upsert, operation);
  }

  Status apply_all(const Work& work, Revision number) {
    for (const Operation& operation : work.operations) WEIR_CHECK_OK(apply(operation, number));
    if (!work.prune_deployment) return {};
    for (const char* owner : {"deployment_id", "session_cluster_id"}) {
      const std::string sql = fmt::format(
          "DELETE FROM events WHERE {0} = ?1 AND sequence <= (SELECT sequence FROM events WHERE "
          "{0} = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)",
          owner);
      Statement prune(database, sql.c_str());
      prune.bind(1, *work.prune_deployment);
      prune.bind(2, work.prune_keep);
      if (prune.step() != SQLITE_DONE) return database.error("Events cannot be removed");
    }
    return {};
  }

  // One disk transaction for all of `batch`.
  std::vector<Done> commit(const std::vector<Queued>& batch) {
    std::vector<Done> done;
    Revision number = revision;
    Status status = database.execute("BEGIN IMMEDIATE");
    for (const Queued& queued : batch) {
      if (!status) break;
      status = database.execute("SAVEPOINT work");
      if (!status) break;
      Status applied = apply_all(queued.work, number + 1);
      status = database.execute(applied ? "RELEASE work" : "ROLLBACK TO work; RELEASE work");
      if (applied) ++number;
      done.push_back({queued.ticket, applied ? Result<Revision>(number)
                                             : Result<Revision>(std::move(applied).error())});
    }
    if (status) {
      save_revision.bind(1, static_cast<std::int64_t>(number));
      if (save_revision.step() != SQLITE_DONE)
        status = database.error("The revision cannot be written");
      save_revision.reset();
    }
    if (status) status = database.execute("COMMIT");
    if (status) {
      revision = number;
      return done;
    }
    // The disk refused: nothing of the batch happened, and everybody hears why.
    (void)database.execute("ROLLBACK");
    done.clear();
    for (const Queued& queued : batch) done.push_back({queued.ticket, status.error()});
    return done;
  }

  void loop() {
    while (true) {
      std::vector<Queued> batch;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return ending || !queue.empty(); });
        if (queue.empty()) return;
        while (!queue.empty() && batch.size() < kBatch) {
          batch.push_back(std::move(queue.front()));
          queue.pop_front();
        }
      }
      on_done(commit(batch));
    }
  }

  Database database;
  Revision revision;
  std::function<void(std::vector<Done>)> on_done;
  Statement select{database, "SELECT revision FROM resources WHERE kind = ? AND id = ?"};
  Statement remove{database, "DELETE FROM resources WHERE kind = ? AND id = ?"};
  Statement upsert{database,
                   "INSERT INTO resources (kind, id, namespace, name, deployment_id, revision, "
                   "document) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET "
                   "namespace = excluded.namespace, name = excluded.name, deployment_id = "
                   "excluded.deployment_id, revision = excluded.revision, document = "
                   "excluded.document"};
  Statement insert_event{database,
                         "INSERT INTO events (id, namespace, deployment_id, job_id, "
                         "session_cluster_id, revision, document) VALUES (?, ?, ?, ?, ?, ?, ?)"};
  Statement save_revision{database, "UPDATE meta SET value = ? WHERE name = 'revision'"};

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Queued> queue;
  bool ending = false;
  Ticket last_ticket = 0;
  std::thread thread;
};

Writer::Writer(Database database, Revision last_revision,
               std::function<void(std::vector<Done>)> on_done)
    : impl_(std::make_unique<Impl>(std::move(database), last_revision, std::move(on_done))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->loop(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ending = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

Writer::Ticket Writer::submit(Work work) {
  Ticket ticket = 0;
  {
    const std::lock_guard lock(impl_->mutex);
    ticket = ++impl_->last_ticket;
    impl_->queue.push_back({ticket, std::move(work)});
  }
  impl_->wake.notify_one();
  return ticket;
}

}  // namespace weir::store
