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
void AirRecorder::count_retries(Sender& sender, const medium::Transmission& transmission) {
  const auto view = FrameView::of(transmission.frame.octets());
  const bool counts = view && !view->fc().is_control();
  const bool again = counts && view->fc().retry() && sender.sequence == view->sequence().bits &&
                     sender.receiver == view->address1();
  sender.retries = again ? static_cast<uint8_t>(sender.retries + 1) : uint8_t{0};
  if (!counts) return;
  sender.sequence = view->sequence().bits;
  sender.receiver = view->address1();
}

/// Fills in the comment of the frame in hand.
void AirRecorder::describe(Sender& sender, std::span<const Decoder> decoders) {
  const auto alike = [](const Decoder& a, const Decoder& b) {
    return a.receiver == b.receiver && a.signal_dbm == b.signal_dbm;
  };
  if (sender.heard_by.empty() || !std::ranges::equal(sender.decoders, decoders, alike)) {
    sender.decoders.assign(decoders.begin(), decoders.end());
    sender.heard_by = decoders.empty() ? "heard by nobody" : "heard by";
    for (const Decoder& decoder : decoders)
      sender.heard_by +=
          fmt::format(" {} ({} dBm, SNR {} dB)", world_.radio_name(decoder.receiver),
                      decoder.signal_dbm, decoder.signal_dbm - hwsim::Device::kNoiseDbm);
  }
  meta_.comment = sender.heard_by;
  for (const auto& [radio, reason] : drops_) {
    const auto is_it = [&](const Decoder& decoder) { return decoder.receiver == radio; };
    if (std::ranges::none_of(decoders, is_it)) continue;  // an older frame's
    meta_.comment +=
        fmt::format("; {} dropped it: {}", world_.radio_name(radio), to_string(reason));
  }
  if (sender.retries > 0) meta_.comment += fmt::format("; retry {}", sender.retries);
}

void AirRecorder::on_end(const medium::Transmission& transmission,
                         std::span<const Decoder> decoders) {
  Sender& sender = senders_[transmission.sender];
  count_retries(sender, transmission);
  if (is_selected(transmission, decoders)) {
    if (!sender.interface)
      sender.interface = capture_.add_interface(world_.radio_name(transmission.sender));
    meta_.mhz = transmission.channel.primary_khz / 1000;
    meta_.rate = cfg80211::to_rate(hwsim::from_medium(transmission.rate));
    meta_.short_preamble = transmission.rate.short_preamble;
    meta_.tx_power_dbm = static_cast<int8_t>(transmission.power_dbm);
    meta_.retries = sender.retries > 0 ? std::optional(sender.retries) : std::nullopt;
    describe(sender, decoders);
    capture_.on_frame(*sender.interface, transmission.begin, meta_, transmission.frame.octets());
  }
  drops_.clear();
}

}  // namespace airloom::lab
