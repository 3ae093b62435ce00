// The checks of attribute policies that look into the octets.
#pragma once

#include "base/result.h"
#include "netlink/attributes.h"

namespace airloom::nl80211 {

/// A run of whole elements. [802.11-2020 9.4.2.1]
/// @error kInvalid "malformed information elements"
Result<void> check_elements(const netlink::Attribute& attribute);
/// A Beacon up to its TIM: header, fixed fields, whole elements. [802.11-2020 9.3.3.2]
/// @error kInvalid "malformed beacon head"
Result<void> check_beacon_head(const netlink::Attribute& attribute);
/// An HE Capabilities element's body that holds all it announces. [802.11ax 9.4.2.248]
/// @error kInvalid
Result<void> check_he_capability(const netlink::Attribute& attribute);

}  // namespace airloom::nl80211
