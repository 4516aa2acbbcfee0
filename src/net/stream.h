#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/environment.h"
#include "base/result.h"

namespace weir::net {

/// A byte stream, plain or encrypted. I/O thread only. Every operation is bounded by a deadline and
/// fails afterwards for good (kDeadline); cancelling the coroutine ends the operation by exception.
class Stream {
 public:
  virtual ~Stream() = default;

  /// @return bytes read; 0 = the other side has ended its side
  /// @error kDeadline, kUnavailable (reason "ConnectionReset")
  virtual Task<Result<std::size_t>> read_some(char* data, std::size_t size, MonoTime deadline) = 0;
  /// Writes all of `data`, which must stay valid until then.
  virtual Task<Status> write(std::string_view data, MonoTime deadline) = 0;
  /// Returns when there is something to read, without holding a buffer meanwhile.
  virtual Task<Status> wait_readable(MonoTime deadline) = 0;
  /// Tells the other side that nothing more comes; reading goes on.
  virtual void end_output() = 0;
  /// Whether the other side has ended its side or the connection is broken, without waiting.
  virtual bool peer_ended() const = 0;
  /// Ends both sides at once; harmless when repeated.
  virtual void close() = 0;
  virtual std::string peer() const = 0;
};

struct TlsClientOptions {
  std::string server_name;  ///< for SNI and verification
  std::string ca_file;      ///< empty = the system's
  bool verify = true;
};

/// Connects to a literal address or a name (looked up on the pool).
/// @error kUnavailable reason "ConnectionRefused" | "NameNotFound" | "Unreachable" | "TlsFailed";
///        kDeadline; kPermissionDenied reason "HostNotAllowed" from `allow`
/// @param allow asked for each address before connecting; empty allows all
Task<Result<std::unique_ptr<Stream>>> connect(
    Environment env, std::string host, int port, std::optional<TlsClientOptions> tls,
    MonoTime deadline, std::function<bool(const std::string& address)> allow = {});

/// Loopback, link-local, private, unspecified or multicast: nothing that a download may reach
/// unless allowed.
bool is_private_address(const std::string& address);

}  // namespace weir::net
