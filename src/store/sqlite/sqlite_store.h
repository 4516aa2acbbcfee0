#pragma once

#include <memory>
#include <string>

#include "async/environment.h"
#include "store/store.h"

namespace weir::store {

/// Opens (or creates) the database file and loads the read model. Destroying the store waits for
/// the commits that were taken.
/// @error kFailedPrecondition reason "SchemaTooNew": written by a newer Weir
/// @error kInternal           reason "StoreDamaged": not a database of ours, or broken
/// @error kUnavailable        the file cannot be opened
Task<Result<std::unique_ptr<Store>>> open_sqlite_store(Environment env, std::string path);

}  // namespace weir::store
