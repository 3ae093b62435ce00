// Generic netlink requests, as any program may send them, to a host with one radio: of nl80211, of
// MAC80211_HWSIM and of nlctrl. The first octet says whether wlan0 is up and whether the rest is
// one datagram, as it is, or a list of requests: command, what to add and which family, length,
// attributes. Those are octets as they are, or what the family's policies make of them. Each
// request is answered once.
#include <linux/nl80211.h>

#include <string_view>

#include "grammar.h"
#include "lab/simulation.h"
#include "law.h"
#include "netlink/client.h"

namespace airloom::fuzz {
namespace {

constexpr uint8_t kBringUp = 1, kDatagram = 2;  // of the first octet
constexpr uint8_t kDump = 1, kNameInterface = 2, kNameWiphy = 4, kByPolicy = 8;  // of a request
constexpr unsigned kFamilyShift = 4;  // the bits above choose the family
constexpr std::string_view kFamilies[] = {"nl80211", "MAC80211_HWSIM", "nlctrl"};
constexpr size_t kRequestsMax = 64;  // of an input: so many make no crowd of radios

/// A program that reads all that it is sent, and counts the answers to its last request.
class Program final : public genl::ClientSink {
 public:
  Program(lab::Simulation& simulation, lab::SimulatedHost& host)
      : simulation_(simulation),
        ifindex_(host.wlan0().ifindex()),
        bus_(host.host().bus()),
        id_(bus_.open(*this, 0)) {
    bus_.set_option(id_, genl::ClientOption::kExtAck, true);
    const uint32_t groups = 16;  // no fewer than nl80211 has
    for (uint32_t i = 0; i < groups; ++i) (void)bus_.join(id_, genl::Bus::kFirstGroup + i);
  }
  ~Program() override { bus_.close(id_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(std::span<const uint8_t> datagram) {
    bus_.request(id_, datagram);
    for (int i = 0; i < kDumpMax; ++i) bus_.drain(id_);
    simulation_.run_for(std::chrono::milliseconds(200));
  }

  /// Takes one request off the input and sends it.
  void send_next(Reader& input) {
    const auto command = input.u8(), what = input.u8(), length = input.u8();
    if (!command || !what || !length) return;  // and nothing is left
    const auto attributes = input.take(std::min<size_t>(*length, input.remaining()));
    const auto family =
        *bus_.find_family(kFamilies[(*what >> kFamilyShift) % std::size(kFamilies)]);
    const auto operations = family.family->info().operations;
    const genl::Operation& operation = operations[*command % operations.size()];
    const uint8_t wanted = *what & kByPolicy ? operation.command : *command;
    auto message = *what & kDump ? netlink::make_dump_request(family.id, wanted, ++sequence_)
                                 : netlink::make_request(family.id, wanted, ++sequence_);
    if (*what & kNameInterface) message.u32(NL80211_ATTR_IFINDEX, ifindex_);
    if (*what & kNameWiphy) message.u32(NL80211_ATTR_WIPHY, 0);
    if (*what & kByPolicy && operation.policy != nullptr) {
      Reader choices(*attributes);
      Grammar(choices, message).put(*operation.policy, kAttributesMax);
    } else {
      message.raw(*attributes);
    }
    answers_ = 0;
    send(std::move(message).finish());
    expect(answers_ == 1, "a request is answered once");
  }

 private:
  static constexpr int kDumpMax = 64;  // datagrams
  static constexpr size_t kAttributesMax = 16;

  bool deliver(std::span<const uint8_t> datagram, uint32_t) override {
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      if (message->header.sequence != sequence_) continue;
      const auto outcome = netlink::parse_outcome(*message);
      expect(outcome.has_value(), "an answer is well formed");
      if (*outcome) ++answers_;
    }
    return true;
  }
  void overrun() override {}

  lab::Simulation& simulation_;
  uint32_t ifindex_;
  genl::Bus& bus_;
  genl::ClientId id_;
  uint32_t sequence_ = 0;
  int answers_ = 0;
};

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  if (size == 0 || size > 4096) return 0;
  lab::Simulation simulation(1);
  lab::SimulatedHost& host = simulation.add_host("host");
  if (data[0] & fuzz::kBringUp) (void)host.wlan0().set_up(true);
  fuzz::Program program(simulation, host);
  Reader input(std::span(data + 1, size - 1));
  if (data[0] & fuzz::kDatagram) {
    program.send(input.rest());
    return 0;
  }
  for (size_t i = 0; i < fuzz::kRequestsMax && !input.at_end(); ++i) program.send_next(input);
  return 0;
}
