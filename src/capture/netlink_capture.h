// A capture of netlink messages, nl80211's above all, as Linux' nlmon shows them: Wireshark then
// decodes them, if the capture begins before the program asks for the family's number.
// [LINKTYPE_NETLINK, draft-ietf-opsawg-pcaplinktype]
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.h"
#include "bytes/writer.h"
#include "capture/pcapng.h"

namespace airloom::capture {

class NetlinkCapture {
 public:
  using InterfaceId = PcapngWriter::InterfaceId;
  enum class Direction : uint16_t { kFromKernel = 0, kToKernel = 4 };

  /// The same terms as AirCapture's.
  explicit NetlinkCapture(PcapngWriter& writer, Duration epoch_of_world = Duration(0));

  /// Adds a capture interface, one per host.
  InterfaceId add_interface(std::string_view name);
  /// Records one or more whole generic netlink messages, headers included, as one packet.
  void on_messages(InterfaceId id, TimePoint at, Direction direction,
                   std::span<const uint8_t> messages);

  uint64_t packets() const { return packets_; }

 private:
  PcapngWriter& writer_;
  Duration epoch_of_world_;
  Octets header_;  // kept for its capacity
  uint64_t packets_ = 0;
};

}  // namespace airloom::capture
