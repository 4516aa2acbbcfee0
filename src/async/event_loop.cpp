#include "async/event_loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <set>

namespace asio = boost::asio;

namespace weir {
namespace {

// All waits share one Asio timer that is armed for the earliest of them.
class SystemTimer final : public Timer {
 public:
  explicit SystemTimer(asio::io_context& context) : context_(context), alarm_(context) {}

  const Clock& clock() const override { return system_clock(); }
  Executor executor() override { return context_.get_executor(); }

  Id schedule(MonoTime when, std::function<void()> action) override {
    const Id id = ++last_;
    actions_.emplace(std::pair(when, id), std::move(action));
    when_.emplace(id, when);
    if (actions_.begin()->first.second == id) arm();
    return id;
  }

  void cancel(Id id) override {
    const auto found = when_.find(id);
    if (found == when_.end()) return;
    actions_.erase(std::pair(found->second, id));
    when_.erase(found);
    if (actions_.empty()) alarm_.cancel();
  }

 private:
  void arm() {
    const MonoTime first = actions_.begin()->first.first;
    alarm_.expires_at(asio::steady_timer::time_point(first.time_since_epoch()));
    alarm_.async_wait([this](boost::system::error_code error) {
      if (!error) fire();
    });
  }

  void fire() {
    const MonoTime now = clock().mono_now();
    while (!actions_.empty() && actions_.begin()->first.first <= now) {
      auto node = actions_.extract(actions_.begin());
      when_.erase(node.key().second);
      node.mapped()();
    }
    if (!actions_.empty()) arm();
  }

  asio::io_context& context_;
  asio::steady_timer alarm_;
  Id last_ = 0;
  std::map<std::pair<MonoTime, Id>, std::function<void()>> actions_;
  std::map<Id, MonoTime> when_;
};

class SystemPool final : public WorkerPool {
 public:
  SystemPool(asio::io_context& context, std::size_t workers)
      : context_(context), threads_(workers) {}
  ~SystemPool() override { threads_.join(); }

  void submit(std::function<void()> work, std::function<void()> done) override {
    // The guard keeps the I/O thread alive until `done` has run there.
    asio::post(threads_, [this, work = std::move(work), done = std::move(done),
                          guard = asio::make_work_guard(context_)]() mutable {
      work();
      work = nullptr;
      asio::post(context_, std::move(done));
    });
  }

 private:
  asio::io_context& context_;
  asio::thread_pool threads_;
};

}  // namespace

struct EventLoop::Impl {
  explicit Impl(std::size_t workers) : context(1), timer(context), pool(context, workers) {}
  asio::io_context context;
  SystemTimer timer;
  SystemPool pool;
};

EventLoop::EventLoop(std::size_t workers) : impl_(std::make_unique<Impl>(workers)) {}
EventLoop::~EventLoop() = default;

Environment EventLoop::environment() { return {impl_->timer, impl_->pool, system_ids()}; }
asio::io_context& EventLoop::context() { return impl_->context; }

void EventLoop::run(Task<void> main) {
  std::exception_ptr failure;
  bool ended = false;
  asio::co_spawn(impl_->context, std::move(main), [&](std::exception_ptr error) {
    failure = std::move(error);
    ended = true;
    impl_->context.stop();
  });
  auto guard = asio::make_work_guard(impl_->context);
  while (!ended) impl_->context.run();
  impl_->context.restart();
  // What the main task left in flight (pool results, closed sockets) gets its turn.
  impl_->context.poll();
  if (failure) std::rethrow_exception(failure);
}

void run_blocking(const std::function<Task<void>(Environment)>& main) {
  EventLoop loop(2);
  loop.run(main(loop.environment()));
}

}  // namespace weir
