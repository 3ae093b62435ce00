// A key's sequence: GET_KEY tells what the access point has sent, and NEW_KEY gives a station that
// joins later what it is to refuse. Of the keys of group data, of group-addressed management frames
// and of beacons.
#include <gmock/gmock.h>

#include <functional>

#include "ieee80211/rsn_element.h"
#include "joined_hosts.h"
#include "mac80211/cipher_suites.h"

namespace airloom::mac80211 {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

/// A station's program that wants to hear of every Action frame.
class ActionListener final : public test::EventRecorder {
 public:
  size_t heard = 0;
  bool frame_received(const Wdev&, cfg80211::PortId, Span, uint32_t, uint16_t,
                      std::optional<int8_t>, uint32_t) override {
    ++heard;
    return true;
  }
};

class KeySequenceTest : public JoinedHosts {
 protected:
  ~KeySequenceTest() override { sta.host.clear_event_sink(); }

  void SetUp() override {
    join(/*control_port=*/true);
    set_keys();
  }
  static cfg80211::KeyParams integrity_key(uint8_t fill) {
    return {.key = Octets(16, fill), .cipher = ieee80211::cipher::kBipCmac128};
  }
  /// The access point has the key and sends under it, one frame a call; `taken` counts those that
  /// the station accepts.
  void expect_earlier_frames_refused(uint8_t index, cfg80211::KeyParams params,
                                     const std::function<void()>& send,
                                     const std::function<uint64_t()>& taken) {
    const cfg80211::KeySlot slot{.index = index};
    air.frames.clear();
    for (int i = 0; i < 5; ++i) send();  // before the station has the key
    const auto earlier = air.frames;
    ASSERT_THAT(earlier, SizeIs(5));
    // What the access point's counter reads is what a station that joins now is given.
    const auto sent = cfg80211::get_key(*ap.wdev, slot);
    ASSERT_TRUE(sent);
    EXPECT_THAT(sent->sequence, ElementsAre(5, 0, 0, 0, 0, 0));
    params.sequence.assign(sent->sequence.begin(), sent->sequence.end());
    ASSERT_TRUE(cfg80211::new_key(*sta.wdev, slot, params));
    // GET_KEY tells of sending, as the kernel's does, and the station has sent nothing under it.
    EXPECT_THAT(cfg80211::get_key(*sta.wdev, slot)->sequence, Each(0));
    const Key& key = *sta.interface().link().keys.find(index);
    EXPECT_EQ(key.last_rx_pn(0), 5u);

    const uint64_t before = taken();
    for (const FrameBuffer& frame : earlier)
      sta.stack.receive(frame.copy(), {.mhz = kMhz, .signal_dbm = -30});
    EXPECT_EQ(sta.stack.drops().of(Drop::kRxReplay), 5u);
    EXPECT_EQ(taken(), before);
    send();
    EXPECT_EQ(sta.stack.drops().of(Drop::kRxReplay), 5u);
    EXPECT_EQ(taken(), before + 1);
    EXPECT_EQ(key.last_rx_pn(0), 6u);

    params.sequence.pop_back();
    EXPECT_EQ(cfg80211::new_key(*sta.wdev, {.index = static_cast<uint8_t>(index + 1)}, params)
                  .error()
                  .code,
              Errc::kInvalid);
  }
};

TEST_F(KeySequenceTest, OfGroupData) {
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 2}, ccmp_key(0x33)));
  ASSERT_TRUE(cfg80211::set_default_key(*ap.wdev, 2, false, true));
  const auto send = [this] {
    ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, payload));
    run(1ms);
  };
  expect_earlier_frames_refused(2, ccmp_key(0x33), send,
                                [this] { return sta.netdev().received.size(); });
}

TEST_F(KeySequenceTest, OfGroupAddressedManagementFrames) {
  ActionListener listener;
  sta.host.set_event_sink(listener);
  ASSERT_TRUE(cfg80211::register_frame(*sta.wdev, {.port = kPort, .frame_type = 0xd0}));
  ap_at_station().mfp = true;
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 4}, integrity_key(0x44)));
  ASSERT_TRUE(cfg80211::set_default_management_key(*ap.wdev, 4));
  const auto send = [this] {
    cfg80211::FrameTxRequest request;
    Writer(request.frame)
        .le16(0x00d0)
        .le16(0)
        .mac(MacAddress::broadcast())
        .mac(ap.address)
        .mac(ap.address)
        .le16(0)
        .bytes(Octets{0, 1, 1});  // a Measurement Report, which is robust
    ASSERT_TRUE(cfg80211::send_frame(*ap.wdev, request));
    run(1ms);
  };
  expect_earlier_frames_refused(4, integrity_key(0x44), send,
                                [&listener] { return listener.heard; });
}

TEST_F(KeySequenceTest, OfBeacons) {
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 6}, integrity_key(0x66)));
  ASSERT_TRUE(cfg80211::set_default_beacon_key(*ap.wdev, 6));
  const auto send = [this] { run(tu(100)); };
  expect_earlier_frames_refused(6, integrity_key(0x66), send,
                                [this] { return ap_at_station().counters.rx_beacons; });
}

}  // namespace
}  // namespace airloom::mac80211
