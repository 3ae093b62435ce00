// Messages of the control channel: those of CAPWAP that a tunnel needs, with the elements it
// knows; unknown elements are passed over. What CAPWAP has no words for are vendor specific
// elements under the enterprise number of documentation, 32473. [RFC 5415 4.5, 4.6] [RFC 5612]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "mac80211/driver.h"
#include "tunnel/frame_info.h"

namespace airloom::tunnel {

/// A response's number is its request's and one. [RFC 5415 4.5.1.1]
enum class MessageType : uint32_t {
  kJoinRequest = 3,
  kJoinResponse = 4,
  kConfigurationUpdateRequest = 7,
  kConfigurationUpdateResponse = 8,
  kWtpEventRequest = 9,
  kWtpEventResponse = 10,
  kEchoRequest = 13,
  kEchoResponse = 14,
  kResetRequest = 17,
  kResetResponse = 18,
};
constexpr bool is_request(MessageType type) {
  return (static_cast<uint32_t>(type) & 1) != 0;
}
constexpr MessageType response_to(MessageType request) {
  return static_cast<MessageType>(static_cast<uint32_t>(request) + 1);
}

/// [RFC 5415 4.6.35]
enum class ResultCode : uint32_t {
  kSuccess = 0,
  kJoinFailedUnspecified = 3,
  kJoinFailedBusy = 4,  ///< resource depletion: somebody else has the radio
};

using SessionId = std::array<uint8_t, 16>;

/// What the end with the radio says of it.
struct RadioDescription {
  MacAddress address;
  friend bool operator==(const RadioDescription&, const RadioDescription&) = default;
};

/// Which frames the other end is to be sent, of those that the radio hears.
struct ReceiveRules {
  bool on = false;  ///< else none
  mac80211::ReceiveFilter filter;
  std::vector<MacAddress> addresses;  ///< at most 255
  friend bool operator==(const ReceiveRules&, const ReceiveRules&) = default;
};

/// What became of a frame.
struct TxReport {
  FrameNumber number = 0;
  bool acked = false;
  uint8_t tries = 1;
  friend bool operator==(const TxReport&, const TxReport&) = default;
};

struct ControlMessage {
  MessageType type{};
  uint8_t sequence = 0;
  std::optional<SessionId> session;
  std::optional<ResultCode> result;
  std::optional<RadioDescription> radio;
  std::optional<mac80211::ChannelDefinition> channel;
  std::optional<ReceiveRules> rules;
  std::vector<TxReport> reports;
  std::optional<uint64_t> tsf_us;        ///< the radio's, when the message was written
  std::optional<uint16_t> datagram_max;  ///< octets of UDP payload that the road takes

  /// @error kMalformed, kTruncated;  kUnsupported  a message of another type.
  static Result<ControlMessage> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const ControlMessage&, const ControlMessage&) = default;

  static constexpr size_t kReportsMax = 128;  ///< of one message
};

/// The Session ID element alone, as a data channel keep-alive carries it. [RFC 5415 4.4.1]
Result<SessionId> parse_keep_alive(Reader reader);
void emit_keep_alive(Writer& writer, const SessionId& session);

}  // namespace airloom::tunnel
