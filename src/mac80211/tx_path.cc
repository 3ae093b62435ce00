#include "mac80211/tx_path.h"

#include "cfg80211/driver_events.h"
#include "ieee80211/ethernet.h"
#include "mac80211/access_point.h"
#include "mac80211/ap_vlan.h"
#include "mac80211/classify.h"
#include "mac80211/radio_stack.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::EthernetHeader;
using ieee80211::kEthernetHeaderLength;

namespace {

// Of one access category of a sleeping station, and of group frames that wait for a DTIM; the
// oldest go.
constexpr size_t kSleepMax = 64;
constexpr size_t kGroupHeldMax = 128;

/// Where an Ethernet frame of an interface goes.
struct Route {
  enum class Kind : uint8_t { kDrop, kStation, kGroup, kStranger } kind = Kind::kDrop;
  Station* station = nullptr;
};

Route find_route(RadioStack& stack, Interface& interface, const EthernetHeader& ethernet) {
  if (cfg80211::is_ap(interface.bss().type())) {
    if (interface.bss().access_point() == nullptr) return {};
    if (interface.is_four_address()) {
      if (interface.only_station == nullptr) return {};
      return {Route::Kind::kStation, interface.only_station};
    }
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

/// Whether a group frame's payload may be sent to one station at a time: IP and ARP, tagged or not.
bool may_go_to_each(std::span<const uint8_t> ethernet) {
  auto type_at = [&](size_t at) {
    return static_cast<uint16_t>(ethernet[at] << 8 | ethernet[at + 1]);
  };
  uint16_t type = type_at(12);
  if (type == ieee80211::ethertype::kVlan && ethernet.size() >= 18) type = type_at(16);
  return type == ieee80211::ethertype::kIpv4 || type == ieee80211::ethertype::kIpv6 ||
         type == ieee80211::ethertype::kArp;
}

/// 802.1X: an unauthorised port lets only the control port's own frames out.
bool port_allows(const Interface& interface, const Station* station,
                 const EthernetHeader& ethernet) {
  if (station != nullptr && station->is_authorized()) return true;
  return ethernet.type == interface.bss().control_port.ethertype &&
         ethernet.source == interface.address();
}

}  // namespace

TxPath::TxPath(RadioStack& stack)
    : stack_(stack), flows_(stack.rng().next_u64(), [this](const QueuedFrame& frame, Drop reason) {
        discard(frame, reason);
      }) {}

void TxPath::transmit(Interface& interface, std::span<FrameBuffer> burst) {
  // One wake per run of frames to the same queue.
  TxQueue* pending = nullptr;
  for (FrameBuffer& frame : burst) {
    TxQueue* queue = submit(interface, {.ethernet = std::move(frame)});
    if (queue == nullptr) continue;
    if (pending != nullptr && pending != queue) wake(*pending);
    pending = queue;
  }
  if (pending != nullptr) wake(*pending);
}

std::nullopt_t TxPath::drop(Drop reason) {
  stack_.drops().note(reason);
  return std::nullopt;
}

TxQueue* TxPath::drop_unqueued(Drop reason) {
  stack_.drops().note(reason);
  return nullptr;
}

TxQueue* TxPath::submit(Interface& interface, QueuedFrame frame) {
  Interface& bss = interface.bss();
  if (&bss != &interface) frame.vlan = interface.id();
  if (!interface.is_up() || frame.ethernet.size() < kEthernetHeaderLength)
    return drop_unqueued(Drop::kTxMalformed);
  frame.since = stack_.now();
  const EthernetHeader ethernet = EthernetHeader::load(frame.ethernet.octets());
  const Route route = find_route(stack_, interface, ethernet);
  frame.control_port = frame.control_port || ethernet.type == bss.control_port.ethertype;
  if (frame.control_port && bss.control_port.no_encrypt) frame.no_encrypt = true;
  switch (route.kind) {
    case Route::Kind::kDrop:
      return drop_unqueued(Drop::kTxNoPeer);
    case Route::Kind::kGroup:
      if (interface.audience == 0) return drop_unqueued(Drop::kTxNoAudience);
      if (bss.multicast_to_unicast && may_go_to_each(frame.ethernet.octets())) {
        send_to_each(interface, frame);
        return nullptr;
      }
      return enqueue_group(bss, std::move(frame));
    case Route::Kind::kStranger:
      // Only the control port may speak to whoever is no station; it will not be acknowledged.
      if (!port_allows(interface, nullptr, ethernet)) return drop_unqueued(Drop::kTxNoPeer);
      if (auto made = make_frame(bss, nullptr, std::move(frame)))
        stack_.driver().transmit(*std::move(made));
      return nullptr;
    case Route::Kind::kStation:
      if (!port_allows(interface, route.station, ethernet)) return drop_unqueued(Drop::kTxPortShut);
      if (route.station->wme)
        frame.tid = downgrade(classify(frame.ethernet.octets(), bss.control_port.ethertype,
                                       bss.qos_map ? *bss.qos_map : std::span<const uint8_t>{}),
                              bss.link().admission_mandatory);
      interface.power_save().on_transmit();
      return enqueue(*route.station, std::move(frame));
  }
  return nullptr;
}

/// A frame to a group as one to each station, but not back to whoever sent it.
/// [nl80211.h NL80211_CMD_SET_MULTICAST_TO_UNICAST]
void TxPath::send_to_each(Interface& interface, const QueuedFrame& frame) {
  const MacAddress source = EthernetHeader::load(frame.ethernet.octets()).source;
  for (Station* station : stack_.stations().served_by(interface)) {
    if (station->address() == source) continue;
    QueuedFrame copy = frame;
    copy.ethernet = frame.ethernet.copy();
    const auto& to = station->address().octets;
    std::copy(to.begin(), to.end(), copy.ethernet.writable().begin());
    if (TxQueue* queue = submit(interface, std::move(copy))) wake(*queue);
  }
}

TxQueue* TxPath::enqueue_group(Interface& interface, QueuedFrame frame) {
  AccessPoint& ap = *interface.access_point();
  // Those that wait go first, also when all are awake again.
  if (ap.any_sleeping() || !ap.held_group_queue.empty()) {
    if (ap.held_group_queue.size() >= kGroupHeldMax)
      discard(ap.held_group_queue.pop_front(), Drop::kTxSleepFull);
    ap.held_group_queue.push_back(std::move(frame));
    return nullptr;
  }
  flows_.push(interface.group_queue, std::move(frame));
  return &interface.group_queue;
}

TxQueue* TxPath::enqueue(Station& station, QueuedFrame frame) {
  const uint8_t tid = frame.tid;
  TxQueue& queue = station.queues[tid];
  if (!station.sleeping) {
    flows_.push(queue, std::move(frame));
    return &queue;
  }
  // The limit is the access category's, which has two TIDs.
  const uint8_t sibling = tid ^ (tid < 4 ? 3 : 1);
  TxQueue& other = station.queues[sibling];
  if (queue.size() + other.size() >= kSleepMax)
    discard(flows_.pop_oldest(queue.empty() ? other : queue), Drop::kTxSleepFull);
  flows_.push(queue, std::move(frame));
  if (AccessPoint* ap = station.interface().access_point()) {
    ap->watch_age();
    ap->update_tim(station);
  }
  return nullptr;
}

Result<bool> TxPath::control_port(Interface& interface,
                                  const cfg80211::ControlPortTxRequest& request, uint64_t cookie) {
  FrameBuffer ethernet = stack_.pool().allocate(kEthernetHeaderLength + request.payload.size());
  auto out = ethernet.writable();
  EthernetHeader{request.destination, interface.address(), request.ethertype}.store(out);
  std::copy(request.payload.begin(), request.payload.end(), out.begin() + kEthernetHeaderLength);

  const EthernetHeader header = EthernetHeader::load(ethernet.octets());
  // A station's frame goes to its access point, whomever it is for.
  const bool is_unicast = cfg80211::is_station(interface.type()) || !request.destination.is_group();
  // DEVIATES: the kernel tells who does not want it as well, with cookie 0.
  const bool has_status = request.want_status && is_unicast &&
                          request.ethertype == interface.bss().control_port.ethertype &&
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
  if (TxQueue* queue = submit(interface, std::move(frame))) wake(*queue);
  return has_status;
}

}  // namespace airloom::mac80211
