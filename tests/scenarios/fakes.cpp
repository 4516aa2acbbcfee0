#include "scenarios/fakes.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir::scenarios {
namespace {

Error unused() { return fail(Code::kInternal, "No scenario needs this."); }

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Error no_artifact(const std::string& name) {
  return fail(Code::kNotFound, fmt::format("Artifact '{}' not found.", name), "ArtifactNotFound");
}

}  // namespace

FakeArtifacts::FakeArtifacts(Environment env, std::string directory)
    : env_(env), directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
}

Task<Result<std::vector<blob::ArtifactInfo>>> FakeArtifacts::list(std::string) {
  std::vector<blob::ArtifactInfo> all;
  for (const auto& [name, info] : artifacts_) all.push_back(info);
  co_return all;
}

Task<Result<blob::ArtifactInfo>> FakeArtifacts::info(std::string, std::string filename) {
  const auto found = artifacts_.find(filename);
  if (found == artifacts_.end()) co_return no_artifact(filename);
  co_return found->second;
}

Task<Result<std::string>> FakeArtifacts::begin_upload(std::string, std::string) {
  co_return directory_ + "/" + env_.ids.uuid() + ".part";
}

Task<Result<blob::ArtifactInfo>> FakeArtifacts::finish_upload(std::string ns, std::string filename,
                                                              std::string temporary_path) {
  const std::string final_path = directory_ + "/" + filename;
  std::filesystem::rename(temporary_path, final_path);
  blob::ArtifactInfo info;
  info.filename = filename;
  info.uri = fmt::format("artifact://{}/{}", ns, filename);
  info.created_at = env_.wall_now();
  info.size_bytes = static_cast<std::int64_t>(std::filesystem::file_size(final_path));
  artifacts_[filename] = info;
  co_return info;
}

Task<Status> FakeArtifacts::remove(std::string, std::string filename) {
  if (artifacts_.erase(filename) == 0) co_return no_artifact(filename);
  co_return Status();
}

Task<Result<std::string>> FakeArtifacts::path(std::string, std::string filename) {
  if (!artifacts_.contains(filename)) co_return no_artifact(filename);
  co_return directory_ + "/" + filename;
}

Task<Result<blob::KeptFile>> FakeArtifacts::fetch(std::string, std::string, MonoTime) {
  co_return unused();
}
Task<Result<blob::KeptFile>> FakeArtifacts::kept(std::string, std::string) { co_return unused(); }
Task<Result<std::vector<blob::KeptFile>>> FakeArtifacts::all_kept() { co_return unused(); }
Task<Status> FakeArtifacts::drop_kept(std::string) { co_return unused(); }

Result<flink::FlinkHome> FakeHomes::resolve(const std::optional<std::string>& version) const {
  for (const flink::FlinkHome& home : homes)
    if (!version || home.version == *version || home.version.starts_with(*version + "."))
      return home;
  return fail(Code::kFailedPrecondition,
              fmt::format("Flink {} is not installed; add it with `weir flink add {}`.",
                          version.value_or("(any)"), version.value_or("1.20")),
              "FlinkVersionUnknown");
}
Task<Status> FakeHomes::refresh() { co_return Status(); }

Task<Result<runtime::Ports>> FakeRuntime::choose_ports(std::vector<int>) { co_return unused(); }
Task<Status> FakeRuntime::ensure(flink::ClusterSpec) { co_return unused(); }
Task<Result<runtime::ClusterObservation>> FakeRuntime::observe(std::string) { co_return unused(); }
Task<Status> FakeRuntime::end_task_manager(std::string, int, int, bool) { co_return unused(); }
Task<Status> FakeRuntime::tear_down(std::string, int, MonoTime) { co_return unused(); }
Task<Result<runtime::Capacity>> FakeRuntime::capacity() { co_return unused(); }
Task<Result<std::vector<runtime::FoundCluster>>> FakeRuntime::discover() {
  co_return std::vector<runtime::FoundCluster>();
}

Task<Result<std::string>> FakeRuntime::log_tail(std::string cluster_id, std::string role, int index,
                                                runtime::LogStream stream, std::size_t max_bytes) {
  const std::string path = log_path(cluster_id, role, index, stream);
  if (!std::filesystem::exists(path))
    co_return fail(Code::kNotFound, "There is no such log.", "LogNotFound");
  std::string text = read_file(path);
  if (text.size() > max_bytes) text.erase(0, text.size() - max_bytes);
  co_return text;
}

std::string FakeRuntime::log_path(const std::string& cluster_id, const std::string& role, int index,
                                  runtime::LogStream stream) const {
  return fmt::format("{}/{}-{}-{}.{}", directory_, cluster_id, role, index,
                     stream == runtime::LogStream::kOut ? "out" : "log");
}

using F = FakeFlink;
Task<Result<flink::ClusterOverview>> F::overview(Endpoint, MonoTime) { co_return unused(); }
Task<Result<F::Text>> F::upload_jar(Endpoint, Text, Text, MonoTime) { co_return unused(); }
Task<Result<void>> F::run(Endpoint, flink::RunRequest, MonoTime) { co_return unused(); }
Task<Result<void>> F::prime(Endpoint, flink::PrimingRequest, MonoTime) { co_return unused(); }
Task<Result<void>> F::check_plan(Endpoint, flink::RunRequest, MonoTime) { co_return unused(); }
Task<Result<void>> F::trigger_checkpoint(Endpoint, Text, MonoTime) { co_return unused(); }
Task<Result<std::vector<flink::JobSummary>>> F::jobs(Endpoint, MonoTime) { co_return unused(); }
Task<Result<flink::JobDetail>> F::job(Endpoint, Text, MonoTime) { co_return unused(); }
Task<Result<flink::CheckpointStatistics>> F::checkpoints(Endpoint, Text, MonoTime) {
  co_return unused();
}
Task<Result<flink::JobExceptions>> F::exceptions(Endpoint, Text, MonoTime) { co_return unused(); }
Task<Result<std::int64_t>> F::restarts(Endpoint, Text, MonoTime) { co_return unused(); }
Task<Result<std::vector<flink::VertexParallelism>>> F::parallelism(Endpoint, Text, MonoTime) {
  co_return unused();
}
Task<Result<void>> F::require_parallelism(Endpoint, Text, std::map<std::string, int>, MonoTime) {
  co_return unused();
}
Task<Result<std::vector<int>>> F::idle_task_managers(Endpoint, MonoTime) { co_return unused(); }
Task<Result<void>> F::cancel(Endpoint, Text, MonoTime) { co_return unused(); }
Task<Result<void>> F::stop_with_savepoint(Endpoint, Text, Text, Text, bool, MonoTime) {
  co_return unused();
}
Task<Result<void>> F::trigger_savepoint(Endpoint, Text, Text, Text, MonoTime) {
  co_return unused();
}
Task<Result<flink::TriggerStatus>> F::savepoint_status(Endpoint, Text, Text, MonoTime) {
  co_return unused();
}

Task<Result<std::vector<flink::FoundState>>> FakeStates::checkpoints(std::string) {
  co_return unused();
}
Task<Result<std::vector<flink::FoundState>>> FakeStates::savepoints(std::string) {
  co_return unused();
}
Task<Result<flink::FoundState>> FakeStates::inspect(std::string) { co_return unused(); }
Task<Result<std::optional<flink::ArchivedJob>>> FakeStates::archived_job(std::string, std::string) {
  co_return unused();
}
Task<Status> FakeStates::prepare(std::string) { co_return unused(); }
Task<Result<std::vector<flink::JobDirectory>>> FakeStates::job_directories(std::string) {
  co_return unused();
}
Task<Status> FakeStates::remove(std::string) { co_return unused(); }

control::Room ControllerAnswers::plenty() {
  control::Room room;
  room.capacity = {64LL << 30, 16, 64LL << 30};
  room.capacity_known = true;
  return room;
}

ControllerAnswers& controller_answers() {
  static ControllerAnswers answers;
  return answers;
}

std::map<std::string, std::string>& flink_answers() {
  static std::map<std::string, std::string> answers;
  return answers;
}

Task<net::Response> fake_flink(net::Request& request) {
  net::Response response;
  response.headers.set("Content-Type", "application/json");
  const std::string path = "/" + [&] {
    std::string joined;
    for (const std::string& segment : request.url.segments)
      joined += (joined.empty() ? "" : "/") + segment;
    return joined;
  }();
  if (const auto known = flink_answers().find(path); known != flink_answers().end()) {
    response.body = known->second;
    if (response.body.empty()) response.status = 503;
  } else if (path == "/") {
    response.headers.set("Content-Type", "text/html");
    response.body = "<html>Flink</html>";
  } else if (path == "/config") {
    response.body = R"({"refresh-interval":50,"flink-version":"1.20.5"})";
  } else if (path == "/jobmanager/config") {
    response.body = R"([{"key":"s3.secret-key","value":"open-sesame"}])";
  } else if (path == "/jobmanager/log") {
    response.headers.set("Content-Type", "text/plain");
    response.stream = [](net::BodyWriter& writer) -> Task<Status> {
      // The secret arrives in two pieces.
      WEIR_CO_CHECK_OK(co_await writer.write("key is open-"));
      co_return co_await writer.write("sesame, indeed");
    };
  } else {
    const auto body = co_await request.read_body(1 << 20);
    response.body = fmt::format(R"({{"method":"{}","target":"{}","body":"{}"}})", request.method,
                                request.target, body.value_or(""));
  }
  co_return response;
}

}  // namespace weir::scenarios

// The controller of this program: scenarios are about requests, so nothing reconciles here.
namespace weir::control {

struct Controller::Impl {
  Settings settings;
  Statistics statistics;
};

void Histogram::add(Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  std::size_t bucket = 0;
  while (bucket < std::size(kBounds) && seconds > kBounds[bucket]) ++bucket;
  ++buckets[bucket];
  sum_seconds += seconds;
  ++count;
}

Controller::Controller(World, Settings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}
Controller::~Controller() = default;
void Controller::start() {}
Task<void> Controller::stop() { co_return; }
std::optional<LiveJob> Controller::live_job(const std::string& job_id) const {
  const auto& jobs = scenarios::controller_answers().live_jobs;
  const auto found = jobs.find(job_id);
  return found == jobs.end() ? std::nullopt : std::optional(found->second);
}
const Statistics& Controller::statistics() const { return impl_->statistics; }
const Settings& Controller::settings() const { return impl_->settings; }
std::vector<StandbyPoolState> Controller::standby_pools() const { return {}; }
Task<Room> Controller::room() { co_return scenarios::controller_answers().room; }
Task<Result<std::vector<Garbage>>> Controller::collect_garbage(bool dry_run) {
  auto& garbage = scenarios::controller_answers().garbage;
  co_return dry_run ? garbage : std::exchange(garbage, {});
}
Task<Status> Controller::end_processes(MonoTime) { co_return Status(); }

}  // namespace weir::control
