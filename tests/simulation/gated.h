#pragma once

#include "simulation/crash_gate.h"
#include "simulation/judge.h"
#include "support/world/flink.h"
#include "support/world/places.h"

/// The contracts that the control plane gets in one life: every call has its two crash points, and
/// the judge sees every effect before it happens. What the control plane does not use passes
/// through.
namespace weir::simulation {

struct Life {
  CrashGate& gate;
  Judge& judge;
  store::Store& store;  ///< its read model is what is durable now
};

class GatedStore final : public store::Store {
 public:
  GatedStore(Life life, simulated::World& world) : life_(life), world_(world) {}

  const store::ReadModel& read() const override { return life_.store.read(); }
  Task<Result<store::Revision>> commit(store::Batch batch) override;
  Task<Result<std::vector<std::shared_ptr<const model::Event>>>> events(
      store::EventFilter filter) override {
    return life_.store.events(std::move(filter));
  }
  Task<Result<std::shared_ptr<const model::Event>>> event(std::string id) override {
    return life_.store.event(std::move(id));
  }
  Task<Result<std::vector<std::shared_ptr<const model::Revision>>>> revisions(
      std::string deployment_id) override;
  Task<Status> prune_events(std::string deployment_id, std::size_t keep) override;
  std::shared_ptr<void> subscribe(Listener listener) override {
    return life_.store.subscribe(std::move(listener));
  }
  Result<std::vector<store::Change>> changes_since(store::Revision since) const override {
    return life_.store.changes_since(since);
  }

 private:
  Task<Result<store::Revision>> write(store::Batch batch);

  Life life_;
  simulated::World& world_;
};

class GatedRuntime final : public runtime::ClusterRuntime {
 public:
  GatedRuntime(Life life, simulated::World& world) : life_(life), inner_(world) {}

  Task<Result<runtime::Ports>> choose_ports(std::vector<int> taken) override;
  Task<Status> ensure(flink::ClusterSpec spec) override;
  Task<Result<runtime::ClusterObservation>> observe(std::string cluster_id) override;
  Task<Status> end_task_manager(std::string cluster_id, int epoch, int index,
                                bool at_once) override;
  Task<Status> tear_down(std::string cluster_id, int epoch, MonoTime deadline) override;
  Task<Result<runtime::Capacity>> capacity() override;
  Task<Result<std::vector<runtime::FoundCluster>>> discover() override { return inner_.discover(); }
  Task<Result<std::string>> log_tail(std::string cluster_id, std::string role, int index,
                                     runtime::LogStream stream, std::size_t max_bytes) override {
    return inner_.log_tail(std::move(cluster_id), std::move(role), index, stream, max_bytes);
  }
  std::string log_path(const std::string& cluster_id, const std::string& role, int index,
                       runtime::LogStream stream) const override {
    return inner_.log_path(cluster_id, role, index, stream);
  }
  void on_change(Listener listener) override { inner_.on_change(std::move(listener)); }

 private:
  Life life_;
  simulated::Runtime inner_;
};

class GatedFlink final : public flink::FlinkApi {
 public:
  GatedFlink(Life life, simulated::World& world) : life_(life), inner_(world) {}

  Task<Result<flink::ClusterOverview>> overview(flink::Endpoint endpoint,
                                                MonoTime deadline) override;
  Task<Result<std::string>> upload_jar(flink::Endpoint endpoint, std::string path, std::string name,
                                       MonoTime deadline) override;
  Task<Result<void>> run(flink::Endpoint endpoint, flink::RunRequest request,
                         MonoTime deadline) override;
  Task<Result<void>> check_plan(flink::Endpoint endpoint, flink::RunRequest request,
                                MonoTime deadline) override;
  Task<Result<void>> prime(flink::Endpoint endpoint, flink::PrimingRequest request,
                           MonoTime deadline) override;
  Task<Result<void>> trigger_checkpoint(flink::Endpoint endpoint, std::string flink_job_id,
                                        MonoTime deadline) override;
  Task<Result<std::vector<flink::JobSummary>>> jobs(flink::Endpoint endpoint,
                                                    MonoTime deadline) override {
    return inner_.jobs(std::move(endpoint), deadline);
  }
  Task<Result<flink::JobDetail>> job(flink::Endpoint endpoint, std::string flink_job_id,
                                     MonoTime deadline) override;
  Task<Result<flink::CheckpointStatistics>> checkpoints(flink::Endpoint endpoint,
                                                        std::string flink_job_id,
                                                        MonoTime deadline) override;
  Task<Result<flink::JobExceptions>> exceptions(flink::Endpoint endpoint, std::string flink_job_id,
                                                MonoTime deadline) override;
  Task<Result<std::int64_t>> restarts(flink::Endpoint endpoint, std::string flink_job_id,
                                      MonoTime deadline) override;
  Task<Result<std::vector<flink::VertexParallelism>>> parallelism(flink::Endpoint endpoint,
                                                                  std::string flink_job_id,
                                                                  MonoTime deadline) override;
  Task<Result<void>> require_parallelism(flink::Endpoint endpoint, std::string flink_job_id,
                                         std::map<std::string, int> of_vertices,
                                         MonoTime deadline) override;
  Task<Result<std::vector<int>>> idle_task_managers(flink::Endpoint endpoint,
                                                    MonoTime deadline) override;
  Task<Result<void>> cancel(flink::Endpoint endpoint, std::string flink_job_id,
                            MonoTime deadline) override;
  Task<Result<void>> stop_with_savepoint(flink::Endpoint endpoint, std::string flink_job_id,
                                         std::string directory, std::string trigger_id, bool drain,
                                         MonoTime deadline) override;
  Task<Result<void>> trigger_savepoint(flink::Endpoint endpoint, std::string flink_job_id,
                                       std::string directory, std::string trigger_id,
                                       MonoTime deadline) override;
  Task<Result<flink::TriggerStatus>> savepoint_status(flink::Endpoint endpoint,
                                                      std::string flink_job_id,
                                                      std::string trigger_id,
                                                      MonoTime deadline) override;

 private:
  Life life_;
  simulated::Flink inner_;
};

class GatedStates final : public flink::StateDirectory {
 public:
  GatedStates(Life life, simulated::World& world) : life_(life), inner_(world) {}

  Task<Result<std::vector<flink::FoundState>>> checkpoints(std::string directory) override;
  Task<Result<std::vector<flink::FoundState>>> savepoints(std::string directory) override;
  Task<Result<flink::FoundState>> inspect(std::string location) override;
  Task<Result<std::optional<flink::ArchivedJob>>> archived_job(std::string directory,
                                                               std::string flink_job_id) override;
  Task<Status> prepare(std::string directory) override;
  Task<Result<std::vector<flink::JobDirectory>>> job_directories(std::string state) override;
  Task<Status> remove(std::string directory) override;

 private:
  Life life_;
  simulated::States inner_;
};

class GatedArtifacts final : public blob::ArtifactStore {
 public:
  GatedArtifacts(Life life, simulated::World& world) : life_(life), inner_(world) {}

  Task<Result<std::vector<blob::ArtifactInfo>>> list(std::string ns) override {
    return inner_.list(std::move(ns));
  }
  Task<Result<blob::ArtifactInfo>> info(std::string ns, std::string filename) override {
    return inner_.info(std::move(ns), std::move(filename));
  }
  Task<Result<std::string>> begin_upload(std::string ns, std::string filename) override {
    return inner_.begin_upload(std::move(ns), std::move(filename));
  }
  Task<Result<blob::ArtifactInfo>> finish_upload(std::string ns, std::string filename,
                                                 std::string temporary_path) override {
    return inner_.finish_upload(std::move(ns), std::move(filename), std::move(temporary_path));
  }
  Task<Status> remove(std::string ns, std::string filename) override {
    return inner_.remove(std::move(ns), std::move(filename));
  }
  Task<Result<std::string>> path(std::string ns, std::string filename) override {
    return inner_.path(std::move(ns), std::move(filename));
  }
  Task<Result<blob::KeptFile>> fetch(std::string ns, std::string uri, MonoTime deadline) override;
  Task<Result<std::vector<blob::KeptFile>>> all_kept() override { return inner_.all_kept(); }
  Task<Status> drop_kept(std::string sha256) override {
    return inner_.drop_kept(std::move(sha256));
  }
  Task<Result<blob::KeptFile>> kept(std::string sha256, std::string name) override;

 private:
  Life life_;
  simulated::Artifacts inner_;
};

}  // namespace weir::simulation
