// A running network and one hostile frame on its air: airloom's own access point and a connected
// station, in virtual time. The first octet chooses the network and how much of the frame is made
// to look as if it belonged to it; the rest is the frame. Where management frames and beacons are
// protected, it ends nothing.
#include "lab/simulation.h"
#include "law.h"
#include "protected_network.h"

namespace airloom::fuzz {
namespace {

constexpr uint32_t kMhz = 2412;
constexpr lab::Ipv4 kApAddress{10, 0, 0, 1};

/// A radio that hears nothing and sends what it is given.
class Stranger final : public medium::Receiver {
 public:
  explicit Stranger(lab::World& world) : world_(world), id_(world.medium().attach(*this)) {}
  ~Stranger() override { world_.medium().detach(id_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  void send(std::span<const uint8_t> octets) {
    world_.medium().transmit(id_, {.frame = world_.pool().from(octets),
                                   .channel = medium::Channel::of(kMhz * 1000),
                                   .rate = {}});
  }
  void on_receive(const medium::Reception&) override {}
  void on_sent(const medium::Transmission&) override {}

 private:
  lab::World& world_;
  medium::ReceiverId id_;
};

/// Puts addresses of the network into a frame.
Octets disguised(Octets frame, unsigned disguise, const MacAddress& ap, const MacAddress& station) {
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

void meet(lab::Simulation& simulation, std::span<const uint8_t> frame) {
  Stranger stranger(simulation.world());
  stranger.send(frame);
  simulation.run_for(std::chrono::seconds(1));
}

class Network {
 public:
  explicit Network(const std::string& passphrase)
      : ap_(simulation_.add_host("ap")), station_(simulation_.add_host("sta")) {
    ap_.set_address(kApAddress);
    ap_.run(lab::AccessPointEntry{.ssid = "oracle", .passphrase = passphrase, .mhz = kMhz});
    station_.set_address({10, 0, 0, 2});
    station_.run(lab::StationEntry{.ssid = "oracle", .passphrase = passphrase, .scan_mhz = {kMhz}});
    simulation_.run_until([this] { return ap_.is_up() && station_.is_up(); },
                          std::chrono::seconds(60));
    expect(station_.is_up(), "the station connects");
  }

  void meet(Octets frame, unsigned disguise) {
    fuzz::meet(simulation_, disguised(std::move(frame), disguise, ap_.wlan0().address(),
                                      station_.wlan0().address()));
    simulation_.ping(station_, kApAddress);  // a spoofed farewell may have ended the connection
  }

 private:
  lab::Simulation simulation_{1};
  lab::SimulatedHost& ap_;
  lab::SimulatedHost& station_;
};

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  constexpr uint8_t kDisguise = 3, kWpa2 = 4, kProtected = 8;
  if (size == 0 || size > 2400) return 0;
  Octets frame(data + 1, data + size);
  if (data[0] & kProtected) {
    fuzz::ProtectedNetwork network;
    fuzz::meet(network.simulation(), fuzz::disguised(std::move(frame), data[0] & kDisguise,
                                                     network.ap().wlan0().address(),
                                                     network.station().wlan0().address()));
    network.expect_intact();
    return 0;
  }
  fuzz::Network network(data[0] & kWpa2 ? "correcthorsebattery" : "");
  network.meet(std::move(frame), data[0] & kDisguise);
  return 0;
}
