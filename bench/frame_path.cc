// The frame path as it is composed for every world: an Ethernet frame handed to a station's netdev
// goes through mac80211, the simulated device and the air to the access point's netdev, with its
// ACK and transmit status. airloom's own station and access point set the network up. One item is
// one frame; sizes are of the payload behind the Ethernet header.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "allocations.h"
#include "ieee80211/ethernet.h"
#include "lab/air_recorder.h"
#include "lab/simulation.h"
#include "platform/shared_slots.h"

namespace {

using namespace airloom;
using namespace std::chrono_literals;

constexpr const char* kSsid = "bench";

/// A station joined to an access point, and the frames that the latter's host has received.
class Network {
 public:
  /// @param bystanders  further stations of the network, which send nothing.
  explicit Network(const std::string& passphrase, int64_t bystanders = 0,
                   const sme::Security& security = {})
      : simulation_(1), ap_(simulation_.add_host("ap")), station_(simulation_.add_host("station")) {
    simulation_.event_log().ignore_frames();
    ap_.run(lab::AccessPointEntry{.ssid = kSsid, .passphrase = passphrase, .security = security});
    const lab::StationEntry entry{
        .ssid = kSsid, .passphrase = passphrase, .scan_mhz = {2412}, .security = security};
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
  Scheduler& scheduler() { return simulation_.queue(); }
  uint64_t received_octets() const { return received_octets_; }

 private:
  // 100,000 frames a second of virtual time, so that beacons and timers have their share.
  static constexpr Duration kFrameTime = 10us;

  lab::Simulation simulation_;
  lab::SimulatedHost& ap_;
  lab::SimulatedHost& station_;
  uint64_t received_octets_ = 0;
};

/// A process that writes what comes to a file, as `airloom capture` does, from shared memory.
class CaptureReader final : public capture::ByteSink {
 public:
  CaptureReader() : slots_(platform::SharedSlots::create().value()) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) != 0) std::abort();
    reader_ = ::fork();
    if (reader_ < 0) std::abort();
    ::close(ends[reader_ == 0 ? 0 : 1]);
    if (reader_ == 0) read_all(ends[1]);
    socket_ = ends[0];
  }
  ~CaptureReader() override {
    ::close(socket_);
    ::waitpid(reader_, nullptr, 0);
  }
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

 private:
  struct Message {
    uint32_t slot, octets;
  };
  std::span<uint8_t> open(size_t) override {
    while (!(slot_ = slots_.take())) std::this_thread::sleep_for(50us);
    return slots_.room(*slot_);
  }
  void commit(size_t octets, size_t) override {
    const Message message{*slot_, static_cast<uint32_t>(octets)};
    if (::send(socket_, &message, sizeof message, 0) < 0) std::abort();
  }
  [[noreturn]] void read_all(int socket) {
    std::FILE* file = std::tmpfile();
    size_t written = 0;
    for (Message message{}; ::recv(socket, &message, sizeof message, 0) > 0;) {
      const auto octets = slots_.look(message.slot, message.octets).value();
      written += octets.size();
      if (written > kSizeMax) written = 0, ::lseek(::fileno(file), 0, SEEK_SET);
      if (::write(::fileno(file), octets.data(), octets.size()) < 0) std::abort();
      slots_.release(message.slot);
    }
    std::_Exit(0);
  }

  static constexpr size_t kSizeMax = 64 << 20;
  platform::SharedSlots slots_;
  std::optional<uint32_t> slot_;  // that is being filled
  pid_t reader_ = -1;
  int socket_ = -1;
};

struct Setting {
  std::string passphrase;
  int64_t bystanders = 0;
  bool with_capture = false;
  sme::Security security{};
};

void measure(benchmark::State& state, const Setting& setting) {
  Network network(setting.passphrase, setting.bystanders, setting.security);
  std::optional<CaptureReader> reader;
  std::optional<capture::PcapngWriter> writer;
  std::optional<lab::AirRecorder> recorder;
  if (setting.with_capture)
    recorder.emplace(network.world(),
                     writer.emplace(network.scheduler(), reader.emplace(), "bench"));
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

void frame_path_gcmp(benchmark::State& state) {
  measure(state, {.passphrase = "correcthorsebattery",
                  .security = {.pairwise = {ieee80211::cipher::kGcmp128}}});
}
BENCHMARK(frame_path_gcmp)->Args({1500, 1})->Args({1500, 32})->Args({64, 32});

/// With a capture of the air, which another process writes to a file: the frame and its ACK, with
/// their comments.
void frame_path_captured(benchmark::State& state) {
  measure(state, {.passphrase = "correcthorsebattery", .with_capture = true});
}
BENCHMARK(frame_path_captured)->Args({1500, 1})->Args({1500, 32})->Args({64, 32});

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
