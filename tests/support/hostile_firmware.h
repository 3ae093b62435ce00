// A host with a FullMAC driver whose firmware is a script: after it is up, the script decides what
// its answers are. For tests of the driver's distrust.
#pragma once

#include <string>

#include "base/event_queue.h"
#include "bytes/reader.h"
#include "cfg80211/commands.h"
#include "cfg80211/host.h"
#include "fullmac/capabilities.h"
#include "fullmac/driver.h"
#include "support/event_recorder.h"
#include "support/memory_netdev.h"

namespace airloom::fullmac {

class HostileFirmware final : public FirmwareEnd {
 public:
  /// How an answer begins, as the script's next octet says.
  enum Manner : uint8_t {
    kHonest,  ///< success, and nothing else
    kEcho,    ///< a right header, then what the script holds
    kRaw,     ///< what the script holds
    kDead,    ///< nothing
    kManners,
  };

  explicit HostileFirmware(Octets script) {
    host.set_event_sink(events);
    if (!driver.start()) return;
    cfg80211::Capabilities radio;
    radio.bands = {{.band = ieee80211::Band::k2GHz, .channels = {{.mhz = 2412}}, .rates = {{10}}}};
    radio.cipher_suites = {0x000fac04, 0x000fac06};
    radio.max_remain_on_channel_ms = 1000;
    radio.offchannel_tx = true;
    radio.max_scan_ssids = 4;
    wiphy = &host.add_wiphy(
        {.capabilities = make_capabilities(radio), .addresses = {{{2, 0, 0, 0, 1, 0}}}}, driver);
    wdev = *wiphy->add_interface({.name = "wlan0", .type = cfg80211::InterfaceType::kStation});
    (void)netdevs["wlan0"].up();
    script_ = std::move(script);
  }
  ~HostileFirmware() override { host.clear_event_sink(); }

  Octets request(std::span<const uint8_t> message) override {
    Reader asked(message);
    auto header = *Header::parse(asked);
    header.kind = Kind::kConfirmation;
    Octets answer;
    Writer writer(answer);
    const uint8_t manner = take() % kManners;
    if (manner == kDead) return {};
    if (manner != kRaw) header.emit(writer);
    if (manner == kHonest) {
      writer.u8(0);
      const bool greeting = header.code == static_cast<uint16_t>(Request::kHello);
      if (greeting) writer.u8(kVersion).le16(8);
      return answer;
    }
    const size_t size = std::min<size_t>(script_.size() - at_, 40);
    for (size_t i = 0; i < size; ++i) writer.u8(take());
    return answer;
  }
  void send(std::span<FrameBuffer>) override {}

  /// The firmware sends these octets.
  void hear(const Octets& message) {
    driver.on_message(pool.from(message));
    queue.run_for({});
  }
  void hear_event(uint16_t code, const Octets& payload) {
    Octets message;
    Writer writer(message);
    Header{.kind = Kind::kEvent, .code = code, .interface = 1}.emit(writer);
    writer.bytes(payload);
    hear(message);
  }

  /// Each thing that a program may ask for; who cares what the answer is.
  void use_everything() {
    using namespace cfg80211;
    const MacAddress peer{{2, 0, 0, 0, 9, 9}};
    const Octets ssid{'n', 'e', 't'};
    Wdev& on = *wdev;
    (void)trigger_scan(on, {});
    (void)cfg80211::abort_scan(on);
    (void)start_sched_scan(on, {.plans = {{.interval_s = 1}}});
    (void)cfg80211::stop_sched_scan(*wiphy, {}, 7);
    (void)cfg80211::connect(on, {.ssid = ssid}, 7);
    (void)new_key(on, {.pairwise = true, .peer = peer}, {.key = Octets(16), .cipher = 0x000fac04});
    (void)cfg80211::get_key(on, {});
    (void)get_station(on, peer);
    for (size_t i = 0; dump_station(on, i) && i < 20; ++i) continue;
    for (size_t i = 0; wiphy->ops().dump_survey(on, i) && i < 20; ++i) continue;
    (void)wiphy->ops().get_channel(on, 0);
    (void)wiphy->ops().get_tx_power_dbm(*wiphy, on);
    (void)cfg80211::set_cqm(on, {.rssi_thresholds_dbm = {-60}});
    (void)register_frame(on, {.port = 7, .frame_type = 0xd0});
    (void)cfg80211::remain_on_channel(
        on, ChannelDefinition::from_type(2412, ieee80211::ChannelType::kNoHt), 100);
    (void)send_control_port_frame(on, {.destination = peer, .ethertype = 0x888e});
    netdevs["wlan0"].send(pool.from(Octets(60)));
    (void)cfg80211::disconnect(on, 3, 7);
    netdevs["wlan0"].down();
    (void)wiphy->change_interface(on, {.type = InterfaceType::kAp});
    (void)netdevs["wlan0"].up();
    netdevs["wlan0"].down();
    (void)wiphy->change_interface(on, {.type = InterfaceType::kStation});
    (void)netdevs["wlan0"].up();
    queue.run_for({});
  }

 private:
  /// The script's next octet; honest when it is over.
  uint8_t take() { return at_ < script_.size() ? script_[at_++] : uint8_t{0}; }

  Octets script_;  // the host asks until it is gone
  size_t at_ = 0;

 public:
  FramePool pool;
  EventQueue queue;
  test::MemoryNetdevs netdevs;
  test::EventRecorder events;
  Driver driver{*this, {}};
  cfg80211::Host host{"host", {.scheduler = &queue, .netdevs = &netdevs}, {}};
  cfg80211::Wiphy* wiphy = nullptr;
  cfg80211::Wdev* wdev = nullptr;
};

}  // namespace airloom::fullmac
