// The answers of the errno table (shared with the kernel of record), and what reaches the driver.
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cerrno>

#include "base/rng.h"
#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::InterfaceType;
using cfg80211::Wdev;

constexpr MacAddress kPeer{{2, 0, 0, 0, 1, 0}};
constexpr uint32_t kCcmp = 0x000fac04;

class CommandsTest : public Nl80211Test {
 protected:
  Wdev& ap() {
    Wdev& wdev = add_interface("ap0", InterfaceType::kAp);
    bring_up(wdev);
    return wdev;
  }
  netlink::MessageWriter key_request(uint8_t command, const Wdev& wdev, uint8_t index,
                                     std::optional<Octets> data = std::nullopt) {
    netlink::MessageWriter message = request(command, wdev);
    const auto nest = message.nest(NL80211_ATTR_KEY);
    message.u8(NL80211_KEY_IDX, index);
    if (data) message.bytes(NL80211_KEY_DATA, *data).u32(NL80211_KEY_CIPHER, kCcmp);
    return message;
  }
};

TEST_F(CommandsTest, InterfacesAreListedMadeAndRemoved) {
  Wdev& wlan0 = add_interface("wlan0");
  EXPECT_EQ(ask(request(NL80211_CMD_GET_INTERFACE, wlan0)).error, 0);
  EXPECT_EQ(reply().string(NL80211_ATTR_IFNAME), "wlan0");
  EXPECT_EQ(reply().u32(NL80211_ATTR_IFTYPE), uint32_t{NL80211_IFTYPE_STATION});
  EXPECT_EQ(reply().u64(NL80211_ATTR_WDEV), wlan0.id());
  EXPECT_EQ(reply().u32(NL80211_ATTR_WIPHY_TX_POWER_LEVEL), 2000u);

  auto make = [&] { return request(NL80211_CMD_NEW_INTERFACE, wlan0); };
  EXPECT_EQ(ask(make()).error, EINVAL) << "no name";
  EXPECT_EQ(ask(std::move(make().string(NL80211_ATTR_IFNAME, "x0"))).error, EOPNOTSUPP);
  auto mon0 = [&] {
    return std::move(make()
                         .string(NL80211_ATTR_IFNAME, "mon0")
                         .u32(NL80211_ATTR_IFTYPE, NL80211_IFTYPE_MONITOR));
  };
  EXPECT_EQ(ask(mon0()).error, 0);
  const uint32_t ifindex = *reply().u32(NL80211_ATTR_IFINDEX);
  EXPECT_EQ(ask(mon0()).error, ENFILE);
  ask(request(NL80211_CMD_GET_INTERFACE, NLM_F_DUMP));
  EXPECT_EQ(client.messages().size(), 3u);
  auto remove = [&] {
    return std::move(request(NL80211_CMD_DEL_INTERFACE).u32(NL80211_ATTR_IFINDEX, ifindex));
  };
  EXPECT_EQ(ask(remove()).error, 0);
  EXPECT_EQ(ask(remove()).error, ENODEV);
}

TEST_F(CommandsTest, InterfaceEventsGoToConfig) {
  ASSERT_TRUE(bus.join(user_id, genl::Bus::kFirstGroup));  // config
  Wdev& wdev = add_interface("wlan0");
  EXPECT_EQ(user.messages().back().genl()->command, NL80211_CMD_NEW_INTERFACE);
  EXPECT_EQ(user.messages().back().header.sequence, 0u);
  auto change = request(NL80211_CMD_SET_INTERFACE, wdev);
  EXPECT_EQ(ask(std::move(change.u32(NL80211_ATTR_IFTYPE, NL80211_IFTYPE_AP))).error, 0);
  EXPECT_EQ(user.messages().back().genl()->command, NL80211_CMD_SET_INTERFACE);
  wiphy.remove_interface(wdev);
  EXPECT_EQ(user.messages().back().genl()->command, NL80211_CMD_DEL_INTERFACE);
}

TEST_F(CommandsTest, AnInterfaceGoesWithItsOwner) {
  ASSERT_EQ(ask(std::move(request(NL80211_CMD_NEW_INTERFACE)
                              .u32(NL80211_ATTR_WIPHY, 0)
                              .string(NL80211_ATTR_IFNAME, "own0")
                              .u32(NL80211_ATTR_IFTYPE, NL80211_IFTYPE_STATION)
                              .flag(NL80211_ATTR_SOCKET_OWNER)))
                .error,
            0);
  bus.close(client_id);
  scheduler.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(wiphy.wdevs().empty());
}

TEST_F(CommandsTest, ChecksComeInTheKernelsOrder) {
  Wdev& wdev = add_interface("wlan0");
  EXPECT_EQ(
      ask_as_user(std::move(request(NL80211_CMD_SET_INTERFACE).u32(NL80211_ATTR_IFTYPE, 99))).error,
      EPERM);
  auto outcome = ask(std::move(request(NL80211_CMD_SET_INTERFACE).u32(NL80211_ATTR_IFTYPE, 99)));
  EXPECT_EQ(outcome.error, ERANGE) << "attributes before addressing";
  EXPECT_EQ(outcome.text, "integer out of range");
  EXPECT_EQ(ask(request(NL80211_CMD_NEW_STATION)).error, EINVAL);
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_NEW_STATION).u32(NL80211_ATTR_IFINDEX, 77))).error,
            ENODEV);
  EXPECT_EQ(ask(request(NL80211_CMD_NEW_STATION, wdev)).error, ENETDOWN);
  bring_up(wdev);
  EXPECT_EQ(ask(request(NL80211_CMD_NEW_STATION, wdev)).error, EINVAL);
  EXPECT_EQ(
      ask(std::move(request(NL80211_CMD_STOP_AP, wdev).u8(NL80211_ATTR_MLO_LINK_ID, 0))).error,
      EINVAL);
}

TEST_F(CommandsTest, UnprivilegedClientsMayLook) {
  Wdev& wdev = add_interface("wlan0");
  EXPECT_EQ(ask_as_user(request(NL80211_CMD_GET_INTERFACE, wdev)).error, 0);
  EXPECT_EQ(ask_as_user(request(NL80211_CMD_GET_REG)).error, 0);
  EXPECT_EQ(ask_as_user(request(NL80211_CMD_GET_PROTOCOL_FEATURES)).error, 0);
  EXPECT_EQ(ask_as_user(request(NL80211_CMD_GET_KEY, wdev)).error, EPERM);
}

TEST_F(CommandsTest, AttributePoliciesHold) {
  Wdev& wdev = ap();
  const Octets octets(64);
  const auto first = [&](size_t n) { return std::span(octets).first(n); };
  auto outcome =
      ask(std::move(request(NL80211_CMD_GET_STATION, wdev).bytes(NL80211_ATTR_MAC, first(5))));
  EXPECT_EQ(outcome.error, ERANGE);
  EXPECT_EQ(outcome.text, "binary attribute size out of range");
  EXPECT_EQ(outcome.bad_offset, 28u);
  ops.failures["get_station"] = Errc::kNotFound;
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_GET_STATION, wdev).bytes(NL80211_ATTR_MAC, first(7))))
                .error,
            ENOENT);
  outcome = ask(std::move(request(NL80211_CMD_START_AP, wdev).bytes(NL80211_ATTR_SSID, first(33))));
  EXPECT_EQ(outcome.text, "Attribute failed policy validation");
  outcome = ask(
      std::move(request(NL80211_CMD_START_AP, wdev).bytes(NL80211_ATTR_BEACON_HEAD, first(30))));
  EXPECT_EQ(outcome.text, "malformed beacon head");
  const Octets element{1, 9};
  outcome = ask(std::move(request(NL80211_CMD_START_AP, wdev).bytes(NL80211_ATTR_IE, element)));
  EXPECT_EQ(outcome.error, EINVAL);
  EXPECT_EQ(outcome.text, "malformed information elements");
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_GET_INTERFACE, wdev).u32(2000, 1))).error, 0);
}

TEST_F(CommandsTest, KeysReachTheDriver) {
  Wdev& wdev = ap();
  const Octets data(16, 0xab);
  EXPECT_EQ(
      ask(std::move(key_request(NL80211_CMD_NEW_KEY, wdev, 0, data).mac(NL80211_ATTR_MAC, kPeer)))
          .error,
      0);
  EXPECT_TRUE(ops.key_slot.pairwise);
  EXPECT_EQ(ops.key_slot.peer, kPeer);
  EXPECT_EQ(ops.key.key, data);
  EXPECT_EQ(ops.key.cipher, kCcmp);
  EXPECT_EQ(ask(key_request(NL80211_CMD_NEW_KEY, wdev, 1, data)).error, 0);
  EXPECT_FALSE(ops.key_slot.pairwise);
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_GET_KEY, wdev).u8(NL80211_ATTR_KEY_IDX, 1))).error,
            0);
  EXPECT_EQ(reply().u32(NL80211_ATTR_KEY_CIPHER), kCcmp);
  EXPECT_EQ((*reply().bytes(NL80211_ATTR_KEY_SEQ))[0], 7);
  EXPECT_EQ(reply().nest(NL80211_ATTR_KEY).u8(NL80211_KEY_IDX), 1);
  EXPECT_EQ(ask(key_request(NL80211_CMD_DEL_KEY, wdev, 1)).error, 0);
}

TEST_F(CommandsTest, KeyErrorsHaveTheKernelsWords) {
  Wdev& wdev = ap();
  const Octets data(16);
  EXPECT_EQ(ask(key_request(NL80211_CMD_NEW_KEY, wdev, 0)).text, "no key");
  EXPECT_EQ(ask(key_request(NL80211_CMD_NEW_KEY, wdev, 0, Octets(5))).text,
            "key setting validation failed");
  EXPECT_EQ(ask(key_request(NL80211_CMD_NEW_KEY, wdev, 8, data)).text, "key idx not 0-7");
  ops.failures["add_key"] = Errc::kNotFound;
  const auto outcome = ask(key_request(NL80211_CMD_NEW_KEY, wdev, 1, data));
  EXPECT_EQ(outcome.error, ENOENT);
  EXPECT_EQ(outcome.text, "key addition failed");
  auto set = [&](uint8_t index, std::initializer_list<uint16_t> flags) {
    netlink::MessageWriter message = request(NL80211_CMD_SET_KEY, wdev);
    {
      const auto nest = message.nest(NL80211_ATTR_KEY);
      message.u8(NL80211_KEY_IDX, index);
      for (const uint16_t flag : flags) message.flag(flag);
    }
    return ask(std::move(message));
  };
  EXPECT_EQ(set(6, {NL80211_KEY_DEFAULT_MGMT}).text, "defmgmt key idx not 4 or 5");
  EXPECT_EQ(set(4, {NL80211_KEY_DEFAULT_BEACON}).text, "defbeacon key idx not 6 or 7");
  EXPECT_EQ(set(4, {NL80211_KEY_DEFAULT}).text, "def key idx not 0-3");
  EXPECT_EQ(set(4, {NL80211_KEY_DEFAULT, NL80211_KEY_DEFAULT_MGMT}).text,
            "key with multiple default flags is invalid");
  EXPECT_EQ(set(1, {NL80211_KEY_DEFAULT}).error, 0);
  EXPECT_EQ(set(1, {}).error, EINVAL);
  Wdev& station = add_interface("sta0");
  bring_up(station);
  const auto early = ask(key_request(NL80211_CMD_NEW_KEY, station, 1, data));
  EXPECT_EQ(early.error, ENOLINK);
  EXPECT_EQ(early.text, "key not allowed");
}

TEST_F(CommandsTest, StationsAreAddedToldAndDumped) {
  Wdev& wdev = ap();
  const Octets rates{2, 4, 11, 22};
  auto add = [&] {
    return std::move(request(NL80211_CMD_NEW_STATION, wdev)
                         .mac(NL80211_ATTR_MAC, kPeer)
                         .u16(NL80211_ATTR_STA_AID, 1)
                         .u16(NL80211_ATTR_STA_LISTEN_INTERVAL, 10)
                         .bytes(NL80211_ATTR_STA_SUPPORTED_RATES, rates));
  };
  EXPECT_EQ(ask(add()).error, 0);
  EXPECT_EQ(ops.station.aid, 1);
  EXPECT_EQ(ops.station.supported_rates, rates);
  Octets update(8);
  netlink::store(update, 0, uint32_t{1u << NL80211_STA_FLAG_AUTHORIZED});
  netlink::store(update, 4, uint32_t{1u << NL80211_STA_FLAG_AUTHORIZED});
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_SET_STATION, wdev)
                              .mac(NL80211_ATTR_MAC, kPeer)
                              .bytes(NL80211_ATTR_STA_FLAGS2, update)))
                .error,
            0);
  EXPECT_EQ(ops.station.flags_set, 1u << NL80211_STA_FLAG_AUTHORIZED);
  ops.station_info.signal_dbm = int8_t{-30};
  ops.station_info.rx_bytes = 5'000'000'000;
  ops.station_info.tx_rate = cfg80211::RateInfo{.legacy_100kbps = 540};
  EXPECT_EQ(
      ask(std::move(request(NL80211_CMD_GET_STATION, wdev).mac(NL80211_ATTR_MAC, kPeer))).error, 0);
  const auto info = reply().nest(NL80211_ATTR_STA_INFO);
  EXPECT_EQ(info.s8(NL80211_STA_INFO_SIGNAL), -30);
  EXPECT_EQ(info.u64(NL80211_STA_INFO_RX_BYTES64), 5'000'000'000u);
  EXPECT_EQ(info.u32(NL80211_STA_INFO_RX_BYTES), static_cast<uint32_t>(5'000'000'000));
  EXPECT_EQ(info.nest(NL80211_STA_INFO_TX_BITRATE).u16(NL80211_RATE_INFO_BITRATE), 540);
  ops.stations = {kPeer, MacAddress{{2, 0, 0, 0, 2, 0}}};
  netlink::MessageWriter dump = request(NL80211_CMD_GET_STATION, NLM_F_DUMP);
  EXPECT_EQ(ask(std::move(dump.u32(NL80211_ATTR_IFINDEX, wdev.ifindex()))).error, 0);
  EXPECT_EQ(client.messages().size(), 3u);
  EXPECT_EQ(ask(request(NL80211_CMD_GET_STATION, NLM_F_DUMP)).error, EINVAL);
  EXPECT_EQ(
      ask(std::move(request(NL80211_CMD_DEL_STATION, wdev).u16(NL80211_ATTR_REASON_CODE, 0))).error,
      EINVAL);
}

TEST_F(CommandsTest, SurveysLeaveOutDisabledChannels) {
  Wdev& wdev = add_interface("wlan0");
  ops.surveys = {{.mhz = 2412, .in_use = true, .noise_dbm = int8_t{-92}, .time_ms = 10},
                 {.mhz = 5845}};
  netlink::MessageWriter dump = request(NL80211_CMD_GET_SURVEY, NLM_F_DUMP);
  EXPECT_EQ(ask(std::move(dump.u32(NL80211_ATTR_IFINDEX, wdev.ifindex()))).error, 0);
  ASSERT_EQ(client.messages().size(), 2u);
  const auto info = reply().nest(NL80211_ATTR_SURVEY_INFO);
  EXPECT_EQ(info.u32(NL80211_SURVEY_INFO_FREQUENCY), 2412u);
  EXPECT_EQ(info.s8(NL80211_SURVEY_INFO_NOISE), -92);
  EXPECT_TRUE(info.has(NL80211_SURVEY_INFO_IN_USE));
}

TEST_F(CommandsTest, RateMasksAreWithinTheBand) {
  Wdev& wdev = ap();
  auto ask_rates = [&](const Octets& rates) {
    netlink::MessageWriter message = request(NL80211_CMD_SET_TX_BITRATE_MASK, wdev);
    {
      const auto bands = message.nest(NL80211_ATTR_TX_RATES);
      const auto band = message.nest(0);
      message.bytes(NL80211_TXRATE_LEGACY, rates);
    }
    return ask(std::move(message)).error;
  };
  EXPECT_EQ(ask_rates({2, 22}), 0);
  EXPECT_EQ(ops.mask.bands[0].legacy, 0b1001u);
  EXPECT_EQ(ops.mask.bands[1].legacy, 0xffu);
  EXPECT_EQ(ask_rates({3}), EINVAL);
  EXPECT_EQ(ask(request(NL80211_CMD_SET_TX_BITRATE_MASK, wdev)).error, 0);
  EXPECT_EQ(ops.mask.bands[0].legacy, 0xfffu);
}

TEST_F(CommandsTest, SettingsAnswerAsTheTableSays) {
  Wdev& station = add_interface("wlan0");
  EXPECT_EQ(ask(request(NL80211_CMD_SET_POWER_SAVE, station)).error, EINVAL);
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_SET_POWER_SAVE, station)
                              .u32(NL80211_ATTR_PS_STATE, NL80211_PS_ENABLED)))
                .error,
            0);
  EXPECT_EQ(ask(request(NL80211_CMD_GET_POWER_SAVE, station)).error, 0);
  EXPECT_EQ(reply().u32(NL80211_ATTR_PS_STATE), uint32_t{NL80211_PS_ENABLED});
  EXPECT_EQ(ask(request(NL80211_CMD_SET_CQM, station)).error, EINVAL);
  EXPECT_EQ(ask(request(NL80211_CMD_SET_MULTICAST_TO_UNICAST, station)).error, EOPNOTSUPP);
  EXPECT_EQ(ask(request(NL80211_CMD_SET_BSS, station)).error, ENETDOWN);
  bring_up(station);
  EXPECT_EQ(ask(request(NL80211_CMD_SET_BSS, station)).error, EOPNOTSUPP);
  for (const uint16_t p2p : {NL80211_ATTR_P2P_CTWINDOW, NL80211_ATTR_P2P_OPPPS}) {
    auto outcome = ask(std::move(request(NL80211_CMD_SET_BSS, station).u8(p2p, 0)));
    EXPECT_EQ(outcome.error, EINVAL) << "for group owners alone";
  }
  EXPECT_EQ(ask(request(NL80211_CMD_SET_NOACK_MAP, station)).error, EINVAL);
}

TEST_F(CommandsTest, NoRetriesAtAllAreOutOfRange) {
  for (const uint16_t limit : {NL80211_ATTR_WIPHY_RETRY_SHORT, NL80211_ATTR_WIPHY_RETRY_LONG}) {
    auto outcome = ask(std::move(
        request(NL80211_CMD_SET_WIPHY).u32(NL80211_ATTR_WIPHY, wiphy.index()).u8(limit, 0)));
    EXPECT_EQ(outcome.error, ERANGE);
    EXPECT_EQ(outcome.text, "integer out of range");
  }
}

TEST_F(CommandsTest, AWiphyMovesToANamespaceThatIsThere) {
  add_interface("wlan0");
  auto move = [&](uint16_t attribute, uint32_t to) {
    return ask(std::move(request(NL80211_CMD_SET_WIPHY_NETNS)
                             .u32(NL80211_ATTR_WIPHY, wiphy.index())
                             .u32(attribute, to)))
        .error;
  };
  EXPECT_EQ(move(NL80211_ATTR_NETNS_FD, 4), EINVAL);
  EXPECT_EQ(move(NL80211_ATTR_PID, 1), EINVAL);
  EXPECT_EQ(wiphy.name_space(), 0u);
  EXPECT_EQ(move(NL80211_ATTR_NETNS_FD, 3), 0);
  EXPECT_EQ(wiphy.name_space(), FakeNetdevs::kFarNamespace);
  EXPECT_EQ(move(NL80211_ATTR_PID, FakeNetdevs::kFarProcess), ENODEV);  // it is not here any more
}

/// Whatever a privileged program sends, it gets an answer and nothing breaks.
TEST_F(CommandsTest, HostileRequestsAreAnswered) {
  Wdev& wdev = ap();
  (void)wdev;
  add_interface("wlan0");
  SeededRng rng(11);
  for (int round = 0; round < 30000; ++round) {
    netlink::MessageWriter message =
        request(static_cast<uint8_t>(rng.below(NL80211_CMD_MAX + 2)),
                rng.below(8) == 0 ? uint16_t{NLM_F_DUMP} : uint16_t{0});
    message.u32(NL80211_ATTR_IFINDEX, static_cast<uint32_t>(3 + rng.below(3)));
    for (uint64_t left = rng.below(8); left > 0; --left) {
      const auto type = static_cast<uint16_t>(rng.below(NL80211_ATTR_MAX + 2));
      constexpr size_t kSizes[] = {0, 1, 2, 4, 4, 4, 6, 8, 16, 26, 60};
      Octets value(kSizes[rng.below(std::size(kSizes))]);
      rng.fill(value);
      if (value.size() <= 4 && rng.below(2)) std::fill(value.begin(), value.end(), uint8_t{0});
      message.bytes(type, value);
    }
    EXPECT_GE(ask(std::move(message)).error, 0);
    if (wiphy.wdevs().size() > 20) wiphy.remove_interface(*wiphy.wdevs().rbegin()->second);
  }
}

}  // namespace
}  // namespace airloom::nl80211
