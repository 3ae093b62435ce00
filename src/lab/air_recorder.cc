#include "lab/air_recorder.h"

#include <fmt/format.h>

#include <algorithm>

#include "hwsim/rate_map.h"
#include "ieee80211/mac_header.h"

namespace airloom::lab {

using ieee80211::FrameView;

AirRecorder::AirRecorder(World& world, capture::PcapngWriter& writer, AirSelection selection)
    : world_(world),
      selection_(std::move(selection)),
      capture_(writer, world.ports().wall_clock_offset) {
  world_.medium().add_observer(*this);
  world_.add_drop_observer(*this);
}

AirRecorder::~AirRecorder() {
  world_.remove_drop_observer(*this);
  world_.medium().remove_observer(*this);
}

void AirRecorder::on_drop(medium::ReceiverId radio, mac80211::Drop reason) {
  if (mac80211::is_receive_drop(reason)) drops_.emplace_back(radio, reason);
}

capture::AirCapture::InterfaceId AirRecorder::interface_of(medium::ReceiverId radio) {
  const auto known = interfaces_.find(radio);
  if (known != interfaces_.end()) return known->second;
  const auto id = capture_.add_interface(world_.radio_name(radio));
  interfaces_.emplace(radio, id);
  return id;
}

bool AirRecorder::is_selected(medium::ReceiverId radio) const {
  const std::string name = world_.radio_name(radio);
  const size_t slash = std::min(name.find('/'), name.size());
  if (!selection_.host.empty() && name.substr(0, slash) != selection_.host) return false;
  return selection_.radio.empty() || name == selection_.radio ||
         (slash < name.size() && name.substr(slash + 1) == selection_.radio);
}

bool AirRecorder::is_selected(const medium::Transmission& transmission,
                              std::span<const Decoder> decoders) const {
  if (selection_.host.empty() && selection_.radio.empty()) return true;
  return is_selected(transmission.sender) ||
         std::any_of(decoders.begin(), decoders.end(),
                     [&](const Decoder& decoder) { return is_selected(decoder.receiver); });
}

/// How often a frame went out before, by its Retry bit and sequence number.
uint8_t AirRecorder::count_retries(const medium::Transmission& transmission) {
  const auto view = FrameView::of(transmission.frame.octets());
  if (!view || view->fc().is_control()) return 0;
  Last& last = last_[transmission.sender];
  const Last now{view->sequence().bits, view->address1(), 0};
  const bool again = view->fc().retry() && last.sequence == now.sequence &&
                     last.receiver == now.receiver;
  const uint8_t retries = again ? static_cast<uint8_t>(last.retries + 1) : uint8_t{0};
  last = now;
  last.retries = retries;
  return retries;
}

std::string AirRecorder::describe(std::span<const Decoder> decoders, uint8_t retries) const {
  std::string text = decoders.empty() ? "heard by nobody" : "heard by";
  for (const Decoder& decoder : decoders) {
    text += fmt::format(" {} ({} dBm, SNR {} dB)", world_.radio_name(decoder.receiver),
                        decoder.signal_dbm, decoder.signal_dbm - hwsim::Device::kNoiseDbm);
  }
  for (const auto& [radio, reason] : drops_) {
    const auto is_it = [&](const Decoder& decoder) { return decoder.receiver == radio; };
    if (std::none_of(decoders.begin(), decoders.end(), is_it)) continue;  // an older frame's
    text += fmt::format("; {} dropped it: {}", world_.radio_name(radio), to_string(reason));
  }
  if (retries > 0) text += fmt::format("; retry {}", retries);
  return text;
}

void AirRecorder::on_end(const medium::Transmission& transmission,
                         std::span<const Decoder> decoders) {
  const uint8_t retries = count_retries(transmission);
  if (is_selected(transmission, decoders)) {
    capture::FrameMeta meta;
    meta.mhz = transmission.channel.primary_khz / 1000;
    meta.rate = cfg80211::to_rate(hwsim::from_medium(transmission.rate));
    meta.short_preamble = transmission.rate.short_preamble;
    meta.tx_power_dbm = static_cast<int8_t>(transmission.power_dbm);
    if (retries > 0) meta.retries = retries;
    meta.comment = describe(decoders, retries);
    capture_.on_frame(interface_of(transmission.sender), transmission.begin, meta,
                      transmission.frame.octets());
  }
  drops_.clear();
}

}  // namespace airloom::lab
