#include "capture/netlink_capture.h"

namespace airloom::capture {
namespace {

constexpr uint16_t kArphrdNetlink = 824;
constexpr uint16_t kNetlinkGeneric = 16;

}  // namespace

NetlinkCapture::NetlinkCapture(PcapngWriter& writer, Duration epoch_of_world)
    : writer_(writer), epoch_of_world_(epoch_of_world) {}

NetlinkCapture::InterfaceId NetlinkCapture::add_interface(std::string_view name) {
  return writer_.add_interface(name, LinkType::kNetlink);
}

void NetlinkCapture::on_messages(InterfaceId id, TimePoint at, Direction direction,
                                 std::span<const uint8_t> messages) {
  header_.clear();
  Writer writer(header_);
  // The cooked header, big-endian: direction, hardware type, no address, and the protocol.
  writer.be16(static_cast<uint16_t>(direction)).be16(kArphrdNetlink).be16(0).zeros(8);
  writer.be16(kNetlinkGeneric);
  const auto time_ns = static_cast<uint64_t>((epoch_of_world_ + at.since_epoch).count());
  writer_.write_packet(id, time_ns, header_, messages);
  ++packets_;
}

}  // namespace airloom::capture
