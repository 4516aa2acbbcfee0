#include "api/feeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/strings.h"
#include "codec/describe_json.h"
#include "model/documents.h"
#include "net/sse.h"

namespace weir::api {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(15);
constexpr std::size_t kPiece = 64 * 1024;

constexpr model::Kind kPublic[] = {model::Kind::Deployment,       model::Kind::Job,
                                   model::Kind::Savepoint,        model::Kind::Event,
                                   model::Kind::DeploymentTarget, model::Kind::DeploymentDefaults,
                                   model::Kind::SecretValue,      model::Kind::SessionCluster};

enum class Resumable { kNo, kYes };

// A RESYNC and what is told before its BOOKMARK have no id: a client that loses the connection in
// the middle must not resume behind what it never got.
std::string frame(std::string_view type, store::Revision revision, std::string_view json,
                  Resumable resumable) {
  const std::string object = json.empty() ? "" : fmt::format(",\"object\":{}", json);
  net::ServerEvent event;
  if (resumable == Resumable::kYes) event.id = std::to_string(revision);
  event.name = to_lower(type);
  event.data = fmt::format("{{\"type\":\"{}\",\"revision\":{}{}}}", type, revision, object);
  return net::format_event(event);
}

std::string_view type_of(const FeedItem& item, const FeedFilter& filter) {
  if (item.deleted) return "DELETED";
  // What leaves a selector is gone for its subscriber.
  if (filter.selector) {
    const auto& labels = model::metadata_of(*item.resource).labels;
    if (!filter.selector->matches(labels ? *labels : model::StringMap())) return "DELETED";
  }
  return item.created ? "ADDED" : "MODIFIED";
}

std::vector<model::Resource> present(const store::ReadModel& read, const FeedFilter& filter) {
  std::vector<model::Resource> all;
  const auto take = [&](const auto& list) {
    for (const auto& stored : list) {
      using T = std::remove_cvref_t<decltype(*stored)>;
      if (!filter.takes(model::kind_of<T>(), stored->metadata)) continue;
      static const model::StringMap kNone;
      const auto& labels = stored->metadata.labels;
      if (filter.selector && !filter.selector->matches(labels ? *labels : kNone)) continue;
      all.emplace_back(*stored);
    }
  };
  take(read.targets(filter.namespace_));
  if (const auto defaults = read.defaults(filter.namespace_)) take(std::vector{defaults});
  take(read.secrets(filter.namespace_));
  take(read.session_clusters(filter.namespace_));
  take(read.deployments(filter.namespace_));
  take(read.jobs(filter.namespace_));
  take(read.savepoints(filter.namespace_));
  return all;
}

}  // namespace

bool is_public(model::Kind kind) {
  return std::find(std::begin(kPublic), std::end(kPublic), kind) != std::end(kPublic);
}

bool FeedFilter::takes(model::Kind kind, const model::Metadata& metadata) const {
  if (!is_public(kind)) return false;
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
  if (!namespace_.empty() && metadata.namespace_ != namespace_) return false;
  if (deployment_id.empty()) return true;
  return kind == model::Kind::Deployment ? metadata.id == deployment_id
                                         : metadata.deployment_id == deployment_id;
}

struct Feeds::Subscriber {
  Subscriber(Timer& timer, FeedFilter f) : filter(std::move(f)), wake(timer) {}
  FeedFilter filter;
  Signal wake;
  std::deque<FeedItem> queue;
  bool overflowed = false;
  bool ended = false;
  std::set<std::string> told;  ///< events of the history, which may also be queued

  void push(FeedItem item) {
    if (overflowed) return;
    if (queue.size() >= kQueue) {
      queue.clear();
      overflowed = true;
    } else {
      queue.push_back(std::move(item));
    }
    wake.notify();
  }
};

/// Listed while it lives.
struct Feeds::Membership {
  Membership(Feeds& f, Subscriber& s) : feeds(f), subscriber(s) {
    feeds.subscribers_.push_back(&subscriber);
  }
  ~Membership() { feeds.subscribers_.remove(&subscriber); }
  Feeds& feeds;
  Subscriber& subscriber;
};

Feeds::Feeds(Environment env, store::Store& store, ResourceTexts& texts)
    : env_(env), store_(store), texts_(texts) {
  subscription_ = store.subscribe([this](const store::Change& change) { publish(change); });
}

void Feeds::publish(const store::Change& change) {
  if (!is_public(change.kind)) return;
  FeedItem item{change.revision, change.kind, change.created, change.deleted, change.resource, {}};
  for (Subscriber* subscriber : subscribers_) {
    if (!subscriber->filter.takes(change.kind, model::metadata_of(*change.resource))) continue;
    if (!item.json) item.json = texts_.of(change);
    subscriber->push(item);
  }
}

void Feeds::stop() {
  stopped_ = true;
  subscription_.reset();
  for (Subscriber* subscriber : subscribers_) {
    subscriber->ended = true;
    subscriber->wake.notify();
  }
}

net::Response Feeds::open(FeedFilter filter, std::optional<store::Revision> last_event_id) {
  auto subscriber = std::make_shared<Subscriber>(env_.timer, std::move(filter));
  return net::sse_response([this, subscriber, last_event_id](net::BodyWriter& writer) {
    return serve(subscriber, writer, last_event_id);
  });
}

Status Feeds::queue_since(Subscriber& subscriber, store::Revision revision) {
  if (revision > store_.read().revision())
    return fail(Code::kNotFound, "That revision is of another history.");
  WEIR_TRY(const std::vector<store::Change> changes, store_.changes_since(revision));
  for (const store::Change& change : changes) {
    // What is only on disk has no state here once it is deleted.
    if (!is_public(change.kind)) continue;
    if (!subscriber.filter.takes(change.kind, model::metadata_of(*change.resource))) continue;
    subscriber.push({change.revision, change.kind, change.created, change.deleted, change.resource,
                     std::make_shared<const std::string>(model::to_api_json(*change.resource))});
  }
  return {};
}

Task<Status> Feeds::serve(std::shared_ptr<Subscriber> subscriber, net::BodyWriter& writer,
                          std::optional<store::Revision> last_event_id) {
  const Membership membership(*this, *subscriber);
  bool resync = false;
  bool from_start = !last_event_id;
  if (last_event_id && !queue_since(*subscriber, *last_event_id)) resync = true;
  // Something at once, so that the client knows it is connected.
  WEIR_CO_CHECK_OK(co_await writer.write(":\n\n"));
  int resyncs = 0;
  while (!stopped_ && !subscriber->ended) {
    if (std::exchange(subscriber->overflowed, false)) resync = true;
    if (resync && ++resyncs > kResyncs) co_return Status();
    if (resync)
      WEIR_CO_CHECK_OK(
          co_await writer.write(frame("RESYNC", store_.read().revision(), {}, Resumable::kNo)));
    if (std::exchange(resync, false) || std::exchange(from_start, false)) {
      WEIR_CO_CHECK_OK(co_await send_present(*subscriber, writer));
      continue;
    }
    if (subscriber->queue.empty()) {
      resyncs = 0;
      subscriber->told.clear();
      if (!co_await subscriber->wake.wait(env_.now() + kHeartbeat))
        WEIR_CO_CHECK_OK(co_await writer.write(":\n\n"));
      continue;
    }
    std::string piece;
    while (!subscriber->queue.empty() && piece.size() < kPiece) {
      const FeedItem item = std::move(subscriber->queue.front());
      subscriber->queue.pop_front();
      if (subscriber->told.contains(model::metadata_of(*item.resource).id)) continue;
      piece += frame(type_of(item, subscriber->filter), item.revision, *item.json, Resumable::kYes);
    }
    WEIR_CO_CHECK_OK(co_await writer.write(piece));
  }
  co_return Status();
}

Task<Status> Feeds::send_present(Subscriber& subscriber, net::BodyWriter& writer) {
  // Queued changes are newer than this revision; what is older is in the read model.
  const store::Revision revision = store_.read().revision();
  subscriber.queue.clear();
  const std::vector<model::Resource> all = present(store_.read(), subscriber.filter);
  std::string piece;
  for (const model::Resource& resource : all) {
    piece += frame("ADDED", revision, model::to_api_json(resource), Resumable::kNo);
    if (piece.size() < kPiece) continue;
    WEIR_CO_CHECK_OK(co_await writer.write(piece));
    piece.clear();
    if (subscriber.overflowed || subscriber.ended) co_return Status();
  }
  WEIR_CO_CHECK_OK(co_await writer.write(piece));
  if (subscriber.filter.history)
    WEIR_CO_CHECK_OK(co_await send_history(subscriber, writer, revision));
  co_return co_await writer.write(frame("BOOKMARK", revision, {}, Resumable::kYes));
}

Task<Status> Feeds::send_history(Subscriber& subscriber, net::BodyWriter& writer,
                                 store::Revision revision) {
  store::EventFilter filter;
  filter.namespace_ = subscriber.filter.namespace_;
  if (!subscriber.filter.deployment_id.empty())
    filter.deployment_id = subscriber.filter.deployment_id;
  WEIR_CO_TRY(auto events, co_await store_.events(std::move(filter)));
  std::reverse(events.begin(), events.end());  // oldest first, as they happened
  for (const auto& event : events) {
    if (!subscriber.filter.takes(model::Kind::Event, event->metadata)) continue;
    subscriber.told.insert(event->metadata.id);
    WEIR_CO_CHECK_OK(co_await writer.write(
        frame("ADDED", revision, model::to_api_json(*event), Resumable::kNo)));
  }
  co_return Status();
}

Result<net::Response> open_feed(Call& call, std::vector<model::Kind> kinds) {
  FeedFilter filter;
  filter.namespace_ = call.ns;
  filter.kinds = std::move(kinds);
  filter.deployment_id = to_lower(call.query("deploymentId"));
  filter.history = call.flag("history");
  if (call.request.url.has("labelSelector")) {
    WEIR_TRY(filter.selector, model::LabelSelector::parse(call.query("labelSelector")));
  }
  std::string seen(trim(call.request.headers.get("Last-Event-ID")));
  if (seen.empty()) seen = call.query("lastEventId");
  std::optional<store::Revision> last;
  if (!seen.empty()) {
    store::Revision number = 0;
    const auto [end, error] = std::from_chars(seen.data(), seen.data() + seen.size(), number);
    if (error != std::errc() || end != seen.data() + seen.size())
      return fail(Code::kInvalidArgument, "Last-Event-ID is not an id of this feed.", "isInvalid");
    last = number;
  }
  return call.context.feeds.open(std::move(filter), last);
}

}  // namespace weir::api
