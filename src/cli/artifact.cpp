#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/sizes.h"
#include "cli/commands.h"
#include "cli/field.h"
#include "net/url.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
using codec::Node;

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr char kBoundary[] = "weir-upload-7c1f0c5b3b8a4f6f9d1e";

// A multipart body made while it is sent: the file never stands in memory as a whole.
class Upload {
 public:
  static Result<std::shared_ptr<Upload>> open(const std::string& file, Terminal& terminal) {
    std::error_code error;
    if (!fs::is_regular_file(file, error))
      return fail(Code::kNotFound, fmt::format("There is no file {}.", file));
    auto upload = std::make_shared<Upload>(file, terminal);
    if (!upload->in_) return fail(Code::kNotFound, fmt::format("Cannot read {}.", file));
    upload->size_ = fs::file_size(file, error);
    return upload;
  }
  Upload(const std::string& file, Terminal& terminal)
      : name_(fs::path(file).filename().string()),
        in_(file, std::ios::binary),
        progress_(terminal) {
    head_ = fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n",
        kBoundary, name_);
    tail_ = fmt::format("\r\n--{}--\r\n", kBoundary);
  }

  std::uint64_t length() const { return head_.size() + size_ + tail_.size(); }

  Task<Result<std::string>> next() {
    if (step_ == 0) {
      step_ = 1;
      co_return head_;
    }
    if (step_ == 1) {
      std::string piece(kPieceBytes, '\0');
      in_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      piece.resize(static_cast<std::size_t>(in_.gcount()));
      if (!piece.empty()) {
        sent_ += piece.size();
        if (size_ > 0)
          progress_.show(fmt::format("{}: {}% of {}", name_, sent_ * 100 / size_,
                                     format_bytes(static_cast<std::int64_t>(size_))));
        co_return piece;
      }
      if (sent_ != size_) co_return fail(Code::kUnavailable, name_ + " changed while it was sent.");
      step_ = 2;
      progress_.clear();
      co_return tail_;
    }
    co_return std::string();
  }

 private:
  std::string name_;
  std::ifstream in_;
  Progress progress_;
  std::string head_;
  std::string tail_;
  std::uint64_t size_ = 0;
  std::uint64_t sent_ = 0;
  int step_ = 0;
};

std::string path_of_verb(const Session& session, std::string_view verb) {
  return fmt::format("/artifacts/v1/namespaces/{}/artifacts:{}", net::percent_encode(session.ns),
                     verb);
}

Task<Status> upload(Session& session, std::string file) {
  if (file.find('"') != std::string::npos)
    co_return fail(Code::kInvalidArgument, "An artifact's name may not have quotes in it.");
  WEIR_CO_TRY(const auto source, Upload::open(file, session.terminal));
  net::ClientRequest request;
  request.method = "POST";
  request.url = path_of_verb(session, "upload");
  request.headers.set("Content-Type", fmt::format("multipart/form-data; boundary={}", kBoundary));
  request.content_length = source->length();
  request.body_source = [source] { return source->next(); };
  const MonoTime deadline = session.env().now() + std::chrono::hours(2);
  WEIR_CO_TRY(const Answer answer, co_await session.client.send(std::move(request), deadline));
  const Node* artifact = answer.body.find("artifact");
  const Node shown = artifact != nullptr ? *artifact : answer.body;
  if (session.format == Format::kTable) session.terminal.out << text_at(shown, "uri") << std::endl;
  else print_resource(session, *find_kind("artifact"), shown);
  co_return Status();
}

}  // namespace

Task<Status> run(Session& session, const ArtifactCommand& command) {
  if (command.verb == "list") {
    GetCommand list;
    list.kind = "artifacts";
    co_return co_await run(session, list);
  }
  if (command.verb == "upload") co_return co_await upload(session, command.target);
  const std::string path =
      path_of_verb(session, "delete") + "?filename=" + net::percent_encode(command.target);
  WEIR_CO_CHECK_OK(co_await session.client.send("DELETE", path));
  session.terminal.out << "artifact/" << command.target << " deleted" << std::endl;
  co_return Status();
}

}  // namespace weir::cli
