#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "async/signal.h"

namespace weir::runtime {

/// Lets one coroutine at a time work on a name, in the order of asking. I/O thread only.
class Turns : public std::enable_shared_from_this<Turns> {
  struct Waiter {
    explicit Waiter(Timer& timer) : granted(timer) {}
    Signal granted;
    bool has_turn = false;
  };

 public:
  explicit Turns(Timer& timer) : timer_(timer) {}

  /// The turn; ends when destroyed.
  class Turn {
   public:
    Turn(std::shared_ptr<Turns> turns, std::string name)
        : turns_(std::move(turns)), name_(std::move(name)) {}
    Turn(Turn&&) = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_) turns_->pass_on(name_);
    }

   private:
    std::shared_ptr<Turns> turns_;
    std::string name_;
  };

  /// @return nothing when `deadline` passed first. Cancellation: throws at once, and the turn goes
  /// to the next.
  Task<std::optional<Turn>> take(std::string name, MonoTime deadline);

 private:
  void pass_on(const std::string& name);

  Timer& timer_;
  std::map<std::string, std::list<std::shared_ptr<Waiter>>> waiting_;  // an entry: somebody's turn
};

}  // namespace weir::runtime
