// The crypto settings that ASSOCIATE, CONNECT and START_AP share. [nl80211.h
// NL80211_ATTR_WPA_VERSIONS, _CIPHER_SUITES_PAIRWISE, _CIPHER_SUITE_GROUP, _AKM_SUITES,
// _CONTROL_PORT...]
#pragma once

#include "base/result.h"
#include "bytes/writer.h"
#include "cfg80211/types.h"
#include "nl80211/context.h"

namespace airloom::nl80211 {

Result<cfg80211::CryptoSettings> parse_crypto(const Context& context);

/// The octets of an attribute; empty if it is absent.
Octets octets_of(const netlink::AttributeTable& attributes, uint16_t type);

}  // namespace airloom::nl80211
