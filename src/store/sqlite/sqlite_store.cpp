#include "store/sqlite/sqlite_store.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "model/documents.h"
#include "store/change_feed.h"
#include "store/read_model.h"
#include "store/sqlite/database.h"
#include "store/sqlite/writer.h"

namespace weir::store {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(Environment env, std::string path) : env_(env), path_(std::move(path)) {}

  ~SqliteStore() override { writer_.reset(); }

  Task<Status> load() {
    // Opening, migrating and reading happen on the pool; the read model is filled there before any
    // other code can see it.
    WEIR_CO_CHECK_OK(co_await env_.run([this] { return load_on_pool(); }));
    feed_.reset(read_model_.revision());
    writer_ = std::make_unique<Writer>(
        std::move(*writer_database_), read_model_.revision(),
        [this](std::vector<Writer::Done> done) {
          boost::asio::post(env_.executor(), [this, alive = alive_, done = std::move(done)] {
            if (*alive) publish(done);
          });
        });
    co_return Status();
  }

  const ReadModel& read() const override { return read_model_; }

  Task<Result<Revision>> commit(Batch batch) override {
    auto request = std::make_shared<Request>(env_.timer);
    request->ticket = writer_->submit(prepare(std::move(batch), *request));
    requests_[request->ticket] = request;
    co_await request->finished.wait();
    co_return std::move(*request->result);
  }

  Task<Result<std::vector<std::shared_ptr<const model::Event>>>> events(
      EventFilter filter) override {
    co_return co_await env_.run([this, filter] { return read_events(filter); });
  }

  Task<Result<std::shared_ptr<const model::Event>>> event(std::string id) override {
    co_return co_await env_.run([this, id]() -> Result<std::shared_ptr<const model::Event>> {
      const std::lock_guard lock(reader_mutex_);
      Statement query(*reader_, "SELECT document FROM events WHERE id = ?");
      query.bind(1, id);
      if (query.step() != SQLITE_ROW) return fail(Code::kNotFound, "Event '" + id + "' not found.");
      return parse<model::Event>(model::Kind::Event, query.text(0));
    });
  }

  Task<Result<std::vector<std::shared_ptr<const model::Revision>>>> revisions(
      std::string deployment_id) override {
    using List = std::vector<std::shared_ptr<const model::Revision>>;
    co_return co_await env_.run([this, deployment_id]() -> Result<List> {
      const std::lock_guard lock(reader_mutex_);
      Statement query(*reader_,
                      "SELECT document FROM resources WHERE kind = ? AND deployment_id = ? "
                      "ORDER BY revision");
      query.bind(1, static_cast<std::int64_t>(model::Kind::Revision));
      query.bind(2, deployment_id);
      List list;
      while (query.step() == SQLITE_ROW) {
        WEIR_TRY(auto item, parse<model::Revision>(model::Kind::Revision, query.text(0)));
        list.push_back(std::move(item));
      }
      return list;
    });
  }

  Task<Status> prune_events(std::string deployment_id, std::size_t keep) override {
    auto request = std::make_shared<Request>(env_.timer);
    Writer::Work work;
    work.prune_deployment = std::move(deployment_id);
    work.prune_keep = static_cast<std::int64_t>(keep);
    request->ticket = writer_->submit(std::move(work));
    requests_[request->ticket] = request;
    co_await request->finished.wait();
    if (!*request->result) co_return std::move(*request->result).error();
    co_return Status();
  }

  std::shared_ptr<void> subscribe(Listener listener) override {
    return feed_.subscribe(std::move(listener));
  }
  Result<std::vector<Change>> changes_since(Revision since) const override {
    return feed_.since(since);
  }

 private:
  struct Request {
    explicit Request(Timer& timer) : finished(timer) {}
    Writer::Ticket ticket = 0;
    std::vector<Change> changes;  // revisions are filled in when the commit is done
    std::optional<Result<Revision>> result;
    Signal finished;
  };

  template <class T>
  static Result<std::shared_ptr<const T>> parse(model::Kind kind, std::string_view text) {
    WEIR_TRY(auto resource, model::from_stored_json(kind, text));
    return std::make_shared<const T>(std::move(std::get<T>(resource)));
  }

  Status load_on_pool() {
    WEIR_TRY(Database database, Database::open(path_));
    WEIR_CHECK_OK(migrate(database));
    WEIR_TRY(const std::int64_t revision,
             database.number("SELECT value FROM meta WHERE name = 'revision'"));
    Statement query(database, "SELECT kind, id, revision, document FROM resources WHERE kind <> ?");
    if (!query) return database.error("The database cannot be read");
    query.bind(1, static_cast<std::int64_t>(model::Kind::Revision));
    int code = SQLITE_OK;
    while ((code = query.step()) == SQLITE_ROW) {
      const auto kind = static_cast<model::Kind>(query.number(0));
      WEIR_TRY(auto resource, model::from_stored_json(kind, query.text(3)));
      Change change;
      change.kind = kind;
      change.id = std::string(query.text(1));
      change.revision = static_cast<Revision>(query.number(2));
      change.resource = std::make_shared<const model::Resource>(std::move(resource));
      read_model_.apply(change);
    }
    if (code != SQLITE_DONE) return database.error("The database cannot be read");
    read_model_.set_revision(static_cast<Revision>(revision));
    writer_database_.emplace(std::move(database));
    WEIR_TRY(Database reader, Database::open(path_));
    reader_.emplace(std::move(reader));
    return {};
  }

  // Documents are written here so that the writer thread touches no shared resource.
  Writer::Work prepare(Batch batch, Request& request) {
    Writer::Work work;
    for (Put& put : batch.puts) {
      if (auto* secret = std::get_if<model::SecretValue>(&put.resource)) secret->spec.value.reset();
      const model::Metadata& metadata = model::metadata_of(put.resource);
      Writer::Operation operation;
      operation.kind = model::kind_of(put.resource);
      operation.id = metadata.id;
      operation.namespace_ = metadata.namespace_;
      if (operation.kind != model::Kind::Event) operation.name = metadata.name;
      operation.deployment_id = metadata.deployment_id;
      operation.job_id = metadata.job_id;
      operation.session_cluster_id = metadata.session_cluster_id;
      operation.expect = put.expect;
      operation.document = model::to_stored_json(put.resource);
      Change change;
      change.kind = operation.kind;
      change.id = operation.id;
      change.namespace_ = operation.namespace_;
      change.created = put.expect.what == Expect::What::kAbsent;
      change.resource = std::make_shared<const model::Resource>(std::move(put.resource));
      work.operations.push_back(std::move(operation));
      request.changes.push_back(std::move(change));
    }
    for (Delete& removal : batch.deletes) {
      Writer::Operation operation;
      operation.kind = removal.kind;
      operation.id = removal.id;
      operation.expect = removal.expect;
      operation.is_delete = true;
      work.operations.push_back(std::move(operation));
      Change change;
      change.kind = removal.kind;
      change.id = removal.id;
      change.deleted = true;
      change.resource = read_model_.lookup(removal.kind, removal.id);
      if (change.resource) change.namespace_ = model::metadata_of(*change.resource).namespace_;
      request.changes.push_back(std::move(change));
    }
    return work;
  }

  void publish(const std::vector<Writer::Done>& done) {
    for (const Writer::Done& entry : done) {
      const auto found = requests_.find(entry.ticket);
      if (found == requests_.end()) continue;
      const std::shared_ptr<Request> request = found->second;
      requests_.erase(found);
      if (entry.result)
        for (Change& change : request->changes) {
          change.revision = *entry.result;
          read_model_.apply(change);
        }
      request->result = entry.result;
      if (entry.result)
        for (const Change& change : request->changes) feed_.publish(change);
      request->finished.notify();
    }
  }

  Result<std::vector<std::shared_ptr<const model::Event>>> read_events(const EventFilter& filter) {
    const std::lock_guard lock(reader_mutex_);
    std::string sql = "SELECT document FROM events WHERE namespace = ?1";
    if (filter.deployment_id) sql += " AND deployment_id = ?2";
    if (filter.job_id) sql += " AND job_id = ?3";
    if (filter.session_cluster_id) sql += " AND session_cluster_id = ?4";
    sql += " ORDER BY sequence DESC LIMIT ?5";
    Statement query(*reader_, sql.c_str());
    if (!query) return reader_->error("Events cannot be read");
    query.bind(1, filter.namespace_);
    if (filter.deployment_id) query.bind(2, *filter.deployment_id);
    if (filter.job_id) query.bind(3, *filter.job_id);
    if (filter.session_cluster_id) query.bind(4, *filter.session_cluster_id);
    query.bind(5, filter.limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(filter.limit));
    std::vector<std::shared_ptr<const model::Event>> list;
    int code = SQLITE_OK;
    while ((code = query.step()) == SQLITE_ROW) {
      WEIR_TRY(auto event, parse<model::Event>(model::Kind::Event, query.text(0)));
      list.push_back(std::move(event));
    }
    if (code != SQLITE_DONE) return reader_->error("Events cannot be read");
    return list;
  }

  Environment env_;
  std::string path_;
  MemoryReadModel read_model_;
  ChangeFeed feed_;
  std::map<Writer::Ticket, std::shared_ptr<Request>> requests_;
  std::optional<Database> writer_database_;
  std::mutex reader_mutex_;
  std::optional<Database> reader_;
  // Posted results may arrive after the store is gone.
  std::shared_ptr<bool> alive_ =
      std::shared_ptr<bool>(new bool(true), [](bool* flag) { delete flag; });
  std::unique_ptr<Writer> writer_;

  struct MarkDead {
    std::shared_ptr<bool> flag;
    ~MarkDead() { *flag = false; }
  } mark_dead_{alive_};
};

}  // namespace

Task<Result<std::unique_ptr<Store>>> open_sqlite_store(Environment env, std::string path) {
  auto store = std::make_unique<SqliteStore>(env, std::move(path));
  WEIR_CO_CHECK_OK(co_await store->load());
  co_return std::unique_ptr<Store>(std::move(store));
}

}  // namespace weir::store
