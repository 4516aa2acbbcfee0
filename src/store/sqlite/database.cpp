#include "store/sqlite/database.h"

#include <fmt/format.h>

namespace weir::store {
namespace {

// "weir" in ASCII: tells our files from other SQLite databases.
constexpr int kApplicationId = 0x77656972;

constexpr char kSchema1[] = R"(
  CREATE TABLE resources (
    kind INTEGER NOT NULL, id TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT,
    deployment_id TEXT, revision INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX resource_names ON resources (kind, namespace, name) WHERE name IS NOT NULL;
  CREATE INDEX resource_owners ON resources (kind, deployment_id) WHERE deployment_id IS NOT NULL;
  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, namespace TEXT NOT NULL,
    deployment_id TEXT, job_id TEXT, session_cluster_id TEXT, revision INTEGER NOT NULL,
    document TEXT NOT NULL) STRICT;
  CREATE INDEX events_of_deployment ON events (deployment_id, sequence);
  CREATE INDEX events_of_namespace ON events (namespace, sequence);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('revision', 0);
)";

constexpr char kSchema3[] = R"(
  CREATE INDEX IF NOT EXISTS events_of_session_cluster ON events (session_cluster_id, sequence)
    WHERE session_cluster_id IS NOT NULL;
)";

}  // namespace

Result<Database> Database::open(const std::string& path) {
  Database database;
  sqlite3* handle = nullptr;
  const int code =
      ::sqlite3_open_v2(path.c_str(), &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database.handle_.reset(handle);
  if (code != SQLITE_OK)
    return fail(Code::kUnavailable, fmt::format("The database '{}' cannot be opened: {}.", path,
                                                ::sqlite3_errstr(code)));
  ::sqlite3_extended_result_codes(handle, 1);
  ::sqlite3_busy_timeout(handle, 5000);
  return database;
}

Error Database::error(std::string_view doing) const {
  const int code = ::sqlite3_errcode(handle_.get()) & 0xff;
  std::string message = fmt::format("{}: {}.", doing, ::sqlite3_errmsg(handle_.get()));
  if (code == SQLITE_FULL)
    return fail(Code::kResourceExhausted, "Disk full: " + message, "DiskFull");
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
    return fail(Code::kInternal, std::move(message), "StoreDamaged");
  return fail(Code::kUnavailable, std::move(message), "StoreUnavailable");
}

Status Database::execute(const char* sql) {
  if (::sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return error("The database refused a statement");
  return {};
}

Result<std::int64_t> Database::number(const char* sql) {
  Statement statement(*this, sql);
  if (!statement) return error("The database cannot be read");
  const int code = statement.step();
  if (code == SQLITE_ROW) return statement.number(0);
  if (code == SQLITE_DONE) return std::int64_t{0};
  return error("The database cannot be read");
}

Statement::Statement(const Database& database, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  ::sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
}

void Statement::bind(int index, std::string_view text) {
  // The caller's text lives until the statement is reset.
  ::sqlite3_bind_text64(handle_.get(), index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void Statement::bind(int index, std::int64_t number) {
  ::sqlite3_bind_int64(handle_.get(), index, number);
}
void Statement::bind_null(int index) { ::sqlite3_bind_null(handle_.get(), index); }

void Statement::reset() {
  ::sqlite3_reset(handle_.get());
  ::sqlite3_clear_bindings(handle_.get());
}

std::string_view Statement::text(int column) const {
  const auto* text = ::sqlite3_column_text(handle_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(::sqlite3_column_bytes(handle_.get(), column))};
}

Status migrate(Database& database) {
  WEIR_TRY(const std::int64_t application, database.number("PRAGMA application_id"));
  WEIR_TRY(const std::int64_t version, database.number("PRAGMA user_version"));
  WEIR_TRY(const std::int64_t tables, database.number("SELECT count(*) FROM sqlite_schema"));
  if (tables > 0 && application != kApplicationId)
    return fail(Code::kInternal, "The file is a database of another program.", "StoreDamaged");
  if (version > kSchemaVersion)
    return fail(
        Code::kFailedPrecondition,
        fmt::format("The database has schema {}, this binary knows up to {}: it was written "
                    "by a newer Weir. Install that version again, or restore a backup.",
                    version, kSchemaVersion),
        "SchemaTooNew");
  // 16 MiB of pages and of log before it is folded back: with 5,000 deployments each write would
  // otherwise read pages again and each few hundred commits wait for a checkpoint.
  WEIR_CHECK_OK(
      database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                       "PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4096;"));
  if (version == kSchemaVersion) return {};
  WEIR_CHECK_OK(database.execute("BEGIN IMMEDIATE"));
  if (version < 1) WEIR_CHECK_OK(database.execute(kSchema1));
  if (version < 3) WEIR_CHECK_OK(database.execute(kSchema3));
  const std::string marks = fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                                        kApplicationId, kSchemaVersion);
  return database.execute(marks.c_str());
}

}  // namespace weir::store
