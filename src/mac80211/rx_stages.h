// The stages of the receive path, internal to rx_*.cc. Each looks at a frame for one interface and
// says how it goes on; the list in their order is in rx_path.cc.
#pragma once

#include "mac80211/rx_path.h"

namespace airloom::mac80211 {

enum class Verdict : uint8_t {
  kContinue,
  kTaken,  ///< delivered or kept; the station may be gone
  kDrop,   ///< counted, for its station too
};
/// Drops a frame for another reason than its stage's usual one.
inline Verdict drop_for(RxFrame& frame, Drop reason) {
  frame.reason = reason;
  return Verdict::kDrop;
}
using RxStage = Verdict (*)(RadioStack&, RxFrame&);

// rx_filter.cc: what may not pass.
Verdict check_duplicate(RadioStack&, RxFrame&);
Verdict check_class(RadioStack&, RxFrame&);
Verdict follow_power_save(RadioStack&, RxFrame&);
Verdict reorder(RadioStack&, RxFrame&);         // what is under a block-ack agreement
Verdict handle_control(RadioStack&, RxFrame&);  // control frames end here
Verdict note_station(RadioStack&, RxFrame&);    // counters; Null frames end here
Verdict decrypt(RadioStack&, RxFrame&);
Verdict reassemble(RadioStack&, RxFrame&);
Verdict verify_michael(RadioStack&, RxFrame&);

/// Tells userspace, once, that a station sends frames with four addresses and has no VLAN for it.
void report_four_address(RxFrame&);

// rx_data.cc: data frames end here.
Verdict deliver_amsdu(RadioStack&, RxFrame&);
Verdict deliver_data(RadioStack&, RxFrame&);

// rx_mlme_action.cc
Verdict follow_action(RadioStack&, RxFrame&);

// rx_management.cc
Verdict check_management(RadioStack&, RxFrame&);
Verdict handle_block_ack(RadioStack&, RxFrame&);
Verdict offer_to_userspace(RadioStack&, RxFrame&);
Verdict answer_action(RadioStack&, RxFrame&);
Verdict hand_to_mlme(RadioStack&, RxFrame&);

}  // namespace airloom::mac80211
