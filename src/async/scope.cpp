#include "async/scope.h"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <exception>

#include "base/log.h"

namespace asio = boost::asio;

namespace weir {
namespace {

std::atomic<std::size_t> g_failed{0};

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace

// Cancelling a coroutine that co_spawn has queued but not begun makes Asio 1.81 throw into the
// executor, so a child that has not begun is only marked and ends at its first step.
struct Scope::Child {
  std::string name;
  asio::cancellation_signal cancel;
  bool begun = false;
  bool cancelled = false;

  static Task<void> run(Child& child, Task<void> task) {
    child.begun = true;
    if (!child.cancelled) co_await std::move(task);
  }
};

std::size_t failed_coroutines() { return g_failed; }

Scope::Scope(Timer& timer, std::string name)
    : timer_(timer), name_(std::move(name)), emptied_(timer) {}

Scope::~Scope() { assert(children_.empty() && "stop() a Scope before its end"); }

void Scope::spawn(std::string name, Task<void> task) {
  if (stopping_) return;
  children_.push_back(std::make_unique<Child>());
  const auto child = std::prev(children_.end());
  (*child)->name = std::move(name);
  asio::co_spawn(timer_.executor(), Child::run(**child, std::move(task)),
                 asio::bind_cancellation_slot((*child)->cancel.slot(),
                                              [this, child](std::exception_ptr failure) {
                                                ended(child, std::move(failure));
                                              }));
}

void Scope::ended(std::list<std::unique_ptr<Child>>::iterator child, std::exception_ptr failure) {
  if (failure && !is_cancellation(failure)) {
    ++g_failed;
    log::error("async", "{}/{} ended by an exception: {}", name_, (*child)->name,
               describe(failure));
  }
  children_.erase(child);
  if (children_.empty() && stopping_) emptied_.notify();
}

void Scope::cancel() {
  stopping_ = true;
  // A coroutine may end inside emit(), so the list may change under the walk.
  std::vector<Child*> all;
  for (const auto& child : children_) all.push_back(child.get());
  for (Child* child : all) {
    for (const auto& alive : children_) {
      if (alive.get() != child) continue;
      child->cancelled = true;
      if (child->begun) child->cancel.emit(asio::cancellation_type::terminal);
      break;
    }
  }
}

Task<void> Scope::stop() {
  cancel();
  while (!children_.empty()) co_await emptied_.wait();
}

}  // namespace weir
