// What programs capture and inject on an interface, with libpcap: frames as they come, and frames
// to send, not those that other programs of this machine send. Non-blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

struct pcap;

namespace airloom::platform {

class PacketCapture {
 public:
  /// In the calling thread's network namespace.
  /// @error kNoDevice, kPermission, kNetDown  the text says what is wrong.
  static Result<PacketCapture> open(const std::string& interface);

  int fd() const;
  uint32_t ifindex() const { return ifindex_; }
  /// What its frames begin with: DLT_*.
  int link_type() const;

  using Visit = std::function<void(std::span<const uint8_t>)>;
  /// Takes up to a burst of waiting frames and calls `visit` with each. An interface that is down
  /// has none until it is up again. @return whether more may wait.
  bool receive(const Visit& visit);
  /// @return false: the interface did not take it.
  bool send(std::span<const uint8_t> frame);

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  using Handle = std::unique_ptr<pcap, Close>;
  PacketCapture(Handle handle, uint32_t ifindex) : handle_(std::move(handle)), ifindex_(ifindex) {}

  Handle handle_;
  uint32_t ifindex_;
};

}  // namespace airloom::platform
