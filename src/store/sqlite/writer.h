#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace weir::store {

/// The one thread that writes. It takes whatever has queued while the previous commit was syncing
/// and makes it durable with one disk commit; each caller's work has a savepoint of its own, so one
/// refusal does not disturb the others. `submit` is safe from the I/O thread.
class Writer {
 public:
  using Ticket = std::uint64_t;

  struct Operation {
    model::Kind kind{};
    std::string id;
    std::string namespace_;
    std::optional<std::string> name;
    std::optional<std::string> deployment_id;
    std::optional<std::string> job_id;
    std::optional<std::string> session_cluster_id;
    Expect expect;
    std::string document;
    bool is_delete = false;
  };
  struct Work {
    std::vector<Operation> operations;
    std::optional<std::string> prune_deployment;
    std::int64_t prune_keep = 0;
  };
  struct Done {
    Ticket ticket = 0;
    Result<Revision> result;
  };

  /// @param on_done called on the writer thread after each disk commit, in commit order
  Writer(Database database, Revision last_revision, std::function<void(std::vector<Done>)> on_done);
  /// Finishes what was submitted.
  ~Writer();

  Ticket submit(Work work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::store
