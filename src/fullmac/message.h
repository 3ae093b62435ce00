// The messages between a FullMAC radio's host driver and its firmware: a header of eight octets,
// then a payload (messages.h). A request is answered by one confirmation, which repeats its code
// and sequence number and begins with a status; events and data come when they come. All are
// little-endian. The two sides greet each other with kVersion before anything else.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "fullmac/codec.h"

namespace airloom::fullmac {

constexpr uint8_t kVersion = 1;
constexpr size_t kHeaderLength = 8;
constexpr size_t kMessageMax = 16384;  ///< octets, header included

enum class Kind : uint8_t { kRequest, kConfirmation, kEvent, kData };

/// What the host asks. The interface of a header is the host's number for one, 0 for the radio.
enum class Request : uint16_t {
  kHello,
  kSetCountry,
  kAddInterface,
  kDeleteInterface,
  kChangeInterface,
  kOpen,
  kStop,
  kSetAddress,
  kAddKey,
  kDeleteKey,
  kGetKey,
  kSetDefaultKey,
  kSetDefaultManagementKey,
  kSetDefaultBeaconKey,
  kStartAp,
  kChangeBeacon,
  kStopAp,
  kChangeBss,
  kChannelSwitch,
  kSetTxQueue,
  kChangeStation,
  kDeleteStation,
  kGetStation,
  kDumpStation,
  kProbeClient,
  kScan,
  kAbortScan,
  kConnect,
  kDisconnect,
  kSetWiphyParams,
  kSetTxPower,
  kGetTxPower,
  kGetChannel,
  kSetPowerManagement,
  kSetCqm,
  kDumpSurvey,
  kSetFrameInterest,
  kManagementTx,
  kCancelTxWait,
  kRemainOnChannel,
  kCancelRemain,
  kControlPortTx,
  kStartSchedScan,
  kStopSchedScan,
  kCount,
};

/// What the firmware tells.
enum class Event : uint16_t {
  kBssHeard,
  kScanDone,
  kConnectDone,
  kRoamed,
  kDisconnected,
  kPortAuthorized,
  kStationAdded,
  kStationRemoved,
  kApStopped,
  kFrameReceived,
  kFrameTxStatus,
  kTxWaitExpired,
  kRemainStarted,
  kRemainExpired,
  kControlPortReceived,
  kControlPortStatus,
  kCqmRssi,
  kCqmBeaconLoss,
  kCqmPacketLoss,
  kChannelSwitchStarted,
  kChannelSwitched,
  kClientProbed,
  kCarrier,
  kFlow,
  kSchedScanResults,
  kCount,
};

struct Header {
  Kind kind{};
  uint16_t code = 0;       ///< a Request or an Event; 0 for data
  uint16_t interface = 0;  ///< 0: the radio
  uint16_t sequence = 0;   ///< of a request and its confirmation

  /// Reads a message's header and leaves `message` at the payload.
  /// @error kTruncated, kMalformed, kUnsupported (another version)
  static Result<Header> parse(Reader& message);
  void emit(Writer& writer) const;
  friend bool operator==(const Header&, const Header&) = default;
};

/// An Ethernet frame as a data message, in place: it needs headroom and is copied if it lacks that
/// or is shared.
FrameBuffer wrap_data(FrameBuffer ethernet, uint16_t interface);

}  // namespace airloom::fullmac
