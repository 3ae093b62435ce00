#include "interpose/link_filter.h"

#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "netlink/message.h"

namespace airloom::interpose {
namespace {

bool is_of_our_tap(const netlink::Attribute& link_info) {
  const netlink::AttributeTable info(link_info);
  if (info.string(IFLA_INFO_KIND) != "tun") return false;
  const netlink::AttributeTable data = info.nest(IFLA_INFO_DATA);
  return data.u8(IFLA_TUN_TYPE) == IFF_TAP && data.u8(IFLA_TUN_PI) == 0 &&
         data.u8(IFLA_TUN_VNET_HDR) == 1 && data.u8(IFLA_TUN_PERSIST) == 0;
}

// The link info's octets within the message, if it is of one of our TAPs.
std::span<const uint8_t> tap_info(const netlink::Message& message) {
  if (message.header.type != RTM_NEWLINK && message.header.type != RTM_DELLINK) return {};
  if (message.payload().size() < sizeof(ifinfomsg)) return {};
  for (const netlink::Attribute& attribute :
       netlink::AttributeRange(message.payload().subspan(sizeof(ifinfomsg))))
    if (attribute.type == IFLA_LINKINFO && is_of_our_tap(attribute))
      return {attribute.payload.data() - NLA_HDRLEN,
              netlink::align4(attribute.payload.size() + NLA_HDRLEN)};
  return {};
}

}  // namespace

Octets without_tap_kind(std::span<const uint8_t> datagram) {
  Octets out;
  netlink::MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    const auto info = tap_info(*message);
    const size_t begin = out.size();
    if (info.empty()) {
      out.insert(out.end(), message->octets.begin(), message->octets.end());
    } else {
      const auto before = static_cast<size_t>(info.data() - message->octets.data());
      const auto after =
          message->octets.subspan(std::min(before + info.size(), message->octets.size()));
      out.insert(out.end(), message->octets.begin(),
                 message->octets.begin() + static_cast<ptrdiff_t>(before));
      out.insert(out.end(), after.begin(), after.end());
      const auto length = static_cast<uint32_t>(out.size() - begin);
      std::memcpy(out.data() + begin, &length, sizeof length);
    }
    out.resize(netlink::align4(out.size()));
  }
  return out;
}

}  // namespace airloom::interpose
