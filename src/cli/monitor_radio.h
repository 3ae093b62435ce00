// A monitor interface as a tunnel's radio: frames through libpcap, settings by nl80211,
// as any program would, on a kernel's interface or another airloom's.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "platform/netlink_socket.h"
#include "platform/packet_capture.h"
#include "platform/rtnetlink.h"
#include "tunnel/wtp.h"

namespace airloom::cli {

class MonitorRadio final : public tunnel::RadioPort {
 public:
  /// @error kNoDevice, kInvalid  there is no such interface, or it is no monitor: the text says how
  ///        to make one.
  static Result<std::unique_ptr<MonitorRadio>> open(const std::string& interface, Log log);

  platform::PacketCapture& capture() { return capture_; }

  tunnel::RadioDescription describe() const override { return {address_}; }
  bool inject(std::span<const uint8_t> frame) override { return capture_.send(frame); }
  Result<void> set_channel(const mac80211::ChannelDefinition& channel) override;
  void set_addresses(std::span<const MacAddress> addresses) override;

 private:
  MonitorRadio(platform::PacketCapture capture, platform::NetlinkSocket netlink,
               platform::Rtnetlink links, Log log);
  Result<void> learn(const std::string& interface);
  Result<void> change_address(const MacAddress& address);
  Result<Octets> ask(Octets request);

  platform::PacketCapture capture_;
  platform::NetlinkSocket netlink_;
  platform::Rtnetlink links_;
  Log log_;
  uint16_t family_ = 0;
  uint32_t sequence_ = 0;
  MacAddress address_;
};

}  // namespace airloom::cli
