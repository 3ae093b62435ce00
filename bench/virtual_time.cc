// Many stations in virtual time: how fast airloom's own stations join its access point, and what a
// network costs while nothing happens in it but beacons. CPU time is the processor's; virtual time
// is the world's.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "lab/simulation.h"

namespace {

using namespace airloom;
using namespace std::chrono_literals;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Networks of WPA2, each of one access point and its share of the stations. All are on channel 1
/// and hear each other.
class Networks {
 public:
  Networks(int access_points, int stations) : simulation_(1) {
    simulation_.event_log().ignore_frames();
    for (int i = 0; i < access_points; ++i) {
      auto& ap = simulation_.add_host("ap" + std::to_string(i));
      ap.run(lab::AccessPointEntry{.ssid = ssid(i), .passphrase = kPassphrase});
      aps_.push_back(&ap);
    }
    for (int i = 0; i < stations; ++i)
      stations_.push_back(&simulation_.add_host("station" + std::to_string(i)));
    simulation_.run_for(1s);
  }

  void join() {
    const int networks = static_cast<int>(aps_.size());
    for (size_t i = 0; i < stations_.size(); ++i)
      stations_[i]->run(lab::StationEntry{.ssid = ssid(static_cast<int>(i) % networks),
                                          .passphrase = kPassphrase,
                                          .scan_mhz = {2412}});
    size_t joined = 0;
    const auto all_joined = [&] {  // looks at each station once, as none leaves
      while (joined < stations_.size() && stations_[joined]->is_up()) ++joined;
      return joined == stations_.size();
    };
    if (!simulation_.run_until(all_joined, 60s)) std::abort();
    simulation_.run_for(1s);
    size_t known = 0;
    for (auto* ap : aps_) known += ap->sme()->access_point()->station_count();
    if (known != stations_.size()) std::abort();
  }

  void run_for(Duration duration) { simulation_.run_for(duration); }

 private:
  static constexpr const char* kPassphrase = "correcthorsebattery";
  static std::string ssid(int network) { return "bench" + std::to_string(network); }

  lab::Simulation simulation_;
  std::vector<lab::SimulatedHost*> aps_, stations_;
};

/// One item is a station that scans one channel, authenticates, associates and has its keys, and
/// its access point's part in that.
void associate_wpa2(benchmark::State& state) {
  const auto stations = static_cast<int>(state.range(0));
  for (auto _ : state) {
    auto networks = std::make_unique<Networks>(1, stations);
    const double begin = cpu_seconds();
    networks->join();
    state.SetIterationTime(cpu_seconds() - begin);
  }
  state.SetItemsProcessed(state.iterations() * stations);
}
BENCHMARK(associate_wpa2)->Arg(100)->Arg(1000)->UseManualTime()->Iterations(1);

/// One item is a second of the world's time, in which nothing happens but beacons: arguments are
/// stations and access points. A receiver is a radio that hears a beacon.
void idle(benchmark::State& state) {
  constexpr double kBeaconsPerSecond = 1'000'000.0 / (100 * 1024);
  Networks networks(static_cast<int>(state.range(1)), static_cast<int>(state.range(0)));
  networks.join();
  double spent = 0;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    networks.run_for(1s);
    const double took = cpu_seconds() - begin;
    state.SetIterationTime(took);
    spent += took;
  }
  const auto seconds = static_cast<double>(state.iterations());
  const auto radios = static_cast<double>(state.range(0) + state.range(1));
  const auto beacons = kBeaconsPerSecond * static_cast<double>(state.range(1));
  state.SetItemsProcessed(state.iterations());
  state.counters["core_percent"] = 100 * spent / seconds;
  state.counters["ns_per_beacon_and_receiver"] = 1e9 * spent / seconds / beacons / (radios - 1);
}
BENCHMARK(idle)->Args({1000, 1})->Args({200, 20})->UseManualTime();

}  // namespace
