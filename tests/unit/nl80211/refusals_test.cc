// Commands that no radio here can carry out: the checks come first, in the kernel's order, and the
// refusal is silent, as the kernel's.
#include <linux/nl80211.h>

#include <cerrno>

#include "fixture.h"

namespace airloom::nl80211 {
namespace {

constexpr MacAddress kPeer{{2, 0, 0, 0, 1, 0}};

class RefusalsTest : public Nl80211Test {
 protected:
  cfg80211::Wdev& station() {
    cfg80211::Wdev& wdev = add_interface("sta0");
    bring_up(wdev);
    return wdev;
  }
};

TEST_F(RefusalsTest, WhatOnlyHardwareCanDoIsUnsupported) {
  const cfg80211::Wdev& wdev = station();
  for (const uint8_t command : {NL80211_CMD_GET_WOWLAN,
                                NL80211_CMD_SET_WOWLAN,
                                NL80211_CMD_GET_COALESCE,
                                NL80211_CMD_SET_COALESCE,
                                NL80211_CMD_START_SCHED_SCAN,
                                NL80211_CMD_STOP_SCHED_SCAN,
                                NL80211_CMD_FLUSH_PMKSA,
                                NL80211_CMD_SET_PMK,
                                NL80211_CMD_DEL_PMK,
                                NL80211_CMD_UPDATE_CONNECT_PARAMS,
                                NL80211_CMD_UPDATE_FT_IES,
                                NL80211_CMD_UPDATE_OWE_INFO,
                                NL80211_CMD_EXTERNAL_AUTH,
                                NL80211_CMD_CRIT_PROTOCOL_START,
                                NL80211_CMD_CRIT_PROTOCOL_STOP,
                                NL80211_CMD_START_NAN,
                                NL80211_CMD_STOP_NAN,
                                NL80211_CMD_ADD_NAN_FUNCTION,
                                NL80211_CMD_DEL_NAN_FUNCTION,
                                NL80211_CMD_CHANGE_NAN_CONFIG,
                                NL80211_CMD_SET_SAR_SPECS,
                                NL80211_CMD_SET_HW_TIMESTAMP,
                                NL80211_CMD_PEER_MEASUREMENT_START,
                                NL80211_CMD_GET_FTM_RESPONDER_STATS,
                                NL80211_CMD_ADD_TX_TS,
                                NL80211_CMD_TDLS_CHANNEL_SWITCH,
                                NL80211_CMD_TDLS_CANCEL_CHANNEL_SWITCH,
                                NL80211_CMD_COLOR_CHANGE_REQUEST,
                                NL80211_CMD_SET_MAC_ACL}) {
    const auto outcome = ask(request(command, wdev));
    EXPECT_EQ(outcome.error, EOPNOTSUPP) << unsigned{command};
    EXPECT_EQ(outcome.text, "") << unsigned{command};
  }
}

TEST_F(RefusalsTest, AttributesAreMissedBeforeTheRadiosAbility) {
  const cfg80211::Wdev& wdev = station();
  for (const uint8_t command :
       {NL80211_CMD_SET_PMKSA, NL80211_CMD_DEL_PMKSA, NL80211_CMD_SET_REKEY_OFFLOAD,
        NL80211_CMD_SET_FILS_AAD, NL80211_CMD_DEL_TX_TS, NL80211_CMD_SET_TID_CONFIG,
        NL80211_CMD_TDLS_MGMT, NL80211_CMD_TDLS_OPER, NL80211_CMD_SET_REG})
    EXPECT_EQ(ask(request(command, wdev)).error, EINVAL) << unsigned{command};
  const Octets id(16, 1);
  auto pmksa = [&] {
    return std::move(request(NL80211_CMD_DEL_PMKSA, wdev).bytes(NL80211_ATTR_PMKID, id));
  };
  EXPECT_EQ(ask(pmksa()).error, EINVAL) << "of whom?";
  EXPECT_EQ(ask(std::move(pmksa().mac(NL80211_ATTR_MAC, kPeer))).error, EOPNOTSUPP);
  auto stream = std::move(
      request(NL80211_CMD_DEL_TX_TS, wdev).u8(NL80211_ATTR_TSID, 1).mac(NL80211_ATTR_MAC, kPeer));
  EXPECT_EQ(ask(std::move(stream)).error, ENOENT);
}

TEST_F(RefusalsTest, RekeyDataIsMeasuredAndNeedsAConnection) {
  const cfg80211::Wdev& wdev = station();
  const auto rekey = [&](size_t kek_octets) {
    auto message = request(NL80211_CMD_SET_REKEY_OFFLOAD, wdev);
    {
      const auto nest = message.nest(NL80211_ATTR_REKEY_DATA);
      message.bytes(NL80211_REKEY_DATA_KEK, Octets(kek_octets, 1));
      message.bytes(NL80211_REKEY_DATA_KCK, Octets(16, 1));
      message.bytes(NL80211_REKEY_DATA_REPLAY_CTR, Octets(8, 1));
    }
    return ask(std::move(message)).error;
  };
  EXPECT_EQ(rekey(15), ERANGE);
  EXPECT_EQ(rekey(16), ENOTCONN);
}

TEST_F(RefusalsTest, TidSettingsAreNamedUnsupported) {
  const cfg80211::Wdev& wdev = station();
  const auto configure = [&](uint16_t setting) {
    auto message = request(NL80211_CMD_SET_TID_CONFIG, wdev);
    {
      const auto list = message.flagged_nest(NL80211_ATTR_TID_CONFIG);
      const auto entry = message.flagged_nest(1);
      message.u16(NL80211_TID_CONFIG_ATTR_TIDS, 1);
      if (setting != 0) message.u8(setting, 1);
    }
    return ask(std::move(message));
  };
  EXPECT_EQ(configure(0).error, EOPNOTSUPP);
  EXPECT_EQ(configure(NL80211_TID_CONFIG_ATTR_NOACK).error, 524);
  EXPECT_EQ(configure(NL80211_TID_CONFIG_ATTR_NOACK).text, "unsupported TID configuration");
  EXPECT_EQ(configure(NL80211_TID_CONFIG_ATTR_RETRY_SHORT).error, EINVAL);
}

TEST_F(RefusalsTest, InterfacesHaveOneLink) {
  const cfg80211::Wdev& wdev = station();
  for (const uint8_t command :
       {NL80211_CMD_ADD_LINK, NL80211_CMD_REMOVE_LINK, NL80211_CMD_ADD_LINK_STA,
        NL80211_CMD_MODIFY_LINK_STA, NL80211_CMD_REMOVE_LINK_STA})
    EXPECT_EQ(ask(request(command, wdev)).error, EINVAL) << unsigned{command};
}

TEST_F(RefusalsTest, ChannelSwitchIsForAccessPointsThatRun) {
  EXPECT_EQ(ask(request(NL80211_CMD_CHANNEL_SWITCH, station())).error, EOPNOTSUPP);
  cfg80211::Wdev& ap = add_interface("ap0", cfg80211::InterfaceType::kAp);
  bring_up(ap);
  EXPECT_EQ(ask(request(NL80211_CMD_CHANNEL_SWITCH, ap)).error, ENOTCONN);
}

TEST_F(RefusalsTest, RadarNeedsARegionThatHasRules) {
  const cfg80211::Wdev& wdev = station();
  EXPECT_EQ(ask(request(NL80211_CMD_RADAR_DETECT, wdev)).error, EINVAL);
  const auto outcome = ask(request(NL80211_CMD_NOTIFY_RADAR, wdev));
  EXPECT_EQ(outcome.error, EINVAL);
  EXPECT_EQ(outcome.text, "DFS Region is not set. Unexpected Radar indication");
}

/// A WEP key of CONNECT; left alone it is a good one.
struct WepKey {
  uint8_t index = 0;
  uint32_t cipher = 0x000fac01;
  Octets data = Octets(5, 7);
  bool is_default = true;
};

class WepKeysTest : public RefusalsTest {
 protected:
  netlink::Outcome connect(const std::vector<WepKey>& keys) {
    if (wdev_ == nullptr) wdev_ = &station();
    auto message = request(NL80211_CMD_CONNECT, *wdev_);
    message.bytes(NL80211_ATTR_SSID, Octets{'x'}).flag(NL80211_ATTR_PRIVACY);
    {
      const auto all = message.nest(NL80211_ATTR_KEYS);
      for (size_t i = 0; i < keys.size(); ++i) {
        const auto one = message.nest(static_cast<uint16_t>(i + 1));
        if (!keys[i].data.empty()) message.bytes(NL80211_KEY_DATA, keys[i].data);
        message.u32(NL80211_KEY_CIPHER, keys[i].cipher).u8(NL80211_KEY_IDX, keys[i].index);
        if (keys[i].is_default) message.flag(NL80211_KEY_DEFAULT);
      }
    }
    return ask(std::move(message));
  }
  void expect_refused(const std::vector<WepKey>& keys, const std::string& text) {
    const auto outcome = connect(keys);
    EXPECT_EQ(outcome.error, EINVAL) << text;
    EXPECT_EQ(outcome.text, text);
  }
  cfg80211::Wdev* wdev_ = nullptr;
};

TEST_F(WepKeysTest, AreCheckedInTheKernelsOrder) {
  expect_refused({{.data = {}}}, "");
  expect_refused({{.index = 4}}, "key index out of range [0-3]");
  expect_refused({{}, {.index = 1}}, "only one key can be default");
  expect_refused({{.data = Octets(6, 7)}}, "");
  expect_refused({{.cipher = 0x000fac04, .data = Octets(16, 7)}}, "connect key must be WEP");
  expect_refused({{.is_default = false}}, "need a default/TX key");
  // What passes is refused by this driver alone, which does not scan.
  EXPECT_EQ(connect({}).error, EOPNOTSUPP) << "no keys are no WEP";
  EXPECT_EQ(connect({{.index = 1, .is_default = false},
                     {.index = 2, .cipher = 0x000fac05, .data = Octets(13, 8)}})
                .error,
            EOPNOTSUPP);
}

}  // namespace
}  // namespace airloom::nl80211
