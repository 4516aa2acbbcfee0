#include "monitoring/history.h"

#include <cassert>

namespace weir::monitoring {
namespace {
// A source's entry, its key included: about what the map's node and the two ids take.
constexpr std::size_t kSourceBytes = 256;
// The list's node and the two vectors.
constexpr std::size_t kPieceBytes = 128;
}  // namespace

std::size_t History::Piece::bytes() const {
  return kPieceBytes + kRows * (sizeof(std::int64_t) + columns * sizeof(float));
}

History::Piece& History::piece_for(const Source& source, std::size_t columns) {
  const auto [entry, is_new] = sources_.try_emplace(source);
  if (is_new) bytes_ += kSourceBytes;
  auto& own = entry->second;
  if (!own.empty() && own.back()->times.size() < kRows) return *own.back();
  Piece& piece = pieces_.emplace_back();
  piece.source = &entry->first;
  piece.columns = columns;
  piece.times.reserve(kRows);
  piece.values.reserve(kRows * columns);
  bytes_ += piece.bytes();
  own.push_back(std::prev(pieces_.end()));
  return piece;
}

void History::forget_oldest() {
  const auto oldest = pieces_.begin();
  bytes_ -= oldest->bytes();
  const auto entry = sources_.find(*oldest->source);
  entry->second.pop_front();
  if (entry->second.empty()) {
    sources_.erase(entry);
    bytes_ -= kSourceBytes;
  }
  pieces_.erase(oldest);
}

void History::make_room(WallTime now) {
  const std::int64_t oldest = to_epoch_ms(now - age_);
  while (pieces_.size() > 1 && (bytes_ > limit_ || pieces_.front().times.back() < oldest))
    forget_oldest();
}

void History::add(const Source& source, WallTime time, std::span<const float> row) {
  Piece& piece = piece_for(source, row.size());
  assert(piece.columns == row.size());
  piece.times.push_back(to_epoch_ms(time));
  piece.values.insert(piece.values.end(), row.begin(), row.end());
  make_room(time);
}

void History::each(const Source& source, WallTime from, WallTime to, const Row& row) const {
  const auto entry = sources_.find(source);
  if (entry == sources_.end()) return;
  const std::int64_t first = to_epoch_ms(from), last = to_epoch_ms(to);
  for (const auto& piece : entry->second)
    for (std::size_t i = 0; i < piece->times.size(); ++i)
      if (piece->times[i] >= first && piece->times[i] <= last)
        row(from_epoch_ms(piece->times[i]),
            std::span(piece->values).subspan(i * piece->columns, piece->columns));
}

std::optional<History::Span> History::span_of(const Source& source) const {
  const auto entry = sources_.find(source);
  if (entry == sources_.end()) return std::nullopt;
  return Span{from_epoch_ms(entry->second.front()->times.front()),
              from_epoch_ms(entry->second.back()->times.back())};
}

std::vector<std::string> History::vertices_of(const std::string& job_id) const {
  std::vector<std::string> ids;
  for (auto entry = sources_.lower_bound({job_id, ""});
       entry != sources_.end() && entry->first.job_id == job_id; ++entry)
    if (!entry->first.vertex_id.empty()) ids.push_back(entry->first.vertex_id);
  return ids;
}

}  // namespace weir::monitoring
