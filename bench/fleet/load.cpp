#include "load.h"

#include <fmt/format.h>

#include <algorithm>

#include "async/scope.h"

namespace weir::bench {
namespace {

constexpr int kUsers = 64;
constexpr char kDeployments[] = "/api/v1/namespaces/default/deployments";

double seconds_between(MonoTime from, MonoTime to) {
  return std::chrono::duration<double>(to - from).count();
}

// Its state is nowhere on this machine, like that of the fake jobs.
std::string deployment(int number, const std::string& jar) {
  return fmt::format(
      R"({{"metadata":{{"name":"{}"}},"spec":{{"state":"RUNNING","template":{{"spec":)"
      R"({{"artifact":{{"kind":"JAR","jarUri":"file://{}"}},"parallelism":1,)"
      R"("flinkConfiguration":{{"state.checkpoints.dir":"s3://fake/checkpoints",)"
      R"("state.savepoints.dir":"s3://fake/savepoints"}}}}}}}}}})",
      name_of(number), jar);
}

}  // namespace

std::string name_of(int number) { return fmt::format("fleet-{}", number); }

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  return values[at];
}

Task<int> Load::send(std::string method, std::string path, std::string body, std::string* answer) {
  net::ClientRequest request;
  request.method = std::move(method);
  request.url = base_ + path;
  const bool patch = request.method == "PATCH";
  if (!body.empty())
    request.headers.set("Content-Type",
                        patch ? "application/merge-patch+json" : "application/json");
  request.body = std::move(body);
  const MonoTime deadline = env_.now() + std::chrono::seconds(60);
  auto response = co_await client_.send(std::move(request), deadline);
  if (!response) {
    fmt::print(stderr, "{}\n", to_string(response.error()));
    co_return 0;
  }
  if (response->status >= 400) fmt::print(stderr, "{} {}\n", response->status, response->body);
  if (answer != nullptr) *answer = std::move(response->body);
  co_return response->status;
}

Task<void> Load::all(std::function<Task<void>(int)> part, int parts) {
  Scope scope(env_.timer, "load");
  for (int i = 0; i < parts; ++i) scope.spawn("user", part(i));
  while (scope.size() > 0) co_await sleep_for(env_.timer, std::chrono::milliseconds(1));
  co_await scope.stop();
}

Task<void> Load::create_some(int from, int step, int count, std::string jar) {
  for (int i = from; i < count; i += step)
    co_await send("POST", kDeployments, deployment(i, jar), nullptr);
}

Task<double> Load::create(int count, std::string jar) {
  const MonoTime start = env_.now();
  co_await all([&](int user) { return create_some(user, kUsers, count, jar); }, kUsers);
  co_return seconds_between(start, env_.now());
}

Task<double> Load::wait_for(int count, std::string state) {
  const MonoTime start = env_.now();
  const std::string wanted = fmt::format(R"("status":{{"state":"{}")", state);
  for (int i = 0; i < count; ++i) {
    while (true) {
      std::string answer;
      co_await send("GET", fmt::format("{}/{}", kDeployments, name_of(i)), "", &answer);
      if (answer.find(wanted) != std::string::npos) break;
      if (answer.find(R"("status":{"state":"FAILED")") != std::string::npos)
        fmt::print(stderr, "{}\n", answer);
      co_await sleep_for(env_.timer, std::chrono::milliseconds(50));
    }
  }
  co_return seconds_between(start, env_.now());
}

Task<void> Load::want_one(std::string name, std::string state) {
  co_await send("PATCH", fmt::format("{}/{}", kDeployments, name),
                fmt::format(R"({{"spec":{{"state":"{}"}}}})", state), nullptr);
}

Task<void> Load::want_some(std::size_t from, std::size_t step,
                           const std::vector<std::string>& names, std::string state) {
  for (std::size_t i = from; i < names.size(); i += step) co_await want_one(names[i], state);
}

Task<double> Load::want(std::vector<std::string> names, std::string state) {
  const MonoTime start = env_.now();
  co_await all([&](int user) { return want_some(std::size_t(user), kUsers, names, state); },
               kUsers);
  co_return seconds_between(start, env_.now());
}

Task<void> Load::want_slowly(std::vector<std::string> names, std::string state, Duration step) {
  MonoTime next = env_.now();
  for (const std::string& name : names) {
    co_await sleep_until(env_.timer, next);
    co_await want_one(name, state);
    next += step;
  }
}

Task<std::vector<double>> Load::latencies(std::string path, int times) {
  std::vector<double> list;
  for (int i = 0; i < times; ++i) {
    const MonoTime start = env_.now();
    co_await send("GET", kDeployments + path, "", nullptr);
    list.push_back(seconds_between(start, env_.now()) * 1000);
  }
  co_return list;
}

Task<void> Load::write_some(int from, int step, int count, MonoTime until, std::uint64_t* written) {
  for (int i = from; env_.now() < until; i += step) {
    const std::string path = fmt::format("{}/{}", kDeployments, name_of(i % count));
    const std::string body = fmt::format(R"({{"metadata":{{"labels":{{"n":"{}"}}}}}})", i);
    if (co_await send("PATCH", path, body, nullptr) == 200) ++*written;
  }
}

Task<double> Load::writes(int count, Duration time) {
  std::uint64_t written = 0;
  const MonoTime start = env_.now();
  const MonoTime until = start + time;
  co_await all([&](int user) { return write_some(user, kUsers, count, until, &written); },
               std::min(kUsers, count));
  co_return static_cast<double>(written) / seconds_between(start, env_.now());
}

}  // namespace weir::bench
