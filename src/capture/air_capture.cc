#include "capture/air_capture.h"

namespace airloom::capture {
namespace {

using ieee80211::HeGuardInterval;
using ieee80211::RadiotapChannel;
using ieee80211::RadiotapHe;
using ieee80211::RadiotapHeader;
using ieee80211::RadiotapMcs;
using ieee80211::RadiotapVht;
using ieee80211::Rate;
using ieee80211::RateKind;

RadiotapChannel channel_field(const FrameMeta& meta) {
  namespace flag = ieee80211::radiotap_channel;
  const bool is_2ghz = meta.mhz < 3000;
  const bool is_cck =
      is_2ghz && (!meta.rate || (meta.rate->kind == RateKind::kLegacy &&
                                 ieee80211::is_dsss_rate(meta.rate->legacy_100kbps)));
  return {static_cast<uint16_t>(meta.mhz),
          static_cast<uint16_t>((is_2ghz ? flag::k2GHz : flag::k5GHz) |
                                (is_cck ? flag::kCck : flag::kOfdm))};
}

RadiotapMcs mcs_field(const Rate& rate) {
  return {.known = RadiotapMcs::kKnowsBandwidth | RadiotapMcs::kKnowsMcs | RadiotapMcs::kKnowsGi,
          .flags = static_cast<uint8_t>((rate.width_mhz == 40 ? RadiotapMcs::kWidth40 : 0) |
                                        (rate.short_gi ? RadiotapMcs::kShortGi : 0)),
          .mcs = rate.mcs};
}

RadiotapVht vht_field(const Rate& rate) {
  const auto bandwidth = [&]() -> uint8_t {
    switch (rate.width_mhz) {
      case 40:
        return 1;
      case 80:
        return 4;
      case 160:
        return 11;
      default:
        return 0;
    }
  };
  RadiotapVht vht{.known = RadiotapVht::kKnowsGi | RadiotapVht::kKnowsBandwidth,
                  .flags = rate.short_gi ? RadiotapVht::kShortGi : uint8_t{0},
                  .bandwidth = bandwidth()};
  vht.mcs_nss[0] = static_cast<uint8_t>(rate.mcs << 4 | (rate.nss & 0xf));
  return vht;
}

RadiotapHe he_field(const Rate& rate) {
  const auto bandwidth = [&]() -> uint16_t {
    switch (rate.width_mhz) {
      case 40:
        return 1;
      case 80:
        return 2;
      case 160:
        return 3;
      default:
        return 0;
    }
  };
  RadiotapHe he;  // the format bits stay 0: a single-user frame
  he.data[0] = RadiotapHe::kKnowsMcs | RadiotapHe::kKnowsDcm | RadiotapHe::kKnowsBandwidth;
  he.data[1] = RadiotapHe::kKnowsGi;
  he.data[2] = static_cast<uint16_t>((rate.mcs & 0xf) << 8 | (rate.he_dcm ? 0x1000 : 0));
  he.data[4] = static_cast<uint16_t>(bandwidth() | static_cast<unsigned>(rate.he_gi) << 4);
  he.data[5] = rate.nss & 0xf;
  return he;
}

void set_rate(RadiotapHeader& header, const Rate& rate) {
  switch (rate.kind) {
    case RateKind::kLegacy:
      header.rate_500kbps = ieee80211::to_500kbps(rate.legacy_100kbps);
      break;
    case RateKind::kHt:
      header.mcs = mcs_field(rate);
      break;
    case RateKind::kVht:
      header.vht = vht_field(rate);
      break;
    case RateKind::kHe:
      header.he = he_field(rate);
      break;
  }
}

}  // namespace

RadiotapHeader to_radiotap(const FrameMeta& meta, uint64_t tsf_us) {
  RadiotapHeader header;
  header.tsft_us = tsf_us;
  header.flags = meta.short_preamble ? ieee80211::radiotap_flag::kShortPreamble : uint8_t{0};
  if (meta.rate) set_rate(header, *meta.rate);
  if (meta.mhz != 0) header.channel = channel_field(meta);
  header.signal_dbm = meta.signal_dbm;
  header.tx_power_dbm = meta.tx_power_dbm;
  header.data_retries = meta.retries;
  return header;
}

AirCapture::AirCapture(PcapngWriter& writer, Duration epoch_of_world)
    : writer_(writer), epoch_of_world_(epoch_of_world) {}

AirCapture::InterfaceId AirCapture::add_interface(std::string_view name) {
  return writer_.add_interface(name, LinkType::kIeee80211Radiotap);
}

void AirCapture::on_frame(InterfaceId id, TimePoint at, const FrameMeta& meta,
                          std::span<const uint8_t> frame) {
  radiotap_.clear();
  Writer writer(radiotap_);
  to_radiotap(meta, at.us()).emit(writer);
  const auto time_ns = static_cast<uint64_t>((epoch_of_world_ + at.since_epoch).count());
  writer_.write_packet(id, time_ns, radiotap_, frame, meta.comment);
  ++frames_;
}

}  // namespace airloom::capture
