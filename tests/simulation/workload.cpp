#include "simulation/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "codec/describe_json.h"
#include "simulation/random_spec.h"

namespace weir::simulation {

using namespace std::chrono_literals;
using model::DesiredState;
using simulated::World;

namespace {

// One seed in so many has a swarm of deployments that are all started and changed at once.
constexpr std::uint64_t kSwarm = 60;

void add_policy(World& world, model::DeploymentSpec& spec) {
  auto& policy = spec.savepoint_policy.emplace();
  if (world.chance(700)) policy.retention.emplace().count = 1 + static_cast<int>(world.below(2));
  if (world.chance(200)) {
    if (!policy.retention) policy.retention.emplace();
    policy.retention->age = "20 s";
  }
  if (world.chance(700)) policy.schedule.emplace().cron = "* * * * *";
}

model::Deployment new_deployment(World& world, std::size_t number) {
  model::Deployment made;
  made.metadata.id = world.loop().uuid();
  made.metadata.name = fmt::format("d{}", number);
  made.metadata.namespace_ = "default";
  made.metadata.annotations.emplace();
  return made;
}

model::Deployment make_deployment(World& world, std::size_t number) {
  model::Deployment made = new_deployment(world, number);
  auto& spec = made.spec;
  spec.state = world.chance(900) ? DesiredState::RUNNING : DesiredState::SUSPENDED;
  spec.upgrade_strategy.emplace();
  if (const auto dice = world.below(10); dice >= 8)
    spec.upgrade_strategy->kind =
        dice == 8 ? model::UpgradeStrategyKind::STATELESS : model::UpgradeStrategyKind::NONE;
  if (const auto dice = world.below(10); dice >= 6)
    spec.upgrade_strategy->mode = dice == 6   ? model::UpgradeMode::SAME_CLUSTER
                                  : dice == 7 ? model::UpgradeMode::RESTART
                                              : model::UpgradeMode::WARM_SWAP;
  if (const auto dice = world.below(20); dice < 6)
    spec.upgrade_strategy->rollback =
        dice < 3 ? model::RollbackPolicy::OFF : model::RollbackPolicy::ON_INSTABILITY;
  if (world.chance(500))
    spec.upgrade_strategy->stability = model::StabilityGate{
        fmt::format("{} s", 5 + world.below(120)), static_cast<int>(world.below(4)),
        1 + static_cast<int>(world.below(3))};
  spec.restore_strategy.emplace();
  if (const auto dice = world.below(20); dice >= 16)
    spec.restore_strategy->kind =
        dice < 18 ? model::RestoreStrategyKind::LATEST_SAVEPOINT : model::RestoreStrategyKind::NONE;
  spec.max_job_creation_attempts = 1 + static_cast<int>(world.below(5));
  spec.max_savepoint_creation_attempts = 1 + static_cast<int>(world.below(4));
  auto& job = spec.template_.emplace().spec.emplace();
  job.artifact.emplace().jar_uri =
      world.chance(30) ? "file:///jars/missing.jar" : "file:///jars/job.jar";
  job.artifact->main_args = random_program(world);
  job.parallelism = 1 + static_cast<int>(world.below(3));
  if (world.chance(300)) job.number_of_task_managers = 1 + static_cast<int>(world.below(2));
  job.flink_configuration.emplace();
  if (world.chance(900))
    (*job.flink_configuration)["execution.checkpointing.interval"] =
        fmt::format("{} s", 1 + world.below(12));
  if (world.chance(250)) add_policy(world, spec);
  complete(made);
  while (world.chance(250)) change_some_member(world, made);
  return made;
}

// Mostly one that works; some that must be rolled back.
std::string program_of_upgrade(World& world) {
  if (world.chance(750)) return "unbounded";
  if (world.chance(400)) return random_program(world);
  return world.chance(500) ? "fails" : "restarts-forever";
}

UserAction make_action(World& world, std::size_t deployment, Duration at) {
  UserAction action;
  action.deployment = deployment;
  action.at = at;
  const auto dice = world.below(100);
  if (dice < 32) {
    action.kind = UserAction::Kind::kTemplate;
    action.program = program_of_upgrade(world);
    action.parallelism = 1 + static_cast<int>(world.below(3));
  } else if (dice < 70) {
    action.state = dice < 51   ? DesiredState::RUNNING
                   : dice < 63 ? DesiredState::SUSPENDED
                               : DesiredState::CANCELLED;
  } else {
    action.kind = dice < 76   ? UserAction::Kind::kMember
                  : dice < 84 ? UserAction::Kind::kSavepoint
                  : dice < 90 ? UserAction::Kind::kRemoveSavepoint
                  : dice < 94 ? UserAction::Kind::kReset
                              : UserAction::Kind::kRetry;
  }
  return action;
}

model::SessionClusterSpec session_spec(int task_managers) {
  model::SessionClusterSpec spec;
  spec.state = model::SessionClusterDesiredState::RUNNING;
  spec.number_of_task_managers = task_managers;
  spec.flink_configuration.emplace();
  (*spec.flink_configuration)["execution.checkpointing.interval"] = "4 s";
  model::fill_session_cluster(spec);
  return spec;
}

// The jobs of most seeds fit into the first, those of a swarm and its forks into the second.
constexpr int kEnough = 6;
constexpr int kEnoughForAll = 150;

// Some deployments run in a session cluster, which may be there late, too small or stopped for a
// while; in the end it is up and large enough.
void add_session(World& world, Workload& workload) {
  if (!world.chance(350)) return;
  auto& made = workload.session.emplace();
  made.metadata.id = world.loop().uuid();
  made.metadata.name = "s";
  made.metadata.namespace_ = "default";
  for (model::Deployment& deployment : workload.deployments)
    if (world.chance(750)) deployment.spec.session_cluster_name = "s";
  UserAction action;
  action.kind = UserAction::Kind::kSession;
  action.session = session_spec(1 + static_cast<int>(world.below(kEnough)));
  made.spec = action.session;
  action.at = world.between(0s, 8s);
  workload.actions.push_back(action);
  const auto count = world.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    action.at += world.between(1s, 40s);
    action.session = session_spec(1 + static_cast<int>(world.below(kEnough)));
    if (world.chance(300)) action.session.state = model::SessionClusterDesiredState::STOPPED;
    workload.actions.push_back(action);
  }
  for (std::size_t i = 0; i < workload.deployments.size(); ++i) {
    if (!world.chance(250)) continue;
    UserAction move;
    move.kind = UserAction::Kind::kMove;
    move.deployment = i;
    move.at = world.between(10s, 90s);
    workload.actions.push_back(move);
  }
}

// Two savepoints and the removal of the older one. @return when it is asked for
Duration add_removal(World& world, Workload& workload, std::size_t deployment, Duration at) {
  UserAction action;
  action.deployment = deployment;
  for (const auto kind : {UserAction::Kind::kSavepoint, UserAction::Kind::kSavepoint,
                          UserAction::Kind::kRemoveSavepoint}) {
    action.kind = kind;
    action.at = at += world.between(4s, 25s);
    workload.actions.push_back(action);
  }
  return at;
}

// A fork of it, with or without state; it is started and sometimes changed.
void add_fork(World& world, Workload& workload, std::size_t source, Duration at) {
  UserAction action;
  action.kind = UserAction::Kind::kFork;
  action.source = source;
  action.deployment = workload.deployments.size();
  action.at = at += world.between(1ms, 30s);
  workload.deployments.push_back(new_deployment(world, action.deployment));
  workload.actions.push_back(action);
  action.kind = UserAction::Kind::kState;
  action.at = at += world.between(1ms, 10s);
  workload.actions.push_back(action);
  if (world.chance(500))
    workload.actions.push_back(make_action(world, action.deployment, at + world.between(1ms, 40s)));
}

// Suspended or cancelled, then deleted before or after that is reached.
void add_deletion(World& world, Workload& workload, std::size_t deployment, Duration at) {
  UserAction stop;
  stop.deployment = deployment;
  stop.state = world.chance(400) ? DesiredState::SUSPENDED : DesiredState::CANCELLED;
  stop.at = at + world.between(1ms, 20s);
  workload.actions.push_back(stop);
  stop.kind = UserAction::Kind::kDelete;
  stop.at += world.between(1ms, 5s);
  workload.actions.push_back(stop);
}

void add_actions(World& world, Workload& workload, std::size_t deployment) {
  UserAction create;
  create.kind = UserAction::Kind::kCreate;
  create.deployment = deployment;
  create.at = world.between(0s, 5s);
  workload.actions.push_back(create);
  Duration at = create.at;
  const auto count = world.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    // Some changes come in the middle of the last one's transition, some when all is quiet.
    at += world.chance(500) ? world.between(1ms, 4s) : world.between(4s, 50s);
    workload.actions.push_back(make_action(world, deployment, at));
  }
  if (world.chance(200)) at = add_removal(world, workload, deployment, at);
  if (world.chance(120)) add_fork(world, workload, deployment, at);
  if (world.chance(250)) add_deletion(world, workload, deployment, at);
}

// Everything at the same moment, as after a change of defaults.
void add_swarm(World& world, Workload& workload) {
  const Duration start = world.between(0s, 5s);
  const Duration change = start + world.between(1s, 40s);
  const std::size_t count = 4 + world.below(8);
  for (std::size_t i = 0; i < count; ++i) {
    workload.deployments.push_back(make_deployment(world, i));
    UserAction action;
    action.kind = UserAction::Kind::kCreate;
    action.deployment = i;
    action.at = start;
    workload.actions.push_back(action);
    workload.actions.push_back(make_action(world, i, change));
  }
}

// The same process is killed again and again, as soon as it has come back.
void add_burst(World& world, Workload& workload) {
  Fault fault;
  fault.kind = world.chance(500) ? Fault::Kind::kKillJobManager : Fault::Kind::kKillTaskManager;
  fault.at = world.between(5s, 60s);
  for (std::uint64_t left = 3 + world.below(4); left > 0; --left) {
    workload.faults.push_back(fault);
    workload.bad_until = std::max(workload.bad_until, fault.at);
    fault.at += world.between(500ms, 12s);
  }
}

void add_faults(World& world, Workload& workload) {
  const auto count = world.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    Fault fault;
    fault.kind =
        static_cast<Fault::Kind>(world.below(static_cast<std::uint64_t>(Fault::Kind::kEnd)));
    fault.at = world.between(1s, 110s);
    fault.time = world.chance(300) ? world.between(20s, 150s) : world.between(500ms, 15s);
    workload.faults.push_back(fault);
    workload.bad_until = std::max(workload.bad_until, fault.at + fault.time);
  }
}

// A live cluster; nothing if there is none.
simulated::Cluster* any_cluster(World& world) {
  std::vector<simulated::Cluster*> alive;
  for (auto& [id, cluster] : world.clusters())
    if (cluster->job_manager_lives()) alive.push_back(cluster.get());
  return alive.empty() ? nullptr : alive[world.below(alive.size())];
}

void damage_newest(World& world, simulated::Cluster& cluster) {
  for (auto& [id, job] : cluster.jobs)
    if (!job.checkpoints.empty()) world.disk.damage(job.checkpoints.back());
}

// Cut short, or removed by somebody; perhaps the only one.
void lose_savepoint(World& world) {
  std::vector<std::string> savepoints;
  for (const auto* state : world.disk.below("file:///data/state"))
    if (state->savepoint) savepoints.push_back(state->location);
  if (savepoints.empty()) return;
  const std::string lost = savepoints[world.below(savepoints.size())];
  world.tell("savepoint " + lost + " is lost");
  if (world.chance(500)) world.disk.damage(lost);
  else world.disk.remove(lost);
}

void strike_cluster(World& world, const Fault& fault, simulated::Cluster& cluster) {
  const std::string id = cluster.spec.cluster_id;
  switch (fault.kind) {
    case Fault::Kind::kKillJobManager: world.kill(id, "jobmanager", 0, SIGKILL); break;
    case Fault::Kind::kKillTaskManager:
      world.kill(id, "taskmanager",
                 static_cast<int>(world.below(
                     static_cast<std::uint64_t>(std::max(1, cluster.spec.task_managers)))),
                 SIGKILL);
      break;
    case Fault::Kind::kStopJobManager: world.stop_job_manager(id, fault.time); break;
    case Fault::Kind::kDeaf: cluster.deaf_until = world.now() + fault.time; break;
    case Fault::Kind::kSlow:
      cluster.extra_latency = world.chance(250) ? world.between(6s, 35s) : world.between(100ms, 6s);
      cluster.healthy_since = world.now() + fault.time;
      world.after(fault.time, [&world, id] { world.cluster(id)->extra_latency = 0s; });
      break;
    case Fault::Kind::kFailTasks: world.fail_tasks(id, "java.io.IOException: a task failed"); break;
    case Fault::Kind::kCancelOutside:
      for (auto& [job_id, job] : cluster.jobs) (void)world.cancel(cluster, job_id);
      break;
    case Fault::Kind::kDamage: damage_newest(world, cluster); break;
    case Fault::Kind::kForeignJob: world.submit_foreign(cluster); break;
    default: break;
  }
}

// An older backup of the database takes its place while what was begun since goes on.
void add_restore(World& world, Workload& workload) {
  if (workload.session || !world.chance(20)) return;
  // What is written later is told from what is forgotten by its time.
  std::erase_if(workload.faults,
                [](const Fault& fault) { return fault.kind == Fault::Kind::kWallClock; });
  workload.backup_at = world.between(5s, 90s);
  workload.restore_at = *workload.backup_at + world.between(1s, 60s);
  workload.bad_until = std::max(workload.bad_until, *workload.restore_at);
}

}  // namespace

Workload make_workload(World& world) {
  Workload workload;
  if (world.below(kSwarm) == 0) {
    add_swarm(world, workload);
  } else {
    const std::size_t count = 1 + world.below(2);
    for (std::size_t i = 0; i < count; ++i)
      workload.deployments.push_back(make_deployment(world, i));
    for (std::size_t i = 0; i < count; ++i) add_actions(world, workload, i);
  }
  add_session(world, workload);
  std::sort(workload.actions.begin(), workload.actions.end(), [](const auto& a, const auto& b) {
    return std::pair(a.at, a.deployment) < std::pair(b.at, b.deployment);
  });
  if (world.chance(850)) {
    workload.bad_until = world.between(20s, 120s);
    add_faults(world, workload);
    if (world.chance(100)) add_burst(world, workload);
    add_restore(world, workload);
  }
  if (workload.session) {
    UserAction last;
    last.kind = UserAction::Kind::kSession;
    last.session = session_spec(kEnoughForAll);
    last.at = workload.bad_until + 1s;
    for (const UserAction& action : workload.actions) last.at = std::max(last.at, action.at + 1s);
    workload.actions.push_back(last);
  }
  return workload;
}

std::string describe(const UserAction& action) {
  switch (action.kind) {
    case UserAction::Kind::kCreate: return fmt::format("d{}: create", action.deployment);
    case UserAction::Kind::kState:
      return fmt::format("d{}: state {}", action.deployment, codec::enum_text(action.state));
    case UserAction::Kind::kTemplate:
      return fmt::format("d{}: program '{}', parallelism {}", action.deployment, action.program,
                         action.parallelism);
    case UserAction::Kind::kSavepoint: return fmt::format("d{}: savepoint", action.deployment);
    case UserAction::Kind::kRemoveSavepoint:
      return fmt::format("d{}: remove a savepoint", action.deployment);
    case UserAction::Kind::kMember:
      return fmt::format("d{}: another value of some member", action.deployment);
    case UserAction::Kind::kFork:
      return fmt::format("d{}: fork of d{}", action.deployment, action.source);
    case UserAction::Kind::kRetry: return fmt::format("d{}: retry", action.deployment);
    case UserAction::Kind::kReset: return fmt::format("d{}: reset", action.deployment);
    case UserAction::Kind::kDelete: return fmt::format("d{}: delete", action.deployment);
    case UserAction::Kind::kMove: return fmt::format("d{}: move", action.deployment);
    case UserAction::Kind::kSession:
      return fmt::format("session cluster: {} with {} TaskManagers",
                         codec::enum_text(*action.session.state),
                         *action.session.number_of_task_managers);
  }
  return {};
}

void strike(World& world, const Fault& fault) {
  world.tell(
      fmt::format("fault {} for {}", static_cast<int>(fault.kind), format_duration(fault.time)));
  const MonoTime until = world.now() + fault.time;
  switch (fault.kind) {
    case Fault::Kind::kReboot: world.reboot(); return;
    case Fault::Kind::kDiskUnreadable: world.disk_unreadable_until = until; return;
    case Fault::Kind::kBlind: world.blind_until = until; return;
    case Fault::Kind::kStuck: world.stuck_until = until; return;
    case Fault::Kind::kLoseSavepoint: lose_savepoint(world); return;
    case Fault::Kind::kDiskFull: world.disk_full_until = until; return;
    case Fault::Kind::kStoreDown: world.store_down_until = until; return;
    case Fault::Kind::kStoreSlow:
      world.store_delay = world.between(50ms, 3s);
      world.after(fault.time, [&world] { world.store_delay = Duration(0); });
      return;
    case Fault::Kind::kWallClock:
      world.loop().shift_wall(world.between(0s, 7200s) - std::chrono::hours(1));
      return;
    default: break;
  }
  if (simulated::Cluster* cluster = any_cluster(world)) strike_cluster(world, fault, *cluster);
}

}  // namespace weir::simulation
