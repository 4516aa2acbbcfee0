#include "async/signal.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <functional>
#include <optional>
#include <utility>

namespace asio = boost::asio;

namespace weir {

using ErrorCode = boost::system::error_code;

struct Signal::State {
  explicit State(Timer& t) : timer(t) {}

  Timer& timer;
  bool notified = false;
  // Asio's any_completion_handler of Boost 1.81 recurses without end when it is moved into a bound
  // handler, so the handler is erased by std::function around a shared copy.
  std::function<void(ErrorCode)> waiter;
  asio::cancellation_slot slot;
  std::optional<Timer::Id> alarm;

  // Ends the current wait, if there is one, by posting its handler.
  bool finish(ErrorCode result) {
    if (!waiter) return false;
    if (alarm) timer.cancel(*alarm);
    alarm.reset();
    if (slot.is_connected()) slot.clear();
    asio::post(timer.executor(),
               [handler = std::exchange(waiter, nullptr), result] { handler(result); });
    return true;
  }
};

Signal::Signal(Timer& timer) : state_(std::make_shared<State>(timer)) {}
Signal::~Signal() { assert(!state_->waiter && "a Signal must outlive its waiter"); }

void Signal::notify() {
  if (!state_->finish({})) state_->notified = true;
}

Task<bool> Signal::wait(MonoTime deadline) {
  auto state = state_;
  if (state->notified) {
    state->notified = false;
    co_return true;
  }
  assert(!state->waiter && "one waiter at a time");
  ErrorCode result;
  auto token = asio::redirect_error(asio::use_awaitable, result);
  co_await asio::async_initiate<decltype(token), void(ErrorCode)>(
      [state, deadline](auto handler) {
        state->slot = asio::get_associated_cancellation_slot(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        state->waiter = [shared](ErrorCode error) { std::move (*shared)(error); };
        std::weak_ptr<State> weak = state;
        if (state->slot.is_connected())
          state->slot.assign([weak](asio::cancellation_type) {
            if (auto alive = weak.lock()) alive->finish(asio::error::operation_aborted);
          });
        if (deadline == MonoTime::max()) return;
        state->alarm = state->timer.schedule(deadline, [weak] {
          if (auto alive = weak.lock()) {
            alive->alarm.reset();
            alive->finish(asio::error::timed_out);
          }
        });
      },
      token);
  if (result == asio::error::operation_aborted) throw boost::system::system_error(result);
  co_return !result;
}

Task<void> Signal::wait() { co_await wait(MonoTime::max()); }

Task<void> sleep_until(Timer& timer, MonoTime when) {
  Signal never(timer);
  co_await never.wait(when);
}

Task<void> sleep_for(Timer& timer, Duration duration) {
  co_await sleep_until(timer, timer.now() + duration);
}

}  // namespace weir
