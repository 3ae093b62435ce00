#include "daemon/tunnel_road.h"

#include <algorithm>

namespace airloom::daemon {
namespace {

constexpr size_t kIpv4Octets = 20, kIpv6Octets = 40, kUdpOctets = 8;
// The preamble, a record's header, an explicit nonce and a tag.
constexpr size_t kDtlsOctets = tunnel::kDtlsPreambleOctets + 13 + 8 + 16;

}  // namespace

platform::Endpoint data_address(const platform::Endpoint& control) {
  return control.with_port(static_cast<uint16_t>(control.port() + 1));
}

size_t datagram_max_of(size_t mtu, bool ipv6, bool secured) {
  const size_t around =
      (ipv6 ? kIpv6Octets : kIpv4Octets) + kUdpOctets + (secured ? kDtlsOctets : 0);
  return std::clamp(mtu - std::min(mtu, around), tunnel::kDatagramMaxLeast,
                    tunnel::kDatagramMaxMost);
}

std::span<const uint8_t> record_in(std::span<const uint8_t> datagram) {
  if (datagram.size() <= tunnel::kDtlsPreambleOctets || datagram[0] != tunnel::kPreambleDtls)
    return {};
  return datagram.subspan(tunnel::kDtlsPreambleOctets);
}

}  // namespace airloom::daemon
