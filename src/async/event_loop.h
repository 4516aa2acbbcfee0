#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "async/environment.h"

namespace weir {

/// The machine's implementation of `Environment`: one I/O thread (the one that calls `run`), a pool
/// of worker threads, the system's clocks and ids.
class EventLoop {
 public:
  /// @param workers threads for blocking work, at least 1
  explicit EventLoop(std::size_t workers = 4);
  ~EventLoop();

  Environment environment();
  boost::asio::io_context& context();

  /// Runs `main` and everything it spawns until `main` ends; its exception comes out here.
  void run(Task<void> main);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs one task on a fresh loop until it ends: for tests and small tools.
void run_blocking(const std::function<Task<void>(Environment)>& main);

}  // namespace weir
