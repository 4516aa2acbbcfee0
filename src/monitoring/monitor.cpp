#include "monitoring/monitor.h"

#include <algorithm>

#include "base/log.h"
#include "monitoring/reading.h"

namespace weir::monitoring {
namespace {

// One reading takes some ten requests of half a millisecond: a twentieth of the thread for all.
constexpr Duration kShareOfOne = std::chrono::milliseconds(100);
// A timer that comes so late says that users and controllers wait too.
constexpr Duration kLate = std::chrono::milliseconds(50);
constexpr Duration kPostponed = std::chrono::seconds(1);
constexpr Duration kIdle = std::chrono::hours(1);
// Ended jobs whose last figures are still shown.
constexpr std::size_t kEndedJobs = 100;

Duration jittered(Duration wait, IdSource& ids) {
  return wait + Duration(ids.below(static_cast<std::uint64_t>(wait.count() / 5 + 1)));
}

}  // namespace

Monitor::Monitor(Environment env, store::Store& store, flink::FlinkMetrics& flink,
                 Settings settings)
    : env_(env),
      store_(store),
      flink_(flink),
      settings_(settings),
      history_(static_cast<std::size_t>(settings.history_bytes), settings.history_age),
      wake_(env.timer),
      scope_(env.timer, "monitoring") {}

void Monitor::start() {
  if (!settings_.enabled) return;
  subscription_ = store_.subscribe([this](const store::Change& change) { on_change(change); });
  std::vector<std::string> ids;
  for (const auto& job : store_.read().jobs(""))
    if (job->status.state == model::JobState::STARTED) ids.push_back(job->metadata.id);
  running_ = ids.size();
  for (const std::string& id : ids) add(id);
  scope_.spawn("readings", run());
}

Task<void> Monitor::stop() {
  subscription_.reset();
  co_await scope_.stop();
  for (auto& [id, job] : jobs_) tell_waiting(job);
}

// ---- which jobs ----

void Monitor::on_change(const store::Change& change) {
  if (change.kind != model::Kind::Job || !change.resource) return;
  const auto& job = std::get<model::Job>(*change.resource);
  on_job(change.id, !change.deleted && job.status.state == model::JobState::STARTED);
}

// Spread, so that a thousand jobs that start together are not read together.
void Monitor::add(const std::string& job_id) {
  const auto spread = static_cast<std::uint64_t>(present_interval().count());
  plan_at(job_id, jobs_[job_id], env_.now() + Duration(env_.ids.below(spread)));
}

void Monitor::on_job(const std::string& id, bool runs) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) {
    if (!runs) return;
    ++running_;
    add(id);
    return;
  }
  Job& known = found->second;
  if (known.runs == runs) return;
  known.runs = runs;
  if (runs) {
    ++running_;
    ended_.remove(id);
    if (!known.being_read) plan_at(id, known, env_.now());
    return;
  }
  --running_;
  due_.erase({known.due, id});
  known.seen.problem = "The job has ended.";
  known.seen.problem_since = env_.wall_now();
  tell_waiting(known);  // nobody reads it any more
  ended_.push_back(id);
  forget_old_jobs();
}

void Monitor::forget_old_jobs() {
  while (ended_.size() > kEndedJobs) {
    jobs_.erase(ended_.front());
    ended_.pop_front();
  }
}

// ---- when ----

Duration Monitor::present_interval() const {
  return std::max<Duration>(settings_.interval, kShareOfOne * static_cast<std::int64_t>(running_));
}

bool Monitor::is_watched(const Job& job) const {
  return job.watched_until && *job.watched_until >= env_.now();
}

void Monitor::plan_at(const std::string& job_id, Job& job, MonoTime when) {
  due_.erase({job.due, job_id});
  job.due = when;
  due_.emplace(when, job_id);
  if (due_.begin()->second == job_id) wake_.notify();
}

void Monitor::plan_next(const std::string& job_id, Job& job) {
  const Duration wait =
      is_watched(job) ? settings_.watched_interval : jittered(present_interval(), env_.ids);
  plan_at(job_id, job, env_.now() + wait);
}

// Whoever looks at a job gets its figures; the others can wait.
void Monitor::postpone(MonoTime now) {
  std::vector<std::string> late;
  for (const auto& [when, id] : due_) {
    if (when > now) break;
    if (!is_watched(jobs_.at(id))) late.push_back(id);
  }
  for (const std::string& id : late)
    plan_at(id, jobs_.at(id), now + jittered(kPostponed, env_.ids));
  statistics_.postponed += late.size();
}

Task<void> Monitor::run() {
  while (true) {
    const bool full = reading_ >= settings_.at_once;
    const MonoTime wanted =
        full || due_.empty() ? env_.now() + kIdle : std::max(due_.begin()->first, env_.now());
    const bool notified = co_await wake_.wait(wanted);
    const MonoTime now = env_.now();
    if (!notified && now - wanted > kLate) postpone(now);
    while (!due_.empty() && due_.begin()->first <= now && reading_ < settings_.at_once) {
      const std::string id = due_.begin()->second;
      due_.erase(due_.begin());
      jobs_.at(id).being_read = true;
      ++reading_;
      scope_.spawn("job " + id, read_job(id));
    }
  }
}

// ---- reading ----

Task<void> Monitor::read_job(std::string job_id) {
  const Job& before = jobs_.at(job_id);
  const bool watched = is_watched(before);
  const auto last = before.seen.reading;
  auto result =
      co_await read_figures(env_, store_.read(), flink_, settings_, job_id, watched, last);
  --reading_;
  wake_.notify();
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end()) co_return;
  Job& job = found->second;
  job.being_read = false;
  take(job_id, job, std::move(result));
  if (job.runs) plan_next(job_id, job);
  tell_waiting(job);
}

void Monitor::tell_waiting(Job& job) {
  for (const auto& waiter : std::exchange(job.waiting, {})) waiter->notify();
}

void Monitor::take(const std::string& job_id, Job& job, Result<Reading> result) {
  Seen& seen = job.seen;
  if (!result) {
    ++statistics_.failures;
    log::debug("monitoring", "job {}: {}", job_id, to_string(result.error()));
    if (!job.runs) return;
    if (seen.problem.empty()) seen.problem_since = env_.wall_now();
    seen.problem = result.error().message;
    return;
  }
  ++statistics_.readings;
  const auto before = seen.reading;
  seen.reading = std::make_shared<const Reading>(std::move(*result));
  seen.figures = figures_of(*seen.reading, before.get());
  if (job.runs) {
    seen.problem.clear();
    seen.problem_since.reset();
  }
  remember(job_id, job);
}

void Monitor::remember(const std::string& job_id, const Job& job) {
  const Seen& seen = job.seen;
  history_.add({job_id, ""}, seen.reading->wall, seen.figures.job);
  if (!is_watched(job)) return;
  for (const auto& [vertex_id, row] : seen.figures.vertices)
    history_.add({job_id, vertex_id}, seen.reading->wall, row);
}

// ---- answering ----

void Monitor::watch(const std::string& job_id) {
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end() || !found->second.runs) return;
  Job& job = found->second;
  job.watched_until = env_.now() + settings_.watch_time;
  const MonoTime soon = env_.now() + settings_.watched_interval;
  if (!job.being_read && job.due > soon) plan_at(job_id, job, soon);
}

std::shared_ptr<const Reading> Monitor::last_reading(const std::string& job_id) const {
  const auto found = jobs_.find(job_id);
  return found == jobs_.end() ? nullptr : found->second.seen.reading;
}

Task<Seen> Monitor::look(std::string job_id, MonoTime deadline) {
  watch(job_id);
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end()) {
    Seen none;
    none.problem = settings_.enabled ? "The job is not running, or has just started."
                                     : "Reading metrics is switched off (metrics.enabled).";
    co_return none;
  }
  Job& job = found->second;
  const auto& reading = job.seen.reading;
  // A watched job's last reading may be as old as two intervals while the next is under way.
  const bool fresh = reading && env_.now() - reading->at <= settings_.watched_interval * 2;
  if (fresh || !job.runs) co_return job.seen;
  if (!job.being_read && job.due > env_.now()) plan_at(job_id, job, env_.now());
  auto waiter = std::make_shared<Signal>(env_.timer);
  job.waiting.push_back(waiter);
  const bool read = co_await waiter->wait(deadline);
  const auto again = jobs_.find(job_id);
  if (again == jobs_.end()) co_return Seen{};
  Seen seen = again->second.seen;
  if (!read && seen.problem.empty()) seen.problem = "The JobManager has not answered yet.";
  co_return seen;
}

}  // namespace weir::monitoring
