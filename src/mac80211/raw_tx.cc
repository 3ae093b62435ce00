#include "mac80211/raw_tx.h"

#include <algorithm>

#include "cfg80211/commands.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/radiotap.h"
#include "ieee80211/radiotap_rate.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/classify.h"
#include "mac80211/fragments.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;
using ieee80211::FrameType;
using ieee80211::FrameView;
using ieee80211::RadiotapHeader;

namespace {

constexpr size_t kSequenceOffset = 22;

FrameControl frame_control(std::span<const uint8_t> octets) {
  return FrameControl(static_cast<uint16_t>(octets[0] | octets[1] << 8));
}

/// Frame Control, and the addresses that it implies. Extension frames end after the first.
bool has_whole_header(std::span<const uint8_t> octets) {
  constexpr size_t kShortest = 10;
  if (octets.size() < kShortest) return false;
  const FrameControl fc = frame_control(octets);
  return fc.type() == FrameType::kExtension || octets.size() >= ieee80211::header_length(fc);
}

bool is_group_addressed(std::span<const uint8_t> octets) {
  return (octets[4] & 1) != 0;
}

bool has_band_rate(const Interface& interface, uint32_t mhz, uint16_t rate_100kbps) {
  const auto* band = band_of(interface, mhz);
  if (band == nullptr) return false;
  return std::any_of(band->rates.begin(), band->rates.end(),
                     [&](const auto& rate) { return rate.rate_100kbps == rate_100kbps; });
}

}  // namespace

/// Reads what goes before the frame, and takes it and a trailing FCS away.
/// [radiotap.org/fields/TX flags]
Result<RawTx::Wish> RawTx::take_radiotap(FrameBuffer& written) {
  namespace flag = ieee80211::radiotap_flag;
  namespace tx = ieee80211::radiotap_tx;
  Reader reader(written.octets());
  const RadiotapHeader header = TRY(RadiotapHeader::parse(reader));
  written.trim_front(written.size() - reader.remaining());
  if (header.fcs_at_end()) {
    if (written.size() < kFcsOctets) return fail(Errc::kInvalid, "no FCS where radiotap says one");
    written.trim_back(kFcsOctets);
  }
  const uint8_t flags = header.flags.value_or(0);
  const uint16_t tx_flags = header.tx_flags.value_or(0);
  Wish wish;
  if (const auto rate = ieee80211::rate_of(header)) wish.rate = cfg80211::to_rate_info(*rate);
  wish.has_retries = header.data_retries.has_value();
  wish.retries = header.data_retries.value_or(0);
  wish.short_preamble = (flags & flag::kShortPreamble) != 0;
  wish.encrypt = (flags & flag::kWep) != 0;
  wish.may_fragment = (flags & flag::kFragment) != 0;
  wish.no_ack = (tx_flags & tx::kNoAck) != 0;
  wish.keep_sequence = (tx_flags & tx::kNoSequence) != 0;
  return wish;  // order is kept in any case
}

Result<void> RawTx::submit(Interface& monitor, FrameBuffer written) {
  Wish wish;
  if (!monitor.wdev().is_plain_monitor) {
    auto asked = take_radiotap(written);
    if (!asked) return fail(Errc::kInvalid, asked.error().text);
    wish = *asked;
  }
  if (!has_whole_header(written.octets()))
    return fail(Errc::kInvalid, "the frame is shorter than its header");
  if (queue_.size() >= kQueueLimit) return fail(Errc::kTooMany, "too many frames wait");
  queue_.push_back({monitor.id(), std::move(written), wish});
  pump();
  if (!paused_ && queue_.size() >= kQueueMax) pause_monitors(true);
  return {};
}

void RawTx::pause_monitors(bool pause) {
  paused_ = pause;
  for (const auto& [id, interface] : stack_.interfaces()) {
    if (interface->type() != InterfaceType::kMonitor) continue;
    if (auto* netdev = interface->wdev().netdev()) netdev->pause_transmit(pause);
  }
}

void RawTx::pump() {
  while (!on_air_ && !stack_.channels().is_away() && stack_.driver().is_started()) {
    if (queue_.empty()) return;
    Written next = queue_.pop_front();
    Interface* monitor = stack_.find(next.monitor);
    WLAN_ASSERT(monitor != nullptr);  // drop() comes before an interface goes
    if (!send(std::move(next), *monitor)) stack_.drops().note(Drop::kTxRefused);
  }
  if (paused_ && queue_.size() <= kQueueMax / 2) pause_monitors(false);
}

Interface* RawTx::sender_of(std::span<const uint8_t> octets) const {
  const auto view = FrameView::of(octets);
  if (!view || !view->has_address2()) return nullptr;
  for (const auto& [id, interface] : stack_.interfaces())
    if (interface->is_up() && interface->type() != InterfaceType::kMonitor &&
        interface->address() == view->address2())
      return interface.get();
  return nullptr;
}

/// As in other frames of that interface. QoS data to somebody who is no station keeps what it has.
void RawTx::assign_sequence(Interface& sender, FrameBuffer& mpdu) const {
  const auto view = FrameView::of(mpdu.octets());
  const FrameControl fc = view->fc();
  if (fc.is_control() || fc.is(ieee80211::Subtype::kQosNull)) return;
  uint16_t* counter = &sender.next_sequence;
  if (fc.is_qos_data() && !view->is_group_addressed()) {
    Station* station = stack_.stations().find(sender, view->address1());
    if (station == nullptr) return;
    counter = &station->next_sequence[view->tid()];
  }
  const ieee80211::SequenceControl sequence((*counter)++, 0);
  auto octets = mpdu.writable();
  octets[kSequenceOffset] = static_cast<uint8_t>(sequence.bits);
  octets[kSequenceOffset + 1] = static_cast<uint8_t>(sequence.bits >> 8);
}

/// With the key that the interface has for the receiver; without one the frame stays clear.
Result<void> RawTx::protect_data(Interface& sender, FrameBuffer& mpdu) const {
  const auto view = FrameView::of(mpdu.octets());
  if (!view->fc().is_data() || !view->fc().has_data() || view->fc().is_protected()) return {};
  KeyRing& group = sender.link().keys;
  Station* station = stack_.stations().find(sender, view->address1());
  Key* key = view->is_group_addressed() ? group.tx_key(group.multicast)
             : station != nullptr       ? station->keys.tx_key(station->keys.unicast)
                                        : nullptr;
  if (key == nullptr || !key->is_aead()) return {};
  mpdu = mpdu.copy();
  return protect(*key, mpdu);
}

RateChain RawTx::rates_for(const Interface& sender, const Wish& wish, uint32_t mhz,
                           bool no_ack) const {
  std::optional<RateInfo> rate = wish.rate;
  // A legacy rate that the band does not have is no rate.
  if (rate && rate->kind == RateInfo::Kind::kLegacy &&
      !has_band_rate(sender, mhz, rate->legacy_100kbps))
    rate.reset();
  const bool asked = rate.has_value() || wish.has_retries;
  const int tries = asked ? std::min<int>(wish.retries + 1, kFrameTriesMax) : kFrameTriesMax;
  RateChain chain{};
  chain[0].rate = rate.value_or(RateInfo{.legacy_100kbps = lowest_basic_rate_100kbps(sender, mhz)});
  chain[0].tries = no_ack ? uint8_t{1} : static_cast<uint8_t>(tries);
  chain[0].short_preamble = wish.short_preamble;
  return chain;
}

Result<void> RawTx::send(Written written, Interface& monitor) {
  const ChannelDefinition channel = stack_.channels().current();
  // No frames where one may not begin to send: the kernel's rule for monitors.
  if (!cfg80211::may_beacon(monitor.wdev().wiphy(), channel)) return fail(Errc::kPermission);
  FrameBuffer& mpdu = written.mpdu;
  if (!mpdu.is_unique()) mpdu = mpdu.copy();
  Interface* owner = sender_of(mpdu.octets());
  Interface& sender = owner != nullptr ? *owner : monitor;
  if (owner != nullptr && !written.wish.keep_sequence) assign_sequence(sender, mpdu);

  const bool group = is_group_addressed(mpdu.octets());
  TxFrame tx;
  tx.channel = channel;
  tx.vif = sender.id();
  tx.as_written = true;
  tx.no_ack = written.wish.no_ack || group;
  tx.rates = rates_for(sender, written.wish, channel.primary_mhz, tx.no_ack);
  const auto view = FrameView::of(mpdu.octets());
  tx.access_category = view && view->fc().is_data() ? access_category_of(view->tid()) : uint8_t{0};

  std::vector<FrameBuffer> parts;
  const bool too_long = mpdu.size() + kFcsOctets > stack_.fragmentation_threshold();
  if (written.wish.may_fragment && too_long && !group && view && !view->fc().is_control())
    fragment_mpdu(std::move(mpdu), stack_.fragmentation_threshold(), parts);
  else
    parts.push_back(std::move(mpdu));
  for (FrameBuffer& part : parts) {
    if (owner != nullptr && written.wish.encrypt) TRY(protect_data(sender, part));
    TxFrame one = tx;
    one.mpdu = std::move(part);
    if (!written.wish.rate) apply_rts_threshold(sender, one);
    parts_.push_back(std::move(one));
  }
  hand_to_driver(parts_.pop_front(), written.monitor);
  return {};
}

void RawTx::hand_to_driver(TxFrame frame, uint32_t monitor) {
  frame.token = stack_.management_tx_path().expect_status(monitor, [this, monitor](const auto&) {
    on_air_.reset();
    if (parts_.empty()) return pump();
    hand_to_driver(parts_.pop_front(), monitor);
  });
  on_air_ = OnAir{frame.token, monitor};
  stack_.driver().transmit(std::move(frame));
}

void RawTx::drop(Interface& monitor) {
  stack_.management_tx_path().forget(monitor);
  size_t dropped = 0;
  if (on_air_ && on_air_->monitor == monitor.id()) {
    dropped += parts_.size();
    parts_.clear();
    on_air_.reset();
  }
  Fifo<Written> rest;
  while (!queue_.empty()) {
    Written written = queue_.pop_front();
    if (written.monitor == monitor.id())
      ++dropped;
    else
      rest.push_back(std::move(written));
  }
  queue_ = std::move(rest);
  stack_.drops().note(Drop::kTxPurged, dropped);
  pump();
}

}  // namespace airloom::mac80211
