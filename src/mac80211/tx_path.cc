#include "mac80211/tx_path.h"

#include <array>

#include "cfg80211/driver_events.h"
#include "ieee80211/ethernet.h"
#include "ieee80211/mac_header.h"
#include "mac80211/access_point.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/classify.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::EthernetHeader;
using ieee80211::FrameControl;
using ieee80211::kEthernetHeaderLength;
using ieee80211::Subtype;

namespace {

// A netdev pauses when its interface holds this many frames, and goes on at half of that.
constexpr size_t kQueuedMax = 512;
constexpr size_t kQueuedResume = kQueuedMax / 2;
// Of one TID of a sleeping station, and of group frames that wait for a DTIM; the oldest go.
constexpr size_t kHeldMax = 128;
constexpr uint8_t kControlPortTries = 7;

EthernetHeader ethernet_header(std::span<const uint8_t> frame) {
  Reader reader(frame);
  return EthernetHeader::parse(reader).value_or(EthernetHeader{});
}

}  // namespace

// ---- From the host into the queues. ----

namespace {

/// Where an Ethernet frame of an interface goes.
struct Route {
  enum class Kind : uint8_t { kDrop, kStation, kGroup, kStranger } kind = Kind::kDrop;
  Station* station = nullptr;
};

Route find_route(RadioStack& stack, Interface& interface, const EthernetHeader& ethernet) {
  if (cfg80211::is_ap(interface.type())) {
    if (interface.access_point() == nullptr) return {};
    if (ethernet.destination.is_group()) return {Route::Kind::kGroup};
    Station* station = stack.stations().find(interface, ethernet.destination);
    return {station != nullptr ? Route::Kind::kStation : Route::Kind::kStranger, station};
  }
  if (cfg80211::is_station(interface.type())) {
    StationMlme* mlme = interface.station_mlme();
    if (mlme == nullptr || !mlme->is_associated()) return {};
    Station* ap = stack.stations().find(interface, mlme->bssid());
    if (ap != nullptr) return {Route::Kind::kStation, ap};
  }
  return {};
}

/// 802.1X: an unauthorised port lets only the control port's own frames out.
bool port_allows(const Interface& interface, const Station* station,
                 const EthernetHeader& ethernet) {
  if (station != nullptr && station->is_authorized()) return true;
  return ethernet.type == interface.control_port.ethertype &&
         ethernet.source == interface.address();
}

}  // namespace

void TxPath::transmit(Interface& interface, std::span<FrameBuffer> burst) {
  // One wake per run of frames to the same queue.
  std::optional<QueueId> pending;
  for (FrameBuffer& frame : burst) {
    const auto queue = submit(interface, {.ethernet = std::move(frame)});
    if (!queue) continue;
    if (pending && *pending != *queue) wake(interface, *pending);
    pending = queue;
  }
  if (pending) wake(interface, *pending);
}

void TxPath::wake(Interface& interface, const QueueId& queue) {
  stack_.driver().wake_queue(interface.vif(), queue.station, queue.tid);
}

std::optional<TxPath::QueueId> TxPath::submit(Interface& interface, QueuedFrame frame) {
  if (!interface.is_up() || frame.ethernet.size() < kEthernetHeaderLength) return std::nullopt;
  const EthernetHeader ethernet = ethernet_header(frame.ethernet.octets());
  const Route route = find_route(stack_, interface, ethernet);
  frame.control_port = frame.control_port || ethernet.type == interface.control_port.ethertype;
  if (frame.control_port && interface.control_port.no_encrypt) frame.no_encrypt = true;
  switch (route.kind) {
    case Route::Kind::kDrop:
      return std::nullopt;
    case Route::Kind::kGroup:
      return enqueue_group(interface, std::move(frame));
    case Route::Kind::kStranger:
      // Only the control port may speak to whoever is no station; it will not be acknowledged.
      if (!port_allows(interface, nullptr, ethernet)) return std::nullopt;
      if (auto made = make_frame(interface, nullptr, std::move(frame)))
        stack_.driver().transmit(*std::move(made));
      return std::nullopt;
    case Route::Kind::kStation:
      if (!port_allows(interface, route.station, ethernet)) return std::nullopt;
      if (route.station->wme)
        frame.tid = classify(frame.ethernet.octets(), interface.control_port.ethertype);
      return enqueue(*route.station, std::move(frame));
  }
  return std::nullopt;
}

std::optional<TxPath::QueueId> TxPath::enqueue_group(Interface& interface, QueuedFrame frame) {
  AccessPoint& ap = *interface.access_point();
  if (ap.any_sleeping()) {
    if (ap.held_group_queue.size() >= kHeldMax) ap.held_group_queue.pop_front();
    ap.held_group_queue.push_back(std::move(frame));
    return std::nullopt;
  }
  ap.group_queue.push_back(std::move(frame));
  count_queued(interface, 1);
  return QueueId{0, 0};
}

std::optional<TxPath::QueueId> TxPath::enqueue(Station& station, QueuedFrame frame) {
  const uint8_t tid = frame.tid;
  auto& queue = station.queues[tid];
  Interface& interface = station.interface();
  if (!station.sleeping) {
    queue.push_back(std::move(frame));
    count_queued(interface, 1);
    return QueueId{station.id(), tid};
  }
  if (queue.size() >= kHeldMax) queue.pop_front();
  queue.push_back(std::move(frame));
  if (AccessPoint* ap = interface.access_point()) ap->update_tim(station);
  return std::nullopt;
}

void TxPath::count_queued(Interface& interface, std::ptrdiff_t change) {
  interface.queued_frames =
      static_cast<size_t>(static_cast<std::ptrdiff_t>(interface.queued_frames) + change);
  const bool pause = interface.transmit_paused ? interface.queued_frames > kQueuedResume
                                               : interface.queued_frames >= kQueuedMax;
  if (pause == interface.transmit_paused) return;
  interface.transmit_paused = pause;
  if (auto* netdev = interface.wdev().netdev()) netdev->pause_transmit(pause);
}

void TxPath::on_sleep_changed(Station& station) {
  const auto queued = static_cast<std::ptrdiff_t>(station.queued());
  count_queued(station.interface(), station.sleeping ? -queued : queued);
}

Result<bool> TxPath::control_port(Interface& interface,
                                  const cfg80211::ControlPortTxRequest& request, uint64_t cookie) {
  FrameBuffer ethernet = stack_.pool().allocate(kEthernetHeaderLength + request.payload.size());
  auto out = ethernet.writable();
  EthernetHeader{request.destination, interface.address(), request.ethertype}.store(out);
  std::copy(request.payload.begin(), request.payload.end(), out.begin() + kEthernetHeaderLength);

  const EthernetHeader header = ethernet_header(ethernet.octets());
  const bool has_status = request.ethertype == interface.control_port.ethertype &&
                          !request.destination.is_group() &&
                          find_route(stack_, interface, header).kind != Route::Kind::kDrop;
  QueuedFrame frame{.ethernet = ethernet.copy(), .no_encrypt = request.no_encrypt};
  if (has_status) {
    // The status repeats the Ethernet frame, so the copy above is what goes on the air.
    frame.token = stack_.management_tx_path().expect_status(
        interface.id(), [&interface, cookie, ethernet](const TxStatus& status) {
          cfg80211::control_port_tx_status(interface.wdev(), cookie, ethernet.octets(),
                                           status.acked);
        });
  }
  if (const auto queue = submit(interface, std::move(frame))) wake(interface, *queue);
  return has_status;
}

// ---- Out of the queues, to the driver. ----

std::optional<TxFrame> TxPath::dequeue(Interface& interface, uint32_t station_id, uint8_t tid) {
  if (!interface.is_up() || stack_.channels().is_away()) return std::nullopt;
  if (station_id == 0) {
    AccessPoint* ap = interface.access_point();
    while (ap != nullptr && !ap->group_queue.empty()) {
      QueuedFrame frame = ap->group_queue.pop_front();
      count_queued(interface, -1);
      if (auto made = make_frame(interface, nullptr, std::move(frame))) return made;
    }
    return std::nullopt;
  }
  Station* station = stack_.stations().find(station_id);
  if (station == nullptr || station->sleeping || tid >= kTidCount) return std::nullopt;
  auto& queue = station->queues[tid];
  while (!queue.empty()) {
    QueuedFrame frame = queue.pop_front();
    count_queued(interface, -1);
    if (auto made = make_frame(interface, station, std::move(frame))) return made;
  }
  return std::nullopt;
}

std::optional<TxFrame> TxPath::dequeue_one(Station& station) {
  // Voice first, background (1 and 2) last. Data has no other TIDs.
  for (const uint8_t tid : {7, 6, 5, 4, 3, 0, 2, 1}) {
    auto& queue = station.queues[tid];
    if (!queue.empty()) return make_frame(station.interface(), &station, queue.pop_front());
  }
  return std::nullopt;
}

std::optional<TxFrame> TxPath::next_after_dtim(Interface& interface) {
  AccessPoint* ap = interface.access_point();
  if (ap == nullptr || !ap->at_dtim() || ap->held_group_queue.empty()) return std::nullopt;
  auto made = make_frame(interface, nullptr, ap->held_group_queue.pop_front());
  if (!made) return std::nullopt;
  made->after_dtim = true;
  if (!ap->held_group_queue.empty()) made->mpdu.writable()[1] |= FrameControl::kMoreData >> 8;
  return made;
}

void TxPath::wake(Station& station) {
  for (uint8_t tid = 0; tid < kTidCount; ++tid)
    if (!station.queues[tid].empty())
      stack_.driver().wake_queue(station.interface().vif(), station.id(), tid);
}

void TxPath::wake_all() {
  for (const auto& [id, interface] : stack_.interfaces()) {
    if (!interface->is_up()) continue;
    AccessPoint* ap = interface->access_point();
    if (ap != nullptr && !ap->group_queue.empty()) wake(*interface, {0, 0});
    for (Station* station : stack_.stations().of(*interface)) wake(*station);
  }
}

void TxPath::drop(Station& station) {
  if (!station.sleeping)
    count_queued(station.interface(), -static_cast<std::ptrdiff_t>(station.queued()));
  for (auto& queue : station.queues) queue.clear();
}

void TxPath::drop(Interface& interface) {
  for (Station* station : stack_.stations().of(interface)) drop(*station);
  if (AccessPoint* ap = interface.access_point()) {
    count_queued(interface, -static_cast<std::ptrdiff_t>(ap->group_queue.size()));
    ap->group_queue.clear();
    ap->held_group_queue.clear();
  }
}

// ---- The stages of a frame that was pulled. ----

namespace {

struct TxWork {
  RadioStack& stack;
  Interface& interface;
  Station* station;
  QueuedFrame queued;
  EthernetHeader ethernet{};
  bool group = false;
  bool qos = false;
  TxFrame frame{};

  std::span<uint8_t> octets() { return frame.mpdu.writable(); }
};

void store_le16(std::span<uint8_t> at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value);
  at[1] = static_cast<uint8_t>(value >> 8);
}

/// Room in front for a MAC header and SNAP in place of the Ethernet header, and for protection.
constexpr size_t kHeadroom = 26 + ieee80211::kSnapLength + 8;
constexpr size_t kTailroom = 16;

/// Replaces the Ethernet header by a MAC header and LLC/SNAP. [802.11-2020 5.1.4, 9.3.2.1]
bool encapsulate(TxWork& work) {
  FrameBuffer& buffer = work.queued.ethernet;
  work.ethernet = ethernet_header(buffer.octets());
  const bool from_ap = cfg80211::is_ap(work.interface.type());
  work.group = from_ap && work.ethernet.destination.is_group();
  work.qos = work.station != nullptr && work.station->wme;
  if (!buffer.is_unique() || buffer.headroom() < kHeadroom || buffer.tailroom() < kTailroom)
    buffer = buffer.copy();

  // Behind SNAP the type stays where it is; a length goes, and the padding that it excludes.
  const auto snap = ieee80211::snap_header_for(work.ethernet.type);
  if (snap.empty()) {
    const size_t rest = buffer.size() - kEthernetHeaderLength;
    if (work.ethernet.type < rest) buffer.trim_back(rest - work.ethernet.type);
  }
  buffer.trim_front(snap.empty() ? kEthernetHeaderLength : kEthernetHeaderLength - 2);
  const size_t header = work.qos ? 26 : 24;
  auto out = buffer.push_front(header + snap.size());
  const FrameControl fc(work.qos ? Subtype::kQosData : Subtype::kData,
                        from_ap ? FrameControl::kFromDs : FrameControl::kToDs);
  store_le16(out, fc.bits);
  store_le16(out.subspan(2), 0);
  const MacAddress bssid = from_ap ? work.interface.address() : work.station->address();
  const MacAddress& first = from_ap ? work.ethernet.destination : bssid;
  const MacAddress& second = from_ap ? bssid : work.ethernet.source;
  const MacAddress& third = from_ap ? work.ethernet.source : work.ethernet.destination;
  std::copy(first.octets.begin(), first.octets.end(), out.begin() + 4);
  std::copy(second.octets.begin(), second.octets.end(), out.begin() + 10);
  std::copy(third.octets.begin(), third.octets.end(), out.begin() + 16);
  store_le16(out.subspan(22), 0);
  if (work.qos) store_le16(out.subspan(24), work.queued.tid);
  std::copy(snap.begin(), snap.end(), out.begin() + static_cast<std::ptrdiff_t>(header));
  work.frame.mpdu = std::move(buffer);
  return true;
}

/// [802.11-2020 10.3.2.14.2]
bool assign_sequence(TxWork& work) {
  uint16_t& counter =
      work.qos ? work.station->next_sequence[work.queued.tid] : work.interface.next_sequence;
  store_le16(work.octets().subspan(22), ieee80211::SequenceControl(counter++, 0).bits);
  return true;
}

bool choose_rate(TxWork& work) {
  const uint32_t mhz = work.frame.channel.primary_mhz;
  work.frame.no_ack = work.group;
  if (work.group || work.station == nullptr || work.queued.control_port) {
    work.frame.rates = single_rate(lowest_basic_rate_100kbps(work.interface, mhz),
                                   work.group ? 1 : kControlPortTries);
  } else {
    work.frame.rates = work.station->rate_control().choose(work.stack.now());
  }
  if (!work.group)
    store_le16(work.octets().subspan(2), ack_duration_us(work.frame.rates[0].rate, mhz, false));
  return true;
}

bool count(TxWork& work) {
  if (work.station == nullptr) return true;
  StationCounters& counters = work.station->counters;
  ++counters.tx_packets;
  counters.tx_bytes += work.frame.mpdu.size();
  ++counters.tids[work.qos ? work.queued.tid : kNonQosTid].tx_msdu;
  counters.last_tx_rate = work.frame.rates[0].rate;
  return true;
}

Key* select_key(TxWork& work) {
  if (work.queued.no_encrypt) return nullptr;
  KeyRing& group_keys = work.interface.link().keys;
  if (work.group) return group_keys.tx_key(group_keys.multicast);
  if (work.station != nullptr)
    if (Key* pairwise = work.station->keys.tx_key(work.station->keys.unicast)) return pairwise;
  return group_keys.tx_key(group_keys.unicast);
}

bool encrypt(TxWork& work) {
  Key* key = select_key(work);
  if (key == nullptr || !key->is_aead()) return true;
  return protect(*key, work.frame.mpdu).has_value();
}

using TxStage = bool (*)(TxWork&);
/// In order; a stage that returns false drops the frame.
constexpr std::array<TxStage, 5> kTxStages = {encapsulate, assign_sequence, choose_rate, count,
                                              encrypt};

}  // namespace

std::optional<TxFrame> TxPath::make_frame(Interface& interface, Station* station,
                                          QueuedFrame queued) {
  TxWork work{stack_, interface, station, std::move(queued)};
  const auto& bound = interface.link().config.channel;
  work.frame.channel = bound ? *bound : stack_.channels().current();
  work.frame.vif = interface.id();
  work.frame.station = station != nullptr ? station->id() : 0;
  work.frame.token = work.queued.token != 0 ? work.queued.token : ManagementTx::kStatisticsToken;
  work.frame.access_category = access_category_of(work.queued.tid);
  for (const TxStage stage : kTxStages)
    if (!stage(work)) return std::nullopt;
  return std::move(work.frame);
}

}  // namespace airloom::mac80211
