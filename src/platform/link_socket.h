// AF_PACKET on one interface: every frame that it hears, and frames to send, as any capture program
// does it. Non-blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

class LinkSocket {
 public:
  /// In the calling thread's network namespace.
  /// @error kNoDevice  there is no such interface;  kPermission
  static Result<LinkSocket> open(const std::string& interface);

  int fd() const { return fd_.get(); }
  uint32_t ifindex() const { return ifindex_; }
  /// ARPHRD_*.
  uint16_t link_type() const { return link_type_; }

  /// Takes up to a burst of waiting frames, not those that other programs here send, and calls
  /// `visit` with each. @return whether more may wait.
  bool receive(const std::function<void(std::span<const uint8_t>)>& visit);
  /// @return false: the interface did not take it.
  bool send(std::span<const uint8_t> frame);

 private:
  LinkSocket(UniqueFd fd, uint32_t ifindex, uint16_t link_type);

  UniqueFd fd_;
  uint32_t ifindex_;
  uint16_t link_type_;
  std::vector<uint8_t> room_;
};

}  // namespace airloom::platform
