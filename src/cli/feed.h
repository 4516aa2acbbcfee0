#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/client.h"

namespace weir::cli {

/// One message of the server's live feed.
struct FeedEvent {
  std::string type;  ///< ADDED | MODIFIED | DELETED | RESYNC | BOOKMARK
  codec::Node object;
};

/// Cuts server-sent events out of a byte stream; pieces may end anywhere.
class FeedParser {
 public:
  /// @return the events that are complete now; comments and what is no JSON are dropped
  std::vector<FeedEvent> add(std::string_view piece);
  /// The id of the last event, for going on after a broken connection; may be empty.
  const std::string& last_id() const { return last_id_; }

 private:
  void line(std::string_view text, std::vector<FeedEvent>& out);

  std::string pending_;
  std::string data_;
  std::string last_id_;
};

/// A live feed that connects again by itself where it was cut, until its server answers no more.
class Feed {
 public:
  /// @param path with its query, e.g. "/api/v1/watch?namespace=default&kinds=Deployment"
  Feed(Client& client, std::string path) : client_(client), path_(std::move(path)) {}

  /// The next event; nothing when `deadline` passed.
  /// @error kUnavailable the server is gone for several seconds; what it answers otherwise
  Task<Result<std::optional<FeedEvent>>> next(MonoTime deadline);

 private:
  Task<Status> connect(MonoTime deadline);

  Client& client_;
  std::string path_;
  std::unique_ptr<net::ClientStream> stream_;
  FeedParser parser_;
  std::deque<FeedEvent> ready_;
};

}  // namespace weir::cli
