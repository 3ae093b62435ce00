#include "daemon/socket_session.h"

#include <algorithm>
#include <cerrno>
#include <variant>

#include "daemon/emulated_ioctl.h"

namespace airloom::daemon {

using namespace interpose;

namespace {

constexpr size_t kGatheredMax = 64 * 1024;  // more leaves in several datagrams

}  // namespace

SocketSession::SocketSession(SocketTable& table, Connection& connection, const Open& open)
    : table_(table), connection_(connection), open_(open) {
  if (open.cookie != 0) table_[open.cookie] = this;
}

SocketSession::~SocketSession() {
  const auto found = table_.find(open_.cookie);
  if (found != table_.end() && found->second == this) table_.erase(found);
}

bool SocketSession::on_message(std::span<const uint8_t> message) {
  const auto envelope = parse_message(message);
  if (!envelope) return false;
  is_gathering_ = true;
  const auto answer = perform(envelope->message);
  if (!answer) return false;
  send(*answer);
  send_gathered();
  is_gathering_ = false;
  return true;
}

void SocketSession::gather(Octets message) {
  if (gathered_.size() + message.size() > kGatheredMax) send_gathered();
  gathered_.add(message);
}

void SocketSession::send_gathered() {
  if (!gathered_.empty()) connection_.send(gathered_.take());
}

std::optional<Message> SocketSession::perform(const Message& message) {
  if (std::holds_alternative<Describe>(message)) return describe();
  if (std::holds_alternative<Close>(message)) {
    if (open_.cookie == 0) return std::nullopt;  // ends the connection
    connection_.look();
    return Outcome{};
  }
  if (const auto* consumed = std::get_if<Consumed>(&message)) {
    unread_ -= std::min<size_t>(unread_, consumed->octets);
    connection_.flush();
    return Outcome{};
  }
  if (const auto* option = std::get_if<SetOption>(&message)) {
    const uint32_t bit = 1u << static_cast<unsigned>(option->option);
    options_on_ = option->value != 0 ? options_on_ | bit : options_on_ & ~bit;
    if (option->option == Option::kReceiveBuffer) set_receive_buffer(option->value);
  }
  return handle(message);
}

Answer SocketSession::describe() const {
  Answer answer{.value = port()};
  Writer writer(answer.octets);
  writer.u8(static_cast<uint8_t>(open_.kind)).u8(open_.type).zeros(2).le32(options_on_);
  for (uint32_t group : groups()) writer.le32(group);
  writer.bytes(name());
  return answer;
}

void SocketSession::send(const Message& message) {
  Octets octets = emit_message(message, stamp());
  if (is_gathering_) return gather(std::move(octets));
  connection_.send(std::move(octets));
}

void SocketSession::set_receive_buffer(size_t octets) {
  receive_buffer_ = std::max<size_t>(octets, 2304);  // SOCK_MIN_RCVBUF
}

// What the program has not read counts against its buffer; as in a socket of the kernel, one
// datagram may cross the limit.
bool SocketSession::try_deliver(const Message& message, size_t octets) {
  if (unread_ > receive_buffer_ && open_.cookie != 0) {
    unread_ = connection_.unread();
    if (unread_ > receive_buffer_) connection_.call_when_read(receive_buffer_);
  }
  if (unread_ > receive_buffer_) return false;
  Octets emitted = emit_message(message, stamp());
  if (is_gathering_) {
    gather(std::move(emitted));
  } else if (!connection_.try_send(emitted)) {
    return false;
  }
  // The kernel counts what a message takes in memory: about this.
  unread_ += open_.cookie != 0 ? octets + 1024 : octets;
  return true;
}

bool ChannelSession::on_message(std::span<const uint8_t> message) {
  const auto envelope = parse_message(message);
  if (!envelope) return false;
  const auto answer = perform(*envelope);
  if (!answer) return false;
  // A process asks one thing after another: there is room for each answer.
  return answers_.send(emit_message(*answer, envelope->stamp)).has_value();
}

std::optional<Message> ChannelSession::perform(const Envelope& envelope) {
  if (const auto* ioctl = std::get_if<Ioctl>(&envelope.message))
    return network_ ? perform_ioctl(*network_, *ioctl) : Answer{.error = ENODEV};
  const auto found = table_.find(envelope.socket);
  if (found == table_.end()) return Outcome{.error = EBADF};
  return found->second->perform(envelope.message);
}

}  // namespace airloom::daemon
