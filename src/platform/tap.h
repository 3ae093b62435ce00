// A TAP device: the netdev behind a Wi-Fi interface. Frames are whole (Ethernet, or radiotap while
// the link type says so). An Ethernet TAP takes checksums and TCP segmentation over from the host's
// stack: what is read has been cut to frames of the MTU already, and what is written may be large
// (offload.h). Closing removes the netdev. The descriptor keeps working when the netdev is renamed
// or moved to another network namespace. Read it only while there is room for its frames: what is
// not read waits in its queue.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "platform/offload.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

// ARPHRD_* as TUNSETLINK takes them.
constexpr uint16_t kLinkTypeEthernet = 1;
constexpr uint16_t kLinkTypeIeee80211 = 801;
constexpr uint16_t kLinkTypeRadiotap = 803;

/// What TAPs need to read, which any number of them share.
class TapReader {
 public:
  /// `pool` outlives the reader.
  explicit TapReader(FramePool& pool);

 private:
  friend class Tap;
  FramePool& pool_;
  FrameBuffer spare_;                    // taken from the pool for a read that found nothing
  std::unique_ptr<uint8_t[]> overflow_;  // holds a large segment
};

class Tap {
 public:
  /// Creates a TAP in the calling thread's network namespace (see NetNamespace::enter), down.
  /// @param name  may hold "%d"; at most 15 octets.
  /// @param carrier  whether it has one. If so, and for as long as that does not change, its
  ///        operstate while up is unknown.
  /// @error kExists  the name is taken;  kNoDevice, kPermission  no TAP can be had here: the text
  ///        says why, and how to get it.
  static Result<Tap> open(const std::string& name, const MacAddress& address, bool carrier = false);

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

  /// Appends waiting frames to `out` until there are `max`, without blocking. A large segment is
  /// appended as a whole, so there may be more.
  /// @return how many were appended; less than `max` means that none waits (or the device failed).
  size_t read_burst(TapReader& reader, std::vector<FrameBuffer>& out, size_t max);
  /// Hands a frame to the host's stack, in parts that are put together.
  /// @return whether it took it: down, too short or without memory it does not.
  bool write(const OffloadHeader& header, std::span<const std::span<const uint8_t>> parts);
  bool write(std::span<const uint8_t> frame) { return write({}, {&frame, 1}); }
  /// Frames read whose offload header did not fit them: dropped.
  uint64_t refused() const { return refused_; }

 private:
  Tap(UniqueFd fd, uint32_t ifindex) : fd_(std::move(fd)), ifindex_(ifindex) {}
  Result<void> set_offloads(bool on);
  static Result<void> take(const OffloadHeader& header, size_t size, FrameBuffer frame,
                           TapReader& reader, std::vector<FrameBuffer>& out);

  UniqueFd fd_;
  uint32_t ifindex_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace airloom::platform
