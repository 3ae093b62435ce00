// The device on a medium outside: frames go there whole, with their retry chain, and come back as
// what a radio heard and as what became of what it sent. [mac80211_hwsim.h HWSIM_CMD_FRAME]
#include <algorithm>

#include "hwsim/device.h"
#include "hwsim/outside_rates.h"
#include "hwsim/rate_map.h"
#include "ieee80211/mac_header.h"

namespace airloom::hwsim {

namespace {

constexpr size_t kPendingMax = 200;  // a medium that answers nothing loses its oldest frames
constexpr size_t kPendingKept = 100;
constexpr size_t kShortestHeader = 24;
constexpr size_t kLongestFrame = 2304;
constexpr size_t kAckOctets = 10;

std::optional<MacAddress> sender_of(const FrameBuffer& frame) {
  const auto view = ieee80211::FrameView::of(frame.octets());
  if (!view || !view->has_address2()) return std::nullopt;
  return view->address2();
}

}  // namespace

void Device::tell_address(const MacAddress& address, bool added) {
  if (is_outside()) outside_->tell_address(outside_name_, address, added);
}

void Device::transmit_outside(mac80211::TxFrame frame) {
  while (outside_frames_.size() >= kPendingMax) {
    while (outside_frames_.size() >= kPendingKept) {
      lost_.push_back(std::move(outside_frames_.front()));
      outside_frames_.pop_front();
    }
    lost_timer_.arm({});
  }
  const medium::Channel channel = to_medium(frame.channel);
  const auto& first = frame.rates.front();
  const medium::Rate rate = to_medium(first.rate, first.short_preamble, frame.channel.primary_mhz);
  if (!frame.as_written) radio_.stamp(frame.mpdu, rate.kbps);
  medium_.witness(radio_.id(), {.frame = frame.mpdu, .channel = channel, .rate = rate});

  OutsideFrame out{.radio = outside_name_,
                   .mpdu = frame.mpdu.octets(),
                   .mhz = frame.channel.primary_mhz,
                   .wants_status = frame.token > mac80211::kStatisticsToken,
                   .no_ack = frame.no_ack,
                   .rates = {},
                   .cookie = ++outside_cookie_};
  for (size_t i = 0; i < frame.rates.size() && (i == 0 || frame.rates[i].tries > 0); ++i) {
    out.rates[i] = to_outside(frame.rates[i], out.mhz);
    out.rates[i].tries = std::max<uint8_t>(out.rates[i].tries, 1);
  }
  Outside pending{.cookie = out.cookie,
                  .mpdu = frame.mpdu,
                  .sent = in_flight(frame),
                  .channel = channel,
                  .sender = sender_of(frame.mpdu)};
  if (outside_->carry(out)) {
    outside_frames_.push_back(std::move(pending));
  } else {
    lost_.push_back(std::move(pending));
    lost_timer_.arm({});
  }
}

void Device::report_lost(const Outside& lost) {
  if (lost.sent.token == 0 || !started_) return;
  mac80211::TxStatus report = report_on(lost.sent, false);
  report.mpdu = lost.mpdu;
  report.lost_in_aggregate = lost.sent.aggregate;
  hw_->tx_status(report);
}

void Device::on_outside_gone() {
  for (const Outside& lost : std::exchange(outside_frames_, {})) report_lost(lost);
}

Result<void> Device::on_outside_status(const OutsideStatus& status) {
  const auto found =
      std::find_if(outside_frames_.begin(), outside_frames_.end(),
                   [&](const Outside& pending) { return pending.cookie == status.cookie; });
  if (found == outside_frames_.end()) return fail(Errc::kInvalid);
  const Outside done = std::move(*found);
  outside_frames_.erase(found);
  const bool acked = status.acked && !status.no_ack;
  if (acked && done.sender) {
    FrameBuffer ack = pool_.allocate(kAckOctets);
    const std::span<uint8_t> octets = ack.writable();
    std::fill(octets.begin(), octets.end(), 0);
    octets[0] = static_cast<uint8_t>(ieee80211::Subtype::kAck);
    std::copy(done.sender->octets.begin(), done.sender->octets.end(), octets.begin() + 4);
    medium_.witness(radio_.id(), {.frame = std::move(ack), .channel = done.channel, .rate = {}});
  }
  if (done.sent.token == 0) return {};
  mac80211::TxStatus report = report_on(done.sent, acked);
  report.mpdu = done.mpdu;
  report.no_ack = status.no_ack;
  report.lost_in_aggregate = done.sent.aggregate && !acked;
  for (size_t i = 0; i < report.tried.size(); ++i)
    report.tried[i].tries = status.tried[i].index < 0 ? uint8_t{0} : status.tried[i].tries;
  if (acked) report.ack_signal_dbm = static_cast<int8_t>(std::clamp(status.signal_dbm, -128, 127));
  hw_->tx_status(report);
  return {};
}

bool Device::wants(const MacAddress& receiver) const {
  return filter_.all || filter_.other_bss || is_for_us(receiver);
}

bool Device::is_for_us(const MacAddress& receiver) const {
  return receiver.is_group() || std::any_of(vifs_.begin(), vifs_.end(), [&](const auto& entry) {
           return entry.second.address == receiver;
         });
}

Result<void> Device::receive_outside(const OutsideReception& reception) {
  if (!started_ || idle_ || channels_.empty()) return fail(Errc::kInvalid);
  if (reception.mpdu.size() < kShortestHeader || reception.mpdu.size() > kLongestFrame)
    return fail(Errc::kInvalid);
  const auto channel =
      std::find_if(channels_.begin(), channels_.end(), [&](const ChannelDefinition& own) {
        return reception.mhz == 0 || reception.mhz == own.primary_mhz;
      });
  if (channel == channels_.end()) return fail(Errc::kInvalid);
  const auto rate = from_outside(reception.rate_index, channel->primary_mhz);
  if (!rate) return fail(Errc::kInvalid);
  if (!wants(MacAddress::from(reception.mpdu.subspan(4, 6)))) return {};  // heard, not wanted
  FrameBuffer frame = pool_.allocate(reception.mpdu.size());
  std::copy(reception.mpdu.begin(), reception.mpdu.end(), frame.writable().begin());
  hw_->receive(std::move(frame),
               {.mhz = channel->primary_mhz,
                .offset_khz = channel->primary_offset_khz,
                .signal_dbm = static_cast<int8_t>(std::clamp(reception.signal_dbm, -128, 127)),
                .rate = *rate,
                .mactime_us = radio_.tsf_us(),
                .boottime = scheduler_.now().since_epoch});
  return {};
}

}  // namespace airloom::hwsim
