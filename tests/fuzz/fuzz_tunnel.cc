// Datagrams of a hostile peer: the parsers' laws, and both ends of a tunnel with a session between
// them, to which each datagram of the input comes as the peer's and as a stranger's.
#include "base/event_queue.h"
#include "law.h"
#include "tunnel/ac.h"
#include "tunnel/wtp.h"

namespace {

using namespace airloom;
using namespace airloom::tunnel;

constexpr uint64_t kPeer = 2, kStranger = 9;

class Ends final : public Ac::Owner, public AcWire, public WtpWire, public RadioPort {
 public:
  Ends() {
    ac.start();
    queue.run_until([&] { return ac.is_joined(); }, std::chrono::seconds(10));
    fuzz::expect(ac.is_joined(), "the ends find each other");
    ac.set_rules({.on = true, .filter = {.all = true}, .addresses = {}});
  }
  void on_input(std::span<const uint8_t> datagram) {
    for (const Channel channel : {Channel::kControl, Channel::kData}) {
      ac.on_datagram(channel, datagram);
      for (const uint64_t peer : {kPeer, kStranger})
        wtp.on_datagram(channel, {.id = peer + static_cast<uint64_t>(channel), .host = peer},
                        datagram);
    }
    wtp.on_radio(datagram);
    queue.run_for(std::chrono::milliseconds(30));
  }

 private:
  void open() override {
    queue.post([this] { ac.on_open(); });
  }
  void send(Channel channel, std::span<const uint8_t> datagram) override {
    queue.post([this, channel, octets = Octets(datagram.begin(), datagram.end())] {
      wtp.on_datagram(channel, {.id = kPeer + static_cast<uint64_t>(channel), .host = kPeer},
                      octets);
    });
  }
  void send(Channel channel, uint64_t, std::span<const uint8_t> datagram) override {
    fuzz::expect(datagram.size() <= datagram_max(), "a datagram is no longer than it may be");
    queue.post([this, channel, octets = Octets(datagram.begin(), datagram.end())] {
      ac.on_datagram(channel, octets);
    });
  }
  size_t datagram_max() const override { return kDatagramMaxLeast; }

  void on_joined(const RadioDescription&) override {}
  void on_lost() override {}
  void on_frame(const RxInfo&, FrameBuffer frame) override {
    fuzz::expect(!frame.empty(), "a frame has octets");
  }
  void on_reports(std::span<const TxReport>) override {}
  void on_tsf(uint64_t) override {}

  RadioDescription describe() const override { return {}; }
  bool inject(std::span<const uint8_t> frame) override { return frame.size() % 2 == 0; }
  Result<void> set_channel(const mac80211::ChannelDefinition& channel) override {
    fuzz::expect(channel.is_valid(), "a channel that is set is one");
    return {};
  }
  void set_addresses(std::span<const MacAddress>) override {}

  EventQueue queue;
  SeededRng rng{1};
  FramePool pool;
  Wtp wtp{{.scheduler = &queue, .pool = &pool, .wire = this, .radio = this, .log = {}}};
  Ac ac{{.scheduler = &queue, .rng = &rng, .pool = &pool, .wire = this, .log = {}}, *this};
};

void check_laws(std::span<const uint8_t> octets) {
  fuzz::expect_round_trip<ControlMessage>(octets);
  fuzz::expect_round_trip<RxInfo>(octets);
  fuzz::expect_round_trip<TxInfo>(octets);
  Reader reader(octets);
  const auto header = CapwapHeader::parse(reader);
  if (!header || header->wireless.size() > 107) return;
  const Octets emitted = fuzz::emitted(*header);
  Reader again(emitted);
  const auto parsed = CapwapHeader::parse(again);
  fuzz::expect(parsed && fuzz::emitted(*parsed) == emitted, "a header comes back");
}

}  // namespace

/// An octet of length before each datagram.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check_laws(std::span(data, size));
  Ends ends;
  Reader reader(std::span(data, size));
  while (!reader.at_end()) {
    const size_t length = std::min<size_t>(*reader.u8(), reader.remaining());
    ends.on_input(*reader.take(length));
  }
  return 0;
}
