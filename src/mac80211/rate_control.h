// Rate control: chooses the retry chain of each frame and learns from its status. An interface,
// one instance per station, with a minstrel-like default. Rates are picked from what both ends
// support; management and group frames use the lowest basic rate and ask nobody.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "cfg80211/capabilities.h"
#include "cfg80211/requests.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

/// What a peer and we can both send: legacy rates in 100 kb/s (ascending), HT MCS 0 to 31 as bits,
/// and VHT MCS 0 to 9 as bits for 1 to 8 streams. With any VHT there is no HT, as in the kernel.
struct SupportedRates {
  std::vector<uint16_t> legacy_100kbps;
  uint32_t ht_mcs = 0;
  std::array<uint16_t, 8> vht_mcs{};
  bool short_gi = false;  ///< at this width
  int width_mhz = 20;
};

class RateControl {
 public:
  virtual ~RateControl() = default;
  virtual void set_rates(const SupportedRates& rates) = 0;
  /// The chain for the next data frame.
  virtual RateChain choose(TimePoint now) = 0;
  virtual void on_status(const TxStatus& status, TimePoint now) = 0;
  /// The throughput that MAC clients may expect, for EXPECTED_THROUGHPUT.
  virtual uint32_t expected_throughput_kbps() const = 0;
};

/// Keeps a success probability per rate (EWMA over 100 ms windows), sends at the rate with the
/// best throughput, falls back to the next best and the most reliable, and spends about a tenth of
/// the frames on trying others.
std::unique_ptr<RateControl> make_minstrel(Rng& rng);

/// The chain of frames that must get through at a basic rate: that rate alone, once if there will
/// be no acknowledgement.
RateChain single_rate(uint16_t legacy_100kbps, bool no_ack);

}  // namespace airloom::mac80211
