// What each cipher costs per frame: an MPDU protected by its sender's key and opened by its
// receiver's, a frame at a time; a group-addressed management frame with its Management MIC
// element; and a beacon on its way from an access point to a station, with and without one.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include "ieee80211/rsn_element.h"
#include "lab/simulation.h"
#include "mac80211/cipher_suites.h"

namespace {

using namespace airloom;
using namespace std::chrono_literals;
using mac80211::Key;
using mac80211::Opened;
namespace cipher = ieee80211::cipher;

void must(bool ok) {
  if (!ok) std::abort();
}

std::unique_ptr<Key> make_key(uint8_t index, uint32_t suite, size_t size) {
  return *Key::create(index, false, {.key = Octets(size, 0x5a), .cipher = suite});
}

/// One item is a QoS data MPDU with so many octets of payload, protected and opened; under TKIP
/// with Michael.
void cipher_suite(benchmark::State& state, uint32_t suite, size_t key_size) {
  const auto sender = make_key(0, suite, key_size), receiver = make_key(0, suite, key_size);
  FramePool pool;
  Octets mpdu(26 + static_cast<size_t>(state.range(0)), 0x11);
  mpdu[0] = 0x88;
  mpdu[1] = 0x01;
  mpdu[24] = mpdu[25] = 0;
  for (auto _ : state) {
    FrameBuffer frame = pool.from(mpdu);
    if (sender->is_tkip()) mac80211::add_michael(*sender, frame);
    must(mac80211::protect(*sender, frame).has_value());
    must(mac80211::unprotect(*receiver, frame, 0) == Opened::kOk);
    if (receiver->is_tkip()) must(mac80211::check_michael(*receiver, frame) == Opened::kOk);
  }
  state.SetItemsProcessed(state.iterations());
}
#define CIPHER_SUITE(name, suite, key_size) \
  BENCHMARK_CAPTURE(cipher_suite, name, suite, key_size)->Arg(64)->Arg(1500)
CIPHER_SUITE(wep_40, cipher::kWep40, 5);
CIPHER_SUITE(wep_104, cipher::kWep104, 13);
CIPHER_SUITE(tkip, cipher::kTkip, 32);
CIPHER_SUITE(ccmp_128, cipher::kCcmp128, 16);
CIPHER_SUITE(ccmp_256, cipher::kCcmp256, 32);
CIPHER_SUITE(gcmp_128, cipher::kGcmp128, 16);
CIPHER_SUITE(gcmp_256, cipher::kGcmp256, 32);

/// One item is a Management MIC element made and checked, behind a beacon of so many octets.
void management_mic(benchmark::State& state, uint32_t suite, size_t key_size) {
  const auto sender = make_key(6, suite, key_size), receiver = make_key(6, suite, key_size);
  Octets beacon(static_cast<size_t>(state.range(0)), 0x11);
  beacon[0] = 0x80;
  beacon[1] = 0;
  for (auto _ : state) {
    Octets frame = beacon;
    mac80211::add_management_mic(*sender, frame);
    must(mac80211::check_management_mic(*receiver, *ieee80211::FrameView::of(frame)) ==
         Opened::kOk);
  }
  state.SetItemsProcessed(state.iterations());
}
#define MANAGEMENT_MIC(name, suite, key_size) \
  BENCHMARK_CAPTURE(management_mic, name, suite, key_size)->Arg(250)
MANAGEMENT_MIC(cmac_128, cipher::kBipCmac128, 16);
MANAGEMENT_MIC(cmac_256, cipher::kBipCmac256, 32);
MANAGEMENT_MIC(gmac_128, cipher::kBipGmac128, 16);
MANAGEMENT_MIC(gmac_256, cipher::kBipGmac256, 32);

/// An access point with protected management frames and its station, connected.
class Beaconing {
 public:
  Beaconing(uint32_t group_management, bool protection) : simulation_(1) {
    const std::string ssid = "bench", passphrase = "correcthorsebattery";
    const sme::Security security{.pmf = sme::Pmf::kRequired,
                                 .group_management = group_management,
                                 .beacon_protection = protection};
    simulation_.event_log().ignore_frames();
    simulation_.add_host("ap").run(
        lab::AccessPointEntry{.ssid = ssid, .passphrase = passphrase, .security = security});
    auto& station = simulation_.add_host("station");
    station.run(lab::StationEntry{
        .ssid = ssid, .passphrase = passphrase, .scan_mhz = {2412}, .security = security});
    must(simulation_.run_until([&] { return station.is_up(); }, 60s));
    simulation_.run_for(1s);
  }
  /// CPU nanoseconds of a beacon, from the timer to the station's BSS table; nothing else happens.
  double measure() {
    const double begin = cpu_ns();
    simulation_.run_for(kBeacons * kInterval);
    return (cpu_ns() - begin) / kBeacons;
  }

 private:
  static constexpr int kBeacons = 100;
  static constexpr auto kInterval = std::chrono::microseconds(100 * 1024);
  static double cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }
  lab::Simulation simulation_;
};

/// One item is a protected beacon; the counter more_ns is what it costs beyond a clear one, in
/// networks that take turns.
void protected_beacon(benchmark::State& state, uint32_t group_management) {
  Beaconing clear(group_management, false), protected_network(group_management, true);
  double more = 0;
  for (auto _ : state) {
    const double without = clear.measure();
    const double with = protected_network.measure();
    state.SetIterationTime(with * 1e-9);
    more += with - without;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["more_ns"] = more / static_cast<double>(state.iterations());
}
#define PROTECTED_BEACON(name, suite) \
  BENCHMARK_CAPTURE(protected_beacon, name, suite)->UseManualTime()->Iterations(300)
PROTECTED_BEACON(cmac_128, cipher::kBipCmac128);
PROTECTED_BEACON(cmac_256, cipher::kBipCmac256);
PROTECTED_BEACON(gmac_128, cipher::kBipGmac128);
PROTECTED_BEACON(gmac_256, cipher::kBipGmac256);

}  // namespace
