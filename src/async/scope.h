#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "async/signal.h"
#include "async/task.h"

namespace weir {

/// Owns coroutines: nothing runs that no Scope can stop and join. I/O thread only.
/// Life: spawn at will; `stop()` once (more often is harmless); only then destroy.
class Scope {
 public:
  /// @param name appears in the log when a coroutine ends by an exception
  Scope(Timer& timer, std::string name);
  /// Precondition: no coroutine is left (asserted).
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// Runs `task` until it ends. An exception that is not a cancellation is a bug: it is logged with
  /// the names and counted, the other coroutines go on. After `stop()` the task is dropped unrun.
  void spawn(std::string name, Task<void> task);

  /// Cancels every coroutine and returns when all have ended.
  Task<void> stop();
  /// Cancels every coroutine without waiting; `stop()` must still follow.
  void cancel();

  bool stopping() const { return stopping_; }
  std::size_t size() const { return children_.size(); }

 private:
  struct Child;
  void ended(std::list<std::unique_ptr<Child>>::iterator child, std::exception_ptr failure);

  Timer& timer_;
  std::string name_;
  Signal emptied_;
  bool stopping_ = false;
  std::list<std::unique_ptr<Child>> children_;
};

/// How many coroutines ended by an unexpected exception since the process started.
std::size_t failed_coroutines();

}  // namespace weir
