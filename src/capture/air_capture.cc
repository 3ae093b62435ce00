#include "capture/air_capture.h"

#include "ieee80211/radiotap_rate.h"

namespace airloom::capture {

ieee80211::RadiotapHeader to_radiotap(const FrameMeta& meta, uint64_t tsf_us) {
  ieee80211::RadiotapHeader header;
  header.tsft_us = tsf_us;
  header.flags = meta.short_preamble ? ieee80211::radiotap_flag::kShortPreamble : uint8_t{0};
  if (meta.rate) set_rate(header, *meta.rate);
  if (meta.mhz != 0)
    header.channel = ieee80211::radiotap_channel_field(static_cast<uint16_t>(meta.mhz), meta.rate);
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
