// The frame path as it is composed for every world: an Ethernet frame handed to a station's netdev
// goes through mac80211, the simulated device and the air to the access point's netdev, with its
// ACK and transmit status. airloom's own station and access point set the network up. One item is
// one frame; sizes are of the payload behind the Ethernet header.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "allocations.h"
#include "ieee80211/ethernet.h"
#include "lab/air_recorder.h"
#include "lab/simulation.h"

namespace {

using namespace airloom;
using namespace std::chrono_literals;

constexpr const char* kSsid = "bench";

/// A station joined to an access point, and the frames that the latter's host has received.
class Network {
 public:
  /// @param bystanders  further stations of the network, which send nothing.
  explicit Network(const std::string& passphrase, int64_t bystanders = 0)
      : simulation_(1), ap_(simulation_.add_host("ap")), station_(simulation_.add_host("station")) {
    simulation_.event_log().ignore_frames();
    ap_.run(lab::AccessPointEntry{.ssid = kSsid, .passphrase = passphrase});
    const lab::StationEntry entry{.ssid = kSsid, .passphrase = passphrase, .scan_mhz = {2412}};
    for (int64_t i = 0; i < bystanders; ++i)
      simulation_.add_host("bystander" + std::to_string(i)).run(entry);
    station_.run(entry);
    auto is_up = [this, bystanders] {
      return station_.is_up() && ap_.sme()->is_up() &&
             ap_.sme()->access_point()->station_count() == static_cast<size_t>(bystanders) + 1;
    };
    if (!simulation_.run_until(is_up, 30s)) std::abort();
    simulation_.run_for(1s);
    ap_.wlan0().on_receive = [this](FrameBuffer frame) { received_octets_ += frame.size(); };
  }

  std::vector<uint8_t> make_ethernet(size_t payload) {
    std::vector<uint8_t> frame(ieee80211::kEthernetHeaderLength + payload);
    ieee80211::EthernetHeader{ap_.wlan0().address(), station_.wlan0().address(),
                              ieee80211::ethertype::kIpv4}
        .store(frame);
    return frame;
  }

  /// Sends a burst, and runs until all of it is through and its time has passed.
  void exchange(std::span<const uint8_t> ethernet, int64_t burst) {
    for (int64_t i = 0; i < burst; ++i)
      station_.wlan0().send(simulation_.world().pool().from(ethernet));
    simulation_.run_for(kFrameTime * burst);
  }

  lab::World& world() { return simulation_.world(); }
  uint64_t received_octets() const { return received_octets_; }

 private:
  // 100,000 frames a second of virtual time, so that beacons and timers have their share.
  static constexpr Duration kFrameTime = 10us;

  lab::Simulation simulation_;
  lab::SimulatedHost& ap_;
  lab::SimulatedHost& station_;
  uint64_t received_octets_ = 0;
};

/// A file that is written in pieces, as a capture's reader does it.
class File final : public capture::ByteSink {
 public:
  File() : file_(std::tmpfile()) {
    if (file_ == nullptr) std::abort();
  }
  ~File() override { std::fclose(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

 private:
  void write(std::span<const uint8_t> octets) override {
    written_ += octets.size();
    if (written_ > kSizeMax) written_ = 0, std::rewind(file_);
    if (std::fwrite(octets.data(), 1, octets.size(), file_) != octets.size()) std::abort();
  }
  static constexpr size_t kSizeMax = 64 << 20;
  std::FILE* file_;
  size_t written_ = 0;
};

struct Setting {
  std::string passphrase;
  int64_t bystanders = 0;
  bool with_capture = false;
};

void measure(benchmark::State& state, const Setting& setting) {
  Network network(setting.passphrase, setting.bystanders);
  File file;
  std::optional<capture::PcapngWriter> writer;
  std::optional<lab::AirRecorder> recorder;
  if (setting.with_capture) recorder.emplace(network.world(), writer.emplace(file, "bench"));
  const auto ethernet = network.make_ethernet(static_cast<size_t>(state.range(0)));
  const int64_t burst = state.range(1);
  for (int i = 0; i < 100; ++i) network.exchange(ethernet, burst);  // pools reach their size

  const uint64_t octets_before = network.received_octets();
  const uint64_t allocations_before = allocation_count();
  for (auto _ : state) network.exchange(ethernet, burst);
  const auto allocations = static_cast<double>(allocation_count() - allocations_before);

  const int64_t frames = state.iterations() * burst;
  const uint64_t octets = network.received_octets() - octets_before;
  if (octets != static_cast<uint64_t>(frames) * ethernet.size()) std::abort();
  state.SetItemsProcessed(frames);
  state.counters["allocations_per_frame"] = allocations / static_cast<double>(frames);
}

void frame_path_ccmp(benchmark::State& state) {
  measure(state, {.passphrase = "correcthorsebattery"});
}
BENCHMARK(frame_path_ccmp)->Args({1500, 1})->Args({1500, 32})->Args({64, 32});

/// With a capture of the air to a file: the frame and its ACK, with their comments.
void frame_path_captured(benchmark::State& state) {
  measure(state, {.passphrase = "correcthorsebattery", .with_capture = true});
}
BENCHMARK(frame_path_captured)->Args({1500, 32})->Args({64, 32});

void frame_path_open(benchmark::State& state) {
  measure(state, {});
}
BENCHMARK(frame_path_open)->Args({1500, 32})->Args({64, 32});

/// The same among so many radios in all that listen to the channel.
void frame_path_among(benchmark::State& state) {
  measure(state, {.bystanders = state.range(2) - 2});
}
BENCHMARK(frame_path_among)->Args({1500, 32, 2})->Args({1500, 32, 1000});

}  // namespace
