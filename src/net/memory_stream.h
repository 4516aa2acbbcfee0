#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "net/stream.h"

namespace weir::net {

/// A stream over memory, for tests and fuzzers: gives `input` in pieces of at most `piece` bytes,
/// then its end; collects what is written. Nothing ever waits.
class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(std::string input, std::size_t piece = std::string::npos)
      : input_(std::move(input)), piece_(std::max<std::size_t>(piece, 1)) {}

  Task<Result<std::size_t>> read_some(char* data, std::size_t size, MonoTime) override {
    const std::size_t count = std::min({size, piece_, input_.size() - at_});
    input_.copy(data, count, at_);
    at_ += count;
    co_return count;
  }
  Task<Status> write(std::string_view data, MonoTime) override {
    written_ += data;
    co_return Status();
  }
  Task<Status> wait_readable(MonoTime) override { co_return Status(); }
  void end_output() override {}
  bool peer_ended() const override { return at_ == input_.size(); }
  void close() override { at_ = input_.size(); }
  std::string peer() const override { return "memory"; }

  const std::string& written() const { return written_; }

 private:
  std::string input_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::string written_;
};

}  // namespace weir::net
