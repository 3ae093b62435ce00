#include "lab/shared_air.h"

#include <algorithm>

#include "hwsim/capabilities.h"
#include "hwsim/rate_map.h"
#include "tunnel/radiotap.h"

namespace airloom::lab {
namespace {

constexpr uint32_t kKhzPerMhz = 1000;

std::vector<medium::Channel> every_channel() {
  std::vector<medium::Channel> channels;
  for (const auto& band : hwsim::make_bands())
    for (const auto& channel : band.channels)
      if (channel.offset_khz == 0)
        channels.push_back(medium::Channel::of(channel.mhz * kKhzPerMhz));
  return channels;
}

}  // namespace

AirPort::AirPort(World& world, std::function<void(const Heard&)> heard)
    : world_(world),
      heard_(std::move(heard)),
      radio_(*world.ports().scheduler, world.pool(), world.medium(), *this) {
  radio_.set_promiscuous(true);
  radio_.tune(every_channel());
}

void AirPort::send(std::span<const uint8_t> frame, uint16_t mhz, const cfg80211::RateInfo& rate) {
  const auto view = ieee80211::FrameView::of(frame);
  if (!view || !radio_.has_room()) return;
  const size_t known = strangers_.size();
  const bool twins = view->has_address2() && learn(strangers_, natives_, view->address2());
  if (strangers_.size() > known) radio_.set_addresses({strangers_.begin(), strangers_.end()});
  if (twins) on_twins(view->address2());
  radio::TxRequest request{.frame = world_.pool().from(frame),
                           .channel = medium::Channel::of(mhz * kKhzPerMhz),
                           .rates = {},
                           .no_ack = true,  // its sender was answered on the other side
                           .as_written = true};
  request.rates[0] = {hwsim::to_medium(rate, false, mhz), 1};
  radio_.transmit(std::move(request));
}

bool AirPort::learn(Addresses& side, const Addresses& other, const MacAddress& address) {
  return address.is_unicast() && side.size() < kLearntMax && side.insert(address).second &&
         other.contains(address);
}

void AirPort::on_receive(const FrameBuffer& frame, const radio::RxInfo& info) {
  const auto view = ieee80211::FrameView::of(frame.octets());
  if (!view || !view->has_address2()) return;  // an ACK: each side has its own
  if (learn(natives_, strangers_, view->address2())) on_twins(view->address2());
  if (!view->is_group_addressed() && !strangers_.contains(view->address1())) return;
  heard_({.frame = frame,
          .mhz = static_cast<uint16_t>(info.channel.primary_khz / kKhzPerMhz),
          .rate = hwsim::from_medium(info.rate),
          .signal_dbm = info.signal_dbm,
          .tsf_us = info.mactime_us});
}

ServedAir::ServedAir(World& world, tunnel::WtpWire& wire, const Log& log)
    : port_(world, [this](const AirPort::Heard& heard) { on_heard(heard); }),
      wtp_({.scheduler = world.ports().scheduler,
            .pool = &world.pool(),
            .wire = &wire,
            .radio = this,
            .log = log}) {}

void ServedAir::on_heard(const AirPort::Heard& heard) {
  // Its rate stands in a radiotap header as in that of a frame to inject.
  ieee80211::RadiotapHeader header = tunnel::injection_header({.rate = heard.rate});
  header.tx_flags.reset();
  header.tsft_us = heard.tsf_us;
  header.channel = ieee80211::RadiotapChannel{heard.mhz, 0};
  header.signal_dbm = static_cast<int8_t>(std::clamp(heard.signal_dbm, -128, 127));
  octets_.clear();
  Writer writer(octets_);
  header.emit(writer);
  writer.bytes(heard.frame.octets());
  wtp_.on_radio(octets_);
}

bool ServedAir::inject(std::span<const uint8_t> frame) {
  Reader reader(frame);
  const auto header = ieee80211::RadiotapHeader::parse(reader);
  if (!header) return false;
  port_.send(reader.rest(), mhz_, tunnel::reception_of(*header).rate);
  return true;
}

Result<void> ServedAir::set_channel(const mac80211::ChannelDefinition& channel) {
  mhz_ = static_cast<uint16_t>(channel.primary_mhz);
  return {};
}

JoinedAir::JoinedAir(World& world, tunnel::AcWire& wire, const Log& log)
    : port_(world, [this](const AirPort::Heard& heard) { on_heard(heard); }),
      ac_({.scheduler = world.ports().scheduler,
           .rng = world.ports().rng,
           .pool = &world.pool(),
           .wire = &wire,
           .log = log},
          *this) {
  ac_.set_rules({.on = true, .filter = {.all = true}, .addresses = {}});
}

void JoinedAir::on_frame(const tunnel::RxInfo& info, FrameBuffer frame) {
  port_.send(frame.octets(), info.mhz, info.rate);
}

void JoinedAir::on_heard(const AirPort::Heard& heard) {
  if (!ac_.is_joined()) return;
  ac_.send({.mhz = heard.mhz, .rate = heard.rate, .no_ack = true}, heard.frame.octets());
}

}  // namespace airloom::lab
