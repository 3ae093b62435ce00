// What an attacker has beside a radio that is nobody's (outsider.h): an air on which he can keep
// frames from arriving, and the frames that he makes.
#pragma once

#include <functional>

#include "ieee80211/ethernet.h"
#include "ieee80211/mac_header.h"
#include "medium/propagation.h"

namespace airloom::lab {

/// An air on which an attacker keeps frames of his choice from being decoded.
class Jammer final : public medium::PropagationModel {
 public:
  /// Whether a frame is lost; none: none is.
  std::function<bool(const ieee80211::FrameView&)> jams;

  bool is_ideal() const override { return false; }
  Duration airtime(size_t octets, const medium::Rate& rate) const override {
    return medium::frame_airtime(octets, rate);
  }
  std::optional<int> decode(const medium::Transmission& transmission, medium::ReceiverId) override {
    const auto view = ieee80211::FrameView::of(transmission.frame.octets());
    if (jams && view && jams(*view)) return std::nullopt;
    return transmission.power_dbm - medium::IdealPropagation::kPathLossDb;
  }
};

/// A QoS data frame, with everything in it to choose.
struct ForgedData {
  MacAddress to, from, third;  ///< Address 1 to 3
  bool from_ds = false;        ///< else to the DS
  uint8_t tid = 5;             ///< one that the hosts do not use
  bool amsdu = false;
  bool more_fragments = false;
  uint8_t fragment = 0;
  uint16_t sequence = 1000;
  Octets body{};

  Octets octets() const {
    Octets frame;
    Writer writer(frame);
    uint16_t control = 0x0088 | (from_ds ? 0x0200 : 0x0100);
    if (more_fragments) control |= 0x0400;
    writer.le16(control).le16(0).mac(to).mac(from).mac(third);
    writer.le16(static_cast<uint16_t>(sequence << 4 | fragment));
    writer.le16(static_cast<uint16_t>(tid | (amsdu ? 0x80 : 0))).bytes(body);
    return frame;
  }
};

/// An MSDU: LLC/SNAP, type and payload.
inline Octets msdu(uint16_t type, const Octets& payload) {
  Octets out;
  Writer(out).bytes(ieee80211::kRfc1042Header).be16(type).bytes(payload);
  return out;
}

/// A management frame to `to` that claims to be of `from`, in the BSS `bssid`.
inline Octets management_frame(uint8_t subtype, const MacAddress& to, const MacAddress& from,
                               const MacAddress& bssid, const Octets& body) {
  Octets frame;
  Writer(frame).u8(subtype).u8(0).le16(0).mac(to).mac(from).mac(bssid).le16(0).bytes(body);
  return frame;
}

}  // namespace airloom::lab
