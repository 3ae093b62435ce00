#include "lab/netlink_recorder.h"

namespace airloom::lab {

NetlinkRecorder::NetlinkRecorder(World& world, capture::PcapngWriter& writer, std::string host)
    : world_(world), host_(std::move(host)), capture_(writer, world.ports().wall_clock_offset) {
  world_.add_netlink_observer(*this);
}

NetlinkRecorder::~NetlinkRecorder() {
  world_.remove_netlink_observer(*this);
}

void NetlinkRecorder::on_netlink(const WorldHost& host, NetlinkDirection direction,
                                 std::span<const uint8_t> datagram) {
  if (!host_.empty() && host.name() != host_) return;
  auto known = interfaces_.find(host.name());
  if (known == interfaces_.end())
    known = interfaces_.emplace(host.name(), capture_.add_interface(host.name())).first;
  const auto drawn = direction == NetlinkDirection::kToKernel
                         ? capture::NetlinkCapture::Direction::kToKernel
                         : capture::NetlinkCapture::Direction::kFromKernel;
  capture_.on_messages(known->second, world_.ports().scheduler->now(), drawn, datagram);
}

}  // namespace airloom::lab
