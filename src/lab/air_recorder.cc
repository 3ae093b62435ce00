#include "lab/air_recorder.h"

#include <fmt/format.h>

#include <algorithm>

#include "hwsim/rate_map.h"
#include "ieee80211/mac_header.h"

namespace airloom::lab {

using ieee80211::FrameView;

bool AirSelection::includes(const std::string& radio_name) const {
  const size_t slash = std::min(radio_name.find('/'), radio_name.size());
  if (!host.empty() && radio_name.substr(0, slash) != host) return false;
  return radio.empty() || radio_name == radio ||
         (slash < radio_name.size() && radio_name.substr(slash + 1) == radio);
}

Result<void> AirSelection::check(const World& world) const {
  if (radio.empty()) return {};
  for (const auto& [name, owner] : world.hosts())
    for (const auto& [number, candidate] : owner->all_radios())
      if (candidate->device && includes(world.radio_name(candidate->device->receiver_id())))
        return {};
  return fail(Errc::kNotFound,
              host.empty() ? fmt::format("there is no radio '{}' on the air", radio)
                           : fmt::format("host '{}' has no radio '{}' on the air", host, radio));
}

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

void AirRecorder::on_drop(medium::ReceiverId radio, medium::TransmissionId transmission,
                          mac80211::Drop reason) {
  drops_.push_back({radio, transmission, reason});
}

bool AirRecorder::is_selected(const Ended& ended) const {
  if (selection_.host.empty() && selection_.radio.empty()) return true;
  const auto is_included = [&](medium::ReceiverId radio) {
    return selection_.includes(world_.radio_name(radio));
  };
  return is_included(ended.transmission.sender) ||
         std::any_of(ended.decoders.begin(), ended.decoders.end(),
                     [&](const Decoder& decoder) { return is_included(decoder.receiver); });
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

std::string AirRecorder::heard_by(std::span<const Decoder> decoders) const {
  std::string text = decoders.empty() ? "heard by nobody" : "heard by";
  for (const Decoder& decoder : decoders)
    text += fmt::format(" {} ({} dBm, SNR {} dB)", world_.radio_name(decoder.receiver),
                        decoder.signal_dbm, decoder.signal_dbm - hwsim::Device::kNoiseDbm);
  return text;
}

AirRecorder::Likeness AirRecorder::make_likeness(Sender& sender, const Ended& ended) {
  const medium::Transmission& transmission = ended.transmission;
  const medium::Ampdu& ampdu = transmission.ampdu;
  Likeness likeness{.channel = transmission.channel,
                    .rate = transmission.rate,
                    .power_dbm = transmission.power_dbm,
                    .retries = sender.retries,
                    .in_ampdu = ampdu.reference != 0,
                    .last_of_ampdu = ampdu.last,
                    .decoders = {ended.decoders.begin(), ended.decoders.end()},
                    .caption = std::nullopt};
  if (!is_selected(ended)) return likeness;
  if (!sender.interface)
    sender.interface = capture_.add_interface(world_.radio_name(transmission.sender));
  const capture::FrameMeta meta{
      .mhz = transmission.channel.primary_khz / 1000,
      .rate = cfg80211::to_rate(hwsim::from_medium(transmission.rate)),
      .short_preamble = transmission.rate.short_preamble,
      .signal_dbm = std::nullopt,
      .tx_power_dbm = static_cast<int8_t>(transmission.power_dbm),
      .retries = sender.retries > 0 ? std::optional(sender.retries) : std::nullopt,
      .ampdu = likeness.in_ampdu
                   ? std::optional(ieee80211::RadiotapAmpdu::of(ampdu.reference, ampdu.last))
                   : std::nullopt};
  likeness.caption.emplace(*sender.interface, meta, heard_by(ended.decoders));
  return likeness;
}

AirRecorder::Likeness& AirRecorder::find_likeness(Sender& sender, const Ended& ended) {
  const medium::Transmission& transmission = ended.transmission;
  for (Likeness& likeness : sender.likenesses)
    if (likeness.retries == sender.retries && likeness.power_dbm == transmission.power_dbm &&
        likeness.in_ampdu == (transmission.ampdu.reference != 0) &&
        likeness.last_of_ampdu == transmission.ampdu.last &&
        likeness.channel == transmission.channel && likeness.rate == transmission.rate &&
        std::ranges::equal(likeness.decoders, ended.decoders))
      return likeness;
  if (sender.likenesses.size() < kLikenessesMax)
    return sender.likenesses.emplace_back(make_likeness(sender, ended));
  Likeness& oldest = sender.likenesses[sender.oldest];
  sender.oldest = (sender.oldest + 1) % kLikenessesMax;
  return oldest = make_likeness(sender, ended);
}

void AirRecorder::record(const Ended& ended) {
  const medium::Transmission& transmission = ended.transmission;
  Sender& sender = senders_[transmission.sender];
  count_retries(sender, transmission);
  Likeness& likeness = find_likeness(sender, ended);
  if (!likeness.caption) return;
  capture::Caption& caption = *likeness.caption;
  const size_t length = caption.comment.size();
  for (const Dropped& dropped : drops_)
    if (dropped.transmission == transmission.id)
      caption.comment += fmt::format("; {} dropped it: {}", world_.radio_name(dropped.radio),
                                     to_string(dropped.reason));
  if (sender.retries > 0) caption.comment += fmt::format("; retry {}", sender.retries);
  capture_.on_frame(caption, transmission.begin, transmission.frame.octets(),
                    transmission.ampdu.reference);
  caption.comment.resize(length);
}

void AirRecorder::on_all_ended(std::span<const Ended> burst) {
  for (const Ended& ended : burst) record(ended);
  drops_.clear();
}

}  // namespace airloom::lab
