// A system call that the seccomp filter held back, and what its supervisor may do with it: read and
// write the caller's memory, and let it return. The caller can vanish at any moment (only a fatal
// signal wakes it), so every access first asks the kernel whether the call still waits.
// [seccomp.h SECCOMP_RET_USER_NOTIF]
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/writer.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {

/// The descriptor that the kernel hands out with a filter.
class Listener {
 public:
  explicit Listener(platform::UniqueFd fd);
  int fd() const { return fd_.get(); }

 private:
  platform::UniqueFd fd_;
};

/// A span of the caller's memory.
using RemoteSpan = iovec;

class Call {
 public:
  /// Takes the next held-back call; waits for one if there is none (poll the listener first).
  /// @error kNotFound  its caller has gone already.
  static Result<Call> receive(const Listener& listener);

  int number() const { return number_; }
  uint64_t argument(size_t index) const { return arguments_[index]; }
  int int_argument(size_t index) const { return static_cast<int>(arguments_[index]); }
  /// The calling thread.
  pid_t thread() const { return thread_; }
  /// True while the caller still waits for an answer.
  bool is_waiting() const;

  // Each ends the call; a caller that has gone is no error.
  void reply(int64_t value) const;
  /// @param error  a positive errno, or 512 (ERESTARTSYS) when a signal waits for the caller.
  void fail(int error) const;
  /// Lets the kernel do the call as it was made.
  void resume() const;
  /// Gives the caller a copy of descriptor `source` as number `target`, and returns that number.
  void reply_descriptor(int source, int target, bool close_on_exec) const;

  // The caller's memory. False: it may not be read or written there (EFAULT), or it has gone.
  bool read(uint64_t address, std::span<uint8_t> into) const;
  bool write(uint64_t address, std::span<const uint8_t> from) const;
  // The same, as netlink_calls.h has it.
  bool read_octets(uint64_t address, void* into, size_t size) const {
    return read(address, {static_cast<uint8_t*>(into), size});
  }
  bool write_octets(uint64_t address, const void* from, size_t size) const {
    return write(address, {static_cast<const uint8_t*>(from), size});
  }
  /// Appends what lies in `parts` to `out`.
  bool gather(std::span<const RemoteSpan> parts, Octets& out) const;
  /// Spreads `from` over `parts`, as far as they reach.
  bool scatter(std::span<const RemoteSpan> parts, std::span<const uint8_t> from) const;

  /// Reads a struct of the kernel's UAPI.
  template <typename T>
  std::optional<T> read_struct(uint64_t address) const {
    std::array<uint8_t, sizeof(T)> octets;
    if (!read(address, octets)) return std::nullopt;
    T value;
    std::memcpy(&value, octets.data(), sizeof value);
    return value;
  }
  template <typename T>
  bool write_struct(uint64_t address, const T& value) const {
    std::array<uint8_t, sizeof(T)> octets;
    std::memcpy(octets.data(), &value, sizeof value);
    return write(address, octets);
  }

 private:
  Call(int listener, uint64_t id) : listener_(listener), id_(id) {}
  void respond(int64_t value, int error, uint32_t flags) const;

  int listener_;
  uint64_t id_;
  pid_t thread_ = 0;
  int number_ = 0;
  std::array<uint64_t, 6> arguments_{};
};

}  // namespace airloom::interpose
