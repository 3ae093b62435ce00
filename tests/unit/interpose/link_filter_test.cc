// rtnetlink messages of TAPs as programs see them.
#include "interpose/link_filter.h"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"

namespace airloom::interpose {
namespace {

using netlink::MessageWriter;

/// One RTM_NEWLINK; `vnet`: the TAP is as ours are.
Octets link(const char* name, const char* kind, uint8_t vnet, uint16_t type = RTM_NEWLINK) {
  MessageWriter writer({.type = type, .sequence = 7});
  writer.raw(Octets(sizeof(ifinfomsg)));
  writer.string(IFLA_IFNAME, name);
  if (kind) {
    const auto info = writer.nest(IFLA_LINKINFO);
    writer.string(IFLA_INFO_KIND, kind);
    const auto data = writer.nest(IFLA_INFO_DATA);
    writer.u8(IFLA_TUN_TYPE, IFF_TAP).u8(IFLA_TUN_PI, 0).u8(IFLA_TUN_VNET_HDR, vnet);
    writer.u8(IFLA_TUN_PERSIST, 0);
  }
  writer.u32(IFLA_GROUP, 5);
  return std::move(writer).finish();
}

TEST(LinkFilter, HidesTheKindOfOurTaps) {
  EXPECT_EQ(without_tap_kind(link("wlan0", "tun", 1)), link("wlan0", nullptr, 1));
  EXPECT_EQ(without_tap_kind(link("wlan0", "tun", 1, RTM_DELLINK)),
            link("wlan0", nullptr, 1, RTM_DELLINK));
}

TEST(LinkFilter, LeavesEverythingElse) {
  for (const Octets& other : {link("tun0", "tun", 0), link("br0", "bridge", 1),
                              link("lo", nullptr, 0), link("x", "tun", 1, RTM_NEWADDR), Octets{}})
    EXPECT_EQ(without_tap_kind(other), other);
}

TEST(LinkFilter, KeepsTheOtherMessagesOfADatagram) {
  Octets datagram, expected;
  for (const char* kind : {"tun", "bridge", "tun"}) {
    const Octets message = link("a", kind, 1);
    datagram.insert(datagram.end(), message.begin(), message.end());
    const Octets shown = without_tap_kind(message);
    expected.insert(expected.end(), shown.begin(), shown.end());
  }
  EXPECT_EQ(without_tap_kind(datagram), expected);
  EXPECT_LT(expected.size(), datagram.size());
}

}  // namespace
}  // namespace airloom::interpose
