// A TAP device: the netdev behind a Wi-Fi interface. Frames are whole (Ethernet, or radiotap while
// the link type says so); the virtio header that the device speaks stays inside. Closing removes
// the netdev. The descriptor keeps working when the netdev is renamed or moved to another network
// namespace. Read it only while there is room for its frames: what is not read waits in its queue.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

// ARPHRD_* as TUNSETLINK takes them.
constexpr uint16_t kLinkTypeEthernet = 1;
constexpr uint16_t kLinkTypeIeee80211 = 801;
constexpr uint16_t kLinkTypeRadiotap = 803;

class Tap {
 public:
  /// Creates a TAP in the calling thread's network namespace (see NetNamespace::enter), down,
  /// without carrier.
  /// @param name  may hold "%d"; at most 15 octets.
  /// @error kExists  the name is taken;  kNoDevice, kPermission  no TAP can be had here: the text
  ///        says why, and how to get it.
  static Result<Tap> open(const std::string& name, const MacAddress& address);

  /// Whether this process may open the device at all. @error  as open().
  static Result<void> probe();

  int fd() const { return fd_.get(); }
  /// As it was given at creation, or found by refresh_ifindex().
  uint32_t ifindex() const { return ifindex_; }
  /// A move to another namespace may have changed it. Runs in that namespace.
  Result<void> refresh_ifindex();
  /// The name as it is now.
  Result<std::string> name() const;
  /// The address, while the link type is Ethernet: the kernel hides it from the others, but keeps
  /// it.
  Result<MacAddress> address() const;
  Result<void> set_address(const MacAddress& address);
  Result<void> set_carrier(bool on);
  /// @error kBusy  the netdev is up.
  Result<void> set_link_type(uint16_t arphrd);

  /// Appends up to `max` waiting frames to `out`, without blocking.
  /// @return how many were appended; less than `max` means that none waits (or the device failed).
  size_t read_burst(FramePool& pool, std::vector<FrameBuffer>& out, size_t max);
  /// Hands frames to the host's stack, oldest first. Frames the device refuses (down, too short,
  /// no memory) are dropped, as a driver would.
  /// @return how many the host's stack took.
  size_t write_burst(std::span<const FrameBuffer> frames);

 private:
  Tap(UniqueFd fd, uint32_t ifindex) : fd_(std::move(fd)), ifindex_(ifindex) {}

  UniqueFd fd_;
  uint32_t ifindex_ = 0;
  FrameBuffer spare_;  // taken from the pool for a read that found nothing
};

}  // namespace airloom::platform
