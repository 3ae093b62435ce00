// A running network and one hostile frame on its air: airloom's own access point and a connected
// station, in virtual time. The first octet chooses the network and how much of the frame is made
// to look as if it belonged to it; the rest is the frame.
#include "lab/simulation.h"
#include "law.h"

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
    const MacAddress ap = ap_.wlan0().address(), station = station_.wlan0().address();
    if (disguise == 1) address(frame, station, ap, ap);
    if (disguise == 2) address(frame, ap, station, ap);
    if (disguise == 3) address(frame, MacAddress::broadcast(), ap, ap);
    Stranger stranger(simulation_.world());
    stranger.send(frame);
    simulation_.run_for(std::chrono::seconds(1));
    simulation_.ping(station_, kApAddress);  // a spoofed farewell may have ended the connection
  }

 private:
  static void address(Octets& frame, const MacAddress& to, const MacAddress& from,
                      const MacAddress& bssid) {
    size_t at = 4;  // [802.11-2020 9.2.3]
    for (const MacAddress& address : {to, from, bssid})
      for (const uint8_t octet : address.octets)
        if (at < frame.size()) frame[at++] = octet;
  }

  lab::Simulation simulation_{1};
  lab::SimulatedHost& ap_;
  lab::SimulatedHost& station_;
};

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 2400) return 0;
  airloom::fuzz::Network network(data[0] & 4 ? "correcthorsebattery" : "");
  network.meet({data + 1, data + size}, data[0] & 3);
  return 0;
}
