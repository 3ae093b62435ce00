#include "lab/air_monitor.h"

#include <algorithm>

#include "ieee80211/frame_control.h"
#include "ieee80211/radiotap.h"
#include "ieee80211/rates.h"

namespace airloom::lab {

namespace {

namespace bits = ieee80211::radiotap_channel;

// 12:00:00:00:00:00, the address that Linux gives it.
constexpr MacAddress kAddress{{0x12, 0, 0, 0, 0, 0}};

/// As mac80211_hwsim writes it: an ACK has no rate and no time.
/// DEVIATES: a channel says its band; Linux calls every one 2.4 GHz.
ieee80211::RadiotapHeader make_header(const medium::Transmission& transmission, uint64_t tsft_us) {
  ieee80211::RadiotapHeader header;
  header.flags = uint8_t{0};
  const auto mhz = static_cast<uint16_t>(transmission.channel.primary_khz / 1000);
  uint16_t channel = ieee80211::band_of(mhz) == ieee80211::Band::k2GHz ? bits::k2GHz : bits::k5GHz;
  const auto octets = transmission.frame.octets();
  const bool is_ack =
      !octets.empty() && octets[0] == static_cast<uint8_t>(ieee80211::Subtype::kAck);
  if (!is_ack) {
    header.tsft_us = tsft_us;
    const bool legacy = transmission.rate.kind == medium::Rate::Kind::kLegacy;
    const auto rate = static_cast<uint16_t>(transmission.rate.kbps / 100);
    header.rate_500kbps = legacy ? static_cast<uint8_t>(rate / 5) : uint8_t{0};
    channel |= legacy && ieee80211::is_dsss_rate(rate) ? bits::kCck : bits::kOfdm;
  }
  header.channel = ieee80211::RadiotapChannel{mhz, channel};
  return header;
}

}  // namespace

Result<std::unique_ptr<AirMonitor>> AirMonitor::create(World& world,
                                                       cfg80211::NetdevFactory& netdevs) {
  std::unique_ptr<AirMonitor> monitor(new AirMonitor(world));
  cfg80211::NetdevSpec spec;
  spec.name = "hwsim%d";
  spec.address = kAddress;
  spec.link_layer = cfg80211::LinkLayer::kRadiotap;
  monitor->netdev_ = TRY(netdevs.create(spec, *monitor));
  monitor->netdev_->set_carrier(true);
  return monitor;
}

AirMonitor::~AirMonitor() {
  on_down();
}

Result<void> AirMonitor::on_up() {
  if (!std::exchange(listening_, true)) world_.medium().add_observer(*this);
  return {};
}

void AirMonitor::on_down() {
  if (std::exchange(listening_, false)) world_.medium().remove_observer(*this);
}

void AirMonitor::on_begin(const medium::Transmission& transmission) {
  const Duration wall = transmission.begin.since_epoch + world_.ports().wall_clock_offset;
  Octets header;
  Writer writer(header);
  make_header(transmission, static_cast<uint64_t>(wall.count() / 1000)).emit(writer);
  const auto frame = transmission.frame.octets();
  FrameBuffer seen = world_.pool().allocate(header.size() + frame.size());
  const std::span<uint8_t> out = seen.writable();
  std::copy(header.begin(), header.end(), out.begin());
  std::copy(frame.begin(), frame.end(), out.begin() + static_cast<std::ptrdiff_t>(header.size()));
  netdev_->receive(std::move(seen));
}

}  // namespace airloom::lab
