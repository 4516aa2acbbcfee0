#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http.h"

namespace weir::net {

/// One server-sent event.
struct ServerEvent {
  std::string id;    ///< empty = the client keeps its last one
  std::string name;  ///< empty = "message"
  std::string data;  ///< lines end by \n, \r\n or \r
};

/// Writes server-sent events onto a streamed answer. Each call is one complete write, so that an
/// event is never held back. Errors are the writer's: the client is gone or too slow.
class SseWriter {
 public:
  explicit SseWriter(BodyWriter& writer) : writer_(writer) {}

  Task<Status> send(ServerEvent event);
  /// A line that clients ignore; keeps proxies from cutting a silent stream.
  Task<Status> comment(std::string text = {});
  /// How long a client waits before it connects again.
  Task<Status> retry_after(Duration wait);

 private:
  BodyWriter& writer_;
};

/// The text of an event on the wire, with its empty line.
std::string format_event(const ServerEvent& event);

/// An answer of server-sent events: not cached, not buffered by proxies. `stream` is its body.
Response sse_response(std::function<Task<Status>(BodyWriter&)> stream);

}  // namespace weir::net
