#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/environment.h"
#include "net/http_client.h"

namespace weir::bench {

/// The users of the fleet: plain HTTP from a thread of their own.
class Load {
 public:
  Load(Environment env, std::string base)
      : env_(env), client_(env, options()), base_(std::move(base)) {}

  /// Creates `count` deployments that are to run, several at once. @return seconds
  Task<double> create(int count, std::string jar);
  /// Returns when all of them are in that state. @return seconds
  Task<double> wait_for(int count, std::string state);
  /// Changes the desired state of `names`, several users at once. @return seconds
  Task<double> want(std::vector<std::string> names, std::string state);
  /// The same, one after the other in even steps.
  Task<void> want_slowly(std::vector<std::string> names, std::string state, Duration step);
  /// Milliseconds of each of `times` requests, one after the other.
  Task<std::vector<double>> latencies(std::string path, int times);
  /// Changes labels of deployments for so long. @return answered writes per second
  Task<double> writes(int count, Duration time);

 private:
  static net::ClientOptions options() {
    net::ClientOptions options;
    options.idle_per_host = 64;
    return options;
  }
  Task<void> want_one(std::string name, std::string state);
  Task<int> send(std::string method, std::string path, std::string body, std::string* answer);
  Task<void> want_some(std::size_t from, std::size_t step, const std::vector<std::string>& names,
                       std::string state);
  Task<void> create_some(int from, int step, int count, std::string jar);
  Task<void> write_some(int from, int step, int count, MonoTime until, std::uint64_t* written);
  Task<void> all(std::function<Task<void>(int)> part, int parts);

  Environment env_;
  net::HttpClient client_;
  std::string base_;
};

std::string name_of(int number);

/// Of an unsorted list; `share` in [0, 1].
double quantile(std::vector<double> values, double share);

}  // namespace weir::bench
