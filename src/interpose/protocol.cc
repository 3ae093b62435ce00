#include "interpose/protocol.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace airloom::interpose {
namespace {

constexpr size_t kMaxList = 4096;  // of families, groups, descriptors

// Strings and lists have a 16-bit length; what is longer is cut, which only a name could be.
void emit_string(Writer& writer, std::string_view text) {
  text = text.substr(0, 0xffff);
  writer.le16(static_cast<uint16_t>(text.size()));
  for (char c : text) writer.u8(static_cast<uint8_t>(c));
}

Result<std::string> parse_string(Reader& reader) {
  const uint16_t size = TRY(reader.le16());
  const auto octets = TRY(reader.take(size));
  return std::string(octets.begin(), octets.end());
}

Result<bool> parse_bool(Reader& reader) {
  const uint8_t value = TRY(reader.u8());
  if (value > 1) return fail(Errc::kMalformed, "not a truth value");
  return value == 1;
}

template <typename T, typename Parse>
Result<std::vector<T>> parse_list(Reader& reader, Parse parse) {
  const uint16_t count = TRY(reader.le16());
  if (count > kMaxList) return fail(Errc::kMalformed, "list too long");
  std::vector<T> list;
  for (uint16_t i = 0; i < count; ++i) list.push_back(TRY(parse(reader)));
  return list;
}

template <typename T, typename Emit>
void emit_list(Writer& writer, const std::vector<T>& list, Emit emit) {
  writer.le16(static_cast<uint16_t>(list.size()));
  for (const T& item : list) emit(writer, item);
}

template <typename T>
Result<T> parse_enum(Reader& reader, T last) {
  const uint8_t value = TRY(reader.u8());
  if (value > static_cast<uint8_t>(last)) return fail(Errc::kMalformed, "unknown value");
  return static_cast<T>(value);
}

Result<Group> parse_group(Reader& reader) {
  Group group;
  group.id = TRY(reader.le32());
  group.name = TRY(parse_string(reader));
  return group;
}

Result<Family> parse_family(Reader& reader) {
  Family family;
  family.id = TRY(reader.le16());
  family.name = TRY(parse_string(reader));
  family.groups = TRY(parse_list<Group>(reader, parse_group));
  return family;
}

void emit_family(Writer& writer, const Family& family) {
  writer.le16(family.id);
  emit_string(writer, family.name);
  emit_list(writer, family.groups, [](Writer& out, const Group& group) {
    out.le32(group.id);
    emit_string(out, group.name);
  });
}

// One emit and one parse for each message, in the order of its members.

MessageType type_of(const Attach&) {
  return MessageType::kAttach;
}
void emit(Writer& writer, const Attach& message) {
  emit_string(writer, message.host);
  emit_string(writer, message.program);
  writer.le32(message.pid);
}
Result<Attach> parse_attach(Reader& reader) {
  Attach message;
  message.host = TRY(parse_string(reader));
  message.program = TRY(parse_string(reader));
  message.pid = TRY(reader.le32());
  return message;
}

MessageType type_of(const Open&) {
  return MessageType::kOpen;
}
void emit(Writer& writer, const Open& message) {
  writer.le32(message.participant).le32(message.pid).u8(message.privileged);
  writer.u8(static_cast<uint8_t>(message.kind)).u8(message.type).u8(0).le64(message.cookie);
}
Result<Open> parse_open(Reader& reader) {
  Open message;
  message.participant = TRY(reader.le32());
  message.pid = TRY(reader.le32());
  message.privileged = TRY(parse_bool(reader));
  message.kind = TRY(parse_enum(reader, SocketKind::kPacket));
  message.type = TRY(reader.u8());
  TRY(reader.u8());
  message.cookie = TRY(reader.le64());
  return message;
}

MessageType type_of(const Channel&) {
  return MessageType::kChannel;
}
void emit(Writer& writer, const Channel& message) {
  writer.le32(message.participant).le32(message.pid);
}
Result<Channel> parse_channel(Reader& reader) {
  Channel message;
  message.participant = TRY(reader.le32());
  message.pid = TRY(reader.le32());
  return message;
}

MessageType type_of(const Bind&) {
  return MessageType::kBind;
}
void emit(Writer& writer, const Bind& message) {
  writer.le32(message.port).le32(message.pid);
}
Result<Bind> parse_bind(Reader& reader) {
  Bind message;
  message.port = TRY(reader.le32());
  message.pid = TRY(reader.le32());
  return message;
}

MessageType type_of(const Membership&) {
  return MessageType::kMembership;
}
void emit(Writer& writer, const Membership& message) {
  writer.le32(message.group).u8(message.join);
}
Result<Membership> parse_membership(Reader& reader) {
  Membership message;
  message.group = TRY(reader.le32());
  message.join = TRY(parse_bool(reader));
  return message;
}

MessageType type_of(const SetOption&) {
  return MessageType::kSetOption;
}
void emit(Writer& writer, const SetOption& message) {
  writer.u8(static_cast<uint8_t>(message.option)).le32(message.value);
}
Result<SetOption> parse_set_option(Reader& reader) {
  SetOption message;
  message.option = TRY(parse_enum(reader, kLastOption));
  message.value = TRY(reader.le32());
  return message;
}

MessageType type_of(const Request&) {
  return MessageType::kRequest;
}
void emit(Writer& writer, const Request& message) {
  writer.u8(message.privileged).bytes(message.datagram);
}
Result<Request> parse_request(Reader& reader) {
  Request message;
  message.privileged = TRY(parse_bool(reader));
  message.datagram = TRY(reader.take(reader.remaining()));
  return message;
}

MessageType type_of(const Consumed&) {
  return MessageType::kConsumed;
}
void emit(Writer& writer, const Consumed& message) {
  writer.le32(message.octets);
}
Result<Consumed> parse_consumed(Reader& reader) {
  return Consumed{TRY(reader.le32())};
}

MessageType type_of(const Close&) {
  return MessageType::kClose;
}
void emit(Writer&, const Close&) {}

MessageType type_of(const Describe&) {
  return MessageType::kDescribe;
}
void emit(Writer&, const Describe&) {}

MessageType type_of(const Ioctl&) {
  return MessageType::kIoctl;
}
void emit(Writer& writer, const Ioctl& message) {
  writer.le32(message.request).u8(message.privileged).bytes(message.argument);
}
Result<Ioctl> parse_ioctl(Reader& reader) {
  Ioctl message;
  message.request = TRY(reader.le32());
  message.privileged = TRY(parse_bool(reader));
  message.argument = TRY(reader.take(reader.remaining()));
  return message;
}

MessageType type_of(const Answer&) {
  return MessageType::kAnswer;
}
void emit(Writer& writer, const Answer& message) {
  writer.le32(static_cast<uint32_t>(message.error)).le32(message.value).bytes(message.octets);
}
Result<Answer> parse_answer(Reader& reader) {
  Answer message;
  message.error = static_cast<int32_t>(TRY(reader.le32()));
  message.value = TRY(reader.le32());
  const auto octets = TRY(reader.take(reader.remaining()));
  message.octets.assign(octets.begin(), octets.end());
  return message;
}

MessageType type_of(const Frame&) {
  return MessageType::kFrame;
}
void emit(Writer& writer, const Frame& message) {
  writer.bytes(message.address).bytes(message.octets);
}
Result<Frame> parse_frame(Reader& reader) {
  Frame message;
  message.address = TRY(reader.take(kFrameAddressSize));
  message.octets = TRY(reader.take(reader.remaining()));
  return message;
}

MessageType type_of(const Attached&) {
  return MessageType::kAttached;
}
void emit(Writer& writer, const Attached& message) {
  writer.u8(static_cast<uint8_t>(message.time_mode));
  writer.le64(message.realtime_epoch_ns).le64(message.monotonic_epoch_ns);
  writer.le64(message.seed).le32(message.participant);
  emit_list(writer, message.families, emit_family);
  emit_list(writer, message.descriptors,
            [](Writer& out, Namespace kind) { out.u8(static_cast<uint8_t>(kind)); });
  emit_string(writer, message.preload);
  emit_string(writer, message.emulated);
  emit_string(writer, message.sysfs);
}
Result<Attached> parse_attached(Reader& reader) {
  Attached message;
  message.time_mode = TRY(parse_enum(reader, TimeMode::kVirtual));
  message.realtime_epoch_ns = TRY(reader.le64());
  message.monotonic_epoch_ns = TRY(reader.le64());
  message.seed = TRY(reader.le64());
  message.participant = TRY(reader.le32());
  message.families = TRY(parse_list<Family>(reader, parse_family));
  message.descriptors = TRY(parse_list<Namespace>(
      reader, [](Reader& from) { return parse_enum(from, Namespace::kMount); }));
  message.preload = TRY(parse_string(reader));
  message.emulated = TRY(parse_string(reader));
  message.sysfs = TRY(parse_string(reader));
  return message;
}

MessageType type_of(const Refused&) {
  return MessageType::kRefused;
}
void emit(Writer& writer, const Refused& message) {
  writer.le32(static_cast<uint32_t>(message.error));
  emit_string(writer, message.text);
}
Result<Refused> parse_refused(Reader& reader) {
  Refused message;
  message.error = static_cast<int32_t>(TRY(reader.le32()));
  message.text = TRY(parse_string(reader));
  return message;
}

MessageType type_of(const Outcome&) {
  return MessageType::kOutcome;
}
void emit(Writer& writer, const Outcome& message) {
  writer.le32(static_cast<uint32_t>(message.error)).le32(message.value);
}
Result<Outcome> parse_outcome(Reader& reader) {
  Outcome message;
  message.error = static_cast<int32_t>(TRY(reader.le32()));
  message.value = TRY(reader.le32());
  return message;
}

MessageType type_of(const Deliver&) {
  return MessageType::kDeliver;
}
void emit(Writer& writer, const Deliver& message) {
  writer.le32(message.group).bytes(message.datagram);
}
Result<Deliver> parse_deliver(Reader& reader) {
  Deliver message;
  message.group = TRY(reader.le32());
  message.datagram = TRY(reader.take(reader.remaining()));
  return message;
}

MessageType type_of(const Overrun&) {
  return MessageType::kOverrun;
}
void emit(Writer&, const Overrun&) {}

Result<Message> parse_body(MessageType type, Reader& reader) {
  switch (type) {
    case MessageType::kAttach:
      return TRY(parse_attach(reader));
    case MessageType::kOpen:
      return TRY(parse_open(reader));
    case MessageType::kBind:
      return TRY(parse_bind(reader));
    case MessageType::kMembership:
      return TRY(parse_membership(reader));
    case MessageType::kSetOption:
      return TRY(parse_set_option(reader));
    case MessageType::kRequest:
      return TRY(parse_request(reader));
    case MessageType::kConsumed:
      return TRY(parse_consumed(reader));
    case MessageType::kClose:
      return Close{};
    case MessageType::kDescribe:
      return Describe{};
    case MessageType::kChannel:
      return TRY(parse_channel(reader));
    case MessageType::kIoctl:
      return TRY(parse_ioctl(reader));
    case MessageType::kAnswer:
      return TRY(parse_answer(reader));
    case MessageType::kFrame:
      return TRY(parse_frame(reader));
    case MessageType::kAttached:
      return TRY(parse_attached(reader));
    case MessageType::kRefused:
      return TRY(parse_refused(reader));
    case MessageType::kOutcome:
      return TRY(parse_outcome(reader));
    case MessageType::kDeliver:
      return TRY(parse_deliver(reader));
    case MessageType::kOverrun:
      return Overrun{};
    case MessageType::kTogether:
    case MessageType::kGrant:
    case MessageType::kIdle:
    case MessageType::kUpdate:
    case MessageType::kProcess:
    case MessageType::kCommandFirst:
      break;
  }
  return fail(Errc::kUnsupported,
              fmt::format("unknown message type {}", static_cast<unsigned>(type)));
}

}  // namespace

Result<Header> parse_header(Reader& reader) {
  Header header;
  header.type = static_cast<MessageType>(TRY(reader.le16()));
  const uint16_t version = TRY(reader.le16());
  if (version != kProtocolVersion)
    return fail(Errc::kUnsupported,
                fmt::format("the other side speaks protocol version {}, this one {}: they are of "
                            "different airloom versions",
                            version, kProtocolVersion));
  TRY(reader.le32());
  header.stamp.time_ns = TRY(reader.le64());
  header.stamp.sequence = TRY(reader.le64());
  header.socket = TRY(reader.le64());
  return header;
}

void emit_header(Writer& writer, const Header& header) {
  const WireHeader wire{.type = static_cast<uint16_t>(header.type),
                        .version = kProtocolVersion,
                        .zero = 0,
                        .time_ns = header.stamp.time_ns,
                        .sequence = header.stamp.sequence,
                        .socket = header.socket};
  static_assert(std::endian::native == std::endian::little);
  std::array<uint8_t, sizeof wire> octets;
  std::memcpy(octets.data(), &wire, sizeof wire);
  writer.bytes(octets);
}

Result<Envelope> parse_message(std::span<const uint8_t> datagram) {
  Reader reader(datagram);
  const Header header = TRY(parse_header(reader));
  Envelope envelope{header.stamp, TRY(parse_body(header.type, reader)), header.socket};
  if (!reader.at_end()) return fail(Errc::kMalformed, "octets after the message");
  return envelope;
}

Octets emit_message(const Message& message, Stamp stamp) {
  Octets octets;
  octets.reserve(512);  // most fit
  Writer writer(octets);
  std::visit(
      [&](const auto& body) {
        emit_header(writer, {type_of(body), stamp});
        emit(writer, body);
      },
      message);
  return octets;
}

void Together::add(std::span<const uint8_t> message) {
  Writer writer(octets_);
  if (count_++ == 0) emit_header(writer, {.type = MessageType::kTogether});
  writer.le32(static_cast<uint32_t>(message.size())).bytes(message);
}

Octets Together::take() {
  Octets octets = std::exchange(octets_, {});
  constexpr auto kBeforeFirst = static_cast<ptrdiff_t>(kHeaderSize + sizeof(uint32_t));
  if (std::exchange(count_, 0) == 1) octets.erase(octets.begin(), octets.begin() + kBeforeFirst);
  return octets;
}

Result<void> for_each_message(std::span<const uint8_t> datagram,
                              const std::function<Result<void>(const Envelope&)>& take) {
  Reader reader(datagram);
  if (TRY(parse_header(reader)).type != MessageType::kTogether)
    return take(TRY(parse_message(datagram)));
  while (!reader.at_end()) {
    const uint32_t size = TRY(reader.le32());
    TRY(take(TRY(parse_message(TRY(reader.take(size))))));
  }
  return {};
}

}  // namespace airloom::interpose
