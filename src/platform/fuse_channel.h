// A FUSE connection: requests in, replies out. What is answered for, and how, is its handler's:
// file_server.h, device_file.h. Without threads: the loop's owner calls serve() when fd() is
// readable. [linux/fuse.h]
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

struct FuseRequest {
  uint32_t opcode = 0;
  uint64_t unique = 0;
  uint64_t node = 0;
  std::span<const uint8_t> body;

  /// The body, or what follows another struct in it, as a struct of the protocol.
  template <typename T>
  T as() const {
    T value{};
    std::memcpy(&value, body.data(), std::min(body.size(), sizeof value));
    return value;
  }
};

using FuseReply = Result<std::vector<uint8_t>>;

class FuseHandler {
 public:
  virtual ~FuseHandler() = default;
  /// None: it is not answered, or later with FuseChannel::answer().
  virtual std::optional<FuseReply> handle(const FuseRequest& request) = 0;
};

class FuseChannel {
 public:
  /// Opens /dev/fuse; mount it with mount_options().
  /// @error kNoDevice, kPermission  it cannot be had here: the text says why.
  static Result<FuseChannel> open();

  int fd() const { return fd_.get(); }
  /// The data of mount(2) for type "fuse".
  /// @param root_mode  type and permissions of what is mounted.
  std::string mount_options(uint32_t root_mode) const;
  /// Hands every request that waits to the handler, without blocking.
  void serve(FuseHandler& handler);
  void answer(uint64_t unique, const FuseReply& reply);
  /// Ends a request that was not answered, because a signal came: EINTR.
  void interrupt(uint64_t unique);
  /// Whoever polls with this handle looks again. [fuse.h FUSE_NOTIFY_POLL]
  void wake_poll(uint64_t handle);

  /// The largest write that one request carries.
  static constexpr uint32_t kMaxWrite = 4096;

 private:
  explicit FuseChannel(UniqueFd fd) : fd_(std::move(fd)) {}
  void send(uint64_t unique, int32_t error, std::span<const uint8_t> body);
  static std::vector<uint8_t> initialise(const FuseRequest& request);

  UniqueFd fd_;
};

template <typename T>
std::vector<uint8_t> fuse_octets(const T& value) {
  std::vector<uint8_t> out(sizeof value);
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}

}  // namespace airloom::platform
