#include "net/sse.h"

#include <fmt/format.h>

namespace weir::net {
namespace {

// A field's value is one line; NUL in an id makes clients drop it.
std::string one_line(std::string_view text) {
  std::string line;
  for (char c : text)
    if (c != '\n' && c != '\r' && c != '\0') line += c;
  return line;
}

// One line of the field for each line of the text.
void append_lines(std::string& out, std::string_view field, std::string_view text) {
  while (true) {
    const auto end = text.find_first_of("\r\n");
    out.append(field).append(text.substr(0, end)).append("\n");
    if (end == std::string_view::npos) return;
    const bool pair = text.substr(end, 2) == "\r\n";
    text.remove_prefix(end + (pair ? 2 : 1));
  }
}

}  // namespace

std::string format_event(const ServerEvent& event) {
  std::string out;
  if (!event.id.empty()) out += "id: " + one_line(event.id) + "\n";
  if (!event.name.empty()) out += "event: " + one_line(event.name) + "\n";
  append_lines(out, "data: ", event.data);
  return out + "\n";
}

Task<Status> SseWriter::send(ServerEvent event) {
  const std::string text = format_event(event);
  co_return co_await writer_.write(text);
}

Task<Status> SseWriter::comment(std::string text) {
  std::string out;
  append_lines(out, ":", text);
  out += "\n";
  co_return co_await writer_.write(out);
}

Task<Status> SseWriter::retry_after(Duration wait) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
  const std::string text = fmt::format("retry: {}\n\n", ms);
  co_return co_await writer_.write(text);
}

Response sse_response(std::function<Task<Status>(BodyWriter&)> stream) {
  Response response;
  response.headers.set("Content-Type", "text/event-stream; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Accel-Buffering", "no");
  response.stream = std::move(stream);
  return response;
}

}  // namespace weir::net
