#include "lab/air_recorder.h"

#include <fmt/format.h>

namespace airloom::lab {
namespace {

ieee80211::Rate to_rate(const medium::Rate& rate) {
  ieee80211::Rate out;
  switch (rate.kind) {
    case medium::Rate::Kind::kLegacy:
      out.kind = ieee80211::RateKind::kLegacy;
      break;
    case medium::Rate::Kind::kHt:
      out.kind = ieee80211::RateKind::kHt;
      break;
    case medium::Rate::Kind::kVht:
      out.kind = ieee80211::RateKind::kVht;
      break;
    case medium::Rate::Kind::kHe:
    case medium::Rate::Kind::kEht:
      out.kind = ieee80211::RateKind::kHe;
      break;
  }
  out.legacy_100kbps = static_cast<uint16_t>(rate.kbps / 100);
  out.mcs = rate.mcs;
  out.nss = rate.nss;
  out.width_mhz = rate.width_mhz;
  out.short_gi = rate.short_gi;
  return out;
}

std::string heard_by(const World& world, std::span<const medium::Observer::Decoder> decoders) {
  std::string text = "heard by";
  for (const auto& decoder : decoders)
    text += fmt::format(" {} ({} dBm)", world.radio_name(decoder.receiver), decoder.signal_dbm);
  return decoders.empty() ? "heard by nobody" : text;
}

}  // namespace

AirRecorder::AirRecorder(World& world, capture::PcapngWriter& writer)
    : world_(world), capture_(writer, world.ports().wall_clock_offset) {
  world_.medium().add_observer(*this);
}

AirRecorder::~AirRecorder() {
  world_.medium().remove_observer(*this);
}

capture::AirCapture::InterfaceId AirRecorder::interface_of(medium::ReceiverId radio) {
  const auto known = interfaces_.find(radio);
  if (known != interfaces_.end()) return known->second;
  const auto id = capture_.add_interface(world_.radio_name(radio));
  interfaces_.emplace(radio, id);
  return id;
}

void AirRecorder::on_end(const medium::Transmission& transmission,
                         std::span<const Decoder> decoders) {
  capture::FrameMeta meta;
  meta.mhz = transmission.channel.primary_khz / 1000;
  meta.rate = to_rate(transmission.rate);
  meta.short_preamble = transmission.rate.short_preamble;
  meta.tx_power_dbm = static_cast<int8_t>(transmission.power_dbm);
  meta.comment = heard_by(world_, decoders);
  capture_.on_frame(interface_of(transmission.sender), transmission.begin, meta,
                    transmission.frame.octets());
}

}  // namespace airloom::lab
