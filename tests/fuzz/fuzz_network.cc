// A running network and hostile frames on its air. The input's first octet chooses the network;
// then come the frames, each behind an octet that says how much of it is made to look as if it
// belonged to the network, and two with its length. Where management frames and beacons are
// protected, they end nothing; else the station finds back.
#include "network.h"

namespace airloom::fuzz {
namespace {

constexpr size_t kFramesMax = 16;  // of an input
constexpr uint8_t kDisguise = 3;   // the bits of it

/// A radio that hears nothing and sends what it is given.
class Stranger final : public medium::Receiver {
 public:
  explicit Stranger(lab::World& world) : world_(world), id_(world.medium().attach(*this)) {}
  ~Stranger() override { world_.medium().detach(id_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  void send(std::span<const uint8_t> octets) {
    world_.medium().transmit(id_, {.frame = world_.pool().from(octets),
                                   .channel = medium::Channel::of(Network::kMhz * 1000),
                                   .rate = {}});
  }
  void on_receive(const medium::Reception&) override {}
  void on_sent(const medium::Transmission&) override {}

 private:
  lab::World& world_;
  medium::ReceiverId id_;
};

/// Puts addresses of the network into a frame.
Octets disguised(std::span<const uint8_t> octets, unsigned disguise, Network& network) {
  const MacAddress& ap = network.ap().wlan0().address();
  const MacAddress& station = network.station().wlan0().address();
  Octets frame(octets.begin(), octets.end());
  const auto address = [&frame](const MacAddress& to, const MacAddress& from,
                                const MacAddress& bssid) {
    size_t at = 4;  // [802.11-2020 9.2.3]
    for (const MacAddress& part : {to, from, bssid})
      for (const uint8_t octet : part.octets)
        if (at < frame.size()) frame[at++] = octet;
  };
  if (disguise == 1) address(station, ap, ap);
  if (disguise == 2) address(ap, station, ap);
  if (disguise == 3) address(MacAddress::broadcast(), ap, ap);
  return frame;
}

void meet(Network& network, Reader& input) {
  Stranger stranger(network.simulation().world());
  for (size_t frames = 0; frames < kFramesMax && input.remaining() > 3; ++frames) {
    const uint8_t disguise = *input.u8() & kDisguise;
    const size_t length = *input.le16() % 2400;
    const auto octets = *input.take(std::min(length, input.remaining()));
    stranger.send(disguised(octets, disguise, network));
    network.simulation().run_for(std::chrono::milliseconds(100));
  }
  network.simulation().run_for(std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  if (size == 0 || size > 8192) return 0;
  fuzz::Network network(static_cast<fuzz::Protection>(data[0] % 3));
  Reader input(std::span(data + 1, size - 1));
  fuzz::meet(network, input);
  network.expect_survival();
  return 0;
}
