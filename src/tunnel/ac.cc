#include "tunnel/ac.h"

#include "base/assert.h"

namespace airloom::tunnel {

Ac::Ac(const AcPorts& ports, Owner& owner)
    : ports_(ports),
      owner_(owner),
      control_(*ports.scheduler, counters_, *this),
      data_(*ports.scheduler, *ports.pool, counters_,
            {.send =
                 [this](std::span<const uint8_t> datagram) {
                   ports_.wire->send(Channel::kData, datagram);
                 },
             .on_frame =
                 [this](DataChannel<RxInfo, TxInfo>::Received received) {
                   if (is_joined()) owner_.on_frame(received.info, std::move(received.frame));
                 },
             .on_keep_alive = [this](const SessionId& session) { on_keep_alive(session); }}),
      timer_(*ports.scheduler, [this] { on_timer(); }) {}

void Ac::start() {
  WLAN_ASSERT(state_ == State::kClosed);
  state_ = State::kOpening;
  ports_.wire->open();
}

void Ac::leave() {
  // A peer that does not hear it finds out by the silence.
  if (is_joined()) control_.tell({.type = MessageType::kResetRequest, .session = session_});
  state_ = State::kClosed;
  timer_.cancel();
  control_.reset();
}

void Ac::on_open() {
  if (state_ != State::kOpening) return;
  state_ = State::kJoining;
  ports_.rng->fill(session_);
  control_.reset();
  control_.set_datagram_max(ports_.wire->datagram_max());
  data_.reset();
  data_.set_datagram_max(ports_.wire->datagram_max());
  control_.poke();
}

void Ac::on_datagram(Channel channel, std::span<const uint8_t> datagram) {
  if (state_ == State::kClosed || state_ == State::kOpening) return counters_.add(Count::kRefused);
  if (channel == Channel::kControl) return control_.on_datagram(datagram);
  data_.on_datagram(datagram);
}

void Ac::send_control(std::span<const uint8_t> datagram) {
  ports_.wire->send(Channel::kControl, datagram);
}

void Ac::set_channel(const mac80211::ChannelDefinition& channel) {
  channel_ = channel;
  channel_is_due_ = true;
  control_.poke();
}

void Ac::set_rules(ReceiveRules rules) {
  if (rules_ == rules) return;
  rules_ = std::move(rules);
  rules_are_due_ = true;
  control_.poke();
}

std::optional<ControlMessage> Ac::next_request() {
  if (state_ == State::kJoining)
    return ControlMessage{.type = MessageType::kJoinRequest,
                          .session = session_,
                          .datagram_max = static_cast<uint16_t>(data_.datagram_max())};
  if (!is_joined()) return std::nullopt;
  if (channel_is_due_ || rules_are_due_) {
    ControlMessage update{.type = MessageType::kConfigurationUpdateRequest};
    if (std::exchange(channel_is_due_, false)) update.channel = channel_;
    if (std::exchange(rules_are_due_, false)) update.rules = rules_;
    return update;
  }
  if (std::exchange(echo_is_due_, false)) return ControlMessage{.type = MessageType::kEchoRequest};
  return std::nullopt;
}

void Ac::on_response(const ControlMessage& request, const ControlMessage& response) {
  if (request.type == MessageType::kJoinRequest) return on_join_response(response);
  if (response.tsf_us)
    owner_.on_tsf(*response.tsf_us +
                  static_cast<uint64_t>(control_.round_trip() / std::chrono::microseconds(2)));
  if (request.type == MessageType::kConfigurationUpdateRequest && request.channel &&
      response.result != ResultCode::kSuccess)
    ports_.log.warn("the radio did not go to {}", request.channel->to_string());
}

void Ac::on_join_response(const ControlMessage& response) {
  if (state_ != State::kJoining || response.session != session_) return;
  if (response.result != ResultCode::kSuccess || !response.radio) {
    refusal_ = response.result == ResultCode::kJoinFailedBusy ? "somebody else has the radio"
                                                              : "the other end refused";
    state_ = State::kOpening;
    timer_.arm(kRejoinDelay);
    return;
  }
  refusal_.clear();
  radio_ = *response.radio;
  if (response.datagram_max)
    data_.set_datagram_max(std::min<size_t>(data_.datagram_max(), *response.datagram_max));
  control_.set_datagram_max(data_.datagram_max());
  state_ = State::kBinding;
  on_timer();
}

void Ac::on_keep_alive(const SessionId& session) {
  if (session != session_) return counters_.add(Count::kRefused);
  if (state_ != State::kBinding) return;
  state_ = State::kJoined;
  counters_.add(Count::kSessions);
  channel_is_due_ = channel_.has_value();
  rules_are_due_ = true;
  timer_.arm(kEchoInterval);
  owner_.on_joined(radio_);
  control_.poke();
}

void Ac::on_timer() {
  switch (state_) {
    case State::kClosed:
    case State::kJoining:
      return;
    case State::kOpening:
      return ports_.wire->open();
    case State::kBinding:
      data_.send_keep_alive(session_);
      return timer_.arm(kKeepAliveFirst);
    case State::kJoined:
      data_.send_keep_alive(session_);
      echo_is_due_ = true;
      control_.poke();
      return timer_.arm(kEchoInterval);
  }
}

std::optional<ControlMessage> Ac::on_request(const ControlMessage& request) {
  if (request.type != MessageType::kWtpEventRequest || !is_joined()) return std::nullopt;
  if (request.tsf_us) owner_.on_tsf(*request.tsf_us);
  if (!request.reports.empty()) owner_.on_reports(request.reports);
  return ControlMessage{};
}

void Ac::on_unanswered() {
  rejoin();
}

void Ac::on_broken() {
  if (state_ != State::kClosed && state_ != State::kOpening) rejoin();
}

void Ac::rejoin() {
  const bool was_joined = is_joined();
  state_ = State::kOpening;
  control_.reset();
  timer_.arm(kRejoinDelay);
  if (!was_joined) return;
  counters_.add(Count::kSessionsLost);
  owner_.on_lost();
}

}  // namespace airloom::tunnel
