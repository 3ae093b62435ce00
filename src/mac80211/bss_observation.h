// A beacon or probe response as the scan results take it in: what it says, and how it was heard.
#pragma once

#include "cfg80211/bss_table.h"
#include "ieee80211/mac_header.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

inline cfg80211::BssObservation observation_of(const ieee80211::FrameView& view,
                                               const RxStatus& status) {
  return {.frame = view.octets(),
          .mhz = status.mhz,
          .offset_khz = status.offset_khz,
          .signal_mbm = status.signal_dbm * 100,
          .boottime = status.boottime};
}

}  // namespace airloom::mac80211
