#pragma once

#include <map>
#include <string>

#include "flink/flink_api.h"
#include "net/http_client.h"

namespace weir::flink {

/// Requests to JobManagers. Every call first makes sure, once for a connection's life, that the
/// right cluster answers at the address; a lost connection forgets it. Errors as FlinkApi has them.
/// I/O thread only; outlives its calls.
class RestConnection {
 public:
  /// `client` outlives this.
  explicit RestConnection(net::HttpClient& client) : client_(client) {}

  /// "host:port".
  static std::string authority(const Endpoint& endpoint);
  static net::ClientRequest request(const Endpoint& endpoint, std::string method,
                                    const std::string& path, std::string body = {});

  /// Any answer of the right cluster.
  Task<Result<net::ClientResponse>> answer(Endpoint endpoint, net::ClientRequest what,
                                           MonoTime deadline);
  /// The body of a good answer of the right cluster; what Flink refuses is an error.
  Task<Result<std::string>> body(Endpoint endpoint, net::ClientRequest what, MonoTime deadline);
  Task<Result<std::string>> get(Endpoint endpoint, std::string path, MonoTime deadline);

 private:
  Task<Result<net::ClientResponse>> send(Endpoint endpoint, net::ClientRequest what,
                                         MonoTime deadline);
  Task<Status> verify(Endpoint endpoint, MonoTime deadline);

  net::HttpClient& client_;
  std::map<std::string, std::string> verified_;  ///< host:port -> cluster id that answers there
};

}  // namespace weir::flink
