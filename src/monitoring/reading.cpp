#include "monitoring/reading.h"

#include "base/ids.h"
#include "flink/endpoint.h"

namespace weir::monitoring {
namespace {

// A JobManager on this machine has fetched its TaskManagers' metrics by then.
constexpr Duration kFetchTime = std::chrono::milliseconds(200);

/// One reading under way.
class Reader {
 public:
  Reader(Environment env, flink::FlinkMetrics& flink, const Settings& settings,
         flink::Endpoint endpoint, std::string job)
      : env_(env),
        flink_(flink),
        settings_(settings),
        endpoint_(std::move(endpoint)),
        job_(std::move(job)) {}

  Task<Result<Reading>> read(bool watched, const Reading* before) {
    WEIR_CO_TRY(reading_.restarts, co_await flink_.refresh(endpoint_, job_, soon()));
    // Everything that is read now is of this moment.
    reading_.at = env_.now();
    reading_.wall = env_.wall_now();
    co_await sleep_for(env_.timer, kFetchTime);
    WEIR_CO_TRY(reading_.graph, co_await flink_.graph(endpoint_, job_, soon()));
    co_await read_processes();
    co_await read_vertices(watched);
    co_await read_checkpoints(watched, before);
    co_return std::move(reading_);
  }

 private:
  MonoTime soon() const { return env_.now() + settings_.call_time; }

  // One that does not answer any more is not asked for the rest.
  template <class T>
  std::optional<T> answer(Result<T> result) {
    if (result) return std::move(*result);
    const Code code = result.error().code;
    silent_ = silent_ || code == Code::kUnavailable || code == Code::kDeadline;
    return std::nullopt;
  }

  Task<void> read_processes() {
    auto job_manager = answer(co_await flink_.job_manager(endpoint_, soon()));
    if (job_manager) reading_.job_manager = *job_manager;
    if (silent_) co_return;
    auto task_managers = answer(co_await flink_.task_managers(endpoint_, soon()));
    if (task_managers) reading_.task_managers = *task_managers;
  }

  // The last vertices' watermarks say how late the job is; the others say where.
  Task<void> read_vertices(bool watched) {
    for (const flink::VertexReading& vertex : reading_.graph.vertices) {
      if (silent_) co_return;
      const bool has_input = reading_.graph.has_input(vertex.id);
      const bool has_output = reading_.graph.has_output(vertex.id);
      if (!has_input && !has_output) {
        auto sent = answer(co_await flink_.source_records(endpoint_, job_, vertex.id, soon()));
        if (sent && *sent) reading_.source_records[vertex.id] = **sent;
      }
      if (!has_input || (has_output && !watched)) continue;
      auto watermark = answer(co_await flink_.watermark(endpoint_, job_, vertex.id, soon()));
      if (watermark && *watermark) reading_.watermarks[vertex.id] = **watermark;
    }
  }

  Task<void> read_checkpoints(bool watched, const Reading* before) {
    if (silent_) co_return;
    reading_.checkpoints = answer(co_await flink_.checkpoints(endpoint_, job_, soon()));
    if (!watched || silent_ || !reading_.checkpoints || !reading_.checkpoints->latest_id) co_return;
    const std::int64_t id = *reading_.checkpoints->latest_id;
    if (before != nullptr && before->checkpoints && before->checkpoints->latest_id == id &&
        !before->checkpoint_bytes.empty()) {
      reading_.checkpoint_bytes = before->checkpoint_bytes;
      co_return;
    }
    auto sizes = answer(co_await flink_.checkpoint_sizes(endpoint_, job_, id, soon()));
    if (sizes) reading_.checkpoint_bytes = std::move(*sizes);
  }

  Environment env_;
  flink::FlinkMetrics& flink_;
  const Settings& settings_;
  flink::Endpoint endpoint_;
  std::string job_;
  Reading reading_;
  bool silent_ = false;
};

}  // namespace

Task<Result<Reading>> read_figures(Environment env, const store::ReadModel& read,
                                   flink::FlinkMetrics& flink, const Settings& settings,
                                   std::string job_id, bool watched,
                                   std::shared_ptr<const Reading> before) {
  const auto job = read.job(job_id);
  store::Stored<model::Cluster> cluster;
  if (job && job->internal.cluster_id) cluster = read.cluster(*job->internal.cluster_id);
  if (!cluster)
    co_return fail(Code::kFailedPrecondition, "The job has no cluster at present.", "NoCluster");
  Reader reader(env, flink, settings, flink::endpoint_of(*cluster), flink_id(job_id));
  co_return co_await reader.read(watched, before.get());
}

}  // namespace weir::monitoring
