#include "simulation/run.h"

#include <fmt/format.h>

namespace weir::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLimit = std::chrono::minutes(60);
// Several times what the busiest seeds need: beyond it the control plane goes round in circles.
constexpr std::uint64_t kSteps = 100'000;
constexpr Duration kQuiet = std::chrono::seconds(15);

constexpr ListedCall kRareCalls[] = {
    "store.revisions",  "store.prune",        "flink.exceptions",  "flink.cancel",
    "flink.stop",       "flink.trigger",      "states.savepoints", "flink.plan",
    "flink.checkpoint", "states.remove",      "flink.prime",       "flink.rescale",
    "flink.idle",       "runtime.end_worker", "states.archived",   "states.jobs",
};

std::string seconds(MonoTime time) {
  return fmt::format("{:10.3f}", std::chrono::duration<double>(time.time_since_epoch()).count());
}

// One seed in four has clusters that wait for a job; in one of them more than one.
control::Settings settings_of(std::uint64_t seed) {
  control::Settings settings;
  settings.data_directory = "/data";
  settings.priming_jar = "/data/priming-job.jar";
  settings.state_directories_age = 10s;
  if (seed % 4 != 0) return settings;
  auto& pool = settings.standby_clusters.emplace_back();
  pool.name = "ready";
  pool.clusters = seed % 16 == 0 ? 2 : 1;
  return settings;
}

}  // namespace

Run::Run(std::uint64_t seed, bool trace)
    : loop_(seed),
      world_(loop_, seed * 7919 + 13),
      judge_(world_),
      settings_(settings_of(seed)),
      trace_(trace) {
  if (trace)
    world_.trace = [this](const std::string& text) {
      fmt::print("{} {}\n", seconds(loop_.mono_now()), text);
    };
  workload_ = make_workload(world_);
  versions_.resize(workload_.deployments.size());
  crashes_left_ = static_cast<int>(world_.below(4));
}

Run::~Run() {
  if (plane_) loop_.run(plane_->die());
}

std::optional<CrashTarget> Run::choose_target() {
  if (crashes_left_ <= 0) return std::nullopt;
  CrashTarget target;
  // Calls that are rare would hardly be reached if all were chosen alike.
  const bool rare = world_.chance(400);
  const std::size_t call =
      rare ? kRareCalls[world_.below(std::size(kRareCalls))].number : world_.below(kCalls.size());
  target.point = call * 2 + world_.below(2);
  const bool soon = rare || world_.chance(600);
  target.nth = soon ? 1 : 1 + static_cast<int>(world_.below(12));
  target.armed_at = world_.now() + (soon ? Duration(0) : world_.between(0s, 60s));
  if (!rare) target.anywhere_at = target.armed_at + world_.between(20s, 100s);
  return target;
}

void Run::restore_backup() {
  world_.tell("an older backup of the database is restored");
  disk_ = *backup_;
  restores_backup_ = false;
  went_back_ = true;
  judge_.went_back();
  world_.forget_ends();
}

void Run::start_control_plane() {
  if (restores_backup_) restore_backup();
  const auto target = choose_target();
  if (trace_ && target)
    world_.tell("the control plane starts; it will die " + point_name(target->point));
  plane_ = std::make_unique<ControlPlane>(world_, disk_, judge_, points_, target, settings_);
  plane_->start();
  plane_->users.spawn("user", use());
  plane_->users.spawn("sweep", plane_->sweep());
}

void Run::crash() {
  world_.tell("the control plane dies");
  ++crashes_;
  --crashes_left_;
  if (!loop_.run(plane_->die())) world_.violate("the control plane cannot be ended");
  plane_.reset();
  quiet_since_.reset();
  const Duration down = world_.chance(700) ? world_.between(1ms, 2s) : world_.between(2s, 100s);
  world_.after(down, [this] { start_control_plane(); });
}

void Run::schedule_faults() {
  world_.weather.bad = workload_.bad_until > Duration(0);
  for (const Fault& fault : workload_.faults)
    world_.after(fault.at, [this, fault] { strike(world_, fault); });
  if (workload_.backup_at) {
    world_.after(*workload_.backup_at, [this] { backup_ = disk_; });
    world_.after(*workload_.restore_at, [this] {
      restores_backup_ = true;
      if (plane_) plane_->kill();
    });
  }
  world_.after(workload_.bad_until, [this] { world_.weather.bad = false; });
}

Outcome Run::play() {
  const std::size_t failed_before = failed_coroutines();
  if (trace_)
    disk_.on_durable = [this](const store::MemoryDisk&, const store::Batch& batch) {
      for (const auto& put : batch.puts)
        if (const auto* event = std::get_if<model::Event>(&put.resource))
          world_.tell(fmt::format("  {} {} {}",
                                  event->metadata.deployment_id.value_or("session").substr(0, 4),
                                  *event->metadata.name, event->spec.message));
    };
  schedule_faults();
  start_control_plane();
  look();
  std::uint64_t steps = 0;
  while (!is_over() && world_.violations().empty() && loop_.mono_now() < MonoTime(kLimit)) {
    if (++steps > kSteps || !loop_.step()) break;
    if (plane_ && plane_->dead()) crash();
  }
  Outcome outcome;
  check_end(outcome);
  outcome.steps = steps;
  outcome.points = points_;
  outcome.crashes = crashes_;
  outcome.records_twice = world_.output.records_twice();
  outcome.previews = judge_.foretold().fulfilled();
  outcome.virtual_time = loop_.mono_now().time_since_epoch();
  if (failed_coroutines() != failed_before)
    outcome.problems.push_back("a coroutine ended by an exception");
  return outcome;
}

bool Run::is_quiet() const {
  if (!plane_ || next_action_ < workload_.actions.size() ||
      loop_.mono_now() < MonoTime(workload_.bad_until))
    return false;
  for (const auto& deployment : plane_->store().read().deployments(""))
    if (!not_settled(*deployment).empty()) return false;
  return true;
}

void Run::look() {
  if (!is_quiet()) quiet_since_.reset();
  else if (!quiet_since_) quiet_since_ = loop_.mono_now();
  world_.after(1s, [this] { look(); });
}

// A bounded job may end after the last look.
bool Run::is_over() const {
  return quiet_since_ && loop_.mono_now() - *quiet_since_ >= kQuiet && is_quiet();
}

}  // namespace weir::simulation
