#include "tunnel/wtp.h"

#include <algorithm>

#include "tunnel/radiotap.h"

namespace airloom::tunnel {

using ieee80211::FrameView;
using ieee80211::Subtype;

Wtp::Wtp(const WtpPorts& ports)
    : ports_(ports),
      control_(*ports.scheduler, counters_, *this),
      data_(*ports.scheduler, *ports.pool, counters_,
            {.send =
                 [this](std::span<const uint8_t> datagram) {
                   ports_.wire->send(Channel::kData, data_peer_.id, datagram);
                 },
             .on_frame =
                 [this](DataChannel<TxInfo, RxInfo>::Received received) {
                   on_frame(received.info, received.frame);
                 },
             .on_keep_alive = [this](const SessionId& session) { on_keep_alive(session); },
             .on_lost = [this](FrameNumber number) { reports_.on_not_sent(number); }}),
      reports_(*ports.scheduler, [this] { control_.poke(); }),
      silence_(*ports.scheduler, [this] {
        if (!session_) return;
        if (heard_at_ + kSilence > ports_.scheduler->now())
          return silence_.arm_at(heard_at_ + kSilence);
        counters_.add(Count::kSessionsLost);
        ports_.log.info("the peer has fallen silent");
        end_session();
      }) {}

void Wtp::on_datagram(Channel channel, const Peer& peer, std::span<const uint8_t> datagram) {
  const Peer& known = channel == Channel::kControl ? control_peer_ : data_peer_;
  if (!session_ || peer.id != known.id) {
    if (channel == Channel::kControl) return on_stranger(peer, datagram);
    // Who knows the session's number is its peer.
    Reader reader(datagram);
    const auto header = CapwapHeader::parse(reader);
    const auto session = header && header->keep_alive ? parse_keep_alive(reader)
                                                      : Result<SessionId>(fail(Errc::kInvalid));
    if (!session || session_ != *session) return counters_.add(Count::kRefused);
    data_peer_ = peer;
  }
  heard_at_ = ports_.scheduler->now();
  if (channel == Channel::kControl) return control_.on_datagram(datagram);
  data_.on_datagram(datagram);
}

/// Somebody without a session may ask for one.
void Wtp::on_stranger(const Peer& peer, std::span<const uint8_t> datagram) {
  Reader reader(datagram);
  const auto header = CapwapHeader::parse(reader);
  const auto request = header && !header->fragment ? ControlMessage::parse(reader)
                                                   : Result<ControlMessage>(fail(Errc::kInvalid));
  if (!request || request->type != MessageType::kJoinRequest || !request->session)
    return counters_.add(Count::kRefused);
  if (gives_way_to(peer)) {
    end_session();
    control_peer_ = peer;
    heard_at_ = ports_.scheduler->now();
    return control_.on_datagram(datagram);
  }
  counters_.add(Count::kRefused);
  const ControlMessage refusal{.type = MessageType::kJoinResponse,
                               .sequence = request->sequence,
                               .session = request->session,
                               .result = ResultCode::kJoinFailedBusy};
  Octets message, out;
  Writer writer(message);
  refusal.emit(writer);
  cut({}, message, data_.datagram_max(), out, [&](std::span<const uint8_t> octets) {
    ports_.wire->send(Channel::kControl, peer.id, octets);
  });
}

/// A peer that restarted comes from the same machine; another has to wait for silence.
bool Wtp::gives_way_to(const Peer& peer) const {
  return !session_ || peer.host == control_peer_.host ||
         heard_at_ + kSilenceBeforeOther <= ports_.scheduler->now();
}

void Wtp::on_peer_gone(uint64_t peer) {
  if (session_ && peer == control_peer_.id) end_session();
}

void Wtp::end_session() {
  session_.reset();
  control_peer_ = data_peer_ = {};
  rules_ = {};
  control_.reset();
  data_.reset();
  reports_.clear();
  silence_.cancel();
}

void Wtp::send_control(std::span<const uint8_t> datagram) {
  ports_.wire->send(Channel::kControl, control_peer_.id, datagram);
}

std::optional<ControlMessage> Wtp::next_request() {
  if (!session_ || reports_.empty()) return std::nullopt;
  return ControlMessage{.type = MessageType::kWtpEventRequest,
                        .reports = reports_.take(ControlMessage::kReportsMax),
                        .tsf_us = tsf_us()};
}

/// The reports are lost; so is the peer, which the silence will tell.
void Wtp::on_unanswered() {
  control_.poke();
}

std::optional<ControlMessage> Wtp::on_request(const ControlMessage& request) {
  if (request.type == MessageType::kJoinRequest && request.session) return on_join(request);
  if (!session_) return std::nullopt;
  switch (request.type) {
    case MessageType::kConfigurationUpdateRequest:
      return on_configuration(request);
    case MessageType::kEchoRequest:
      return ControlMessage{.tsf_us = tsf_us()};
    case MessageType::kResetRequest:
      if (request.session != session_) return std::nullopt;
      ports_.log.info("the peer has left");
      end_session();
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

ControlMessage Wtp::on_join(const ControlMessage& request) {
  const Peer peer = control_peer_;
  end_session();
  control_peer_ = peer;
  session_ = request.session;
  size_t datagram_max = ports_.wire->datagram_max();
  if (request.datagram_max) datagram_max = std::min<size_t>(datagram_max, *request.datagram_max);
  data_.set_datagram_max(datagram_max);
  control_.set_datagram_max(data_.datagram_max());
  counters_.add(Count::kSessions);
  silence_.arm(kSilence);
  ports_.log.info("a peer has joined");
  return {.session = session_,
          .result = ResultCode::kSuccess,
          .radio = ports_.radio->describe(),
          .datagram_max = static_cast<uint16_t>(data_.datagram_max())};
}

ControlMessage Wtp::on_configuration(const ControlMessage& request) {
  ControlMessage answer{.result = ResultCode::kSuccess, .tsf_us = tsf_us()};
  if (request.rules) {
    if (rules_.addresses != request.rules->addresses)
      ports_.radio->set_addresses(request.rules->addresses);
    rules_ = *request.rules;
  }
  if (request.channel && !set_channel(*request.channel))
    answer.result = ResultCode::kJoinFailedUnspecified;
  return answer;
}

Result<void> Wtp::set_channel(const mac80211::ChannelDefinition& channel) {
  if (channel == channel_) return {};
  auto set = ports_.radio->set_channel(channel);
  if (set) {
    channel_ = channel;
  } else {
    ports_.log.warn("cannot go to {}: {}", channel.to_string(), set.error().text);
  }
  return set;
}

void Wtp::on_keep_alive(const SessionId& session) {
  if (session_ == session) data_.send_keep_alive(session);
}

void Wtp::on_frame(const TxInfo& info, const FrameBuffer& frame) {
  const auto view = FrameView::of(frame.octets());
  if (!view) return counters_.add(Count::kMalformed);
  // A setting of the channel may come behind the frames that it is for.
  if (info.mhz != 0 && info.mhz != channel_.primary_mhz)
    (void)set_channel(
        mac80211::ChannelDefinition::from_type(info.mhz, ieee80211::ChannelType::kNoHt));
  injection_.clear();
  Writer writer(injection_);
  injection_header(info).emit(writer);
  writer.bytes(frame.octets());
  const bool taken = ports_.radio->inject(injection_);
  if (!taken) counters_.add(Count::kTxRefused);
  if (!info.wants_report) return;
  if (taken) {
    reports_.on_injected(info.number, *view);
  } else {
    reports_.on_not_sent(info.number);
  }
}

void Wtp::on_radio(std::span<const uint8_t> frame) {
  if (!session_) return;
  Reader reader(frame);
  const auto radiotap = ieee80211::RadiotapHeader::parse(reader);
  if (!radiotap) return;
  auto octets = reader.rest();
  if (radiotap->flags.value_or(0) & ieee80211::radiotap_flag::kBadFcs) return;
  constexpr size_t kFcsOctets = 4;
  if (radiotap->fcs_at_end() && octets.size() >= kFcsOctets)
    octets = octets.first(octets.size() - kFcsOctets);
  const auto view = FrameView::of(octets);
  if (!view) return;
  if (radiotap->tx_flags) return reports_.on_returned(*radiotap, *view);
  if (view->fc().is(Subtype::kAck)) reports_.on_ack(view->address1());
  if (radiotap->tsft_us)
    tsf_offset_us_ = static_cast<int64_t>(*radiotap->tsft_us - ports_.scheduler->now().us());
  if (data_peer_.id == 0 || !wants(*view)) return;
  RxInfo info = reception_of(*radiotap);
  if (!radiotap->tsft_us) info.tsf_us = tsf_us();
  if (info.mhz == 0) info.mhz = static_cast<uint16_t>(channel_.primary_mhz);
  (void)data_.send(info, octets);
}

/// Whether the peer asked for a frame.
bool Wtp::wants(const FrameView& frame) const {
  if (!rules_.on) return false;
  const auto is_ours = [this](const MacAddress& address) {
    return std::ranges::find(rules_.addresses, address) != rules_.addresses.end();
  };
  if (frame.has_address2() && is_ours(frame.address2())) return false;
  if (rules_.filter.all) return true;
  if (frame.fc().is_control())
    return rules_.filter.control && is_ours(frame.address1()) && frame.has_address2();
  if (frame.is_group_addressed() || is_ours(frame.address1())) return true;
  return rules_.filter.other_bss && frame.fc().is_management();
}

uint64_t Wtp::tsf_us() const {
  return ports_.scheduler->now().us() + static_cast<uint64_t>(tsf_offset_us_);
}

}  // namespace airloom::tunnel
