#include "flink/rest_connection.h"

#include <fmt/format.h>

#include "flink/flink_answers.h"

namespace weir::flink {

std::string RestConnection::authority(const Endpoint& endpoint) {
  return fmt::format("{}:{}", endpoint.host, endpoint.port);
}
net::ClientRequest RestConnection::request(const Endpoint& endpoint, std::string method,
                                           const std::string& path, std::string body) {
  net::ClientRequest made;
  made.method = std::move(method);
  made.url = fmt::format("http://{}{}", authority(endpoint), path);
  if (!body.empty()) made.headers.add("Content-Type", "application/json");
  made.body = std::move(body);
  return made;
}

// An answer of whoever is there.
Task<Result<net::ClientResponse>> RestConnection::send(Endpoint endpoint, net::ClientRequest what,
                                                       MonoTime deadline) {
  auto response = co_await client_.send(std::move(what), deadline);
  if (!response && response.error().code == Code::kUnavailable)
    verified_.erase(authority(endpoint));
  co_return response;
}

// The right cluster or an error; one extra request for each cluster.
Task<Status> RestConnection::verify(Endpoint endpoint, MonoTime deadline) {
  if (const auto known = verified_.find(authority(endpoint));
      known != verified_.end() && known->second == endpoint.cluster_id)
    co_return Status();
  auto ask = request(endpoint, "GET", "/jobmanager/config");
  WEIR_CO_TRY(const net::ClientResponse response,
              co_await send(endpoint, std::move(ask), deadline));
  if (response.status != 200) co_return answers::refusal(response.status, response.body);
  WEIR_CO_TRY(const std::string id, answers::cluster_id(response.body));
  if (id != endpoint.cluster_id)
    co_return fail(Code::kConflict,
                   fmt::format("At {} answers {}, not cluster {}.", authority(endpoint),
                               id.empty() ? "a Flink that is not Weir's" : "cluster " + id,
                               endpoint.cluster_id),
                   "WrongCluster");
  verified_[authority(endpoint)] = id;
  co_return Status();
}

Task<Result<net::ClientResponse>> RestConnection::answer(Endpoint endpoint, net::ClientRequest what,
                                                         MonoTime deadline) {
  WEIR_CO_CHECK_OK(co_await verify(endpoint, deadline));
  co_return co_await send(endpoint, std::move(what), deadline);
}

Task<Result<std::string>> RestConnection::body(Endpoint endpoint, net::ClientRequest what,
                                               MonoTime deadline) {
  WEIR_CO_TRY(net::ClientResponse response,
              co_await answer(std::move(endpoint), std::move(what), deadline));
  if (response.status < 200 || response.status > 299)
    co_return answers::refusal(response.status, response.body);
  co_return std::move(response.body);
}
Task<Result<std::string>> RestConnection::get(Endpoint endpoint, std::string path,
                                              MonoTime deadline) {
  auto ask = request(endpoint, "GET", path);
  co_return co_await body(std::move(endpoint), std::move(ask), deadline);
}

}  // namespace weir::flink
