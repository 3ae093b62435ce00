// Both ends and a network between them that loses, delays, reorders and doubles, in virtual time.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "base/event_queue.h"
#include "tunnel/ac.h"
#include "tunnel/wtp.h"

namespace airloom::tunnel {
namespace {

using namespace std::chrono_literals;

const MacAddress kRadio{{2, 0, 0, 0, 0, 0}}, kStation{{2, 0, 0, 0, 2, 0}};

/// Probabilities in thousandths.
struct Network {
  unsigned loss = 0, duplication = 0, reorder = 0;
  Duration delay = 20ms;
  size_t datagram_max = kDatagramMaxDefault;
};

/// A data frame without protection; `mark` tells it from others.
Octets data_frame(const MacAddress& to, const MacAddress& from, uint16_t mark, size_t size) {
  Octets frame;
  Writer writer(frame);
  writer.le16(0x0208).le16(0).mac(to).mac(from).mac(from).le16(static_cast<uint16_t>(mark << 4));
  writer.le16(mark).zeros(size - writer.size());
  return frame;
}

uint16_t mark_of(std::span<const uint8_t> frame) {
  return static_cast<uint16_t>(frame[24] | frame[25] << 8);
}

class Ends : public testing::Test,
             public Ac::Owner,
             public AcWire,
             public WtpWire,
             public RadioPort {
 protected:
  void begin(const Network& with) {
    network = with;
    wtp = std::make_unique<Wtp>(
        WtpPorts{.scheduler = &queue, .pool = &pool, .wire = this, .radio = this, .log = {}});
    ac = std::make_unique<Ac>(
        AcPorts{.scheduler = &queue, .rng = &rng, .pool = &pool, .wire = this, .log = {}}, *this);
    ac->start();
  }
  bool join() {
    return queue.run_until([&] { return ac->is_joined(); }, 30s);
  }
  /// The rules and the channel are there.
  void set_up() {
    ASSERT_TRUE(join());
    ac->set_rules({.on = true, .filter = {}, .addresses = {kRadio}});
    ac->set_channel(mac80211::ChannelDefinition::from_type(2412, ieee80211::ChannelType::kNoHt));
    ASSERT_TRUE(queue.run_until([&] { return channel_mhz == 2412 && !addresses.empty(); }, 30s));
  }
  void hear(const Octets& frame, std::optional<uint64_t> tsf_us = std::nullopt) {
    Octets octets;
    Writer writer(octets);
    ieee80211::RadiotapHeader header{.tsft_us = tsf_us, .signal_dbm = -42};
    header.channel = ieee80211::RadiotapChannel{2412, 0};
    header.emit(writer);
    writer.bytes(frame);
    wtp->on_radio(octets);
  }
  void send(const Octets& frame) {
    ac->send({.mhz = 2412, .rate = {.legacy_100kbps = 60}, .wants_report = true}, frame);
  }

  EventQueue queue;
  SeededRng rng{7};
  FramePool pool;
  Network network;
  std::unique_ptr<Wtp> wtp;
  std::unique_ptr<Ac> ac;
  bool wtp_is_there = true;
  uint64_t ac_peer = 1, ac_host = 1;
  // What the ends were told.
  std::vector<uint16_t> received, injected;
  std::vector<TxReport> reports;
  size_t longest = 0, lost_sessions = 0;
  uint32_t channel_mhz = 0;
  std::vector<MacAddress> addresses;
  RxInfo last_info;
  std::optional<uint64_t> told_tsf_us;

 private:
  void carry(std::span<const uint8_t> datagram, std::function<void(const Octets&)> deliver) {
    EXPECT_LE(datagram.size(), network.datagram_max);
    longest = std::max(longest, datagram.size());
    if (rng.below(1000) < network.loss) return;
    const unsigned copies = 1 + (rng.below(1000) < network.duplication);
    for (unsigned i = 0; i < copies; ++i) {
      const bool at_once = rng.below(1000) < network.reorder;
      queue.schedule_at(
          queue.now() + (at_once ? Duration{0} : network.delay),
          [deliver, octets = Octets(datagram.begin(), datagram.end())] { deliver(octets); });
    }
  }
  void open() override {
    queue.post([this] { ac->on_open(); });
  }
  void send(Channel channel, std::span<const uint8_t> datagram) override {
    carry(datagram, [this, channel, peer = ac_peer](const Octets& octets) {
      const uint64_t id = 2 * peer + static_cast<uint64_t>(channel);
      if (wtp_is_there && wtp) wtp->on_datagram(channel, {.id = id, .host = ac_host}, octets);
    });
  }
  void send(Channel channel, uint64_t peer, std::span<const uint8_t> datagram) override {
    carry(datagram, [this, channel, peer](const Octets& octets) {
      if (ac && peer / 2 == ac_peer) ac->on_datagram(channel, octets);
    });
  }
  size_t datagram_max() const override { return network.datagram_max; }

  void on_joined(const RadioDescription& radio) override { EXPECT_EQ(radio.address, kRadio); }
  void on_lost() override { ++lost_sessions; }
  void on_frame(const RxInfo& info, FrameBuffer frame) override {
    last_info = info;
    received.push_back(mark_of(frame.octets()));
  }
  void on_reports(std::span<const TxReport> told) override {
    reports.insert(reports.end(), told.begin(), told.end());
  }
  void on_tsf(uint64_t tsf_us) override { told_tsf_us = tsf_us; }

  RadioDescription describe() const override { return {kRadio}; }
  bool inject(std::span<const uint8_t> frame) override {
    Reader reader(frame);
    EXPECT_TRUE(ieee80211::RadiotapHeader::parse(reader));
    injected.push_back(mark_of(reader.rest()));
    return true;
  }
  Result<void> set_channel(const mac80211::ChannelDefinition& channel) override {
    channel_mhz = channel.primary_mhz;
    return {};
  }
  void set_addresses(std::span<const MacAddress> told) override {
    addresses.assign(told.begin(), told.end());
  }
};

TEST_F(Ends, CarryFramesBothWaysAndReports) {
  begin({});
  set_up();
  hear(data_frame(kRadio, kStation, 5, 100));
  hear(data_frame(kStation, kRadio, 6, 100));    // its own
  hear(data_frame({{2, 9}}, kStation, 7, 100));  // somebody else's
  send(data_frame(kStation, kRadio, 8, 1500));
  queue.run_for(1s);
  EXPECT_EQ(received, std::vector<uint16_t>{5});
  EXPECT_EQ(last_info.signal_dbm, -42);
  EXPECT_EQ(last_info.mhz, 2412);
  EXPECT_EQ(injected, std::vector<uint16_t>{8});
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_TRUE(reports[0].acked);  // nobody said otherwise
}

TEST_F(Ends, TheRadiosTsfComesWithWhatTheOtherEndAnswers) {
  begin({});
  set_up();
  ASSERT_TRUE(told_tsf_us);
  EXPECT_LE(*told_tsf_us, queue.now().us()) << "nothing was heard: it began with the clock";
  // A frame says what the TSF is; the next answer takes that along.
  constexpr uint64_t kTsf = 5'000'000'000'000;
  hear(data_frame(kRadio, kStation, 5, 100), kTsf);
  const TimePoint heard_at = queue.now();
  queue.run_for(21ms);
  EXPECT_EQ(last_info.tsf_us, kTsf);
  ASSERT_TRUE(queue.run_until([&] { return *told_tsf_us >= kTsf; }, 60s));
  const auto passed_us = static_cast<uint64_t>((queue.now() - heard_at) / 1us);
  // An answer counts half of the way there and back as its age.
  EXPECT_NEAR(static_cast<double>(*told_tsf_us - kTsf), static_cast<double>(passed_us), 20'000);
}

TEST_F(Ends, TellTheFateOfAFrameAsTheMonitorShowsIt) {
  begin({});
  set_up();
  const Octets frame = data_frame(kStation, kRadio, 8, 100);
  send(frame);
  queue.run_for(21ms);
  Octets returned;
  Writer writer(returned);
  ieee80211::RadiotapHeader header;
  header.tx_flags = ieee80211::radiotap_tx::kFailed;
  header.data_retries = 6;
  header.emit(writer);
  writer.bytes(frame);
  wtp->on_radio(returned);
  queue.run_for(1s);
  EXPECT_EQ(reports, (std::vector<TxReport>{{.number = 1, .acked = false, .tries = 7}}));
}

TEST_F(Ends, TellOfAFrameThatTheNetworkLostBeforeTheNextOnesFate) {
  begin({});
  set_up();
  network.loss = 1000;
  send(data_frame(kStation, kRadio, 8, 100));
  network.loss = 0;
  send(data_frame(kStation, kRadio, 9, 100));
  queue.run_for(1s);
  EXPECT_EQ(injected, std::vector<uint16_t>{9});
  EXPECT_EQ(reports, (std::vector<TxReport>{{.number = 1, .acked = false, .tries = 0},
                                            {.number = 2, .acked = true, .tries = 1}}));
}

TEST_F(Ends, SurviveEveryMtuAndABadNetwork) {
  for (const size_t mtu : {576u, 1280u, 1500u, 9000u}) {
    received.clear();
    injected.clear();
    reports.clear();
    begin({.loss = 50, .duplication = 20, .reorder = 250, .datagram_max = mtu - 89});
    set_up();
    constexpr uint16_t kFrames = 500;
    for (uint16_t i = 0; i < kFrames; ++i) {
      hear(data_frame(kRadio, kStation, i, i % 2 ? 2000 : 200));
      send(data_frame(kStation, kRadio, i, i % 2 ? 2000 : 200));
      queue.run_for(2ms);
    }
    queue.run_for(3s);
    // Of the long frames each part can be lost.
    for (const auto& marks : {received, injected}) {
      EXPECT_GT(marks.size(), kFrames * 8 / 10u) << mtu;
      std::vector<uint16_t> sorted = marks;
      std::ranges::sort(sorted);
      EXPECT_EQ(std::ranges::adjacent_find(sorted), sorted.end()) << "a frame came twice";
      size_t out_of_order = 0;
      for (size_t i = 1; i < marks.size(); ++i) out_of_order += marks[i] < marks[i - 1];
      EXPECT_LT(out_of_order, 10u) << mtu;
    }
    // Each frame's fate is told, but of those at the end that nothing came behind.
    std::set<FrameNumber> told;
    for (const TxReport& report : reports) told.insert(report.number);
    EXPECT_GE(told.size(), kFrames - 10u) << mtu;
    EXPECT_EQ(std::ranges::count_if(reports, &TxReport::acked), std::ssize(injected)) << mtu;
    const Counters& counters = ac->counters();
    EXPECT_GT(counters.of(Count::kLost), 0u);
    EXPECT_GT(counters.of(Count::kReordered), 0u);
    EXPECT_GT(counters.of(Count::kDuplicate), 0u);
    EXPECT_EQ(counters.of(Count::kMalformed), 0u);
    EXPECT_EQ(counters.of(Count::kFragmentsSent) > 0, mtu < 2000);
    queue.run_for(1s);
    ac.reset();
    wtp.reset();
    queue.run_for(1s);
  }
}

TEST_F(Ends, FindEachOtherAgainWhenTheRadiosEndRestarts) {
  begin({});
  set_up();
  wtp_is_there = false;
  ASSERT_TRUE(queue.run_until([&] { return lost_sessions == 1; }, 30s));
  channel_mhz = 0;
  addresses.clear();
  wtp = std::make_unique<Wtp>(
      WtpPorts{.scheduler = &queue, .pool = &pool, .wire = this, .radio = this, .log = {}});
  wtp_is_there = true;
  ASSERT_TRUE(join());
  // What was set is set again.
  ASSERT_TRUE(queue.run_until([&] { return channel_mhz == 2412 && !addresses.empty(); }, 5s));
  hear(data_frame(kRadio, kStation, 5, 100));
  queue.run_for(1s);
  EXPECT_EQ(received, std::vector<uint16_t>{5});
  EXPECT_EQ(ac->counters().of(Count::kSessionsLost), 1u);
}

TEST_F(Ends, FindEachOtherAgainWhenTheStacksEndRestarts) {
  begin({});
  set_up();
  ++ac_peer;  // from another port
  ac = std::make_unique<Ac>(
      AcPorts{.scheduler = &queue, .rng = &rng, .pool = &pool, .wire = this, .log = {}}, *this);
  ac->start();
  ASSERT_TRUE(join());
  EXPECT_EQ(wtp->counters().of(Count::kSessions), 2u);
}

TEST_F(Ends, LetAnotherMachineInOnlyOnceThePeerIsSilent) {
  begin({});
  set_up();
  ac.reset();  // without a farewell
  ++ac_peer;
  ++ac_host;
  ac = std::make_unique<Ac>(
      AcPorts{.scheduler = &queue, .rng = &rng, .pool = &pool, .wire = this, .log = {}}, *this);
  ac->start();
  queue.run_for(1s);
  EXPECT_FALSE(ac->is_joined());
  EXPECT_EQ(ac->refusal(), "somebody else has the radio");
  EXPECT_GT(wtp->counters().of(Count::kRefused), 0u);
  ASSERT_TRUE(join());
}

TEST_F(Ends, RefuseAndCountWhatNobodyWouldSend) {
  begin({});
  set_up();
  const uint64_t before = wtp->counters().of(Count::kRefused);
  for (int i = 0; i < 1000; ++i) {
    Octets noise(rng.below(200));
    rng.fill(noise);
    const Channel channel = i % 2 ? Channel::kControl : Channel::kData;
    wtp->on_datagram(channel, {.id = 999, .host = 999}, noise);
  }
  EXPECT_EQ(wtp->counters().of(Count::kRefused), before + 1000);
  for (int i = 0; i < 1000; ++i) {
    Octets noise(rng.below(200));
    rng.fill(noise);
    ac->on_datagram(i % 2 ? Channel::kControl : Channel::kData, noise);
  }
  queue.run_for(5s);
  EXPECT_TRUE(ac->is_joined());
  EXPECT_EQ(lost_sessions, 0u);
  EXPECT_TRUE(injected.empty() && received.empty());
}

TEST_F(Ends, EndWhenThePeerTakesItsLeave) {
  begin({});
  set_up();
  ac->leave();
  queue.run_for(1s);
  EXPECT_FALSE(wtp->has_session());
}

}  // namespace
}  // namespace airloom::tunnel
