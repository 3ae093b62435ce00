#include "cli/monitor_radio.h"

#include <linux/nl80211.h>

#include "netlink/client.h"

namespace airloom::cli {
namespace {

using namespace netlink;

/// The longest MSDU: the kernel refuses to send what is longer than the interface's MTU, which is
/// at first less than a frame with its radiotap header. [802.11-2020 9.2.4.8]
constexpr uint32_t kMtu = 2304;
constexpr int kDltRadiotap = 127;

}  // namespace

MonitorRadio::MonitorRadio(platform::PacketCapture capture, platform::NetlinkSocket netlink,
                           platform::Rtnetlink links, Log log)
    : capture_(std::move(capture)),
      netlink_(std::move(netlink)),
      links_(std::move(links)),
      log_(std::move(log)) {}

Result<std::unique_ptr<MonitorRadio>> MonitorRadio::open(const std::string& interface, Log log) {
  auto capture = TRY(platform::PacketCapture::open(interface));
  std::unique_ptr<MonitorRadio> radio(
      new MonitorRadio(std::move(capture), TRY(platform::NetlinkSocket::open_generic()),
                       TRY(platform::Rtnetlink::open()), std::move(log)));
  TRY(radio->learn(interface));
  if (radio->capture_.link_type() != kDltRadiotap)
    return fail(Errc::kInvalid, interface + " shows frames without radiotap headers");
  if (auto set = radio->links_.set_mtu(radio->capture_.ifindex(), kMtu); !set)
    radio->log_.warn("long frames will not be sent: {}", set.error().text);
  return radio;
}

/// The address, and that it is a monitor.
Result<void> MonitorRadio::learn(const std::string& interface) {
  const Octets found = TRY(ask(make_get_family(NL80211_GENL_NAME, ++sequence_)));
  const auto family = MessageReader(found).next();
  if (!family) return fail(Errc::kUnsupported, "there is no nl80211 here");
  family_ = TRY(parse_family(*family)).id;

  auto request = make_request(family_, NL80211_CMD_GET_INTERFACE, ++sequence_);
  request.u32(NL80211_ATTR_IFINDEX, capture_.ifindex());
  auto answer = ask(std::move(request).finish());
  if (!answer) return fail(Errc::kNoDevice, interface + " is no interface of a radio");
  const auto message = MessageReader(*answer).next();
  if (!message) return fail(Errc::kMalformed, "nl80211 tells nothing of " + interface);
  const AttributeTable attributes(message->genl_attributes());
  if (attributes.u32(NL80211_ATTR_IFTYPE) != NL80211_IFTYPE_MONITOR)
    return fail(Errc::kInvalid, interface + " is no monitor: make one with iw dev " + interface +
                                    " interface add mon0 type monitor flags active");
  address_ = attributes.mac(NL80211_ATTR_MAC).value_or(MacAddress{});
  return {};
}

/// Asks, and waits for the outcome. @return the first message that is none; empty: there was none
Result<Octets> MonitorRadio::ask(Octets request) {
  TRY(netlink_.send(request));
  Octets first;
  for (;;) {
    const Octets datagram = TRY(netlink_.receive());
    MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      if (message->header.sequence != sequence_) continue;
      if (const auto outcome = TRY(parse_outcome(*message))) {
        TRY(outcome->result());
        return first;
      }
      if (first.empty()) first.assign(message->octets.begin(), message->octets.end());
    }
  }
}

Result<void> MonitorRadio::set_channel(const mac80211::ChannelDefinition& channel) {
  auto request = make_request(family_, NL80211_CMD_SET_WIPHY, ++sequence_);
  request.u32(NL80211_ATTR_IFINDEX, capture_.ifindex());
  request.u32(NL80211_ATTR_WIPHY_FREQ, channel.primary_mhz);
  request.u32(NL80211_ATTR_CHANNEL_WIDTH, static_cast<uint32_t>(channel.width));
  request.u32(NL80211_ATTR_CENTER_FREQ1, channel.center1_mhz);
  if (channel.center2_mhz != 0) request.u32(NL80211_ATTR_CENTER_FREQ2, channel.center2_mhz);
  TRY(ask(std::move(request).finish()));
  return {};
}

void MonitorRadio::set_addresses(std::span<const MacAddress> addresses) {
  if (addresses.empty()) return;
  if (std::find(addresses.begin(), addresses.end(), address_) == addresses.end()) {
    if (auto changed = change_address(addresses.front()); !changed)
      log_.warn("cannot become {}: {}", addresses.front().to_string(), changed.error().text);
  }
  for (const MacAddress& address : addresses)
    if (address != address_)
      log_.warn("the radio will not acknowledge what comes to {}", address.to_string());
}

/// An interface takes another address only while it is down.
Result<void> MonitorRadio::change_address(const MacAddress& address) {
  TRY(links_.set_up(capture_.ifindex(), false));
  const auto set = links_.set_address(capture_.ifindex(), address);
  if (set) address_ = address;
  TRY(links_.set_up(capture_.ifindex(), true));
  return set;
}

}  // namespace airloom::cli
