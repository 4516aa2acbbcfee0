#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::store {

/// One SQLite connection; one thread at a time.
class Database {
 public:
  /// @error kUnavailable
  static Result<Database> open(const std::string& path);

  Status execute(const char* sql);
  /// @return the first column of the first row, 0 without one
  Result<std::int64_t> number(const char* sql);
  sqlite3* handle() const { return handle_.get(); }
  Error error(std::string_view doing) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { ::sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement that is reset by every run.
class Statement {
 public:
  Statement(const Database& database, const char* sql);

  void bind(int index, std::string_view text);
  void bind(int index, std::int64_t number);
  void bind_null(int index);
  /// @return SQLITE_ROW, SQLITE_DONE or an error code
  int step() { return ::sqlite3_step(handle_.get()); }
  void reset();
  std::string_view text(int column) const;
  std::int64_t number(int column) const { return ::sqlite3_column_int64(handle_.get(), column); }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { ::sqlite3_finalize(handle); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// The number of the schema that this binary writes. It grows with the tables and with what the
/// documents in them can say, since an older binary would misread or drop that:
/// 1 the tables; 2 the transition phase PRIME, a savepoint's attempt, a deployment's retries.
inline constexpr int kSchemaVersion = 3;

/// Brings a fresh or older file to `kSchemaVersion` in one transaction.
/// @error kFailedPrecondition "SchemaTooNew", kInternal "StoreDamaged"
Status migrate(Database& database);

}  // namespace weir::store
