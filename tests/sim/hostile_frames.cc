// A running network and one hostile frame at a random moment: any octets, or a frame that was on
// the air with some of them changed, in somebody's name. What must hold is the checkers' business;
// whoever the frame made leave comes back. 200 seeds; 10,000 with AIRLOOM_LONG=1.
#include "sim/attack_scene.h"
#include "sim/seeds.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;

const uint64_t kSeeds = seed_count(10'000);

sme::Security security_of(uint64_t seed) {
  if (seed % 2 == 0) return {};
  return {.pmf = sme::Pmf::kRequired, .beacon_protection = true};
}

class HostileFrame {
 public:
  HostileFrame(const AttackScene& scene, Rng& dice) : scene_(scene), dice_(dice) {}

  Octets make() {
    Octets frame = dice_.below(4) == 0 ? any_octets() : changed(overheard());
    if (dice_.below(2) == 0) put_names(frame);
    return frame;
  }

 private:
  Octets any_octets() {
    Octets frame(1 + dice_.below(300));
    dice_.fill(frame);
    return frame;
  }
  /// Something that was on the air, of a kind drawn first, so that rare kinds get their turn.
  Octets overheard() {
    const auto subtype = static_cast<uint8_t>(dice_.below(64) << 2);
    Octets found = scene_.attacker.last_heard(
        [&](const ieee80211::FrameView& view) { return (view.octets()[0] & 0xfc) == subtype; });
    if (!found.empty()) return found;
    const uint64_t skip = dice_.below(40);
    uint64_t seen = 0;
    found = scene_.attacker.last_heard([&](const auto&) { return seen++ == skip; });
    return found.empty() ? any_octets() : found;
  }
  Octets changed(Octets frame) {
    for (uint64_t i = dice_.below(6); i > 0; --i) {
      const size_t at = dice_.below(std::min<size_t>(frame.size(), dice_.below(2) ? 40 : 4096));
      frame[at] = static_cast<uint8_t>(dice_.below(256));
    }
    if (dice_.below(4) == 0) frame.resize(1 + dice_.below(frame.size()));
    if (dice_.below(8) == 0) frame.resize(frame.size() + dice_.below(64));
    return frame;
  }
  void put_names(Octets& frame) {
    const std::array<MacAddress, 4> names = {scene_.ap, scene_.victim, scene_.other,
                                             MacAddress::broadcast()};
    for (const size_t at : {4, 10, 16}) {
      const MacAddress& name = names[dice_.below(at == 10 ? 3 : 4)];
      if (frame.size() >= at + 6)
        std::copy(name.octets.begin(), name.octets.end(),
                  frame.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }

  const AttackScene& scene_;
  Rng& dice_;
};

void run_story(uint64_t seed) {
  AttackScene scene(seed);
  SeededRng dice(seed * 31);
  ASSERT_NO_FATAL_FAILURE(scene.set_up(security_of(seed)));
  scene.network.simulation.run_for(Duration(static_cast<int64_t>(dice.below(3'000'000'000))));
  const Octets frame = HostileFrame(scene, dice).make();
  scene.attacker.send(frame);
  scene.network.simulation.ping(scene.network.station(0), Network::kApAddress);
  // A forged switch of the channel costs an unprotected network the time to notice.
  EXPECT_TRUE(scene.network.simulation.run_until(
      [&] {
        return scene.network.all_are_connected() && scene.network.count_pings_answered() == 2;
      },
      120s))
      << scene.network.log();
  EXPECT_EQ(scene.landed(), 0u);
  EXPECT_EQ(scene.air.faults(), "");
}

TEST(HostileFrames, OneAtARandomMomentDoesNoLastingHarm) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    run_story(seed);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace airloom::lab
