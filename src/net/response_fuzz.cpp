// An answer means the same however the network cuts it.
#include "async/virtual_loop.h"
#include "net/memory_stream.h"
#include "net/message_parser.h"

namespace weir::net {
namespace {

Task<void> read(std::string input, std::size_t piece, std::string& seen) {
  MemoryStream stream(std::move(input), piece);
  ResponseParser parser(false);
  ResponseHead head;
  if (!co_await parser.read_head(stream, MonoTime::max(), head)) {
    seen = "refused";
    co_return;
  }
  seen = std::to_string(head.status);
  for (const auto& [name, value] : head.headers) seen += "\n" + name + ":" + value;
  seen += "\n\n";
  while (true) {
    const auto body = co_await parser.read_body(stream, MonoTime::max());
    if (!body) seen += "\nbroken off";
    if (!body || body->empty()) co_return;
    seen += *body;
  }
}

std::string parse(const std::string& input, std::size_t piece) {
  VirtualLoop loop(1);
  std::string seen;
  if (!loop.run(read(input, piece, seen))) __builtin_trap();
  // How much of a broken body arrives before the break is noticed is no promise.
  if (seen.ends_with("\nbroken off")) seen.erase(seen.find("\n\n"));
  return seen;
}

}  // namespace
}  // namespace weir::net

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::string whole = weir::net::parse(input, std::string::npos);
  if (weir::net::parse(input, 7) != whole) __builtin_trap();
  return 0;
}
