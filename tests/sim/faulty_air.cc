// A WPA2 network on an air that loses, doubles, delays and replays frames, under traffic of all
// priorities in both directions and between stations. What must hold is the checkers' business.
// 200 seeds; 2,000 with AIRLOOM_LONG=1.
#include "sim/checkers.h"
#include "sim/network.h"
#include "sim/seeds.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;

constexpr medium::Faults kFaults{.loss = 100, .duplication = 50, .delay = 50, .replay = 50};
constexpr size_t kStations = 2;
constexpr int kRounds = 40;

const uint64_t kSeeds = seed_count(2000);

/// One story: the network stands on a good air, the air turns bad under traffic, and good again.
class Story {
 public:
  explicit Story(uint64_t seed)
      : network_(seed, medium::Faults{}), air_(network_.simulation.world()), dice_(seed + 1) {}

  void run() {
    network_.start_access_point();
    for (size_t i = 0; i < kStations; ++i) network_.add_station();
    ASSERT_TRUE(network_.wait_until_all_are_connected()) << network_.log();
    network_.simulation.run_for(100ms);
    for (size_t host = 0; host <= kStations; ++host)
      netdev(host).on_receive = [this, host](FrameBuffer frame) {
        if (frame.octets()[12] == 0x81) delivered_[host].on_frame(frame.octets());
      };
    network_.simulation.set_faults(kFaults);
    for (int round = 0; round < kRounds; ++round) {
      send_some();
      network_.simulation.run_for(Duration(static_cast<int64_t>(dice_.below(20'000'000))));
    }
    network_.simulation.run_for(2s);
    network_.simulation.set_faults({});
    // Nothing is stuck: what is sent now arrives, all of it.
    network_.simulation.run_for(1s);
    const size_t before = received();
    const size_t sent_before = sent_;
    for (int round = 0; round < 5; ++round) {
      send_some();
      network_.simulation.run_for(300ms);
    }
    network_.simulation.run_for(2s);
    EXPECT_EQ(received() - before, sent_ - sent_before);
    EXPECT_TRUE(network_.all_are_connected());
  }

  /// Everything that is wrong; empty if nothing is.
  std::string faults() const {
    std::string all = air_.faults();
    for (const DeliveryChecker& checker : delivered_) all += checker.faults();
    return all;
  }
  size_t sent() const { return sent_; }
  size_t received() const {
    size_t count = 0;
    for (const DeliveryChecker& checker : delivered_) count += checker.count();
    return count;
  }
  size_t protected_frames() const { return air_.protected_frames(); }
  size_t block_ack_frames() { return network_.count_in_log("Action"); }
  std::string log() { return network_.log(); }

 private:
  MemoryNetdev& netdev(size_t host) {
    return host == 0 ? network_.ap().wlan0() : network_.station(host - 1).wlan0();
  }
  /// A burst from one host to another, of one priority.
  void send_some() {
    const size_t from = dice_.below(kStations + 1);
    const size_t to = (from + 1 + dice_.below(kStations)) % (kStations + 1);
    const auto priority = static_cast<uint8_t>(dice_.below(8));
    for (uint64_t i = 1 + dice_.below(12); i > 0; --i) {
      const TestFrame frame{.sender = static_cast<uint8_t>(from),
                            .priority = priority,
                            .number = ++numbers_[from][to][priority],
                            .size = dice_.below(1400)};
      netdev(from).send(network_.simulation.world().pool().from(
          frame.to_ethernet(netdev(to).address(), netdev(from).address())));
      ++sent_;
    }
  }

  Network network_;
  AirChecker air_;
  SeededRng dice_;  // the workload's
  std::array<DeliveryChecker, kStations + 1> delivered_;
  std::array<std::array<std::array<uint32_t, 8>, kStations + 1>, kStations + 1> numbers_{};
  size_t sent_ = 0;
};

/// Where two logs part; empty if nowhere.
std::string first_difference(const std::string& one, const std::string& other) {
  if (one == other) return "";
  const auto parted = std::ranges::mismatch(one, other).in1 - one.begin();
  const auto line = one.rfind('\n', static_cast<size_t>(parted)) + 1;  // the first has none before
  const auto line_of = [&](const std::string& log) {
    return log.substr(line, log.find('\n', line) - line);
  };
  return line_of(one) + "\n" + line_of(other);
}

TEST(FaultyAir, DeliversOnceInOrderAndNeverInClearAndEqualSeedsGiveEqualLogs) {
  size_t sent = 0, received = 0;
  std::string other_seeds_log;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Story story(seed);
    ASSERT_NO_FATAL_FAILURE(story.run()) << "seed " << seed;
    ASSERT_EQ(story.faults(), "") << "seed " << seed;
    ASSERT_GT(story.protected_frames(), story.received()) << "seed " << seed;
    ASSERT_GE(story.block_ack_frames(), 4u) << "seed " << seed;
    Story again(seed);
    ASSERT_NO_FATAL_FAILURE(again.run()) << "seed " << seed;
    ASSERT_EQ(first_difference(story.log(), again.log()), "") << "seed " << seed;
    ASSERT_NE(first_difference(story.log(), std::exchange(other_seeds_log, story.log())), "");
    sent += story.sent();
    received += story.received();
  }
  RecordProperty("sent", std::to_string(sent));
  RecordProperty("received", std::to_string(received));
  EXPECT_GE(sent, kSeeds * 200);
  // Retries make up for a tenth lost of each way.
  EXPECT_GE(received * 100, sent * 97) << received << " of " << sent;
  EXPECT_LE(received, sent);
}

TEST(FaultyAir, StationsJoinThroughIt) {
  for (uint64_t seed = 1; seed <= kSeeds / 10; ++seed) {
    Network network(seed, kFaults);
    AirChecker air(network.simulation.world());
    network.start_access_point();
    for (size_t i = 0; i < 3; ++i) network.add_station();
    EXPECT_TRUE(network.wait_until_all_are_connected(120s)) << "seed " << seed;
    EXPECT_EQ(air.faults(), "") << "seed " << seed;
  }
}

/// A checker that never speaks up proves nothing.
TEST(Checkers, SeeWhatTheyAreFor) {
  DeliveryChecker delivery;
  const auto frame = [](uint32_t number, const MacAddress& to = {}) {
    return TestFrame{.sender = 1, .priority = 2, .number = number, .size = 9}.to_ethernet(to, {});
  };
  delivery.on_frame(frame(1));
  delivery.on_frame(frame(3));
  delivery.on_frame(frame(2, MacAddress::broadcast()));
  EXPECT_EQ(delivery.faults(), "") << "an order of its own";
  delivery.on_frame(frame(2));
  EXPECT_NE(delivery.faults().find("number 2"), std::string::npos);
  delivery.on_frame(frame(3));
  EXPECT_NE(delivery.faults().find("number 3"), std::string::npos);
  delivery.on_frame(frame(1, MacAddress::broadcast()));
  EXPECT_NE(delivery.faults().find("number 1"), std::string::npos);
  Octets damaged = frame(4);
  damaged.back() ^= 1;
  delivery.on_frame(damaged);
  EXPECT_NE(delivery.faults().find("damaged"), std::string::npos);

  Network network(1);
  AirChecker air(network.simulation.world());
  network.start_access_point();
  const MacAddress station = network.add_station().wlan0().address();
  const MacAddress ap = network.ap().wlan0().address();
  ASSERT_TRUE(network.wait_until_all_are_connected());
  constexpr medium::ReceiverId kApRadio = 1;
  auto put_on_air = [&](const Octets& octets) {
    network.simulation.world().medium().transmit(
        kApRadio, {.frame = network.simulation.world().pool().from(octets),
                   .channel = medium::Channel::of(2'412'000)});
    network.simulation.run_for(1ms);
  };
  Octets clear(50, 7);
  clear[0] = 0x08;
  clear[1] = 0x02;  // from the DS
  std::copy(station.octets.begin(), station.octets.end(), clear.begin() + 4);
  std::copy(ap.octets.begin(), ap.octets.end(), clear.begin() + 10);
  const LoggedKey key = *air.keys().find(ap, station, 0);
  Octets data = seal(key, clear, 1000);
  put_on_air(data);
  put_on_air(data);
  EXPECT_EQ(air.faults(), "") << "a retry";
  clear.back() ^= 1;
  put_on_air(seal(key, clear, 1000));
  EXPECT_NE(air.faults().find("twice"), std::string::npos);
  data.back() ^= 1;
  put_on_air(data);
  EXPECT_NE(air.faults().find("under no key"), std::string::npos);
  put_on_air(clear);
  EXPECT_NE(air.faults().find("in clear"), std::string::npos);
}

}  // namespace
}  // namespace airloom::lab
