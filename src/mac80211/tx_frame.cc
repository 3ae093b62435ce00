// The stages of a frame that was pulled: from Ethernet to an MPDU ready for the air, or to several
// if it exceeds the fragmentation threshold. The list is at the end.
#include <algorithm>
#include <array>

#include "ieee80211/ethernet.h"
#include "ieee80211/mac_header.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/classify.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"

namespace airloom::mac80211 {

using ieee80211::EthernetHeader;
using ieee80211::FrameControl;
using ieee80211::kEthernetHeaderLength;
using ieee80211::Subtype;

namespace {

struct TxWork {
  RadioStack& stack;
  Interface& interface;
  Interface& port;  ///< the AP VLAN that it left by, or the interface
  Station* station;
  QueuedFrame queued;
  Sealing* sealing = nullptr;  ///< where the frame is sealed among others; null: by itself
  EthernetHeader ethernet{};
  bool group = false;
  bool four_address = false;
  bool qos = false;
  bool no_ack = false;
  TxFrame frame{};

  std::span<uint8_t> octets() { return frame.mpdu.writable(); }
};

void store_le16(std::span<uint8_t> at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value);
  at[1] = static_cast<uint8_t>(value >> 8);
}

/// Room in front for a MAC header and SNAP in place of the Ethernet header, and for protection.
constexpr size_t kHeadroom = 32 + ieee80211::kSnapLength + 8;
constexpr size_t kTailroom = 16;

/// [802.11-2020 Table 9-30]
void store_addresses(const TxWork& work, std::span<uint8_t> header) {
  auto store = [&](size_t at, const MacAddress& address) {
    std::copy(address.octets.begin(), address.octets.end(),
              header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  const EthernetHeader& ethernet = work.ethernet;
  if (work.four_address) {
    store(4, work.station->address());
    store(10, work.interface.address());
    store(16, ethernet.destination);
    store(24, ethernet.source);
  } else if (cfg80211::is_ap(work.interface.type())) {
    store(4, ethernet.destination);
    store(10, work.interface.address());
    store(16, ethernet.source);
  } else {
    store(4, work.station->address());
    store(10, ethernet.source);
    store(16, ethernet.destination);
  }
}

/// Replaces the Ethernet header by a MAC header and LLC/SNAP. [802.11-2020 5.1.4, 9.3.2.1]
bool encapsulate(TxWork& work) {
  FrameBuffer& buffer = work.queued.ethernet;
  work.ethernet = EthernetHeader::load(buffer.octets());
  const bool from_ap = cfg80211::is_ap(work.interface.type());
  // A station's EAPOL has three addresses all the same: its AP may not know yet.
  work.four_address = work.port.is_four_address() && (from_ap || !work.queued.control_port);
  work.group = from_ap && !work.four_address && work.ethernet.destination.is_group();
  work.qos = work.station != nullptr && work.station->wme;
  work.no_ack = work.group || (work.qos && (work.interface.noack_map >> work.queued.tid & 1));
  if (!buffer.is_unique() || buffer.headroom() < kHeadroom || buffer.tailroom() < kTailroom)
    buffer = buffer.copy();

  // Behind SNAP the type stays where it is; a length goes, and the padding that it excludes.
  const bool amsdu = work.queued.msdus > 1;
  const auto snap =
      amsdu ? std::span<const uint8_t>{} : ieee80211::snap_header_for(work.ethernet.type);
  if (snap.empty() && !amsdu) {
    const size_t rest = buffer.size() - kEthernetHeaderLength;
    if (work.ethernet.type < rest) buffer.trim_back(rest - work.ethernet.type);
  }
  buffer.trim_front(snap.empty() ? kEthernetHeaderLength : kEthernetHeaderLength - 2);
  const size_t qos_at = work.four_address ? 30 : 24;
  const size_t header = work.qos ? qos_at + 2 : qos_at;
  auto out = buffer.push_front(header + snap.size());
  const uint16_t ds = work.four_address ? FrameControl::kFromDs | FrameControl::kToDs
                      : from_ap         ? FrameControl::kFromDs
                                        : FrameControl::kToDs;
  const FrameControl fc(work.qos ? Subtype::kQosData : Subtype::kData, ds);
  store_le16(out, fc.bits);
  store_le16(out.subspan(2), 0);
  store_addresses(work, out);
  store_le16(out.subspan(22), 0);
  if (work.qos) {
    constexpr uint16_t kNoAck = 0x20;  // of the ack policy [802.11-2020 9.2.4.5.4]
    const auto qos = ieee80211::QosControl(work.no_ack ? kNoAck : 0).set_tid(work.queued.tid);
    store_le16(out.subspan(qos_at),
               ieee80211::QosControl(qos).set(ieee80211::QosControl::kAmsdu, amsdu).bits);
  }
  std::copy(snap.begin(), snap.end(), out.begin() + static_cast<std::ptrdiff_t>(header));
  work.frame.mpdu = std::move(buffer);
  return true;
}

/// [802.11-2020 10.3.2.14.2]
bool assign_sequence(TxWork& work) {
  const uint8_t tid = work.queued.tid;
  uint16_t& counter = work.qos ? work.station->next_sequence[tid] : work.interface.next_sequence;
  const ieee80211::SequenceControl sequence(counter++, 0);
  store_le16(work.octets().subspan(22), sequence.bits);
  if (!work.qos) return true;
  work.frame.tid = tid;
  work.frame.sequence = sequence.number();
  work.frame.aggregate = work.station->block_ack.is_operational(tid);
  if (!work.queued.control_port) work.stack.block_ack().before_data(*work.station, tid);
  return true;
}

bool choose_rate(TxWork& work) {
  const uint32_t mhz = work.frame.channel.primary_mhz;
  work.frame.no_ack = work.no_ack;
  if (work.group || work.station == nullptr || work.queued.control_port) {
    work.frame.rates = single_rate(lowest_basic_rate_100kbps(work.interface, mhz), work.no_ack);
  } else {
    work.frame.rates = work.station->rate_control().choose(work.stack.now());
  }
  apply_rts_threshold(work.interface, work.frame);
  if (!work.no_ack)
    store_le16(work.octets().subspan(2), ack_duration_us(work.frame.rates[0].rate, mhz, false));
  return true;
}

bool count(TxWork& work) {
  if (work.station == nullptr) return true;
  StationCounters& counters = work.station->counters;
  ++counters.tx_packets;
  counters.tx_bytes += work.frame.mpdu.size();
  counters.tids[work.qos ? work.queued.tid : kNonQosTid].tx_msdu += work.queued.msdus;
  counters.last_tx_rate = work.frame.rates[0].rate;
  return true;
}

Key* select_key(TxWork& work) {
  if (work.queued.no_encrypt) return nullptr;
  KeyRing& group_keys = work.port.link().keys;
  if (work.group) return group_keys.tx_key(group_keys.multicast);
  if (work.station != nullptr)
    if (Key* pairwise = work.station->keys.tx_key(work.station->keys.unicast)) return pairwise;
  return group_keys.tx_key(group_keys.unicast);
}

/// Cuts the frame and protects each part on its own; all but the first wait with the station.
/// [802.11-2020 10.4]
bool send_in_parts(TxWork& work, Key* key) {
  std::vector<FrameBuffer> parts;
  fragment_mpdu(std::move(work.frame.mpdu), work.stack.fragmentation_threshold(), parts);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (key != nullptr && !protect(*key, parts[i])) return false;
    if (i == 0) continue;
    TxFrame part = work.frame;
    part.mpdu = std::move(parts[i]);
    // Who waits for the status gets that of the last.
    if (i + 1 < parts.size()) part.token = kStatisticsToken;
    work.station->tx_fragments.push_back(std::move(part));
  }
  work.frame.mpdu = std::move(parts.front());
  if (parts.size() > 1) work.frame.token = kStatisticsToken;
  return true;
}

bool encrypt(TxWork& work) {
  Key* key = select_key(work);
  if (key != nullptr && !key->protects_data()) key = nullptr;
  if (key != nullptr && key->is_tkip()) add_michael(*key, work.frame.mpdu);
  const bool too_long = work.frame.mpdu.size() + kFcsOctets > work.stack.fragmentation_threshold();
  // Whoever has a block-ack agreement may not send fragments under it.
  if (too_long && work.station != nullptr && !work.group && !work.frame.aggregate)
    return send_in_parts(work, key);
  if (key == nullptr) return true;
  return work.sealing != nullptr ? work.sealing->add(*key, work.frame.mpdu).has_value()
                                 : protect(*key, work.frame.mpdu).has_value();
}

struct Row {
  bool (*stage)(TxWork&);  // false: the frame is dropped
  Drop drop;
};
constexpr std::array<Row, 5> kTxStages = {{
    {encapsulate, Drop::kTxMalformed},
    {assign_sequence, Drop::kTxMalformed},
    {choose_rate, Drop::kTxMalformed},
    {count, Drop::kTxMalformed},
    {encrypt, Drop::kTxCipher},
}};

}  // namespace

std::optional<TxFrame> TxPath::make_frame(Interface& interface, Station* station,
                                          QueuedFrame queued, Sealing* sealing) {
  // What came by a VLAN that is gone would leave under another key, or none.
  Interface* vlan = queued.vlan != 0 ? stack_.find(queued.vlan) : nullptr;
  if (queued.vlan != 0 && (vlan == nullptr || !vlan->is_up())) return drop(Drop::kTxPurged);
  TxWork work{stack_,  interface,         vlan != nullptr ? *vlan : interface,
              station, std::move(queued), sealing};
  work.frame.channel = interface.link().config.channel.value_or(stack_.channels().current());
  work.frame.vif = interface.id();
  work.frame.station = station != nullptr ? station->id() : 0;
  work.frame.token = work.queued.token != 0 ? work.queued.token : kStatisticsToken;
  work.frame.access_category = access_category_of(work.queued.tid);
  for (const Row& row : kTxStages)
    if (!row.stage(work)) return drop(row.drop);
  return std::move(work.frame);
}

}  // namespace airloom::mac80211
