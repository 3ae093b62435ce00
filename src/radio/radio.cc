#include "radio/radio.h"

#include <algorithm>
#include <utility>

#include "ieee80211/rates.h"

namespace airloom::radio {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using ieee80211::Subtype;

namespace {

constexpr size_t kAckOctets = 10;  // as CTS has
constexpr size_t kRtsOctets = 16;

/// From the end of a frame until its ACK must have begun: SIFS, a slot and the PHY's delay, for
/// the slowest PHY. [802.11-2020 10.3.2.11]
constexpr std::chrono::microseconds kAckTimeout{50};
constexpr std::chrono::microseconds kSifs{16};

constexpr size_t kTimestampOffset = 24;  // in beacons and probe responses
constexpr size_t kTimestampOctets = 8;

/// Microseconds, rounded up, as far as the field reaches. [802.11-2020 9.2.4.2]
uint16_t duration_field(Duration time) {
  constexpr int64_t kMax = 32767;
  const auto us = std::chrono::ceil<std::chrono::microseconds>(time).count();
  return static_cast<uint16_t>(std::clamp<int64_t>(us, 0, kMax));
}

std::span<uint8_t> make_writable(FrameBuffer& frame) {
  if (!frame.is_unique()) frame = frame.copy();
  return frame.writable();
}

}  // namespace

bool solicits_ack(const FrameView& frame) {
  if (frame.is_group_addressed()) return false;
  const FrameControl fc = frame.fc();
  switch (fc.type()) {
    case ieee80211::FrameType::kManagement:
      return !fc.is(Subtype::kActionNoAck);
    case ieee80211::FrameType::kData:
      return !fc.is_qos_data() || frame.qos().ack_policy() == ieee80211::AckPolicy::kNormal;
    case ieee80211::FrameType::kControl:
      return fc.is(Subtype::kPsPoll) || fc.is(Subtype::kBlockAckRequest);
    case ieee80211::FrameType::kExtension:
      break;
  }
  return false;
}

medium::Rate response_rate(const medium::Rate& rate) {
  medium::Rate response;
  if (rate.kind == medium::Rate::Kind::kLegacy && ieee80211::is_dsss_rate(rate.kbps / 100)) {
    response.kbps = rate.kbps;
  } else {
    response.kbps = rate.kbps >= 24'000 ? 24'000 : rate.kbps >= 12'000 ? 12'000 : 6'000;
  }
  return response;
}

Radio::Radio(Scheduler& scheduler, FramePool& pool, medium::Medium& medium, Owner& owner,
             Config config)
    : scheduler_(scheduler),
      pool_(pool),
      medium_(medium),
      owner_(owner),
      config_(config),
      id_(medium.attach(*this)),
      tsf_offset_us_(config.tsf_at_zero_us),
      ack_timer_(scheduler, [this] { on_ack_timer(); }) {}

Radio::~Radio() {
  medium_.detach(id_);
}

void Radio::set_addresses(std::vector<MacAddress> addresses) {
  addresses_ = std::move(addresses);
  std::sort(addresses_.begin(), addresses_.end());
  apply_filter();
}

void Radio::set_promiscuous(bool on) {
  promiscuous_ = on;
  apply_filter();
}

void Radio::apply_filter() {
  // Who hears everything need not say whom it is.
  medium_.set_filter(id_, promiscuous_ ? medium::AddressFilter{.addresses = {}, .promiscuous = true}
                                       : medium::AddressFilter{addresses_, false});
}

bool Radio::is_ours(const MacAddress& address) const {
  return std::binary_search(addresses_.begin(), addresses_.end(), address);
}

void Radio::transmit(TxRequest request) {
  WLAN_ASSERT(request.rate_count >= 1 && request.rate_count <= kRateTryMax);
  Attempt attempt;
  const auto view = FrameView::of(request.frame.octets());
  attempt.wants_ack = view && !request.no_ack && solicits_ack(*view);
  attempt.request = std::move(request);
  queue_.push_back(std::move(attempt));
  send_waiting();
}

void Radio::send_waiting() {
  // Where an ACK is sure and takes no time, nothing is gained by waiting for it. Elsewhere one
  // frame is finished, retries and all, before the next, which keeps them in order.
  const size_t window = medium_.model().is_ideal() ? kQueueMax : 1;
  while (sent_ < queue_.size() && sent_ < window) {
    const size_t index = sent_++;
    if (queue_[index].abandoned)
      complete(index, false, std::nullopt);
    else
      put_on_air(queue_[index]);
  }
}

void Radio::put_on_air(Attempt& attempt) {
  ++attempt.tries[attempt.rate_index];
  const bool reserves = attempt.request.rates[attempt.rate_index].rts && attempt.wants_ack &&
                        !medium_.model().is_ideal();
  if (reserves)
    send_rts(attempt);
  else
    send_frame(attempt);
}

/// Asks the receiver to keep others quiet until its ACK. [802.11-2020 10.3.2.9]
void Radio::send_rts(Attempt& attempt) {
  attempt.state = Attempt::State::kRtsOnAir;
  const auto view = *FrameView::of(attempt.request.frame.octets());
  const medium::Rate& data = attempt.request.rates[attempt.rate_index].rate;
  const medium::Rate rate = response_rate(data);
  const auto& model = medium_.model();
  const Duration rest = 3 * kSifs + 2 * model.airtime(kAckOctets, rate) +
                        model.airtime(attempt.request.frame.size(), data);
  Octets rts;
  Writer writer(rts);
  ieee80211::MacHeader header{
      .fc = Subtype::kRts, .address1 = view.address1(), .address2 = view.address2()};
  header.duration = duration_field(rest);
  header.emit(writer);
  WLAN_ASSERT(rts.size() == kRtsOctets);
  attempt.transmission = medium_.transmit(id_, {.frame = pool_.from(rts),
                                                .channel = attempt.request.channel,
                                                .rate = rate,
                                                .power_dbm = attempt.request.power_dbm});
}

void Radio::send_frame(Attempt& attempt) {
  attempt.state = Attempt::State::kOnAir;
  if (!attempt.request.as_written)
    stamp(attempt.request.frame, attempt.request.rates[attempt.rate_index].rate.kbps);
  attempt.transmission =
      medium_.transmit(id_, {.frame = attempt.request.frame,
                             .channel = attempt.request.channel,
                             .rate = attempt.request.rates[attempt.rate_index].rate,
                             .power_dbm = attempt.request.power_dbm,
                             .ampdu = attempt.request.ampdu});
}

void Radio::stamp(FrameBuffer& frame, uint32_t kbps) const {
  if (frame.size() < kTimestampOffset + kTimestampOctets) return;
  const FrameControl fc(frame.octets()[0]);
  if (!fc.is_beacon() && !fc.is(Subtype::kProbeResponse)) return;
  // The TSF when the Timestamp's first octet goes out. [802.11-2020 11.1.3.1]
  const uint64_t tsf = tsf_us() + kTimestampOffset * 8 * 1000 / std::max<uint32_t>(kbps, 1);
  const std::span<uint8_t> octets = make_writable(frame);
  for (size_t i = 0; i < kTimestampOctets; ++i)
    octets[kTimestampOffset + i] = static_cast<uint8_t>(tsf >> (8 * i));
}

void Radio::abandon_data_to(const MacAddress& receiver) {
  for (size_t i = 0; i < queue_.size(); ++i) {
    if (queue_[i].state == Attempt::State::kDone) continue;
    const auto view = FrameView::of(queue_[i].request.frame.octets());
    if (view && view->fc().is_data() && view->address1() == receiver) queue_[i].abandoned = true;
  }
}

void Radio::drop_all() {
  queue_.clear();
  sent_ = 0;
  ack_timer_.cancel();
}

void Radio::on_sent(const medium::Transmission& transmission) {
  const auto index = find_attempt(transmission.id);
  if (!index) return;  // an ACK
  Attempt& attempt = queue_[*index];
  if (!attempt.wants_ack) return complete(*index, false, std::nullopt);
  attempt.state = attempt.state == Attempt::State::kRtsOnAir ? Attempt::State::kAwaitingCts
                                                             : Attempt::State::kAwaitingAck;
  attempt.ack_deadline = scheduler_.now() + kAckTimeout +
                         medium_.model().airtime(kAckOctets, response_rate(transmission.rate));
  // It stays armed when ACKs arrive: firing for nothing is cheaper than arming for each frame.
  if (!ack_timer_.is_armed()) ack_timer_.arm_at(attempt.ack_deadline);
}

void Radio::on_receive(const medium::Reception& reception) {
  const medium::Transmission& transmission = reception.transmission;
  const auto view = FrameView::of(transmission.frame.octets());
  if (!view || reception.fcs_failed) return on_unknown(reception);
  const bool to_us = !view->is_group_addressed() && is_ours(view->address1());
  if (view->fc().is(Subtype::kAck)) {
    if (to_us && reception.answer) on_ack(reception);
    if (!promiscuous_ || deaf_) return;
  } else if (view->fc().is(Subtype::kCts)) {
    if (to_us && reception.answer) on_cts(reception);
    if (!promiscuous_ || deaf_) return;
  } else if (deaf_) {
    return;
  } else if (view->fc().is(Subtype::kRts)) {
    const bool reserves = to_us && reception.answer && !medium_.model().is_ideal();
    if (reserves) respond(Subtype::kCts, transmission, view->address2());
    if (!promiscuous_) return;
  } else if (to_us && reception.answer && solicits_ack(*view) && view->has_address2()) {
    respond(Subtype::kAck, transmission, view->address2());
  }
  hand_up(reception);
}

/// What has no header that we know or can trust, but addresses perhaps.
void Radio::on_unknown(const medium::Reception& reception) {
  if (promiscuous_ && !deaf_ && reception.transmission.frame.size() >= kAckOctets)
    hand_up(reception);
}

void Radio::hand_up(const medium::Reception& reception) {
  if (!reception.hand_up) return;
  const medium::Transmission& transmission = reception.transmission;
  owner_.on_receive(transmission.frame, {.channel = transmission.channel,
                                         .rate = transmission.rate,
                                         .signal_dbm = reception.signal_dbm,
                                         .mactime_us = tsf_us_at(transmission.begin),
                                         .begin = transmission.begin,
                                         .transmission = transmission.id,
                                         .ampdu = transmission.ampdu,
                                         .fcs_failed = reception.fcs_failed});
}

/// Answers with an ACK or a CTS, whose Duration is what an RTS leaves. [802.11-2020 9.3.1.3]
void Radio::respond(Subtype subtype, const medium::Transmission& transmission,
                    const MacAddress& to) {
  const medium::Rate rate = response_rate(transmission.rate);
  uint16_t duration = 0;
  if (subtype == Subtype::kCts)
    duration = duration_field(
        std::chrono::microseconds(FrameView::of(transmission.frame.octets())->duration()) - kSifs -
        medium_.model().airtime(kAckOctets, rate));
  FrameBuffer answer = pool_.allocate(kAckOctets);
  const std::span<uint8_t> octets = answer.writable();
  octets[0] = static_cast<uint8_t>(subtype);
  octets[1] = 0;  // flags
  octets[2] = static_cast<uint8_t>(duration);
  octets[3] = static_cast<uint8_t>(duration >> 8);
  std::copy(to.octets.begin(), to.octets.end(), octets.begin() + 4);
  medium_.transmit(id_, {.frame = std::move(answer),
                         .channel = transmission.channel,
                         .rate = rate,
                         .power_dbm = config_.ack_power_dbm,
                         .answers = transmission.id});
}

void Radio::on_ack(const medium::Reception& reception) {
  const auto index = find_attempt(reception.transmission.answers);
  if (index && queue_[*index].wants_ack) complete(*index, true, reception.signal_dbm);
}

void Radio::on_cts(const medium::Reception& reception) {
  const auto index = find_attempt(reception.transmission.answers);
  if (!index || queue_[*index].state != Attempt::State::kAwaitingCts) return;
  if (queue_[*index].abandoned) return complete(*index, false, std::nullopt);
  send_frame(queue_[*index]);
}

void Radio::on_ack_timer() {
  auto waits = [](const Attempt& attempt) {
    return attempt.state == Attempt::State::kAwaitingAck ||
           attempt.state == Attempt::State::kAwaitingCts;
  };
  auto due = [&](const Attempt& attempt) {
    return waits(attempt) && attempt.ack_deadline <= scheduler_.now();
  };
  for (size_t i = 0; i < sent_;) {
    if (!due(queue_[i])) {
      ++i;
    } else if (next_try(queue_[i])) {
      put_on_air(queue_[i]);
    } else {
      complete(i, false, std::nullopt);
      i = 0;  // what is done has left, and the owner may have queued more
    }
  }
  for (size_t i = 0; i < sent_; ++i)
    if (waits(queue_[i])) return ack_timer_.arm_at(queue_[i].ack_deadline);
}

/// Moves on in the retry chain; false at its end.
bool Radio::next_try(Attempt& attempt) {
  if (medium_.model().is_ideal()) return false;  // nobody is there
  if (attempt.abandoned) return false;
  TxRequest& request = attempt.request;
  while (attempt.tries[attempt.rate_index] >= request.rates[attempt.rate_index].tries)
    if (++attempt.rate_index >= request.rate_count) return false;
  // Where the CTS was missing, the frame itself has not been out.
  if (attempt.state == Attempt::State::kAwaitingAck)
    make_writable(request.frame)[1] |= FrameControl::kRetry >> 8;
  return true;
}

void Radio::complete(size_t index, bool acked, std::optional<int> ack_signal_dbm) {
  Attempt& attempt = queue_[index];
  attempt.state = Attempt::State::kDone;
  TxStatus status{.frame = std::move(attempt.request.frame),
                  .cookie = attempt.request.cookie,
                  .acked = acked,
                  .tries = attempt.tries,
                  .ack_signal_dbm = ack_signal_dbm};
  const bool was_full = !has_room();
  while (!queue_.empty() && queue_.front().state == Attempt::State::kDone) {
    queue_.pop_front();
    --sent_;
  }
  owner_.on_tx_status(std::move(status));
  send_waiting();
  if (was_full && has_room()) owner_.on_tx_room();
}

std::optional<size_t> Radio::find_attempt(medium::TransmissionId id) const {
  if (sent_ == 0) return std::nullopt;
  // Several are on the air only where none is repeated, so their ids ascend, most by one.
  const size_t guess = id - queue_[0].transmission;
  const bool is_right = guess < sent_ && queue_[guess].transmission == id;
  size_t low = is_right ? guess : 0, high = is_right ? guess : sent_;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (queue_[middle].transmission < id)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == sent_ || queue_[low].transmission != id) return std::nullopt;
  return queue_[low].state == Attempt::State::kDone ? std::nullopt : std::optional(low);
}

}  // namespace airloom::radio
