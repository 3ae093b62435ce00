#include "capture/air_capture.h"

#include "ieee80211/radiotap_rate.h"

namespace airloom::capture {

namespace {

constexpr size_t kTsftAt = 8;  // the first field behind version, length and one presence word
constexpr size_t kAmpduOctets = 8;

size_t find_ampdu(ieee80211::RadiotapHeader header) {
  header.vht.reset();  // what stands behind it
  header.timestamp.reset();
  header.he.reset();
  Octets octets;
  Writer writer(octets);
  header.emit(writer);
  return octets.size() - kAmpduOctets;
}

template <typename Value>
void put_le(Octets& octets, size_t at, Value value) {
  for (size_t i = 0; i < sizeof(value); ++i) octets[at + i] = static_cast<uint8_t>(value >> 8 * i);
}

}  // namespace

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
  header.ampdu = meta.ampdu;
  return header;
}

Caption::Caption(PcapngWriter::InterfaceId interface, const FrameMeta& meta, std::string comment)
    : interface(interface), comment(std::move(comment)) {
  const ieee80211::RadiotapHeader header = to_radiotap(meta, 0);
  Writer writer(radiotap_);
  header.emit(writer);
  if (header.ampdu) ampdu_at_ = find_ampdu(header);
}

AirCapture::AirCapture(PcapngWriter& writer, Duration epoch_of_world)
    : writer_(writer), epoch_of_world_(epoch_of_world) {}

AirCapture::InterfaceId AirCapture::add_interface(std::string_view name) {
  return writer_.add_interface(name, LinkType::kIeee80211Radiotap);
}

void AirCapture::on_frame(Caption& caption, TimePoint at, std::span<const uint8_t> frame,
                          uint32_t ampdu_reference) {
  put_le(caption.radiotap_, kTsftAt, static_cast<uint64_t>(at.us()));
  if (caption.ampdu_at_ != 0) put_le(caption.radiotap_, caption.ampdu_at_, ampdu_reference);
  const auto time_ns = static_cast<uint64_t>((epoch_of_world_ + at.since_epoch).count());
  writer_.write_packet(caption.interface, time_ns, caption.radiotap_, frame, caption.comment);
  ++frames_;
}

}  // namespace airloom::capture
