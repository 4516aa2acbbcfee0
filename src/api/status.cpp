#include <fmt/format.h>

#include "api/negotiation.h"
#include "api/routes.h"
#include "build_info.h"
#include "codec/describe_json.h"

namespace weir::api {
namespace {

struct RevisionInformation {
  std::string build_time;
  std::string build_version;
  std::string commit_sha_long;
  std::string commit_sha_short;
};
BOOST_DESCRIBE_STRUCT(RevisionInformation, (),
                      (build_time, build_version, commit_sha_long, commit_sha_short))

struct QuotaSpec {
  std::string type = "UNLIMITED";
};
BOOST_DESCRIBE_STRUCT(QuotaSpec, (), (type))
struct QuotaCpu {
  double cpu = 0;
};
BOOST_DESCRIBE_STRUCT(QuotaCpu, (), (cpu))
struct QuotaStatus {
  QuotaCpu used;
};
BOOST_DESCRIBE_STRUCT(QuotaStatus, (), (used))
struct ResourceQuota {
  std::string kind = "ResourceQuota";
  std::string api_version = "v1";
  QuotaSpec spec;
  QuotaStatus status;
};
BOOST_DESCRIBE_STRUCT(ResourceQuota, (), (kind, api_version, spec, status))

struct SystemStatus {
  std::string jvm_version;  ///< clients read it; there is no JVM here
  RevisionInformation revision_information;
  ResourceQuota resource_quota;
};
BOOST_DESCRIBE_STRUCT(SystemStatus, (), (jvm_version, revision_information, resource_quota))

struct SystemInformation {
  std::string kind = "SystemInformation";
  std::string api_version = "v1";
  SystemStatus status;
};
BOOST_DESCRIBE_STRUCT(SystemInformation, (), (kind, api_version, status))

struct InstalledFlink {
  std::string version;
  std::string path;
  std::int32_t java_major = 0;
  bool archives = false;
  std::optional<std::string> archives_problem;  ///< why there are none
  bool default_ = false;
};
BOOST_DESCRIBE_STRUCT(InstalledFlink, (),
                      (version, path, java_major, archives, archives_problem, default_))
struct FlinkVersions {
  std::vector<InstalledFlink> items;
};
BOOST_DESCRIBE_STRUCT(FlinkVersions, (), (items))

// Processors that running deployments may use: JobManager plus all TaskManagers of each.
double used_cpu(const store::ReadModel& read) {
  double cpu = 0;
  for (const auto& deployment : read.deployments("")) {
    if (deployment->status.state != model::ObservedState::RUNNING) continue;
    const auto& job = deployment->spec.template_;
    if (!job || !job->spec || !job->spec->resources) continue;
    const auto& resources = *job->spec->resources;
    const int task_managers =
        job->spec->number_of_task_managers.value_or(job->spec->parallelism.value_or(1));
    if (resources.jobmanager) cpu += resources.jobmanager->cpu.value_or(1);
    if (resources.taskmanager) cpu += task_managers * resources.taskmanager->cpu.value_or(1);
  }
  return cpu;
}

Task<Result<net::Response>> get_status(Call& call) {
  co_return document(200,
                     fmt::format(R"({{"status":"ok","version":"{}","revision":{}}})", kVersion,
                                 call.read().revision()),
                     call.format);
}

Task<Result<net::Response>> get_system(Call& call) {
  SystemInformation info;
  const std::string commit = kCommit;
  info.status.revision_information = {kBuildTime, kVersion, commit, commit.substr(0, 7)};
  info.status.resource_quota.status.used.cpu = used_cpu(call.read());
  co_return document(200, codec::to_json_text(info), call.format);
}

Task<Result<net::Response>> get_flink_versions(Call& call) {
  FlinkVersions versions;
  const auto standard = call.services().homes.resolve(std::nullopt);
  for (const flink::FlinkHome& home : call.services().homes.list()) {
    InstalledFlink& shown = versions.items.emplace_back();
    shown.version = home.version;
    shown.path = home.path;
    shown.java_major = home.java_major;
    shown.archives = home.job_manager_archive && home.task_manager_archive;
    if (!home.archive_problem.empty()) shown.archives_problem = home.archive_problem;
    shown.default_ = standard && standard->version == home.version;
  }
  co_return document(200, codec::to_json_text(versions), call.format);
}

}  // namespace

void add_status_routes(Router& router) {
  router.add({.method = "GET",
              .pattern = "/api/v1/status",
              .handler = get_status,
              .summary = "Answers when the server is up",
              .tag = "System"});
  router.add({.method = "GET",
              .pattern = "/api/v1/status/system-info",
              .handler = get_system,
              .summary = "Tells what this server was built from and how much it runs",
              .tag = "System",
              .answer = schema<SystemInformation>});
  router.add({.method = "GET",
              .pattern = "/api/v1/flink-versions",
              .handler = get_flink_versions,
              .summary = "Lists the installed Flink versions",
              .tag = "System",
              .answer = schema<FlinkVersions>});
}

}  // namespace weir::api
