#include "flink/class_archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "base/strings.h"
#include "flink/assemble.h"
#include "flink/training_job.h"
#include "process/process.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Counts what a training does: an archive of an earlier one has another name and is made again.
constexpr int kTraining = 2;
// For a killed JVM to be gone.
constexpr Duration kEndTime = 5s;

fs::path folder_of(const FlinkHome& home) { return fs::path(home.path) / ".weir-archive"; }

fs::path archive_path(const FlinkHome& home, std::string_view key, std::string_view role) {
  return folder_of(home) / fmt::format("{}-{}.jsa", key, role);
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// FNV-1a: names a state of files; nobody tries to forge one.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return fmt::format("{:016x}", hash);
}

// A port that was free just now; a training that loses it fails and is tried another time.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int port = 0;
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    port = ntohs(address.sin_port);
  ::close(socket);
  return port;
}

// The smallest ordinary cluster, assembled as every other one, so that its flags are the same.
Result<ClusterSpec> training_cluster(FlinkHome home, const std::string& id,
                                     const std::string& directory) {
  home.job_manager_archive.reset();
  home.task_manager_archive.reset();
  model::Job job;
  job.metadata.id = id;
  job.spec.resources.jobmanager = model::ResourceSpec{std::nullopt, "1G"};
  job.spec.resources.taskmanager = model::ResourceSpec{std::nullopt, "1G"};
  model::Cluster cluster;
  cluster.metadata.id = id;
  cluster.flink_version = home.version;
  cluster.rest_port = free_port();
  cluster.rpc_port = free_port();
  cluster.blob_port = free_port();
  const JobContext context{"default", id, "training", id, directory + "/state"};
  model::TemplateSpec spec;
  spec.flink_configuration = model::StringMap{{"execution.checkpointing.interval", "500 ms"}};
  WEIR_TRY(job.spec.flink_configuration, effective_configuration(spec, context, home));
  const AssembleInput input{job, cluster, home, context, {}, "UTC"};
  return assemble(input);
}

std::string placed(std::string text, const std::string& directory) {
  return replace_all(replace_all(std::move(text), "@INSTANCE@", directory), "@INDEX@", "0");
}

process::Program program_of(const ProcessSpec& spec, const std::string& directory,
                            const fs::path& archive) {
  process::Program program;
  program.path = spec.executable;
  program.arguments = {"-XX:ArchiveClassesAtExit=" + archive.string()};
  for (const std::string& argument : spec.arguments)
    program.arguments.push_back(placed(argument, directory));
  for (const auto& [name, value] : spec.environment)
    program.environment[name] = placed(value, directory);
  program.end_with_parent = true;
  return program;
}

// One training's files, processes and their certain end.
struct Training {
  explicit Training(Environment e) : env(e), ended(e.timer) {}
  ~Training() { signal_all(SIGKILL); }

  Environment env;
  Signal ended;
  fs::path directory;
  std::string key;
  std::optional<process::FileLock> lock;
  ClusterSpec spec;
  std::set<pid_t> running;
  std::vector<std::unique_ptr<process::ExitWatch>> watches;

  // On the pool. @return false when there is nothing to do.
  Result<bool> prepare(const FlinkHome& home, const std::string& id) {
    key = archive_key(home);
    if (fs::exists(archive_path(home, key, "jm")) && fs::exists(archive_path(home, key, "tm")))
      return false;
    std::error_code error;
    fs::create_directories(folder_of(home), error);
    if (error || ::access(folder_of(home).c_str(), W_OK) != 0)
      return fail(Code::kFailedPrecondition,
                  fmt::format("'{}' cannot be written, so starts from this home stay slow.",
                              folder_of(home).string()),
                  "HomeNotWritable");
    WEIR_TRY(lock, process::FileLock::try_lock((folder_of(home) / "lock").string()));
    if (!lock) return false;
    for (const auto& entry : fs::directory_iterator(folder_of(home), error))
      if (entry.path().filename() != "lock") fs::remove_all(entry.path(), error);
    directory = folder_of(home) / "training";
    for (const char* part : {"conf", "log", "tmp", "state"})
      fs::create_directories(directory / part, error);
    WEIR_TRY(spec, training_cluster(home, id, directory.string()));
    for (const PlacedFile& file : spec.files) {
      std::ofstream out(directory / file.path, std::ios::binary);
      if (!(out << placed(file.content, directory.string())).flush())
        return fail(Code::kUnavailable, "The training's files cannot be written.", "DiskError");
    }
    return true;
  }

  // On the I/O thread: the kernel ends what a thread started when that thread ends.
  Status start(const ProcessSpec& what, const char* role) {
    const auto program =
        program_of(what, directory.string(), directory / fmt::format("{}.jsa", role));
    WEIR_TRY(const pid_t pid, process::spawn(program));
    running.insert(pid);
    if (auto watch = process::ExitWatch::start(env, pid, [this, pid] {
          running.erase(pid);
          ended.notify();
        }))
      watches.push_back(std::move(watch));
    return {};
  }

  void signal_all(int signal) const {
    for (const pid_t pid : running)
      if (const auto identity = process::identify(pid)) process::send_signal(*identity, signal);
  }

  // SIGTERM makes the JVM write its archive before it ends.
  Task<Status> finish(int signal, MonoTime deadline) {
    signal_all(signal);
    while (!running.empty())
      if (!co_await ended.wait(deadline))
        co_return fail(Code::kDeadline, "The JVMs did not write their archives in time.");
    co_return Status();
  }

  // On the pool.
  Status put_in_place(const FlinkHome& home) const {
    for (const char* role : {"jm", "tm"}) {
      const fs::path made = directory / fmt::format("{}.jsa", role);
      std::error_code error;
      if (fs::file_size(made, error) == 0 || error)
        return fail(Code::kUnavailable,
                    fmt::format("The JVM wrote no archive '{}'.", made.string()));
      fs::rename(made, archive_path(home, key, role), error);
      if (error) return fail(Code::kUnavailable, error.message(), "DiskError");
    }
    return {};
  }
  void remove_files() const {
    std::error_code ignored;
    if (!directory.empty()) fs::remove_all(directory, ignored);
  }
};

Task<Status> wait_for_task_manager(Environment env, FlinkApi& api, Endpoint endpoint,
                                   const Training& training, MonoTime deadline) {
  while (env.now() < deadline) {
    if (training.running.size() < 2)
      co_return fail(Code::kUnavailable, "A JVM ended during the training.");
    const MonoTime soon = std::min(deadline, env.now() + 2s);
    auto overview = co_await api.overview(endpoint, soon);
    if (overview && overview->task_managers > 0) co_return Status();
    co_await sleep_for(env.timer, 200ms);
  }
  co_return fail(Code::kDeadline, "The TaskManager did not register in time.");
}

Task<Status> make_archives(Environment env, FlinkApi& api, std::shared_ptr<Training> training,
                           FlinkHome home, MonoTime deadline) {
  const std::string id = env.ids.uuid();
  auto needed = co_await env.run([training, home, id] { return training->prepare(home, id); });
  if (!needed) co_return std::move(needed).error();
  if (!*needed) co_return Status();
  const ClusterSpec& spec = training->spec;
  WEIR_CO_CHECK_OK(training->start(spec.job_manager, "jm"));
  WEIR_CO_CHECK_OK(training->start(spec.task_manager, "tm"));
  const Endpoint endpoint{"127.0.0.1", spec.rest_port, spec.cluster_id, home.version};
  WEIR_CO_CHECK_OK(co_await wait_for_task_manager(env, api, endpoint, *training, deadline));
  // Half of the time is for writing the archives, which are good without the job.
  const MonoTime halfway = env.now() + (deadline - env.now()) / 2;
  const auto ran =
      co_await run_training_job(env, api, endpoint, training->directory.string(), halfway);
  if (!ran) log::warn("flink", "training job: {}", to_string(ran.error()));
  WEIR_CO_CHECK_OK(co_await training->finish(SIGTERM, deadline));
  co_return co_await env.run([training, home] { return training->put_in_place(home); });
}

}  // namespace

ClassArchives::ClassArchives(Environment env, FlinkApi& api, Duration limit)
    : env_(env), api_(api), limit_(limit) {}

Task<Status> ClassArchives::train(FlinkHome home) {
  const Environment env = env_;
  const auto training = std::make_shared<Training>(env);
  const MonoTime deadline = env.now() + limit_;
  Status done;
  std::exception_ptr cancelled;
  try {
    done = co_await make_archives(env, api_, training, std::move(home), deadline);
  } catch (...) {
    cancelled = std::current_exception();
  }
  // Whatever happened: no process, which somebody must reap, and no file is left behind.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  const Status ended = co_await training->finish(SIGKILL, env.now() + kEndTime);
  co_await env.run([training] { training->remove_files(); });
  if (cancelled) std::rethrow_exception(cancelled);
  co_return done ? ended : done;
}

std::string archive_key(const FlinkHome& home) {
  std::string text = fmt::format("training {}\n{}\n", kTraining, home.java);
  text += read_text(fs::path(home.java).parent_path().parent_path() / "release");
  for (const std::string& jar : home.class_path) {
    struct stat status{};
    ::stat(jar.c_str(), &status);
    text += fmt::format("{} {} {}\n", jar, status.st_size, status.st_mtim.tv_sec);
  }
  return fingerprint(text);
}

void use_archives(FlinkHome& home) {
  const std::string key = archive_key(home);
  const fs::path manager = archive_path(home, key, "jm");
  const fs::path worker = archive_path(home, key, "tm");
  std::error_code error;
  home.job_manager_archive.reset();
  home.task_manager_archive.reset();
  if (fs::exists(manager, error)) home.job_manager_archive = manager.string();
  if (fs::exists(worker, error)) home.task_manager_archive = worker.string();
}

bool has_archives(const FlinkHome& home) {
  return home.job_manager_archive.has_value() && home.task_manager_archive.has_value();
}

}  // namespace weir::flink
