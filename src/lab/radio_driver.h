// What drives a radio, as a lab file names it.
#pragma once

#include <cstdint>

namespace airloom::lab {

enum class RadioDriver : uint8_t {
  kHwsim,    ///< SoftMAC: mac80211 on the host
  kFullmac,  ///< firmware of its own
};

}  // namespace airloom::lab
