#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "async/signal.h"

namespace weir {

/// A bounded queue from any number of producers to one consumer. I/O thread only.
template <class T>
class Channel {
 public:
  Channel(Timer& timer, std::size_t capacity) : ready_(timer), capacity_(capacity) {}

  /// @return false when the queue is full or closed; the value is then dropped.
  bool try_push(T value) {
    if (closed_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(value));
    ready_.notify();
    return true;
  }

  /// The next value; nothing when `deadline` passed or the channel is closed and empty.
  Task<std::optional<T>> pop(MonoTime deadline) {
    while (queue_.empty()) {
      if (closed_) co_return std::nullopt;
      if (!co_await ready_.wait(deadline)) co_return std::nullopt;
    }
    T value = std::move(queue_.front());
    queue_.pop_front();
    co_return std::optional<T>(std::move(value));
  }

  /// No more values are taken; the consumer gets what is queued, then nothing.
  void close() {
    closed_ = true;
    ready_.notify();
  }
  bool closed() const { return closed_; }
  std::size_t size() const { return queue_.size(); }

 private:
  Signal ready_;
  std::size_t capacity_;
  std::deque<T> queue_;
  bool closed_ = false;
};

}  // namespace weir
