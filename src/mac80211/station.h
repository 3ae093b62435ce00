// A peer that an interface exchanges frames with: an AP's client, or a station's AP. Holds its
// keys, rates, transmit queues and sequence numbers, receive caches and counters. Who may create,
// move and remove stations: station_table.h. (The kernel's sta_info.)
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/fifo.h"
#include "base/mac_address.h"
#include "base/time.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/types.h"
#include "ieee80211/he_elements.h"
#include "mac80211/airtime_scheduler.h"
#include "mac80211/block_ack.h"
#include "mac80211/driver.h"
#include "mac80211/fragments.h"
#include "mac80211/keys.h"
#include "mac80211/rate_control.h"
#include "mac80211/tx_queue.h"

namespace airloom::mac80211 {

class Interface;

/// Access categories as the QoS Info field of a station counts them; by access category.
/// [802.11-2020 9.4.1.17]
constexpr std::array<uint8_t, 4> kUapsd = {1, 2, 8, 4};
constexpr uint8_t kUapsdAll = 0xf;

constexpr size_t kTidCount = 16;
constexpr size_t kNonQosTid = 16;  ///< index of what has no TID, in per-TID tables

/// An exponentially weighted moving average of signal strengths with the kernel's rounding: the
/// newest counts 1/2^kShift, and 1/2^kPrecision dB is the smallest step.
template <int kPrecision, int kShift>
class SignalAverage {
 public:
  void add(int8_t dbm) {
    const int newest = -dbm * (1 << kPrecision);
    sum_ = sum_ ? (*sum_ * ((1 << kShift) - 1) + newest) >> kShift : newest;
  }
  std::optional<int8_t> dbm() const {
    if (!sum_) return std::nullopt;
    return static_cast<int8_t>(-(*sum_ >> kPrecision));
  }

 private:
  std::optional<int> sum_;
};

struct StationCounters {
  uint64_t rx_packets = 0, rx_bytes = 0, rx_dropped = 0, rx_duplicates = 0;
  uint64_t tx_packets = 0, tx_bytes = 0;
  uint32_t tx_retries = 0, tx_failed = 0;
  uint32_t beacon_loss = 0;
  uint32_t lost_packets = 0;  ///< in a row
  uint64_t rx_beacons = 0;
  TimePoint last_rx, last_ack;
  std::optional<int8_t> last_signal_dbm, last_ack_signal_dbm;
  SignalAverage<10, 3> signal, ack_signal;
  SignalAverage<4, 2> beacon_signal;
  std::optional<RateInfo> last_rx_rate, last_tx_rate;
  std::array<cfg80211::TidStats, kTidCount + 1> tids{};
};

class Station {
 public:
  Station(uint32_t id, Interface& interface, const MacAddress& address,
          std::unique_ptr<RateControl> rate_control);

  uint32_t id() const { return id_; }
  /// Whose BSS it is in.
  Interface& interface() const { return interface_; }
  /// Whose netdev and group keys serve it: its AP VLAN, or its BSS's interface.
  Interface& port() const { return vlan_ != nullptr ? *vlan_ : interface_; }
  const MacAddress& address() const { return address_; }
  StationState state() const { return state_; }
  bool is_associated() const { return state_ >= StationState::kAssociated; }
  bool is_authorized() const { return state_ == StationState::kAuthorized; }
  RateControl& rate_control() const { return *rate_control_; }
  StationEntry entry() const;
  /// The station of another interface with the same address that was added next.
  Station* next_with_address() const { return next_with_address_; }

  uint16_t aid = 0;
  uint16_t listen_interval = 0;
  uint16_t capability = 0;
  bool wme = false;             ///< QoS frames
  bool mfp = false;             ///< management frames are protected
  bool short_preamble = false;  ///< as NL80211_STA_FLAG_SHORT_PREAMBLE
  bool tdls_peer = false;
  bool told_of_4addr = false;  ///< userspace knows that it sends frames with four addresses
  SupportedRates rates;
  Octets supported_rates;  ///< as the peer's elements list them
  std::optional<cfg80211::HtCapability> ht;
  std::optional<cfg80211::VhtCapability> vht;
  std::optional<ieee80211::HeCapabilitiesElement> he;
  int width_limit_mhz = 320;               ///< by its operating mode
  std::optional<uint8_t> receive_streams;  ///< by its operating mode
  uint8_t smps = 0;                        ///< NL80211_SMPS_*
  TimePoint connected_at;                  ///< when it was added, authenticated or not
  std::optional<TimePoint> associated_at;
  uint16_t airtime_weight = 256;
  std::array<Airtime, kAccessCategories> airtime;

  KeyRing keys;  ///< pairwise

  // Sending. Sequence numbers per TID; what has no TID uses the interface's.
  std::array<uint16_t, kTidCount> next_sequence{};
  std::array<TxQueue, kTidCount> queues;
  size_t queued() const;
  // Power save of an AP's client. [802.11-2020 11.2.3]
  /// Asleep: queues are held back and the TIM bit says so.
  bool sleeping = false;
  bool in_service_period = false;  ///< frames that it asked for are on their way
  uint8_t uapsd_acs = 0;           ///< trigger- and delivery-enabled, as kUapsd bits
  uint8_t max_service_period = 0;  ///< as the QoS Info field has it: 0 all, else 2, 4, 6 frames
  struct HeldFrame {
    TxFrame frame;
    TimePoint since;
  };
  /// Complete frames (management and BlockAckReq) that wait for it to wake, by access category.
  std::array<Fifo<HeldFrame>, kAccessCategories> held;
  /// The rest of a frame that was cut: they go before anything else.
  Fifo<TxFrame> tx_fragments;

  BlockAckSessions block_ack;

  // Receiving: duplicates by sequence control. [802.11-2020 10.3.2.14]
  static constexpr uint16_t kNoSequence = 0xffff;
  std::array<uint16_t, kTidCount + 1> last_sequence;
  FragmentCache fragments;

  StationCounters counters;

 private:
  friend class StationTable;
  uint32_t id_;
  Interface& interface_;
  Interface* vlan_ = nullptr;
  MacAddress address_;
  StationState state_ = StationState::kNone;
  Station* next_with_address_ = nullptr;
  std::unique_ptr<RateControl> rate_control_;
};

}  // namespace airloom::mac80211
