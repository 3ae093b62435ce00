// Shows every generic netlink message of a world's hosts to a capture, one capture interface for
// each host.
#pragma once

#include <map>
#include <string>

#include "capture/netlink_capture.h"
#include "lab/world.h"

namespace airloom::lab {

class NetlinkRecorder final : public NetlinkObserver {
 public:
  /// Both outlive the recorder.
  /// @param host  only this one's; empty: every host's
  NetlinkRecorder(World& world, capture::PcapngWriter& writer, std::string host = {});
  ~NetlinkRecorder() override;
  NetlinkRecorder(const NetlinkRecorder&) = delete;
  NetlinkRecorder& operator=(const NetlinkRecorder&) = delete;

  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override;
  uint64_t packets() const { return capture_.packets(); }

 private:
  World& world_;
  const std::string host_;
  capture::NetlinkCapture capture_;
  std::map<std::string, capture::NetlinkCapture::InterfaceId> interfaces_;  // by host
};

}  // namespace airloom::lab
