#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "async/environment.h"
#include "base/result.h"
#include "codec/node.h"
#include "net/http_client.h"

namespace weir::cli {

/// An answer that is no error.
struct Answer {
  int status = 0;
  codec::Node body;  ///< null when the answer has none
};

/// The error that an HTTP error answer stands for: code, message, reason and broken fields as the
/// server gave them; what is missing follows from the status.
Error error_of_answer(int status, std::string_view body);

/// The REST API as commands use it. Errors are the server's own; a server that cannot be reached is
/// kUnavailable with a sentence that says how to start one.
class Client {
 public:
  /// @param server base URL, e.g. "http://127.0.0.1:8080"
  /// @param ca_file authorities to trust for https; empty = the system's
  Client(Environment env, std::string server, std::string ca_file = {});

  const Environment& env() const { return env_; }
  const std::string& server() const { return server_; }

  /// @param body nullptr sends none
  Task<Result<Answer>> send(std::string method, std::string path,
                            const codec::Node* body = nullptr);
  Task<Result<codec::Node>> get(std::string path);

  /// Sends any request whose `url` is a path here. @return the answer's body, open
  Task<Result<std::unique_ptr<net::ClientStream>>> open(net::ClientRequest request,
                                                        MonoTime deadline);
  /// The same, with the whole body as a document.
  Task<Result<Answer>> send(net::ClientRequest request, MonoTime deadline);

 private:
  Environment env_;
  std::string server_;
  net::HttpClient http_;
};

/// A deadline for what lasts until the user ends it.
MonoTime no_deadline(const Environment& env);

}  // namespace weir::cli
