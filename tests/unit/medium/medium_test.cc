#include "medium/medium.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/event_queue.h"

namespace airloom::medium {
namespace {

const Channel kOne = Channel::of(2'412'000);
const Channel kSix = Channel::of(2'437'000);
const MacAddress kAlice{{2, 0, 0, 0, 0, 0}};
const MacAddress kBob{{2, 0, 0, 0, 1, 0}};

/// Takes and gives everything as on the ideal medium, but slowly.
class SlowPropagation final : public PropagationModel {
 public:
  bool is_ideal() const override { return false; }
  Duration airtime(size_t octets, const Rate&) const override {
    return std::chrono::microseconds(octets);
  }
  std::optional<int> decode(const Transmission&, ReceiverId) override { return -40; }
};

class Ear final : public Receiver {
 public:
  Ear(Medium& medium, std::vector<std::string>& log, std::string name)
      : medium_(medium), log_(log), name_(std::move(name)), id(medium.attach(*this)) {}
  ~Ear() override { medium_.detach(id); }

  void listen(std::vector<Channel> channels) { medium_.tune(id, channels); }
  void on_receive(const Reception& reception) override {
    log_.push_back(name_ + " hears " + std::to_string(reception.transmission.id) + " at " +
                   std::to_string(reception.signal_dbm) + (reception.fcs_failed ? " damaged" : ""));
    const auto octets = reception.transmission.frame.octets();
    last.assign(octets.begin(), octets.end());
    if (then) then();
  }
  void on_sent(const Transmission& transmission) override {
    log_.push_back(name_ + " sent " + std::to_string(transmission.id));
  }

 private:
  Medium& medium_;
  std::vector<std::string>& log_;
  std::string name_;
  void on_received_all() override {
    if (tells_all) log_.push_back(name_ + " has all");
  }

 public:
  const ReceiverId id;
  bool tells_all = false;
  std::vector<uint8_t> last;
  std::function<void()> then;
};

class MediumTest : public testing::Test {
 protected:
  FrameBuffer frame_to(const MacAddress& to, size_t size = 24) {
    FrameBuffer frame = pool.allocate(size);
    std::fill(frame.writable().begin(), frame.writable().end(), 0);
    std::copy(to.octets.begin(), to.octets.end(), frame.writable().begin() + 4);
    return frame;
  }
  std::vector<std::string> run() {
    scheduler.run_for(std::chrono::seconds(1));
    return std::exchange(log, {});
  }

  FramePool pool;
  EventQueue scheduler;
  IdealPropagation ideal;
  Medium medium{scheduler, ideal};
  std::vector<std::string> log;
};

using Log = std::vector<std::string>;

TEST_F(MediumTest, AllOnTheChannelHearABroadcastInOrderOfAttaching) {
  Ear a(medium, log, "a"), b(medium, log, "b"), c(medium, log, "c"), off(medium, log, "off");
  c.listen({kOne});
  b.listen({kSix, kOne});
  a.listen({kOne});
  off.listen({kSix});
  medium.transmit(a.id, {.frame = frame_to(MacAddress::broadcast()), .channel = kOne});
  EXPECT_TRUE(log.empty()) << "nothing is delivered from within transmit()";
  EXPECT_EQ(run(), (Log{"b hears 1 at -30", "c hears 1 at -30", "a sent 1"}));
}

TEST_F(MediumTest, UnicastReachesItsAddressAndThePromiscuous) {
  Ear a(medium, log, "a"), monitor(medium, log, "monitor"), bob(medium, log, "bob"),
      carol(medium, log, "carol");
  for (Ear* ear : {&a, &monitor, &bob, &carol}) ear->listen({kOne});
  medium.set_filter(monitor.id, {{}, true});
  medium.set_filter(bob.id, {{kAlice, kBob}, false});
  medium.transmit(a.id, {.frame = frame_to(kBob), .channel = kOne, .power_dbm = 10});
  EXPECT_EQ(run(), (Log{"monitor hears 1 at -40", "bob hears 1 at -40", "a sent 1"}));

  medium.set_filter(bob.id, {{kAlice}, false});
  medium.set_filter(monitor.id, {});
  medium.transmit(a.id, {.frame = frame_to(kBob), .channel = kOne});
  EXPECT_EQ(run(), (Log{"a sent 2"}));
}

TEST_F(MediumTest, AReceiverMustListenToTheWholeFrame) {
  SlowPropagation slow;
  Medium air(scheduler, slow);
  Ear a(air, log, "a"), late(air, log, "late"), early(air, log, "early"), stays(air, log, "stays");
  early.listen({kOne});
  stays.listen({kOne});
  air.transmit(a.id, {.frame = frame_to(MacAddress::broadcast(), 100), .channel = kOne});
  scheduler.run_for(std::chrono::microseconds(50));
  late.listen({kOne});
  early.listen({kSix});
  stays.listen({kOne, kSix});
  scheduler.run_for(std::chrono::microseconds(49));
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(run(), (Log{"stays hears 1 at -40", "a sent 1"}));
}

TEST_F(MediumTest, TransmissionsEndInOrderOfTheirEnds) {
  SlowPropagation slow;
  Medium air(scheduler, slow);
  Ear a(air, log, "a"), b(air, log, "b");
  air.transmit(a.id, {.frame = frame_to(kBob, 200), .channel = kOne});
  air.transmit(b.id, {.frame = frame_to(kBob, 100), .channel = kSix});
  air.transmit(b.id, {.frame = frame_to(kBob, 200), .channel = kSix});
  EXPECT_EQ(run(), (Log{"b sent 2", "a sent 1", "b sent 3"}));
}

TEST_F(MediumTest, ReceiversMaySendAndLeaveWhileBeingServed) {
  Ear a(medium, log, "a"), b(medium, log, "b");
  auto c = std::make_unique<Ear>(medium, log, "c");
  for (Ear* ear : {&a, &b, c.get()}) ear->listen({kOne});
  b.then = [&] {
    if (!c) return;
    c.reset();
    medium.transmit(b.id, {.frame = frame_to(MacAddress::broadcast()), .channel = kOne});
  };
  medium.transmit(a.id, {.frame = frame_to(MacAddress::broadcast()), .channel = kOne});
  EXPECT_EQ(run(), (Log{"b hears 1 at -30", "a sent 1", "a hears 2 at -30", "b sent 2"}));
}

TEST_F(MediumTest, ObserversSeeEverythingAndWhoDecodedIt) {
  class Recorder final : public Observer {
   public:
    void on_begin(const Transmission& t) override { begun.push_back(t.id); }
    void on_end(const Transmission& t, std::span<const Decoder> decoders) override {
      for (const Decoder& decoder : decoders) ended.emplace_back(t.id, decoder.receiver);
      if (decoders.empty()) ended.emplace_back(t.id, 0);
    }
    std::vector<TransmissionId> begun;
    std::vector<std::pair<TransmissionId, ReceiverId>> ended;
  } recorder;
  medium.add_observer(recorder);
  Ear a(medium, log, "a"), b(medium, log, "b"), c(medium, log, "c");
  b.listen({kOne});
  c.listen({kOne});
  medium.transmit(a.id, {.frame = frame_to(MacAddress::broadcast()), .channel = kOne});
  medium.transmit(a.id, {.frame = frame_to(kBob), .channel = kSix});
  run();
  using Ended = std::vector<std::pair<TransmissionId, ReceiverId>>;
  EXPECT_EQ(recorder.begun, (std::vector<TransmissionId>{1, 2}));
  EXPECT_EQ(recorder.ended, (Ended{{1, b.id}, {1, c.id}, {2, 0}}));
}

TEST_F(MediumTest, ObserversHearOfABurstOnceItsReceiversAreDoneWithIt) {
  class Recorder final : public Observer {
   public:
    explicit Recorder(Log& log) : log_(log) {}
    void on_all_ended(std::span<const Ended> burst) override {
      std::string line = "ended";
      for (const Ended& ended : burst) {
        line += ' ' + std::to_string(ended.transmission.id) + ':';
        for (const Decoder& decoder : ended.decoders) line += std::to_string(decoder.receiver);
      }
      log_.push_back(line);
    }

   private:
    Log& log_;
  } recorder(log);
  medium.add_observer(recorder);
  Ear a(medium, log, "a"), b(medium, log, "b"), c(medium, log, "c");
  b.listen({kOne});
  c.listen({kOne});
  b.tells_all = c.tells_all = true;
  medium.set_filter(c.id, {{kBob}, false});
  medium.transmit(a.id, {.frame = frame_to(MacAddress::broadcast()), .channel = kOne});
  medium.transmit(a.id, {.frame = frame_to(kAlice), .channel = kOne});
  medium.transmit(a.id, {.frame = frame_to(kBob), .channel = kOne});
  EXPECT_EQ(run(),
            (Log{"b hears 1 at -30", "c hears 1 at -30", "a sent 1", "a sent 2", "c hears 3 at -30",
                 "a sent 3", "b has all", "c has all", "ended 1:23 2: 3:3"}));
  medium.remove_observer(recorder);
}

TEST_F(MediumTest, ReceiversShareTheFrameWithoutCopies) {
  Ear a(medium, log, "a");
  std::vector<std::unique_ptr<Ear>> crowd;
  for (int i = 0; i < 50; ++i) {
    crowd.push_back(std::make_unique<Ear>(medium, log, "x"));
    crowd.back()->listen({kOne});
  }
  for (int i = 0; i < 100; ++i) {
    medium.transmit(a.id, {.frame = frame_to(MacAddress::broadcast()), .channel = kOne});
    run();
  }
  EXPECT_EQ(pool.blocks_created(), 1u);
  EXPECT_EQ(pool.blocks_in_use(), 0u);
}

TEST_F(MediumTest, OctetsTooFewForAnAddressReachOnlyThePromiscuous) {
  Ear a(medium, log, "a"), b(medium, log, "b"), monitor(medium, log, "monitor");
  b.listen({kOne});
  monitor.listen({kOne});
  medium.set_filter(b.id, {{MacAddress{}}, false});
  medium.set_filter(monitor.id, {{}, true});
  for (size_t size : {0, 1, 9}) medium.transmit(a.id, {pool.allocate(size), kOne});
  EXPECT_EQ(run().front(), "b hears 1 at -30") << "no address reads as all zeros";
}

TEST_F(MediumTest, GroupsHearEachOtherOnly) {
  Ear a(medium, log, "a"), b(medium, log, "b");
  a.listen({kOne});
  b.listen({kOne});
  medium.set_groups(a.id, 0b10);
  medium.transmit(a.id, {frame_to(MacAddress::broadcast()), kOne});
  EXPECT_EQ(run(), Log{"a sent 1"});
  medium.set_groups(b.id, 0b110);
  medium.transmit(a.id, {frame_to(MacAddress::broadcast()), kOne});
  EXPECT_EQ(run().front(), "b hears 2 at -30");
}

TEST_F(MediumTest, WhatAnotherMediumCarriesIsOnlyWitnessed) {
  Ear a(medium, log, "a"), b(medium, log, "b");
  class Counter final : public Observer {
   public:
    void on_begin(const Transmission&) override { ++begun; }
    void on_end(const Transmission&, std::span<const Decoder> decoders) override {
      ++ended;
      decoded += decoders.size();
    }
    size_t begun = 0, ended = 0, decoded = 0;
  } counter;
  medium.add_observer(counter);
  b.listen({kOne});
  medium.set_filter(b.id, {{kBob}, false});
  medium.witness(a.id, {frame_to(kBob), kOne});
  EXPECT_EQ(run(), Log{});
  EXPECT_EQ(counter.begun, 1u);
  EXPECT_EQ(counter.ended, 1u);
  EXPECT_EQ(counter.decoded, 0u);
  medium.remove_observer(counter);
}

TEST(ChannelTest, Overlap) {
  EXPECT_TRUE(overlaps(kOne, kOne));
  EXPECT_TRUE(overlaps(kOne, Channel::of(2'422'000)));
  EXPECT_FALSE(overlaps(kOne, kSix));
  EXPECT_TRUE(overlaps(Channel{5'180'000, 5'210'000, 80'000}, Channel::of(5'240'000)));
  const Channel split{5'180'000, 5'210'000, 80'000, 5'775'000};
  EXPECT_TRUE(overlaps(split, Channel::of(5'745'000)));
  EXPECT_FALSE(overlaps(split, Channel::of(5'260'000)));
}

TEST(LossyPropagationTest, FramesTakeTimeAndSomeAreMissed) {
  SeededRng rng(7);
  LossyPropagation model(rng, 30);
  EXPECT_EQ(model.airtime(1496, {.kbps = 54'000}), std::chrono::nanoseconds(20'000 + 222'222));
  EXPECT_GT(model.airtime(1496, {.kbps = 0}), Duration{0});
  int heard = 0;
  for (int i = 0; i < 1000; ++i) heard += model.decode({}, 1).has_value();
  EXPECT_NEAR(heard, 700, 60);
}

TEST_F(MediumTest, WhoWantsItHearsWhatHasBitErrors) {
  SeededRng rng(7);
  LossyPropagation model(rng, 100);
  Medium bad(scheduler, model);
  Ear alice(bad, log, "alice"), bob(bad, log, "bob"), carol(bad, log, "carol");
  for (Ear* ear : {&alice, &bob, &carol}) ear->listen({kOne});
  bad.set_hears_damaged(carol.id, true);
  const FrameBuffer frame = frame_to(MacAddress::broadcast());
  bad.transmit(alice.id, {.frame = frame, .channel = kOne, .rate = {}});
  EXPECT_EQ(run(), (std::vector<std::string>{"carol hears 1 at -30 damaged", "alice sent 1"}));
  EXPECT_FALSE(std::ranges::equal(carol.last, frame.octets()));
  EXPECT_EQ(carol.last.size(), frame.size());
}

}  // namespace
}  // namespace airloom::medium
