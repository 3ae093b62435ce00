// A transmission is an interval: it begins, occupies a channel with energy, and ends; who decodes
// it is a separate question, answered at its end. What the octets mean is nobody's business here,
// but that the receiver's address stands at octets 4 to 9. [802.11-2020 9.2.4]
#pragma once

#include <cstdint>

#include "base/mac_address.h"
#include "base/time.h"
#include "bytes/frame_buffer.h"
#include "medium/channel.h"

namespace airloom::medium {

using ReceiverId = uint32_t;      ///< counts up from 1 in the order of attaching; 0: none
using TransmissionId = uint64_t;  ///< counts up from 1; 0: none

/// How the octets are modulated.
struct Rate {
  enum class Kind : uint8_t { kLegacy, kHt, kVht, kHe, kEht };
  Kind kind = Kind::kLegacy;
  uint32_t kbps = 1000;
  uint8_t mcs = 0;  ///< within one stream count for VHT and later; 0 to 31 for HT
  uint8_t nss = 1;
  uint16_t width_mhz = 20;
  bool short_gi = false;  ///< HT and VHT
  uint8_t he_gi = 0;      ///< HE and later, as nl80211 counts: 0.8, 1.6, 3.2 us
  uint8_t he_dcm = 0;
  bool short_preamble = false;

  friend bool operator==(const Rate&, const Rate&) = default;
};

/// Which A-MPDU an MPDU is of. Each MPDU is a transmission of its own all the same.
struct Ampdu {
  uint32_t reference = 0;  ///< equal for the MPDUs of one A-MPDU on this medium; 0: sent alone
  bool last = false;       ///< its last MPDU

  friend bool operator==(const Ampdu&, const Ampdu&) = default;
};

struct Transmission {
  TransmissionId id = 0;
  ReceiverId sender = 0;
  FrameBuffer frame;  ///< shared with every receiver, so immutable; without FCS
  Channel channel;
  Rate rate;
  int power_dbm = 0;
  TimePoint begin, end;
  /// The transmission that this one responds to (an ACK its frame). It stands for the timing by
  /// which a real sender knows what a response belongs to. [802.11-2020 10.3.2.11]
  TransmissionId answers = 0;
  Ampdu ampdu{};

  /// Octets 4 to 9; all zeros if there are fewer.
  MacAddress receiver_address() const {
    const auto octets = frame.octets();
    return octets.size() < 10 ? MacAddress{} : MacAddress::from(octets.subspan(4, 6));
  }
};

/// One receiver's view of a transmission that it decoded, or that came with bit errors.
struct Reception {
  const Transmission& transmission;
  int signal_dbm;
  /// On a faulty air the two may fall apart: the radio answers at once what reaches the host late.
  bool answer = true, hand_up = true;
  bool fcs_failed = false;  ///< the octets are not those that were sent
};

}  // namespace airloom::medium
