#include "async/virtual_loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution.hpp>

namespace asio = boost::asio;

namespace weir {
namespace {

// What any_io_executor needs and no more. As with io_context, dispatching from inside the loop runs
// at once: Asio 1.81 relies on that where a cancellation meets the end of its coroutine.
class VirtualExecutor {
 public:
  explicit VirtualExecutor(VirtualLoop& loop, bool may_run_at_once = true)
      : loop_(&loop), may_run_at_once_(may_run_at_once) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept {
    return loop_->context();
  }
  asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
    if (may_run_at_once_) return asio::execution::blocking.possibly;
    return asio::execution::blocking.never;
  }
  VirtualExecutor require(asio::execution::blocking_t::never_t) const {
    return VirtualExecutor(*loop_, false);
  }
  VirtualExecutor require(asio::execution::blocking_t::possibly_t) const {
    return VirtualExecutor(*loop_, true);
  }

  template <class F>
  void execute(F&& function) const {
    if (may_run_at_once_ && loop_->is_running()) {
      std::decay_t<F> mine(std::forward<F>(function));
      std::move(mine)();
      return;
    }
    struct FunctionJob final : VirtualLoop::Job {
      explicit FunctionJob(std::decay_t<F> f) : function(std::move(f)) {}
      void run() override { std::move(function)(); }
      std::decay_t<F> function;
    };
    loop_->make_ready(std::make_unique<FunctionJob>(std::forward<F>(function)));
  }

  bool operator==(const VirtualExecutor& other) const noexcept {
    return loop_ == other.loop_ && may_run_at_once_ == other.may_run_at_once_;
  }
  bool operator!=(const VirtualExecutor& other) const noexcept { return !(*this == other); }

 private:
  VirtualLoop* loop_;
  bool may_run_at_once_;
};

}  // namespace

VirtualLoop::VirtualLoop(std::uint64_t seed, WallTime start)
    : random_(seed), start_(start), context_(std::make_unique<asio::execution_context>()) {}

VirtualLoop::~VirtualLoop() { drop_all(); }

Executor VirtualLoop::executor() { return VirtualExecutor(*this); }

Timer::Id VirtualLoop::schedule(MonoTime when, std::function<void()> action) {
  const Id id = ++last_;
  alarms_.emplace(std::pair(when, id), std::move(action));
  when_.emplace(id, when);
  return id;
}

void VirtualLoop::cancel(Id id) {
  const auto found = when_.find(id);
  if (found == when_.end()) return;
  alarms_.erase(std::pair(found->second, id));
  when_.erase(found);
}

void VirtualLoop::submit(std::function<void()> work, std::function<void()> done) {
  const auto delay = std::chrono::microseconds(50 + below(2000));
  schedule(now_ + delay, [work = std::move(work), done = std::move(done)] {
    work();
    done();
  });
}

std::uint64_t VirtualLoop::below(std::uint64_t bound) { return random_() % bound; }

std::string VirtualLoop::uuid() {
  std::string text = "00000000-0000-4000-8000-000000000000";
  static constexpr char kHex[] = "0123456789abcdef";
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '0') text[i] = kHex[random_() & 15];
  return text;
}

bool VirtualLoop::step() {
  if (observer_) observer_();
  if (!ready_.empty()) {
    const std::size_t pick = below(ready_.size());
    std::unique_ptr<Job> job = std::move(ready_[pick]);
    ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(pick));
    running_ = true;
    job->run();
    running_ = false;
    return true;
  }
  if (alarms_.empty()) return false;
  auto node = alarms_.extract(alarms_.begin());
  when_.erase(node.key().second);
  now_ = std::max(now_, node.key().first);
  running_ = true;
  node.mapped()();
  running_ = false;
  return true;
}

void VirtualLoop::run_for(Duration duration) {
  const MonoTime end = now_ + duration;
  while (!ready_.empty() || (!alarms_.empty() && alarms_.begin()->first.first <= end)) step();
  now_ = std::max(now_, end);
}

bool VirtualLoop::run(Task<void> main, Duration limit) {
  // Shared, because the coroutine may outlive a run that was cut off.
  struct Outcome {
    bool ended = false;
    std::exception_ptr failure;
  };
  auto outcome = std::make_shared<Outcome>();
  asio::co_spawn(executor(), std::move(main), [outcome](std::exception_ptr error) {
    outcome->ended = true;
    outcome->failure = std::move(error);
  });
  const MonoTime end = now_ + limit;
  while (!outcome->ended && now_ <= end)
    if (!step()) break;
  if (outcome->failure) std::rethrow_exception(outcome->failure);
  return outcome->ended;
}

void VirtualLoop::drop_all() {
  // Destroying a coroutine may schedule or cancel, so drop until nothing is left.
  while (!ready_.empty() || !alarms_.empty()) {
    auto ready = std::move(ready_);
    auto alarms = std::move(alarms_);
    ready_.clear();
    alarms_.clear();
    when_.clear();
  }
}

}  // namespace weir
