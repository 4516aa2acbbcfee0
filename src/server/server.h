#pragma once

#include <ostream>
#include <string>

#include "async/environment.h"
#include "async/signal.h"
#include "base/result.h"
#include "server/configuration.h"

namespace weir::server {

struct RunOptions {
  std::string ready_file;       ///< gets the URL once the server answers; empty = none
  bool stop_jobs = false;       ///< end the jobs' processes too; the next start resumes them
  std::string shim;             ///< absolute path of weir-shim
  std::ostream* out = nullptr;  ///< gets one line with the URL; nullptr = nobody
};

/// Puts the server together, serves until `stop` is notified and takes it apart again. Jobs go on
/// without it unless told otherwise. On any error nothing is left running.
/// @param configuration with absolute paths
/// @error kFailedPrecondition the data directory is taken or unfit, weir-shim is missing, the
///        database is of a newer Weir
/// @error kUnavailable        the port is taken, the disk cannot be written
Task<Status> run_server(Environment env, Configuration configuration, RunOptions options,
                        Signal& stop);

/// As many descriptors as the system allows: every connection and running process costs some.
void raise_descriptor_limit();

}  // namespace weir::server
