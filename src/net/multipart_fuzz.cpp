// A form has the same parts however its body is cut. The boundary is "XX".
#include "async/virtual_loop.h"
#include "net/multipart.h"

namespace weir::net {
namespace {

class PiecewiseBody final : public BodyReader {
 public:
  PiecewiseBody(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Task<Result<std::string>> read() override {
    std::string piece = text_.substr(0, piece_);
    text_.erase(0, piece.size());
    co_return piece;
  }
  void limit(std::uint64_t) override {}

 private:
  std::string text_;
  std::size_t piece_;
};

Task<void> read(BodyReader& body, std::string& seen) {
  MultipartReader reader(body, "XX");
  while (true) {
    auto part = co_await reader.next();
    if (!part) seen += "!" + part.error().reason;
    if (!part || !*part) co_return;
    seen += (*part)->name + "/" + (*part)->filename.value_or("-") + "=";
    while (true) {
      auto piece = co_await reader.read();
      if (!piece) seen += "!" + piece.error().reason;
      if (!piece) co_return;
      if (piece->empty()) break;
      seen += *piece;
    }
  }
}

std::string parse(const std::string& input, std::size_t piece) {
  VirtualLoop loop(1);
  PiecewiseBody body(input, piece);
  std::string seen;
  if (!loop.run(read(body, seen))) __builtin_trap();
  return seen;
}

}  // namespace
}  // namespace weir::net

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  (void)weir::net::multipart_boundary(input);
  const std::string whole = weir::net::parse(input, std::string::npos);
  for (std::size_t piece : {1, 5})
    if (weir::net::parse(input, piece) != whole) __builtin_trap();
  return 0;
}
