// Requests of many radios, from the client's datagram to its answer, without system calls: radios
// made by MAC80211_HWSIM's NEW_RADIO, and nl80211's split dump of all wiphys.
#include <benchmark/benchmark.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hwsimnl/uapi.h"
#include "lab/simulation.h"
#include "netlink/client.h"

namespace {

using namespace airloom;

/// A host without radios, and a program on it that counts what it is sent.
class Program final : private genl::ClientSink {
 public:
  Program()
      : simulation_(1),
        netdevs_(simulation_.queue()),
        host_(**simulation_.world().add_host("host", netdevs_)),
        client_(host_.bus().open(*this, 0, {.net_admin = true, .pid = 1})) {
    host_.bus().set_receive_buffer(client_, size_t{64} << 20);
    host_.bus().set_receive_size(client_, 32768);
  }
  ~Program() override {
    host_.bus().close(client_);
    simulation_.world().remove_host("host");
  }

  void make_radios(int64_t count) {
    const uint16_t hwsim = host_.bus().find_family(hwsimnl::kFamilyName)->id;
    for (int64_t i = 0; i < count; ++i)
      ask(netlink::make_request(hwsim, hwsimnl::HWSIM_CMD_NEW_RADIO, ++sequence_));
    if (host_.all_radios().size() < static_cast<size_t>(count)) std::abort();
  }

  void dump_wiphys() {
    const uint16_t nl80211 = host_.bus().find_family(NL80211_GENL_NAME)->id;
    done_ = false;
    auto request = netlink::make_dump_request(nl80211, NL80211_CMD_GET_WIPHY, ++sequence_);
    ask(std::move(request.flag(NL80211_ATTR_SPLIT_WIPHY_DUMP)));
    while (!done_) host_.bus().drain(client_);
  }

  uint64_t messages = 0, octets = 0;

 private:
  void ask(netlink::MessageWriter&& request) {
    host_.bus().request(client_, std::move(request).finish());
  }
  bool deliver(std::span<const uint8_t> datagram, uint32_t) override {
    octets += datagram.size();
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      ++messages;
      done_ = done_ || message->header.type == NLMSG_DONE;
    }
    return true;
  }
  void overrun() override { std::abort(); }

  lab::Simulation simulation_;
  lab::MemoryNetdevFactory netdevs_;
  lab::WorldHost& host_;
  genl::ClientId client_;
  uint32_t sequence_ = 0;
  bool done_ = false;
};

/// One item is a radio with its wiphy and wlanN.
void new_radio(benchmark::State& state) {
  size_t octets = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto program = std::make_unique<Program>();
    program->make_radios(2);
    const size_t before = mallinfo2().uordblks;
    state.ResumeTiming();
    program->make_radios(state.range(0));
    state.PauseTiming();
    octets = mallinfo2().uordblks - before;
    program.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["octets_per_radio"] =
      static_cast<double>(octets) / static_cast<double>(state.range(0));
}
BENCHMARK(new_radio)->Arg(100)->Arg(1000)->Arg(3000);

/// One item is a dump of all.
void get_wiphy(benchmark::State& state) {
  Program program;
  program.make_radios(state.range(0));
  program.messages = 0;
  for (auto _ : state) program.dump_wiphys();
  state.SetItemsProcessed(state.iterations());
  state.counters["messages"] =
      static_cast<double>(program.messages) / static_cast<double>(state.iterations());
}
BENCHMARK(get_wiphy)->Arg(2)->Arg(102)->Arg(1002);

}  // namespace
