#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace weir {

/// A coroutine that runs on the I/O thread. Parameters of a Task function are taken by value, or by
/// reference only where the caller awaits it in the same expression. Cancelling it (see `Scope`)
/// makes its current or next `co_await` throw `boost::system::system_error(operation_aborted)`,
/// which unwinds it; nothing else about a Task throws unless there is a bug.
template <class T>
using Task = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

}  // namespace weir
