#include "tunnel/control_message.h"

namespace airloom::tunnel {
namespace {

// Types of message elements. [RFC 5415 4.6]
constexpr uint16_t kResultCode = 33;
constexpr uint16_t kSessionId = 35;
constexpr uint16_t kVendorSpecific = 37;

constexpr uint32_t kVendor = 32473;

/// Of our vendor specific elements.
enum VendorElement : uint16_t {
  kRadio = 1,
  kChannelSetting = 2,
  kRules = 3,
  kTxReports = 4,
  kTsf = 5,
  kDatagramMax = 6,
};

// The length of a message counts itself and the flags. [RFC 5415 4.5.1.3]
constexpr size_t kLengthAndFlags = 3;
constexpr size_t kFlagsOctets = 1;
constexpr size_t kLengthOctets = 2;  // of a keep-alive, whose length counts itself too

constexpr uint8_t kAcked = 0x01;
enum RuleFlag : uint8_t {
  kOn = 0x01,
  kOtherBss = 0x02,
  kProbeRequests = 0x04,
  kControl = 0x08,
  kAll = 0x10,
};

bool is_known(uint32_t type) {
  switch (static_cast<MessageType>(type)) {
    case MessageType::kJoinRequest:
    case MessageType::kJoinResponse:
    case MessageType::kConfigurationUpdateRequest:
    case MessageType::kConfigurationUpdateResponse:
    case MessageType::kWtpEventRequest:
    case MessageType::kWtpEventResponse:
    case MessageType::kEchoRequest:
    case MessageType::kEchoResponse:
    case MessageType::kResetRequest:
    case MessageType::kResetResponse:
      return true;
  }
  return false;
}

Result<mac80211::ChannelDefinition> parse_channel(Reader reader) {
  mac80211::ChannelDefinition channel;
  channel.primary_mhz = TRY(reader.be16());
  channel.center1_mhz = TRY(reader.be16());
  channel.center2_mhz = TRY(reader.be16());
  channel.width = static_cast<cfg80211::ChannelWidth>(TRY(reader.u8()));
  if (channel.width > cfg80211::ChannelWidth::k320 || !channel.is_valid())
    return fail(Errc::kMalformed, "no such channel");
  return channel;
}

void emit(Writer& writer, const mac80211::ChannelDefinition& channel) {
  writer.be16(static_cast<uint16_t>(channel.primary_mhz));
  writer.be16(static_cast<uint16_t>(channel.center1_mhz));
  writer.be16(static_cast<uint16_t>(channel.center2_mhz));
  writer.u8(static_cast<uint8_t>(channel.width));
}

Result<ReceiveRules> parse_rules(Reader reader) {
  const uint8_t flags = TRY(reader.u8());
  ReceiveRules rules{.on = (flags & kOn) != 0,
                     .filter = {.other_bss = (flags & kOtherBss) != 0,
                                .probe_requests = (flags & kProbeRequests) != 0,
                                .control = (flags & kControl) != 0,
                                .all = (flags & kAll) != 0},
                     .addresses = {}};
  const uint8_t count = TRY(reader.u8());
  for (uint8_t i = 0; i < count; ++i) rules.addresses.push_back(TRY(reader.mac()));
  return rules;
}

void emit(Writer& writer, const ReceiveRules& rules) {
  const auto& filter = rules.filter;
  writer.u8(static_cast<uint8_t>((rules.on ? kOn : 0) | (filter.other_bss ? kOtherBss : 0) |
                                 (filter.probe_requests ? kProbeRequests : 0) |
                                 (filter.control ? kControl : 0) | (filter.all ? kAll : 0)));
  writer.u8(static_cast<uint8_t>(rules.addresses.size()));
  for (const MacAddress& address : rules.addresses) writer.mac(address);
}

Result<void> parse_reports(Reader reader, std::vector<TxReport>& reports) {
  while (!reader.at_end()) {
    TxReport report{.number = TRY(reader.be32())};
    report.acked = (TRY(reader.u8()) & kAcked) != 0;
    report.tries = TRY(reader.u8());
    reports.push_back(report);
  }
  return {};
}

Result<void> parse_vendor_element(ControlMessage& message, Reader reader) {
  if (TRY(reader.be32()) != kVendor) return {};
  switch (TRY(reader.be16())) {
    case kRadio:
      message.radio = RadioDescription{TRY(reader.mac())};
      break;
    case kChannelSetting:
      message.channel = TRY(parse_channel(reader));
      break;
    case kRules:
      message.rules = TRY(parse_rules(reader));
      break;
    case kTxReports:
      return parse_reports(reader, message.reports);
    case kTsf:
      message.tsf_us = TRY(reader.be64());
      break;
    case kDatagramMax:
      message.datagram_max = TRY(reader.be16());
      break;
    default:
      break;
  }
  return {};
}

Result<void> parse_element(ControlMessage& message, uint16_t type, Reader value) {
  switch (type) {
    case kResultCode:
      message.result = static_cast<ResultCode>(TRY(value.be32()));
      break;
    case kSessionId:
      message.session = TRY(value.array<16>());
      break;
    case kVendorSpecific:
      return parse_vendor_element(message, value);
    default:
      break;
  }
  return {};
}

/// Appends elements, each behind its type and length.
class ElementWriter {
 public:
  explicit ElementWriter(Writer& writer) : writer_(writer) {}

  template <typename Body>
  void put(uint16_t type, Body body) {
    value_.clear();
    Writer value(value_);
    body(value);
    writer_.be16(type).be16(static_cast<uint16_t>(value_.size())).bytes(value_);
  }
  template <typename Body>
  void put(VendorElement element, Body body) {
    put(kVendorSpecific, [&](Writer& value) {
      value.be32(kVendor).be16(element);
      body(value);
    });
  }

 private:
  Writer& writer_;
  Octets value_;
};

void emit_elements(const ControlMessage& message, Writer& writer) {
  ElementWriter elements(writer);
  if (message.result)
    elements.put(kResultCode,
                 [&](Writer& out) { out.be32(static_cast<uint32_t>(*message.result)); });
  if (message.session) elements.put(kSessionId, [&](Writer& out) { out.bytes(*message.session); });
  if (message.radio) elements.put(kRadio, [&](Writer& out) { out.mac(message.radio->address); });
  if (message.channel)
    elements.put(kChannelSetting, [&](Writer& out) { emit(out, *message.channel); });
  if (message.rules) elements.put(kRules, [&](Writer& out) { emit(out, *message.rules); });
  if (!message.reports.empty())
    elements.put(kTxReports, [&](Writer& out) {
      for (const TxReport& report : message.reports)
        out.be32(report.number).u8(report.acked ? kAcked : 0).u8(report.tries);
    });
  if (message.tsf_us) elements.put(kTsf, [&](Writer& out) { out.be64(*message.tsf_us); });
  if (message.datagram_max)
    elements.put(kDatagramMax, [&](Writer& out) { out.be16(*message.datagram_max); });
}

}  // namespace

Result<ControlMessage> ControlMessage::parse(Reader reader) {
  ControlMessage message;
  const uint32_t type = TRY(reader.be32());
  if (!is_known(type)) return fail(Errc::kUnsupported, "a control message of another type");
  message.type = static_cast<MessageType>(type);
  message.sequence = TRY(reader.u8());
  const size_t length = TRY(reader.be16());
  if (length < kLengthAndFlags) return fail(Errc::kMalformed, "control message too short");
  TRY(reader.skip(kFlagsOctets));
  Reader elements(TRY(reader.take(length - kLengthAndFlags)));
  while (!elements.at_end()) {
    const uint16_t element = TRY(elements.be16());
    const auto value = TRY(elements.take(TRY(elements.be16())));
    TRY(parse_element(message, element, Reader(value)));
  }
  return message;
}

void ControlMessage::emit(Writer& writer) const {
  writer.be32(static_cast<uint32_t>(type)).u8(sequence);
  const size_t at = writer.size();
  writer.be16(0).u8(0);
  emit_elements(*this, writer);
  const size_t length = writer.size() - at;
  writer.octets()[at] = static_cast<uint8_t>(length >> 8);
  writer.octets()[at + 1] = static_cast<uint8_t>(length);
}

Result<SessionId> parse_keep_alive(Reader reader) {
  const size_t length = TRY(reader.be16());
  if (length < kLengthOctets) return fail(Errc::kMalformed, "keep-alive too short");
  Reader elements(TRY(reader.take(length - kLengthOctets)));
  while (!elements.at_end()) {
    const uint16_t type = TRY(elements.be16());
    Reader value(TRY(elements.take(TRY(elements.be16()))));
    if (type == kSessionId) return value.array<16>();
  }
  return fail(Errc::kMalformed, "a keep-alive without a session");
}

void emit_keep_alive(Writer& writer, const SessionId& session) {
  constexpr size_t kElementHeader = 4;
  writer.be16(static_cast<uint16_t>(kLengthOctets + kElementHeader + session.size()));
  writer.be16(kSessionId).be16(static_cast<uint16_t>(session.size())).bytes(session);
}

}  // namespace airloom::tunnel
