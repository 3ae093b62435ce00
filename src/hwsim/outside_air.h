// The port to a medium outside of the process: a program that gets every frame sent, says who hears
// it, and what became of it. While one is there, the built-in medium carries nothing.
// [mac80211_hwsim.h: frame transmission/registration support]
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/mac_address.h"
#include "mac80211/driver.h"

namespace airloom::hwsim {

/// One step of a retry chain, as mac80211 numbers rates.
struct OutsideRate {
  int8_t index = -1;  ///< into the band's legacy rates, or an MCS; below 0: the chain ends
  uint8_t tries = 0;
  uint16_t flags = 0;  ///< MAC80211_HWSIM_TX_RC_*
};
using OutsideChain = std::array<OutsideRate, mac80211::kRateChainMax>;

/// A frame on its way out.
struct OutsideFrame {
  MacAddress radio;  ///< the sender's name out there
  std::span<const uint8_t> mpdu;
  uint32_t mhz = 0;
  bool wants_status = false;
  bool no_ack = false;
  OutsideChain rates;
  uint64_t cookie = 0;  ///< counts up per radio from 1
};

class OutsideAir {
 public:
  virtual ~OutsideAir() = default;
  /// Whether somebody out there is the medium now.
  virtual bool is_there() const = 0;
  /// Hands over a frame. @return false: it is lost.
  virtual bool carry(const OutsideFrame& frame) = 0;
  /// The radio listens to an address from now on, or no longer.
  virtual void tell_address(const MacAddress& radio, const MacAddress& address, bool added) = 0;
};

/// What the medium outside says became of a frame.
struct OutsideStatus {
  uint64_t cookie = 0;
  bool acked = false;
  bool no_ack = false;                                     ///< none was expected
  std::array<OutsideRate, mac80211::kRateChainMax> tried;  ///< flags mean nothing
  int signal_dbm = 0;                                      ///< of the ACK
};

/// A frame that a radio hears from outside.
struct OutsideReception {
  std::span<const uint8_t> mpdu;
  uint32_t mhz = 0;  ///< 0: where the radio is tuned to
  uint32_t rate_index = 0;
  int signal_dbm = 0;
};

}  // namespace airloom::hwsim
