// What a capture says of a frame that no radio could know; and captures put back on the air.
#include "lab/air_replay.h"

#include <gmock/gmock.h>

#include "capture/pcap_reader.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/radiotap.h"
#include "lab/air_recorder.h"
#include "lab/simulation.h"
#include "support/vector_sink.h"

namespace airloom::lab {
namespace {

using capture::VectorSink;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const MacAddress kStranger{{2, 0x5e, 0, 0, 0, 1}};

/// A data frame to an access point, behind an empty radiotap header.
Octets data_to(const MacAddress& ap) {
  Octets out;
  Writer writer(out);
  ieee80211::RadiotapHeader{}.emit(writer);
  writer.le16(0x0108).le16(0).mac(ap).mac(kStranger).mac(ap).le16(0x0770);
  writer.bytes(Octets(20, 0xaa));
  return out;
}

void write(Simulation& simulation, MemoryNetdev& monitor, const Octets& octets) {
  monitor.send(simulation.world().pool().from(octets));
  simulation.run_for(std::chrono::milliseconds(20));
}

TEST(AirRecorder, SaysWhoHeardAndWhoDroppedAFrame) {
  Simulation simulation(1);
  SimulatedHost& ap = simulation.add_host("ap");
  SimulatedHost& other = simulation.add_host("other");
  ap.run(AccessPointEntry{.ssid = "x"});
  ASSERT_TRUE(simulation.run_until([&] { return ap.is_up(); }, std::chrono::seconds(5)));
  MemoryNetdev& monitor = other.add_monitor("mon0");
  VectorSink everything, of_ap, of_nobody;
  auto& queue = simulation.queue();
  capture::PcapngWriter writer(queue, everything, "t"), ap_writer(queue, of_ap, "t"),
      no_writer(queue, of_nobody, "t");
  AirRecorder all(simulation.world(), writer);
  AirRecorder some(simulation.world(), ap_writer, {.radio = "ap/phy0"});
  AirRecorder none(simulation.world(), no_writer, {.host = "nobody"});
  write(simulation, monitor, data_to(ap.wlan0().address()));
  EXPECT_THAT(everything.text(),
              HasSubstr("heard by ap/phy0 (-50 dBm, SNR 42 dB); ap/phy0 dropped it: rx-class"));
  EXPECT_GE(all.frames(), 2u) << "the frame and its ACK";
  EXPECT_EQ(some.frames(), all.frames());
  EXPECT_EQ(none.frames(), 0u);
}

TEST(AirRecorder, RecordsWhatOneRadioSentOrHeard) {
  Simulation simulation(1);
  SimulatedHost& ap = simulation.add_host("ap");
  SimulatedHost& far = simulation.add_host("far");
  ap.run(AccessPointEntry{.ssid = "x"});
  far.run(AccessPointEntry{.ssid = "y", .mhz = 2437});
  ASSERT_TRUE(
      simulation.run_until([&] { return ap.is_up() && far.is_up(); }, std::chrono::seconds(5)));
  struct Recording {
    Recording(Simulation& simulation, const AirSelection& selection)
        : writer(simulation.queue(), sink, "t"), recorder(simulation.world(), writer, selection) {}
    VectorSink sink;
    capture::PcapngWriter writer;
    AirRecorder recorder;
  };
  Recording all(simulation, {}), of_ap(simulation, {.radio = "ap/phy0"}),
      of_far(simulation, {.host = "far", .radio = "phy0"}), of_both(simulation, {.radio = "phy0"}),
      of_neither(simulation, {.host = "ap", .radio = "phy1"});
  simulation.run_for(std::chrono::seconds(1));
  EXPECT_GE(of_ap.recorder.frames(), 9u) << "its beacons";
  EXPECT_GE(of_far.recorder.frames(), 9u);
  EXPECT_EQ(of_ap.recorder.frames() + of_far.recorder.frames(), all.recorder.frames());
  EXPECT_EQ(of_both.recorder.frames(), all.recorder.frames()) << "every host has a phy0";
  EXPECT_EQ(of_neither.recorder.frames(), 0u);
  EXPECT_THAT(of_ap.sink.text(), Not(HasSubstr("far/phy0")));
}

TEST(AirSelection, AsksForARadioThatIsThere) {
  Simulation simulation(1);
  simulation.add_host("ap");
  const World& world = simulation.world();
  for (const AirSelection& known : std::vector<AirSelection>{{},
                                                             {.host = "ap"},
                                                             {.radio = "phy0"},
                                                             {.radio = "ap/phy0"},
                                                             {.host = "ap", .radio = "phy0"}})
    EXPECT_TRUE(known.check(world)) << known.host << ' ' << known.radio;
  const auto refusal = [&](const AirSelection& unknown) {
    return unknown.check(world).error().text;
  };
  EXPECT_EQ(refusal({.radio = "phy1"}), "there is no radio 'phy1' on the air");
  EXPECT_EQ(refusal({.host = "ap", .radio = "other/phy0"}),
            "host 'ap' has no radio 'other/phy0' on the air");
}

TEST(AirRecorder, CountsRepetitions) {
  Simulation simulation(1, medium::Faults{.loss = 1000});
  SimulatedHost& other = simulation.add_host("other");
  MemoryNetdev& monitor = other.add_monitor("mon0");
  VectorSink sink;
  capture::PcapngWriter writer(simulation.queue(), sink, "t");
  AirRecorder recorder(simulation.world(), writer);
  write(simulation, monitor, data_to({{2, 0, 0, 0, 9, 9}}));
  simulation.run_for(std::chrono::milliseconds(200));
  EXPECT_EQ(recorder.frames(), 11u);
  EXPECT_THAT(sink.text(), HasSubstr("heard by nobody; retry 10"));
}

/// A world with a monitor that notes what it hears, and when.
class AirReplayTest : public testing::Test {
 protected:
  AirReplayTest() : monitor_(simulation_.add_host("watcher").add_monitor("mon0")) {
    monitor_.on_receive = [this](FrameBuffer frame) {
      Reader reader(frame.octets());
      headers.push_back(*ieee80211::RadiotapHeader::parse(reader));
      const auto rest = reader.rest();
      heard.emplace_back(rest.begin(), rest.end());
      times.push_back(simulation_.queue().now());
    };
  }
  static Octets packet(const ieee80211::RadiotapHeader& header, const Octets& frame) {
    Octets out;
    Writer writer(out);
    header.emit(writer);
    writer.bytes(frame);
    return out;
  }

  Simulation simulation_{1};
  MemoryNetdev& monitor_;
  std::vector<ieee80211::RadiotapHeader> headers;
  std::vector<Octets> heard;
  std::vector<TimePoint> times;
  const Octets ack{0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 0};
};

TEST_F(AirReplayTest, PutsFramesOutAtTheirTimeAsTheyWere) {
  AirReplay replay(simulation_.world());
  const TimePoint began = simulation_.queue().now();
  const ieee80211::RadiotapHeader header{
      .rate_500kbps = 22, .channel = {{.mhz = 2412, .flags = 0}}, .signal_dbm = int8_t{-61}};
  const Octets first = packet(header, ack);
  Octets with_fcs = ack;
  with_fcs.resize(ack.size() + 4);
  const Octets second =
      packet({.flags = ieee80211::radiotap_flag::kFcsAtEnd, .channel = {{.mhz = 2412, .flags = 0}}},
             with_fcs);
  ASSERT_TRUE(replay.add({.octets = first}));
  ASSERT_TRUE(replay.add({.at = std::chrono::milliseconds(250), .octets = second}));
  bool done = false;
  replay.finish([&] { done = true; });
  EXPECT_FALSE(done);
  simulation_.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(done);
  EXPECT_EQ(replay.frames(), 2u);
  ASSERT_THAT(heard, ElementsAre(ack, ack));
  EXPECT_EQ(headers[0].rate_500kbps, 22);
  EXPECT_EQ(headers[0].signal_dbm, -61);
  EXPECT_EQ(times[0], began);
  EXPECT_EQ(times[1], began + std::chrono::milliseconds(250));
}

TEST_F(AirReplayTest, RefusesWhatIsNoFrame) {
  AirReplay replay(simulation_.world());
  auto code = [&](const Octets& octets, bool has_radiotap = true, uint32_t mhz = 2412) {
    const auto added = replay.add({.has_radiotap = has_radiotap, .mhz = mhz, .octets = octets});
    return added ? std::nullopt : std::optional(added.error().code);
  };
  EXPECT_EQ(code({}), Errc::kInvalid);
  EXPECT_EQ(code({0, 0, 99, 0, 0, 0, 0, 0}), Errc::kInvalid);
  EXPECT_EQ(code(packet({}, Octets(9, 0))), Errc::kInvalid);
  EXPECT_EQ(code(ack, false, 0), Errc::kInvalid) << "on no channel";
  EXPECT_EQ(code(ack, false), std::nullopt);
  for (const Duration at : {Duration(-1), AirReplay::kLongest + Duration(1), Duration::max()}) {
    const auto added = replay.add({.at = at, .has_radiotap = false, .mhz = 2412, .octets = ack});
    ASSERT_FALSE(added) << at.count();
    EXPECT_EQ(added.error().code, Errc::kInvalid);
  }
  bool done = false;
  replay.finish([&] { done = true; });
  simulation_.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(done);
  EXPECT_THAT(heard, SizeIs(1));
}

TEST_F(AirReplayTest, EndsEarlyWithoutATrace) {
  {
    AirReplay replay(simulation_.world());
    const Octets octets = ack;
    ASSERT_TRUE(replay.add(
        {.at = std::chrono::seconds(1), .has_radiotap = false, .mhz = 2412, .octets = octets}));
  }
  simulation_.run_for(std::chrono::seconds(2));
  EXPECT_THAT(heard, IsEmpty());
}

}  // namespace
}  // namespace airloom::lab
