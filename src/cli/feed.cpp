#include "cli/feed.h"

#include "cli/field.h"
#include "codec/json_text.h"

namespace weir::cli {
namespace {

constexpr int kConnectTries = 5;

}  // namespace

std::vector<FeedEvent> FeedParser::add(std::string_view piece) {
  std::vector<FeedEvent> events;
  pending_ += piece;
  std::size_t start = 0;
  for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', start)) {
    std::string_view text = std::string_view(pending_).substr(start, end - start);
    if (text.ends_with('\r')) text.remove_suffix(1);
    line(text, events);
    start = end + 1;
  }
  pending_.erase(0, start);
  return events;
}

void FeedParser::line(std::string_view text, std::vector<FeedEvent>& out) {
  if (text.empty()) {
    if (auto parsed = codec::parse_json(data_); parsed && parsed->is_object()) {
      FeedEvent event{text_at(*parsed, "type"), {}};
      if (const codec::Node* object = parsed->find("object")) event.object = *object;
      out.push_back(std::move(event));
    }
    data_.clear();
    return;
  }
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") data_ += value;
  if (name == "id") last_id_ = value;
}

Task<Status> Feed::connect(MonoTime deadline) {
  Error last;
  for (int i = 0; i < kConnectTries && client_.env().now() < deadline; ++i) {
    net::ClientRequest request;
    request.url = path_;
    request.headers.set("Accept", "text/event-stream");
    if (!parser_.last_id().empty()) request.headers.set("Last-Event-ID", parser_.last_id());
    auto opened = co_await client_.open(std::move(request), deadline);
    if (opened) {
      stream_ = std::move(*opened);
      co_return Status();
    }
    last = std::move(opened).error();
    // Only a feed that has worked is worth waiting for: its server may be starting again.
    const bool worked = !parser_.last_id().empty();
    if (last.code != Code::kUnavailable || !worked) break;
    const MonoTime again = client_.env().now() + std::chrono::seconds(1);
    co_await sleep_until(client_.env().timer, std::min(again, deadline));
  }
  co_return last;
}

Task<Result<std::optional<FeedEvent>>> Feed::next(MonoTime deadline) {
  while (true) {
    if (!ready_.empty()) {
      FeedEvent event = std::move(ready_.front());
      ready_.pop_front();
      co_return std::optional<FeedEvent>(std::move(event));
    }
    if (client_.env().now() >= deadline) co_return std::optional<FeedEvent>();
    if (!stream_) {
      const Status connected = co_await connect(deadline);
      if (!connected && client_.env().now() >= deadline) co_return std::optional<FeedEvent>();
      if (!connected) co_return connected.error();
    }
    auto piece = co_await stream_->read(deadline);
    if (!piece || piece->empty()) {
      stream_.reset();
      continue;
    }
    for (FeedEvent& event : parser_.add(*piece)) ready_.push_back(std::move(event));
  }
}

}  // namespace weir::cli
