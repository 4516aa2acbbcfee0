#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/call.h"
#include "api/resource_texts.h"
#include "async/signal.h"
#include "model/label_selector.h"

namespace weir::api {

/// Whether the API shows this kind.
bool is_public(model::Kind kind);

/// Which changes a subscriber wants.
struct FeedFilter {
  std::string namespace_;          ///< empty = all
  std::vector<model::Kind> kinds;  ///< of the public ones; empty = all of these
  std::string deployment_id;       ///< empty = all
  std::optional<model::LabelSelector> selector;
  bool history = false;  ///< past events too, when the feed starts with what is there

  bool takes(model::Kind kind, const model::Metadata& metadata) const;
};

/// One change as every subscriber gets it; the object is written once for all of them.
struct FeedItem {
  store::Revision revision = 0;
  model::Kind kind{};
  bool created = false;
  bool deleted = false;
  std::shared_ptr<const model::Resource> resource;
  std::shared_ptr<const std::string> json;
};

/// Live feeds of changes over server-sent events. I/O thread only.
///
/// A subscriber has a bounded queue. One that is too slow, or whose `Last-Event-ID` is too old, is
/// told RESYNC, which means "forget what you know", and gets what is there now as ADDED, a BOOKMARK
/// and then changes, as a new subscriber does.
class Feeds {
 public:
  static constexpr std::size_t kQueue = 1000;
  static constexpr int kResyncs = 3;  ///< in a row; then the client is too slow for this feed

  /// @param texts outlives this, as the store does
  Feeds(Environment env, store::Store& store, ResourceTexts& texts);

  /// A streamed answer. @param last_event_id revision that the client has seen; nothing: from now,
  /// beginning with what is there
  net::Response open(FeedFilter filter, std::optional<store::Revision> last_event_id);
  std::size_t open_feeds() const { return subscribers_.size(); }
  /// Ends every feed; no new one lives longer than its first piece.
  void stop();

 private:
  struct Subscriber;
  struct Membership;

  void publish(const store::Change& change);
  Task<Status> serve(std::shared_ptr<Subscriber> subscriber, net::BodyWriter& writer,
                     std::optional<store::Revision> last_event_id);
  Task<Status> send_present(Subscriber& subscriber, net::BodyWriter& writer);
  Task<Status> send_history(Subscriber& subscriber, net::BodyWriter& writer,
                            store::Revision revision);
  Status queue_since(Subscriber& subscriber, store::Revision revision);

  Environment env_;
  store::Store& store_;
  ResourceTexts& texts_;
  std::list<Subscriber*> subscribers_;
  bool stopped_ = false;
  std::shared_ptr<void> subscription_;
};

/// A feed of the request's namespace and filters. @param kinds what the path itself means
Result<net::Response> open_feed(Call& call, std::vector<model::Kind> kinds);

}  // namespace weir::api
