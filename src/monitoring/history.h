#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir::monitoring {

/// Whose rows: a job's, or one of its vertices'.
struct Source {
  std::string job_id;
  std::string vertex_id;  ///< empty: the job
  auto operator<=>(const Source&) const = default;
};

/// What was measured, in memory: rows of one time and a value for each column. All sources together
/// hold no more than `limit` bytes: what is oldest of all goes first, whoever it belongs to, so
/// that all are remembered about as long. I/O thread only.
class History {
 public:
  /// @param age rows older than that go as well
  History(std::size_t limit, Duration age) : limit_(limit), age_(age) {}

  /// Precondition: a source's rows have all the same number of columns. What is unknown is NaN.
  void add(const Source& source, WallTime time, std::span<const float> row);

  using Row = std::function<void(WallTime time, std::span<const float> row)>;
  /// Rows from `from` up to `to`, both included, in the order in which they were added.
  void each(const Source& source, WallTime from, WallTime to, const Row& row) const;

  struct Span {
    WallTime first;
    WallTime last;
  };
  /// When the source's rows were measured; nothing if there are none.
  std::optional<Span> span_of(const Source& source) const;
  /// Ids of the job's vertices that have rows.
  std::vector<std::string> vertices_of(const std::string& job_id) const;

  /// What is held, what goes with it included.
  std::size_t bytes() const { return bytes_; }
  std::size_t limit() const { return limit_; }

 private:
  /// Rows are kept, and forgotten, a few at a time.
  static constexpr std::size_t kRows = 64;
  struct Piece {
    const Source* source = nullptr;  ///< the map's own key
    std::size_t columns = 0;
    std::vector<std::int64_t> times;  ///< epoch milliseconds
    std::vector<float> values;        ///< row by row
    std::size_t bytes() const;
  };
  using Pieces = std::list<Piece>;  ///< of all sources, in the order in which they were begun
  using Sources = std::map<Source, std::deque<Pieces::iterator>>;

  Piece& piece_for(const Source& source, std::size_t columns);
  void forget_oldest();
  void make_room(WallTime now);

  std::size_t limit_;
  Duration age_;
  std::size_t bytes_ = 0;
  Pieces pieces_;
  Sources sources_;
};

}  // namespace weir::monitoring
