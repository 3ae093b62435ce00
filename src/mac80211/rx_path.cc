#include "mac80211/rx_path.h"

#include <array>

#include "cfg80211/wdev.h"
#include "ieee80211/action.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rx_stages.h"
#include "mac80211/scan.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::FrameView;
using ieee80211::Subtype;

namespace {

struct Row {
  RxStage stage;
  Drop drop;            // what its kDrop counts as
  bool cooked = false;  // what it drops cooked monitors are to see
};
constexpr auto kRxStages = std::to_array<Row>({
    {check_duplicate, Drop::kRxDuplicate},
    {check_class, Drop::kRxClass, true},
    {follow_power_save, Drop::kRxNull},
    {reorder, Drop::kRxReorder},
    {handle_control, Drop::kRxControl, true},
    {note_station, Drop::kRxNull, true},
    {decrypt, Drop::kRxProtection},
    {reassemble, Drop::kRxFragment},
    {verify_michael, Drop::kRxBadMic},
    {deliver_amsdu, Drop::kRxAmsdu},
    {deliver_data, Drop::kRxData, true},
    {check_management, Drop::kRxManagement},
    {handle_block_ack, Drop::kRxUnwanted, true},
    {follow_action, Drop::kRxUnwanted, true},
    {offer_to_userspace, Drop::kRxUnwanted, true},
    {answer_action, Drop::kRxUnwanted, true},
    {hand_to_mlme, Drop::kRxUnwanted, true},
});
constexpr size_t kAfterReordering = 4;
static_assert(kRxStages[kAfterReordering - 1].stage == reorder);

bool is_public_action(const FrameView& view) {
  return view.fc().is(Subtype::kAction) && !view.body().empty() &&
         view.body()[0] == static_cast<uint8_t>(ieee80211::ActionCategory::kPublic);
}

bool ap_accepts(const Interface& interface, const FrameView& view) {
  const bool to_us = view.address1() == interface.address();
  if (view.fc().is_control())
    return (view.fc().is(Subtype::kPsPoll) || view.fc().is(Subtype::kBlockAckRequest)) && to_us;
  if (view.fc().has_address4()) return to_us;
  const MacAddress bssid = view.bssid();
  if (bssid != interface.address() && !bssid.is_broadcast()) {
    // Public Action frames of other BSSs, and their beacons.
    if (!view.is_group_addressed() && !to_us) return false;
    return is_public_action(view) || view.fc().is_beacon();
  }
  if (view.fc().to_ds()) return true;
  if (view.fc().is_data()) return false;
  return !view.fc().is_action() || bssid.is_broadcast() || to_us;
}

/// Whether a frame on the air is any business of an interface. (Monitors are served before.)
bool accepts(const Interface& interface, const FrameView& view) {
  const bool to_us = view.address1() == interface.address();
  switch (interface.type()) {
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
      if (view.fc().is_control()) return view.fc().is(Subtype::kBlockAckRequest) && to_us;
      return view.is_group_addressed() || to_us;
    case InterfaceType::kAp:
    case InterfaceType::kP2pGo:
      return ap_accepts(interface, view);
    case InterfaceType::kP2pDevice:
      return is_public_action(view) || view.fc().is(Subtype::kProbeRequest) ||
             view.fc().is(Subtype::kProbeResponse) || view.fc().is_beacon() ||
             (view.fc().is(Subtype::kAuthentication) && to_us);
    case InterfaceType::kUnspecified:
    case InterfaceType::kAdhoc:
    case InterfaceType::kApVlan:
    case InterfaceType::kWds:
    case InterfaceType::kMonitor:
    case InterfaceType::kMeshPoint:
    case InterfaceType::kOcb:
    case InterfaceType::kNan:
      break;
  }
  return false;
}

/// Whether a beacon says it is of our AP, and that protects them: its station's MLME reports it to
/// the BSS table once its MIC has held.
/// DEVIATES: while a scan runs the kernel lets any beacon change the entry.
bool awaits_verification(const RadioStack& stack, const FrameView& view) {
  if (!view.fc().is_beacon()) return false;
  for (const auto& [id, interface] : stack.interfaces()) {
    const StationMlme* mlme = interface->station_mlme();
    if (mlme != nullptr && mlme->protects_beacons() &&
        (view.bssid() == mlme->bssid() || view.address2() == mlme->bssid()))
      return true;
  }
  return false;
}

}  // namespace

Interface& RxFrame::port() const {
  return station != nullptr ? station->port() : interface;
}

void RxPath::receive(std::span<const ReceivedFrame> burst) {
  open_ahead(burst);
  for (size_t i = 0; i < burst.size(); ++i) receive_one(burst[i], i);
  opening_.clear();
}

/// The pairwise key of a station's protected data frame; null for any other frame.
Key* RxPath::data_key(const ReceivedFrame& received) {
  const auto view = FrameView::of(received.mpdu.octets());
  if (received.status.fcs_failed || !view || !view->fc().is_data() || !view->fc().is_protected() ||
      view->is_group_addressed())
    return nullptr;
  Station* station = stack_.stations().find_any(view->address2());
  const auto id = key_id(*view);
  Key* key = station != nullptr && id ? station->keys.find(*id) : nullptr;
  return key != nullptr && key->is_aead() ? key : nullptr;
}

/// Where that is faster, decrypts all data frames of a burst before any is judged.
void RxPath::open_ahead(std::span<const ReceivedFrame> burst) {
  if (burst.size() < 2) return;
  Key* first = data_key(burst.front());
  if (first == nullptr || !first->aead().is_faster_together(burst.size())) return;
  for (const ReceivedFrame& received : burst) opening_.add(data_key(received), received.mpdu);
  opening_.finish();
}

Opened RxPath::unprotect(RxFrame& frame, size_t counter) {
  return opening_.unprotect(frame.burst_index, *frame.key, frame.buffer, counter);
}

void RxPath::receive_one(const ReceivedFrame& received, size_t index) {
  stack_.deliver_to_monitors(received.mpdu, received.status);
  if (received.status.fcs_failed) return;
  const auto view = FrameView::of(received.mpdu.octets());
  if (!view || !view->has_address2()) return;
  const bool tells_of_bss = view->fc().is_beacon() || view->fc().is(Subtype::kProbeResponse);
  if (tells_of_bss && !awaits_verification(stack_, *view))
    stack_.scan_work().on_frame(*view, received.status);

  if (view->fc().is_data()) {
    Station* station = stack_.stations().find_any(view->address2());
    if (station != nullptr) {
      while (station != nullptr) {
        // Either may go while the frame is handled.
        const Station* follower = station->next_with_address();
        const uint32_t next = follower != nullptr ? follower->id() : 0;
        if (accepts(station->interface(), *view))
          receive_for(station->interface(), station, received, index);
        station = next != 0 ? stack_.stations().find(next) : nullptr;
      }
      return;
    }
  }
  for (const auto& [id, interface] : stack_.interfaces()) {
    if (!interface->is_up() || !accepts(*interface, *view)) continue;
    receive_for(*interface, stack_.stations().find(*interface, view->address2()), received, index);
  }
}

void RxPath::receive_for(Interface& interface, Station* station, const ReceivedFrame& received,
                         size_t index) {
  if (!interface.is_up()) return;
  const auto view = FrameView::of(received.mpdu.octets());
  RxFrame frame{received.mpdu, *view, received.status, interface, station};
  frame.tid_index = view->fc().is_qos_data() ? view->tid() : kNonQosTid;
  frame.burst_index = index;
  run_stages(frame, 0);
}

void RxPath::run_stages(RxFrame& frame, size_t first) {
  for (size_t i = first; i < kRxStages.size(); ++i) {
    const Verdict verdict = kRxStages[i].stage(stack_, frame);
    if (verdict == Verdict::kContinue) continue;
    if (verdict != Verdict::kDrop) return;
    note_drop(frame, frame.reason.value_or(kRxStages[i].drop));
    if (kRxStages[i].cooked) stack_.deliver_cooked(frame.buffer, frame.status);
    return;
  }
  stack_.deliver_cooked(frame.buffer, frame.status);
}

void RxPath::note_drop(const RxFrame& frame, Drop reason) {
  stack_.drops().note_received(reason, frame.status.frame_id);
  if (frame.station != nullptr) ++frame.station->counters.rx_dropped;
  const Log& log = frame.interface.log();
  if (log.enabled(LogLevel::kDebug))
    log.debug("dropped a frame of {}: {}", frame.view.address2().to_string(), to_string(reason));
}

void RxPath::resume(uint32_t station_id, std::span<const HeldMpdu> frames) {
  for (const HeldMpdu& held : frames) {
    // Each may be the last that its station or interface sees.
    Station* station = stack_.stations().find(station_id);
    const auto view = FrameView::of(held.mpdu.octets());
    if (station == nullptr || !view || !station->interface().is_up()) {
      stack_.drops().note_received(Drop::kRxReorder, held.status.frame_id);
      continue;
    }
    RxFrame frame{held.mpdu, *view, held.status, station->interface(), station};
    frame.tid_index = view->tid();
    run_stages(frame, kAfterReordering);
  }
}

}  // namespace airloom::mac80211
