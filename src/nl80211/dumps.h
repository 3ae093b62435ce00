// What dumps share: choosing what they are about.
#pragma once

#include <optional>

#include "nl80211/context.h"

namespace airloom::nl80211 {

/// The wiphy that a dump of wiphys or interfaces is narrowed to, by WIPHY, WDEV or IFINDEX; none:
/// all of the namespace. An unknown WIPHY or WDEV narrows it to nothing.
/// @error kNoDevice  an IFINDEX that is not there
Result<std::optional<uint32_t>> find_dump_filter(const Context& context);

}  // namespace airloom::nl80211
