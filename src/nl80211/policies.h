// The attribute policies of nl80211 requests: constants, checked before a handler runs.
#pragma once

#include "netlink/policy.h"

namespace airloom::nl80211 {

/// Every top-level attribute.
extern const netlink::Policy kAttributePolicy;

// What lies in nests.
extern const netlink::Policy kFtmResponderPolicy;
extern const netlink::Policy kPmsrFtmReqPolicy;
extern const netlink::Policy kPmsrReqDataPolicy;
extern const netlink::Policy kPmsrReqPolicy;
extern const netlink::Policy kPmsrPeerPolicy;
extern const netlink::Policy kPmsrPolicy;
extern const netlink::Policy kHeObssPdPolicy;
extern const netlink::Policy kHeBssColorPolicy;
extern const netlink::Policy kTxattrPolicy;
extern const netlink::Policy kTidConfigPolicy;
extern const netlink::Policy kFilsDiscoveryPolicy;
extern const netlink::Policy kUnsolBcastProbeRespPolicy;
extern const netlink::Policy kSarSpecsPolicy;
extern const netlink::Policy kSarPolicy;
extern const netlink::Policy kMbssidConfigPolicy;
extern const netlink::Policy kStaWmePolicy;
extern const netlink::Policy kKeyPolicy;
extern const netlink::Policy kKeyDefaultPolicy;
extern const netlink::Policy kTxqParamsPolicy;
extern const netlink::Policy kMntrFlagsPolicy;
extern const netlink::Policy kStaFlagsPolicy;
extern const netlink::Policy kAttrCqmPolicy;
extern const netlink::Policy kRegRulePolicy;
extern const netlink::Policy kRekeyPolicy;
extern const netlink::Policy kSchedScanBandRssiPolicy;
extern const netlink::Policy kSchedScanMatchPolicy;
extern const netlink::Policy kSchedScanPlanPolicy;

}  // namespace airloom::nl80211
