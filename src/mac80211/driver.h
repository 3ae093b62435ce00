// The SoftMAC driver API (the kernel's ieee80211_ops and ieee80211_hw): what mac80211 asks of a
// radio's driver, and what a driver tells mac80211. mac80211 does the MLME, encryption and
// decapsulation; a driver moves MPDUs, tunes, acknowledges and keeps time. mac80211 calls a driver
// only through driver_trace.h. A driver answers a transmission always later, never from within
// transmit() or wake_queue().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/capabilities.h"
#include "cfg80211/requests.h"
#include "cfg80211/types.h"

namespace airloom::mac80211 {

using cfg80211::ChannelDefinition;
using cfg80211::InterfaceType;
using cfg80211::LinkId;
using cfg80211::RateInfo;

/// One step of a retry chain: a rate and how often to try it.
struct RateAttempt {
  RateInfo rate;
  uint8_t tries = 0;
  bool short_preamble = false;
  bool rts = false;
};
constexpr size_t kRateChainMax = 4;
using RateChain = std::array<RateAttempt, kRateChainMax>;  // ends at tries == 0

constexpr uint8_t kNoTid = 16;

/// How often a frame at a rate that is sure goes out at most; what mac80211_hwsim declares on
/// Linux.
constexpr uint8_t kFrameTriesMax = 11;

/// Names a transmission for its status; 0: no status wanted.
using TxToken = uint64_t;
/// Of every frame whose status serves counters and rate control alone: nobody waits for it.
constexpr TxToken kStatisticsToken = 1;

/// An MPDU to send, encrypted and complete but for FCS, and how.
struct TxFrame {
  FrameBuffer mpdu;
  RateChain rates{};
  ChannelDefinition channel;  ///< where: the link's or off-channel
  uint32_t vif = 0;           ///< Vif::id
  uint32_t station = 0;       ///< Station::id, 0: none
  TxToken token = 0;
  bool no_ack = false;
  bool as_written = false;             ///< injected: the radio puts no timestamp in
  bool after_dtim = false;             ///< buffered group frame: goes right after the DTIM beacon
  bool end_of_service_period = false;  ///< its status ends a sleeping station's service period
  bool aggregate = false;              ///< of a block-ack agreement: may go in an A-MPDU
  uint8_t tid = kNoTid;                ///< of QoS data
  uint16_t sequence = 0;               ///< sequence number of QoS data
  uint8_t access_category = 2;         ///< 0 VO, 1 VI, 2 BE, 3 BK
  Duration expected_airtime{0};        ///< counts as with the radio until the status comes
};

/// What became of a TxFrame.
struct TxStatus {
  TxToken token = 0;
  uint32_t vif = 0, station = 0;
  bool acked = false;
  bool no_ack = false;                 ///< none was expected
  bool end_of_service_period = false;  ///< as in the TxFrame
  /// It went under a block-ack agreement, got no acknowledgement and will not be repeated: the
  /// recipient is to be told not to wait for it.
  bool lost_in_aggregate = false;
  uint8_t tid = kNoTid;  ///< the frame's, as the next three
  uint16_t sequence = 0;
  uint8_t access_category = 2;
  Duration expected_airtime{0};
  RateChain tried{};  ///< tries: how many were used
  std::optional<int8_t> ack_signal_dbm;
  FrameBuffer mpdu{};  ///< as it went on the air last
};

/// A received MPDU's circumstances.
struct RxStatus {
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  int8_t signal_dbm = 0;
  std::optional<int8_t> noise_dbm{};
  RateInfo rate;
  bool short_preamble = false;
  uint64_t mactime_us = 0;  ///< TSF at the start of the frame
  Duration boottime{0};     ///< when it was received, since boot
  /// Names the A-MPDU that it came in; 0: it came alone, or the radio does not tell.
  uint32_t ampdu_reference = 0;
  bool ampdu_last = false;  ///< it was the last of its A-MPDU
  bool fcs_failed = false;  ///< only for monitors: its octets are not those that were sent
  uint64_t frame_id = 0;    ///< the driver's name for it, by which a drop is told; 0: none
};

struct ReceivedFrame {
  FrameBuffer mpdu;  ///< without FCS; may be shared with other receivers
  RxStatus status;
};

/// An interface as the driver knows it.
struct Vif {
  uint32_t id = 0;  ///< unique within the Hw, never reused
  InterfaceType type = InterfaceType::kUnspecified;
  MacAddress address;
  bool p2p = false;
};

/// The parts of a link's BSS configuration that a driver acts on. [struct ieee80211_bss_conf]
struct LinkConfig {
  MacAddress bssid;
  std::optional<ChannelDefinition> channel;
  bool enable_beacon = false;
  uint16_t beacon_interval_tu = 0;
  uint8_t dtim_period = 0;
  uint16_t aid = 0;
  bool associated = false;
  bool hidden_ssid = false;
  Octets ssid;
  /// In 100 kb/s, ascending; empty: the band's mandatory ones.
  std::vector<uint16_t> basic_rates_100kbps;
  bool short_slot = false, cts_protection = false, short_preamble = false;
  int tx_power_dbm = 20;
  uint16_t ht_operation_mode = 0;  ///< HT Operation Information, bits 8 to 23
};
/// Bits of link_changed(): which parts of LinkConfig changed.
enum LinkChange : uint32_t {
  kChangedAssociation = 1u << 0,
  kChangedBssid = 1u << 1,
  kChangedBeacon = 1u << 2,
  kChangedBeaconEnabled = 1u << 3,
  kChangedBeaconInterval = 1u << 4,
  kChangedBasicRates = 1u << 5,
  kChangedProtection = 1u << 6,
  kChangedChannel = 1u << 7,
  kChangedSsid = 1u << 8,
  kChangedTxPower = 1u << 9,
  kChangedHtOperation = 1u << 10,
  kChangedBandwidth = 1u << 11,  ///< the channel's width alone
};

struct StationEntry {
  uint32_t id = 0;  ///< unique within the Hw, never 0, never reused
  uint32_t vif = 0;
  MacAddress address;
  uint16_t aid = 0;
};
enum class StationState : uint8_t { kNone, kAuthenticated, kAssociated, kAuthorized };

/// A step of a block-ack agreement, in the kernel's order (IEEE80211_AMPDU_*).
enum class AmpduAction : uint8_t {
  kRxStart,
  kRxStop,
  kTxStart,
  kTxStopContinue,       ///< send what is queued
  kTxStopFlush,          ///< drop it
  kTxStopFlushContinue,  ///< the same while stopping already; needs no confirmation
  kTxOperational,        ///< the peer agreed
};
struct AmpduParams {
  AmpduAction action{};
  StationEntry station{};
  uint8_t tid = 0;
  uint16_t start = 0;        ///< starting sequence number: kRxStart, kTxStart
  uint16_t buffer_size = 0;  ///< kRxStart, kTxOperational
  bool amsdu = false;        ///< A-MSDUs may be in the A-MPDUs: kTxOperational
  uint16_t timeout_tu = 0;   ///< kRxStart; 0: none
};
/// To kTxStart; the other actions are answered kReady.
enum class AmpduReply : uint8_t {
  kReady,      ///< ADDBA may go out, nothing else is needed
  kPreparing,  ///< ADDBA may go out; Hw::ampdu_tx_started() follows
  kAskLater,   ///< no ADDBA before Hw::ampdu_tx_started()
};

/// What mac80211 leaves to this driver, or may ask of it. [enum ieee80211_hw_flags]
struct DriverCapabilities {
  bool amsdu_in_ampdu = false;  ///< receives A-MSDUs under block-ack agreements
  bool tx_amsdu = false;        ///< sends what mac80211 puts together as A-MSDUs
  /// Its frames take time: stations get equal shares of that. Each frame has its status.
  bool airtime_fairness = false;
  bool airtime_limit = false;  ///< it is to have little of that waiting at once
  bool uapsd = false;          ///< as a station it can fetch what waits for it by U-APSD
};

/// Which frames the driver should hand up beyond those for its own addresses.
struct ReceiveFilter {
  bool other_bss = false;  ///< scanning or monitoring: foreign beacons and the rest
  bool probe_requests = false;
  bool control = false;
  bool all = false;         ///< monitor: whomever a frame is for
  bool fcs_failed = false;  ///< monitor: also what has bit errors, whomever it was for
  /// A scan runs, which probes from this address: answers to it are acknowledged.
  std::optional<MacAddress> scan_address{};

  friend bool operator==(const ReceiveFilter&, const ReceiveFilter&) = default;
};

/// The radio's side, called by mac80211.
class Driver {
 public:
  virtual ~Driver() = default;

  /// Radio on (first interface up) and off (last one down).
  virtual Result<void> start() = 0;
  virtual void stop() = 0;
  virtual Result<void> add_vif(const Vif& vif) = 0;
  virtual void change_vif(const Vif& vif) = 0;
  virtual void remove_vif(const Vif& vif) = 0;

  /// Tunes the radio: the operating channel, or another while scanning or off-channel.
  virtual Result<void> tune(const ChannelDefinition& channel) = 0;
  /// Nothing uses the radio now: it neither hears nor answers until told otherwise. A radio starts
  /// out idle.
  virtual void set_idle(bool /*idle*/) {}
  virtual void configure_filter(const ReceiveFilter& filter) = 0;
  virtual void link_changed(const Vif& vif, LinkId link, const LinkConfig& config,
                            uint32_t changes) = 0;
  virtual void set_edca(const Vif& vif, LinkId link, uint8_t access_category, uint16_t txop,
                        uint16_t cw_min, uint16_t cw_max, uint8_t aifs) = 0;

  // Stations: id and state, for drivers that keep tables.
  /// A client of this AP has gone to sleep, or woken. [sta_notify]
  virtual void station_sleeps(const Vif&, const StationEntry&, bool /*sleeping*/) {}
  virtual void add_station(const StationEntry& station) = 0;
  virtual void station_state(const StationEntry& station, StationState state) = 0;
  virtual void remove_station(const StationEntry& station) = 0;

  virtual DriverCapabilities capabilities() const { return {}; }
  /// A step of a block-ack agreement. The stops but kTxStopFlushContinue are confirmed by
  /// Hw::ampdu_tx_stopped().
  /// @error kUnsupported  the radio does not aggregate.
  virtual Result<AmpduReply> ampdu_action(const Vif&, const AmpduParams&) {
    return fail(Errc::kUnsupported);
  }

  /// Frames are ready for a station (0: the interface's own queue): pull them with
  /// Hw::dequeue_next() or Hw::dequeue() until empty or the radio is busy.
  virtual void wake_queue(const Vif& vif, uint32_t station, uint8_t tid) = 0;
  /// A frame that must not wait in a queue (management, injected).
  virtual void transmit(TxFrame frame) = 0;
  /// Drops what is queued for a vif (all: 0).
  virtual void flush(uint32_t vif, bool drop) = 0;

  virtual uint64_t tsf_us(const Vif& vif) = 0;
  virtual void set_tsf_us(const Vif&, uint64_t /*tsf*/) {}

  /// The station on this interface dozes between beacons, or not. [IEEE80211_CONF_PS]
  virtual void set_power_save(const Vif&, bool /*on*/) {}

  /// How long it may take from here to the air and back: a scan waits so much longer for answers.
  virtual Duration latency() const { return Duration{0}; }

  /// The TIM of a beaconing link changed (drivers that pull each beacon need nothing).
  virtual void tim_changed(const Vif&, LinkId) {}

  // Channel contexts, for radios that are on several channels at once: these are not tuned.
  virtual size_t channel_contexts_max() const { return 1; }
  /// All channels to be on from now: those of the links, and one that is visited meanwhile.
  virtual Result<void> use_channels(std::span<const ChannelDefinition>) {
    return fail(Errc::kUnsupported);
  }

  /// What the driver knows of the channel with this centre frequency; nothing if it keeps none.
  virtual std::optional<cfg80211::SurveyInfo> survey(uint32_t /*mhz*/, uint16_t /*offset_khz*/) {
    return std::nullopt;
  }
  virtual Result<void> set_rts_threshold(uint32_t) { return {}; }

  /// From now on the radio scans by itself, and hands up what it hears; Hw::probe_request() has its
  /// Probe Requests, Hw::sched_scan_results() ends each round that found something.
  virtual Result<void> start_sched_scan(const Vif&, const cfg80211::SchedScanRequest&) {
    return fail(Errc::kUnsupported);
  }
  virtual Result<void> stop_sched_scan(const Vif&) { return fail(Errc::kUnsupported); }
};

/// mac80211's side, called by the driver (the kernel's ieee80211_* exports).
class Hw {
 public:
  virtual ~Hw() = default;

  /// What was received, in order; best handed up many at once.
  virtual void receive(std::span<const ReceivedFrame> burst) = 0;
  void receive(FrameBuffer mpdu, const RxStatus& status) {
    const ReceivedFrame one{std::move(mpdu), status};
    receive({&one, 1});
  }
  virtual void tx_status(const TxStatus& status) = 0;
  /// Appends up to `max` frames of a queue, ready for the air; fewer: it is empty or paused.
  virtual void dequeue(uint32_t vif, uint32_t station, uint8_t tid, size_t max,
                       std::vector<TxFrame>& out) = 0;
  /// The same of the queue of an access category whose turn it is, which is fair to stations.
  /// @return  whether another call may bring more; if not, wake_queue() says when.
  virtual bool dequeue_next(uint8_t access_category, size_t max, std::vector<TxFrame>& out) = 0;
  /// The beacon to send now: head, TIM as of now, tail (and MME). Advances the DTIM count.
  virtual std::optional<TxFrame> beacon(uint32_t vif, LinkId link) = 0;
  /// Answers to Driver::ampdu_action(), also from within it.
  virtual void ampdu_tx_started(uint32_t vif, uint32_t station, uint8_t tid) = 0;
  virtual void ampdu_tx_stopped(uint32_t vif, uint32_t station, uint8_t tid) = 0;
  /// The radio hears radar on its channel.
  virtual void radar_detected() = 0;
  /// A round of the scheduled scan is over, or it is given up. Ignored when none runs.
  virtual void sched_scan_results() = 0;
  virtual void sched_scan_stopped() = 0;
  /// The Probe Request for an SSID on a channel of a scan. [ieee80211_probereq_get]
  virtual Octets probe_request(uint32_t vif, const cfg80211::ScanRequest& scan,
                               const cfg80211::ScanRequest::Channel& channel,
                               std::span<const uint8_t> ssid) = 0;
  /// The next group frame that waited for the DTIM beacon just sent.
  virtual std::optional<TxFrame> next_after_dtim(uint32_t vif, LinkId link) = 0;
};

}  // namespace airloom::mac80211
