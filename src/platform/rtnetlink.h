// Requests to the kernel's rtnetlink in one network namespace, each waited for: links up and down,
// names, addresses, bridges' masters, operstate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/writer.h"
#include "platform/link_monitor.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

/// IF_OPER_* and the link modes of RFC 2863, as rtnetlink numbers them.
constexpr uint8_t kOperDormant = 5;
constexpr uint8_t kOperUp = 6;
constexpr uint8_t kLinkModeDefault = 0;
constexpr uint8_t kLinkModeDormant = 1;

class Rtnetlink {
 public:
  /// Opens in the calling thread's network namespace.
  static Result<Rtnetlink> open();

  Result<void> set_up(uint32_t ifindex, bool up);
  Result<void> set_name(uint32_t ifindex, const std::string& name);
  Result<void> set_address(uint32_t ifindex, const MacAddress& address);
  Result<void> set_mtu(uint32_t ifindex, uint32_t mtu);
  Result<void> set_link_mode(uint32_t ifindex, uint8_t mode);
  Result<void> set_operstate(uint32_t ifindex, uint8_t state);
  /// @param name  its name there; empty: as here.
  /// @error kExists  the name is taken there.
  Result<void> move_to(uint32_t ifindex, int netns_fd, const std::string& name = {});
  /// Adds "10.0.0.1/24" or "fd00::1/64".
  Result<void> add_address(uint32_t ifindex, const std::string& prefix);
  /// @error kNoDevice
  Result<LinkEvent> find(const std::string& name);
  Result<LinkEvent> find(uint32_t ifindex);
  /// All links, by ifindex.
  Result<std::vector<LinkEvent>> links();

 private:
  explicit Rtnetlink(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<std::vector<Octets>> transact(Octets request);
  Result<void> change(uint32_t ifindex, uint32_t flags, uint32_t mask, uint16_t attribute,
                      std::span<const uint8_t> value);
  Result<LinkEvent> find(uint32_t ifindex, const std::string& name);

  UniqueFd fd_;
  uint32_t sequence_ = 0;
};

/// Reads an RTM_NEWLINK or RTM_DELLINK message, header included.
/// @error kMalformed  too short, or another type.
Result<LinkEvent> parse_link(std::span<const uint8_t> message);

}  // namespace airloom::platform
