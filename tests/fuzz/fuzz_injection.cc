// A monitor on the radio of a running access point, and one write to it. Whatever goes out is the
// end of what was written, but for Sequence Control and a trailing FCS. The first octet chooses
// whether the netdev is plain or has radiotap; the rest is what is written.
#include "ieee80211/mac_header.h"
#include "lab/simulation.h"
#include "law.h"

namespace airloom::fuzz {
namespace {

constexpr size_t kFcs = 4, kSequence = 22;

/// Holds what is on the air, but for beacons of the access point and answers, against what was
/// written.
class Witness final : public medium::Observer {
 public:
  Witness(std::span<const uint8_t> written, const MacAddress& ap) : written_(written), ap_(ap) {}

  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    const auto frame = transmission.frame.octets();
    if (transmission.answers != 0 || is_beacon_of_ap(frame)) return;
    expect(ends_with(frame, 0) || ends_with(frame, kFcs), "what goes out is what was written");
  }

 private:
  bool is_beacon_of_ap(std::span<const uint8_t> frame) const {
    return frame.size() >= 24 && frame[0] == 0x80 && MacAddress::from(frame.subspan(10, 6)) == ap_;
  }
  bool ends_with(std::span<const uint8_t> frame, size_t behind) const {
    if (frame.size() + behind > written_.size()) return false;
    const auto tail = written_.subspan(written_.size() - frame.size() - behind, frame.size());
    for (size_t i = 0; i < frame.size(); ++i)
      if (frame[i] != tail[i] && i != kSequence && i != kSequence + 1) return false;
    return true;
  }

  std::span<const uint8_t> written_;
  const MacAddress ap_;
};

void write(std::span<const uint8_t> octets, bool plain) {
  lab::Simulation simulation(1);
  lab::SimulatedHost& ap = simulation.add_host("ap");
  ap.run(lab::AccessPointEntry{.ssid = "oracle"});
  simulation.run_until([&] { return ap.is_up(); }, std::chrono::seconds(5));
  simulation.run_for(std::chrono::milliseconds(10));  // its farewell to whoever was there before
  lab::MemoryNetdev& monitor = ap.add_monitor("mon0", plain);
  Witness witness(octets, ap.wlan0().address());
  simulation.world().medium().add_observer(witness);
  monitor.send(simulation.world().pool().from(octets));
  simulation.run_for(std::chrono::milliseconds(50));
  simulation.world().medium().remove_observer(witness);
  expect(ap.is_up(), "the access point stays");
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 2300) return 0;
  airloom::fuzz::write({data + 1, size - 1}, data[0] & 1);
  return 0;
}
