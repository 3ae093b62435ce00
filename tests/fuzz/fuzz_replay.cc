// A capture file replayed on the air of a running network: airloom's own access point, a station
// that has joined it and a monitor, in virtual time. Whatever the file says, both go on: the
// network's management frames are protected, and so are its beacons.
#include "capture/pcap_reader.h"
#include "lab/air_replay.h"
#include "network.h"

namespace airloom::fuzz {
namespace {

constexpr uint16_t kIeee80211 = 105, kRadiotap = 127;  // link types
constexpr size_t kPacketsMax = 64;

void replay(std::span<const uint8_t> file) {
  auto reader = capture::PcapReader::open(file);
  if (!reader) return;
  Network network(Protection::kManagement);
  lab::AirReplay replay(network.simulation().world());
  for (size_t packets = 0; packets < kPacketsMax; ++packets) {
    const auto packet = reader->next();
    if (!packet || !*packet) break;
    const bool radiotap = (*packet)->link_type == kRadiotap;
    if (!radiotap && (*packet)->link_type != kIeee80211) continue;
    (void)replay.add({.at = Duration(static_cast<int64_t>((*packet)->time_ns % 1'000'000'000)),
                      .interface = (*packet)->interface,
                      .has_radiotap = radiotap,
                      .mhz = Network::kMhz,
                      .octets = (*packet)->octets});
  }
  bool done = false;
  replay.finish([&done] { done = true; });
  network.simulation().run_for(std::chrono::seconds(2));
  expect(done, "a replay ends");
  network.expect_survival();
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  airloom::fuzz::replay({data, size});
  return 0;
}
