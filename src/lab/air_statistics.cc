#include "lab/air_statistics.h"

#include <fmt/core.h>

#include "ieee80211/mac_header.h"

namespace airloom::lab {
namespace {

using ieee80211::FrameControl;
using ieee80211::Subtype;

const char* name_of(Subtype subtype) {
  switch (subtype) {
    case Subtype::kAssociationRequest:
      return "Association Request";
    case Subtype::kAssociationResponse:
      return "Association Response";
    case Subtype::kReassociationRequest:
      return "Reassociation Request";
    case Subtype::kReassociationResponse:
      return "Reassociation Response";
    case Subtype::kProbeRequest:
      return "Probe Request";
    case Subtype::kProbeResponse:
      return "Probe Response";
    case Subtype::kTimingAdvertisement:
      return "Timing Advertisement";
    case Subtype::kBeacon:
      return "Beacon";
    case Subtype::kAtim:
      return "ATIM";
    case Subtype::kDisassociation:
      return "Disassociation";
    case Subtype::kAuthentication:
      return "Authentication";
    case Subtype::kDeauthentication:
      return "Deauthentication";
    case Subtype::kAction:
      return "Action";
    case Subtype::kActionNoAck:
      return "Action No Ack";
    case Subtype::kTrigger:
      return "Trigger";
    case Subtype::kVhtNdpAnnouncement:
      return "NDP Announcement";
    case Subtype::kControlWrapper:
      return "Control Wrapper";
    case Subtype::kBlockAckRequest:
      return "BlockAckReq";
    case Subtype::kBlockAck:
      return "BlockAck";
    case Subtype::kPsPoll:
      return "PS-Poll";
    case Subtype::kRts:
      return "RTS";
    case Subtype::kCts:
      return "CTS";
    case Subtype::kAck:
      return "Ack";
    case Subtype::kCfEnd:
      return "CF-End";
    case Subtype::kData:
      return "Data";
    case Subtype::kNull:
      return "Null";
    case Subtype::kQosData:
      return "QoS Data";
    case Subtype::kQosNull:
      return "QoS Null";
  }
  return nullptr;
}

std::string kind_of(FrameControl fc) {
  const char* name = name_of(fc.subtype());
  std::string kind = name != nullptr ? name : fmt::format("type 0x{:02x}", fc.bits & 0xfc);
  if (fc.is_protected()) kind += ", protected";
  return kind;
}

FrameControl control_of(std::span<const uint8_t> frame) {
  if (frame.size() < 2) return FrameControl();
  return FrameControl(static_cast<uint16_t>(frame[0] | frame[1] << 8));
}

}  // namespace

std::string frame_kind(std::span<const uint8_t> frame) {
  return kind_of(control_of(frame));
}

void AirStatistics::on_end(const medium::Transmission& transmission, std::span<const Decoder>) {
  const auto octets = transmission.frame.octets();
  const FrameControl fc = control_of(octets);
  // Type before subtype, so that rows come out management, control, data.
  const auto type = static_cast<uint16_t>(fc.type());
  const auto key = static_cast<uint16_t>(type << 12 | (fc.bits & 0xfc) << 1 | fc.is_protected());
  auto& count = counts_[key];
  ++count.frames;
  count.octets += octets.size();
}

std::vector<AirStatistics::Row> AirStatistics::rows() const {
  std::vector<Row> rows;
  for (const auto& [key, count] : counts_) {
    FrameControl fc(static_cast<uint16_t>(key >> 1 & 0xfc));
    fc.set(FrameControl::kProtected, key & 1);
    rows.push_back({kind_of(fc), count.frames, count.octets});
  }
  return rows;
}

}  // namespace airloom::lab
