// The payloads of messages: one value per request, with the reply it gets, and one per event. Most
// carry what ops.h and driver_events.h say (fields.h knows how those lie in a message).
#pragma once

#include "cfg80211/event_sink.h"
#include "cfg80211/ops.h"
#include "cfg80211/requests.h"
#include "fullmac/fields.h"
#include "fullmac/message.h"

namespace airloom::fullmac {

using cfg80211::ChannelDefinition;
using cfg80211::InterfaceType;

// Requests. kCode is the request's, Reply what its confirmation brings.

template <Request code, typename R = Nothing>
struct RequestOf {
  static constexpr Request kCode = code;
  using Reply = R;
};

struct HelloReply {
  uint8_t version = 0;
  uint16_t stations_max = 0;
};
template <typename A, Is<HelloReply> V>
void fields(A& a, V& v) {
  a(v.version, v.stations_max);
}

struct StationReply {
  MacAddress mac;
  cfg80211::StationInfo info;
};
template <typename A, Is<StationReply> V>
void fields(A& a, V& v) {
  a(v.mac, v.info);
}

struct Hello : RequestOf<Request::kHello, HelloReply> {
  uint8_t version = kVersion;
};
struct SetCountry : RequestOf<Request::kSetCountry> {
  std::array<uint8_t, 2> alpha2{};
};
struct AddInterface : RequestOf<Request::kAddInterface> {
  InterfaceType type{};
  MacAddress address;
};
struct DeleteInterface : RequestOf<Request::kDeleteInterface> {};
struct ChangeInterface : RequestOf<Request::kChangeInterface> {
  InterfaceType type{};
};
struct Open : RequestOf<Request::kOpen> {};
struct Stop : RequestOf<Request::kStop> {};
struct SetAddress : RequestOf<Request::kSetAddress> {
  MacAddress address;
};
struct AddKey : RequestOf<Request::kAddKey> {
  cfg80211::KeySlot slot;
  cfg80211::KeyParams params;
};
struct DeleteKey : RequestOf<Request::kDeleteKey> {
  cfg80211::KeySlot slot;
};
struct GetKey : RequestOf<Request::kGetKey, cfg80211::KeyReport> {
  cfg80211::KeySlot slot;
};
struct SetDefaultKey : RequestOf<Request::kSetDefaultKey> {
  uint8_t index = 0;
  bool unicast = false, multicast = false;
};
struct SetDefaultManagementKey : RequestOf<Request::kSetDefaultManagementKey> {
  uint8_t index = 0;
};
struct SetDefaultBeaconKey : RequestOf<Request::kSetDefaultBeaconKey> {
  uint8_t index = 0;
};
struct StartAp : RequestOf<Request::kStartAp> {
  cfg80211::StartApRequest request;
};
struct ChangeBeacon : RequestOf<Request::kChangeBeacon> {
  cfg80211::BeaconData beacon;
};
struct StopAp : RequestOf<Request::kStopAp> {};
struct ChangeBss : RequestOf<Request::kChangeBss> {
  cfg80211::BssParams params;
};
struct ChannelSwitch : RequestOf<Request::kChannelSwitch> {
  cfg80211::ChannelSwitchRequest request;
};
struct SetTxQueue : RequestOf<Request::kSetTxQueue> {
  cfg80211::TxQueueParams params;
};
struct ChangeStation : RequestOf<Request::kChangeStation> {
  MacAddress mac;
  cfg80211::StationParams params;
};
struct DeleteStation : RequestOf<Request::kDeleteStation> {
  cfg80211::DeleteStationRequest request;
};
struct GetStation : RequestOf<Request::kGetStation, cfg80211::StationInfo> {
  MacAddress mac;
};
struct DumpStation : RequestOf<Request::kDumpStation, StationReply> {
  uint32_t index = 0;
};
struct ProbeClient : RequestOf<Request::kProbeClient> {
  MacAddress mac;
  uint64_t cookie = 0;
};
struct Scan : RequestOf<Request::kScan> {
  cfg80211::ScanRequest request;
};
struct AbortScan : RequestOf<Request::kAbortScan> {};
struct Connect : RequestOf<Request::kConnect> {
  cfg80211::ConnectRequest request;
};
struct Disconnect : RequestOf<Request::kDisconnect> {
  uint16_t reason = 0;
};
struct SetWiphyParams : RequestOf<Request::kSetWiphyParams> {
  cfg80211::WiphyParams params;
};
struct SetTxPower : RequestOf<Request::kSetTxPower> {
  cfg80211::TxPowerSetting setting{};
  int32_t mbm = 0;
};
struct GetTxPower : RequestOf<Request::kGetTxPower, int32_t> {};
struct GetChannel : RequestOf<Request::kGetChannel, ChannelDefinition> {};
struct SetPowerManagement : RequestOf<Request::kSetPowerManagement> {
  bool on = false;
  int32_t timeout_ms = 0;
};
struct SetCqm : RequestOf<Request::kSetCqm> {
  cfg80211::CqmRequest request;
};
struct DumpSurvey : RequestOf<Request::kDumpSurvey, cfg80211::SurveyInfo> {
  uint32_t index = 0;
};
struct SetFrameInterest : RequestOf<Request::kSetFrameInterest> {
  cfg80211::ManagementFrameInterest interest;
};
struct ManagementTx : RequestOf<Request::kManagementTx> {
  cfg80211::FrameTxRequest request;
  uint64_t cookie = 0;
};
struct CancelTxWait : RequestOf<Request::kCancelTxWait> {
  uint64_t cookie = 0;
};
struct RemainOnChannel : RequestOf<Request::kRemainOnChannel> {
  ChannelDefinition channel;
  uint32_t duration_ms = 0;
  uint64_t cookie = 0;
};
struct CancelRemain : RequestOf<Request::kCancelRemain> {
  uint64_t cookie = 0;
};
struct ControlPortTx : RequestOf<Request::kControlPortTx, bool> {
  cfg80211::ControlPortTxRequest request;
  uint64_t cookie = 0;
};
struct StartSchedScan : RequestOf<Request::kStartSchedScan> {
  cfg80211::SchedScanRequest request;
};
struct StopSchedScan : RequestOf<Request::kStopSchedScan> {
  uint64_t id = 0;
};

template <typename A, Is<Hello> V>
void fields(A& a, V& v) {
  a(v.version);
}
template <typename A, Is<SetCountry> V>
void fields(A& a, V& v) {
  a(v.alpha2);
}
template <typename A, Is<AddInterface> V>
void fields(A& a, V& v) {
  a(v.type, v.address);
}
template <typename A, typename V>
requires Is<V, DeleteInterface> || Is<V, Open> || Is<V, Stop> || Is<V, StopAp> ||
    Is<V, AbortScan> || Is<V, GetTxPower> || Is<V, GetChannel>
void fields(A&, V&) {}
template <typename A, Is<ChangeInterface> V>
void fields(A& a, V& v) {
  a(v.type);
}
template <typename A, Is<SetAddress> V>
void fields(A& a, V& v) {
  a(v.address);
}
template <typename A, Is<AddKey> V>
void fields(A& a, V& v) {
  a(v.slot, v.params);
}
template <typename A, typename V>
requires Is<V, DeleteKey> || Is<V, GetKey>
void fields(A& a, V& v) {
  a(v.slot);
}
template <typename A, Is<SetDefaultKey> V>
void fields(A& a, V& v) {
  a(v.index, v.unicast, v.multicast);
}
template <typename A, typename V>
requires Is<V, SetDefaultManagementKey> || Is<V, SetDefaultBeaconKey> || Is<V, DumpStation> ||
    Is<V, DumpSurvey>
void fields(A& a, V& v) {
  a(v.index);
}
template <typename A, typename V>
requires Is<V, StartAp> || Is<V, ChannelSwitch> || Is<V, DeleteStation> || Is<V, Scan> ||
    Is<V, Connect> || Is<V, SetCqm> || Is<V, StartSchedScan>
void fields(A& a, V& v) {
  a(v.request);
}
template <typename A, Is<ChangeBeacon> V>
void fields(A& a, V& v) {
  a(v.beacon);
}
template <typename A, typename V>
requires Is<V, ChangeBss> || Is<V, SetTxQueue> || Is<V, SetWiphyParams>
void fields(A& a, V& v) {
  a(v.params);
}
template <typename A, Is<ChangeStation> V>
void fields(A& a, V& v) {
  a(v.mac, v.params);
}
template <typename A, Is<GetStation> V>
void fields(A& a, V& v) {
  a(v.mac);
}
template <typename A, Is<ProbeClient> V>
void fields(A& a, V& v) {
  a(v.mac, v.cookie);
}
template <typename A, Is<Disconnect> V>
void fields(A& a, V& v) {
  a(v.reason);
}
template <typename A, Is<SetTxPower> V>
void fields(A& a, V& v) {
  a(v.setting, v.mbm);
}
template <typename A, Is<SetPowerManagement> V>
void fields(A& a, V& v) {
  a(v.on, v.timeout_ms);
}
template <typename A, Is<SetFrameInterest> V>
void fields(A& a, V& v) {
  a(v.interest);
}
template <typename A, typename V>
requires Is<V, ManagementTx> || Is<V, ControlPortTx>
void fields(A& a, V& v) {
  a(v.request, v.cookie);
}
template <typename A, typename V>
requires Is<V, CancelTxWait> || Is<V, CancelRemain>
void fields(A& a, V& v) {
  a(v.cookie);
}
template <typename A, Is<RemainOnChannel> V>
void fields(A& a, V& v) {
  a(v.channel, v.duration_ms, v.cookie);
}
template <typename A, Is<StopSchedScan> V>
void fields(A& a, V& v) {
  a(v.id);
}

// Events.

template <Event code>
struct EventOf {
  static constexpr Event kCode = code;
};

/// A Beacon or Probe Response that a scan heard, or that of the access point just joined.
struct BssHeard : EventOf<Event::kBssHeard> {
  Octets frame;
  uint32_t mhz = 0;
  int32_t signal_mbm = 0;
  Duration boottime{0};
};
struct ScanDone : EventOf<Event::kScanDone> {
  bool aborted = false;
};
struct ConnectDone : EventOf<Event::kConnectDone> {
  cfg80211::ConnectResult result;
};
struct Roamed : EventOf<Event::kRoamed> {
  cfg80211::ConnectResult result;
};
struct Disconnected : EventOf<Event::kDisconnected> {
  uint16_t reason = 0;
  bool by_ap = false;
  Octets elements;
};
/// The firmware's own handshake is done; the address is the access point's.
struct PortAuthorized : EventOf<Event::kPortAuthorized> {
  MacAddress mac;
};
struct StationAdded : EventOf<Event::kStationAdded> {
  MacAddress mac;
  cfg80211::StationInfo info;  ///< association_elements: of the request
};
struct StationRemoved : EventOf<Event::kStationRemoved> {
  MacAddress mac;
  cfg80211::StationInfo info;
};
/// The firmware cannot go on with the access point.
struct ApStopped : EventOf<Event::kApStopped> {};
struct FrameReceived : EventOf<Event::kFrameReceived> {
  Octets frame;
  uint32_t mhz = 0;
  std::optional<int8_t> signal_dbm;
  uint32_t flags = 0;
};
struct FrameTxStatus : EventOf<Event::kFrameTxStatus> {
  uint64_t cookie = 0;
  Octets frame;
  bool ack = false;
};
struct TxWaitExpired : EventOf<Event::kTxWaitExpired> {
  uint64_t cookie = 0;
  ChannelDefinition channel;
};
struct RemainStarted : EventOf<Event::kRemainStarted> {
  uint64_t cookie = 0;
  ChannelDefinition channel;
  uint32_t duration_ms = 0;
};
struct RemainExpired : EventOf<Event::kRemainExpired> {
  uint64_t cookie = 0;
  ChannelDefinition channel;
};
struct ControlPortReceived : EventOf<Event::kControlPortReceived> {
  MacAddress source;
  uint16_t ethertype = 0;
  bool unencrypted = false;
  Octets payload;
};
struct ControlPortStatus : EventOf<Event::kControlPortStatus> {
  uint64_t cookie = 0;
  Octets frame;  ///< with its Ethernet header
  bool ack = false;
};
struct CqmRssi : EventOf<Event::kCqmRssi> {
  bool low = false;
  int32_t dbm = 0;
};
struct CqmBeaconLoss : EventOf<Event::kCqmBeaconLoss> {};
struct CqmPacketLoss : EventOf<Event::kCqmPacketLoss> {
  MacAddress mac;
  uint32_t packets = 0;
};
struct ChannelSwitchStarted : EventOf<Event::kChannelSwitchStarted> {
  ChannelDefinition channel;
  uint8_t count = 0;
  bool quiet = false;
};
struct ChannelSwitched : EventOf<Event::kChannelSwitched> {
  ChannelDefinition channel;
};
struct ClientProbed : EventOf<Event::kClientProbed> {
  MacAddress mac;
  uint64_t cookie = 0;
  bool ack = false;
  std::optional<int8_t> ack_signal_dbm;
};
struct Carrier : EventOf<Event::kCarrier> {
  bool on = false;
};
/// The firmware's queues have no more room, or have again.
struct Flow : EventOf<Event::kFlow> {
  bool paused = false;
};
/// A round of a scheduled scan has found something, each told by kBssHeard.
struct SchedScanResults : EventOf<Event::kSchedScanResults> {
  uint64_t id = 0;
};

template <typename A, Is<BssHeard> V>
void fields(A& a, V& v) {
  a(v.frame, v.mhz, v.signal_mbm, v.boottime);
}
template <typename A, Is<ScanDone> V>
void fields(A& a, V& v) {
  a(v.aborted);
}
template <typename A, typename V>
requires Is<V, ConnectDone> || Is<V, Roamed>
void fields(A& a, V& v) {
  a(v.result);
}
template <typename A, Is<Disconnected> V>
void fields(A& a, V& v) {
  a(v.reason, v.by_ap, v.elements);
}
template <typename A, Is<PortAuthorized> V>
void fields(A& a, V& v) {
  a(v.mac);
}
template <typename A, typename V>
requires Is<V, StationAdded> || Is<V, StationRemoved>
void fields(A& a, V& v) {
  a(v.mac, v.info);
}
template <typename A, typename V>
requires Is<V, ApStopped> || Is<V, CqmBeaconLoss>
void fields(A&, V&) {}
template <typename A, Is<FrameReceived> V>
void fields(A& a, V& v) {
  a(v.frame, v.mhz, v.signal_dbm, v.flags);
}
template <typename A, typename V>
requires Is<V, FrameTxStatus> || Is<V, ControlPortStatus>
void fields(A& a, V& v) {
  a(v.cookie, v.frame, v.ack);
}
template <typename A, typename V>
requires Is<V, TxWaitExpired> || Is<V, RemainExpired>
void fields(A& a, V& v) {
  a(v.cookie, v.channel);
}
template <typename A, Is<RemainStarted> V>
void fields(A& a, V& v) {
  a(v.cookie, v.channel, v.duration_ms);
}
template <typename A, Is<ControlPortReceived> V>
void fields(A& a, V& v) {
  a(v.source, v.ethertype, v.unencrypted, v.payload);
}
template <typename A, Is<CqmRssi> V>
void fields(A& a, V& v) {
  a(v.low, v.dbm);
}
template <typename A, Is<CqmPacketLoss> V>
void fields(A& a, V& v) {
  a(v.mac, v.packets);
}
template <typename A, Is<ChannelSwitchStarted> V>
void fields(A& a, V& v) {
  a(v.channel, v.count, v.quiet);
}
template <typename A, Is<ChannelSwitched> V>
void fields(A& a, V& v) {
  a(v.channel);
}
template <typename A, Is<ClientProbed> V>
void fields(A& a, V& v) {
  a(v.mac, v.cookie, v.ack, v.ack_signal_dbm);
}
template <typename A, Is<Carrier> V>
void fields(A& a, V& v) {
  a(v.on);
}
template <typename A, Is<Flow> V>
void fields(A& a, V& v) {
  a(v.paused);
}
template <typename A, Is<SchedScanResults> V>
void fields(A& a, V& v) {
  a(v.id);
}

}  // namespace airloom::fullmac
