#include "tunnel/control_channel.h"

#include <algorithm>

#include "tunnel/data_channel.h"

namespace airloom::tunnel {

ControlChannel::ControlChannel(Scheduler& scheduler, Counters& counters, Owner& owner)
    : scheduler_(scheduler),
      counters_(counters),
      owner_(owner),
      datagram_max_(kDatagramMaxDefault),
      reassembler_(scheduler, counters),
      timer_(scheduler, [this] { on_timer(); }) {}

void ControlChannel::reset() {
  asked_.reset();
  answered_.reset();
  reassembler_.clear();
  timer_.cancel();
}

Duration ControlChannel::timeout() const {
  const Duration first =
      round_trip_ == Duration{0} ? kTimeoutFirst : std::max(2 * round_trip_, kTimeoutMin);
  return std::min(first * (1 << (tries_ - 1)), kTimeoutMax);
}

void ControlChannel::poke() {
  if (asked_) return;
  auto request = owner_.next_request();
  if (!request) return;
  request->sequence = ++last_sequence_;
  asked_ = std::move(request);
  asked_at_ = scheduler_.now();
  tries_ = 1;
  timer_.arm(timeout());
  emit(*asked_);
}

void ControlChannel::tell(ControlMessage request) {
  request.sequence = ++last_sequence_;
  emit(request);
}

void ControlChannel::on_timer() {
  if (!asked_) return;
  if (tries_ >= kTriesMax) {
    asked_.reset();
    return owner_.on_unanswered();
  }
  ++tries_;
  counters_.add(Count::kRepeated);
  timer_.arm(timeout());
  emit(*asked_);
}

void ControlChannel::emit(const ControlMessage& message) {
  message_.clear();
  Writer writer(message_);
  message.emit(writer);
  cut({.fragment_id = ++last_message_}, message_, datagram_max_, datagram_,
      [this](std::span<const uint8_t> datagram) { owner_.send_control(datagram); });
}

void ControlChannel::on_datagram(std::span<const uint8_t> datagram) {
  Reader reader(datagram);
  const auto header = CapwapHeader::parse(reader);
  if (!header) return counters_.add(Count::kMalformed);
  Octets whole;
  std::span<const uint8_t> octets = reader.rest();
  if (header->fragment) {
    auto message = reassembler_.add(*header, octets);
    if (!message) return;
    whole = std::move(message->payload);
    octets = whole;
  }
  const auto message = ControlMessage::parse(Reader(octets));
  if (!message) return counters_.add(Count::kMalformed);
  on_message(*message);
}

void ControlChannel::on_message(const ControlMessage& message) {
  if (is_request(message.type)) return on_request(message);
  on_response(message);
}

/// Whether it is the last request again, or one before that which comes late. A join that begins
/// another session is neither, whatever its number.
bool ControlChannel::is_repeated(const ControlMessage& request) const {
  if (!answered_) return false;
  if (request.type == MessageType::kJoinRequest)
    return answered_->type == MessageType::kJoinResponse && answered_->session == request.session;
  return static_cast<int8_t>(request.sequence - answered_->sequence) <= 0;
}

void ControlChannel::on_request(const ControlMessage& request) {
  if (is_repeated(request)) {
    counters_.add(Count::kDuplicate);
    if (request.sequence == answered_->sequence) emit(*answered_);
    return;
  }
  auto answer = owner_.on_request(request);
  if (!answer) return;
  answer->type = response_to(request.type);
  answer->sequence = request.sequence;
  answered_ = std::move(answer);
  emit(*answered_);
}

void ControlChannel::on_response(const ControlMessage& response) {
  if (!asked_ || response.sequence != asked_->sequence ||
      response.type != response_to(asked_->type))
    return counters_.add(Count::kDuplicate);
  if (tries_ == 1) {  // else it is not known which one was answered
    const Duration sample = scheduler_.now() - asked_at_;
    round_trip_ = round_trip_ == Duration{0} ? sample : (7 * round_trip_ + sample) / 8;
  }
  timer_.cancel();
  const ControlMessage request = *std::exchange(asked_, std::nullopt);
  owner_.on_response(request, response);
  poke();
}

}  // namespace airloom::tunnel
