// The policies of nests. [nl80211.h]
#include <linux/nl80211.h>

#include "nl80211/policies.h"
#include "nl80211/policy_rows.h"

namespace airloom::nl80211 {

namespace {

using namespace netlink;  // NOLINT: the rows read as a table

constexpr uint16_t kMaxDataLength = 2304;

}  // namespace

static constexpr TypedRow kFtmResponderRows[] = {
    {NL80211_FTM_RESP_ATTR_ENABLED, of(Kind::kFlag)},
    {NL80211_FTM_RESP_ATTR_LCI, of(Kind::kBinary, 255)},
    {NL80211_FTM_RESP_ATTR_CIVICLOC, of(Kind::kBinary, 255)},
};
static constexpr auto kFtmResponderTable = by_type<NL80211_FTM_RESP_ATTR_MAX>(kFtmResponderRows);
constinit const netlink::Policy kFtmResponderPolicy{kFtmResponderTable};

static constexpr TypedRow kPmsrFtmReqRows[] = {
    {NL80211_PMSR_FTM_REQ_ATTR_ASAP, of(Kind::kFlag)},
    {NL80211_PMSR_FTM_REQ_ATTR_PREAMBLE,
     range(Kind::kU32, NL80211_PREAMBLE_LEGACY, NL80211_PREAMBLE_HE)},
    {NL80211_PMSR_FTM_REQ_ATTR_NUM_BURSTS_EXP, at_most(Kind::kU8, 15)},
    {NL80211_PMSR_FTM_REQ_ATTR_BURST_PERIOD, of(Kind::kU16)},
    {NL80211_PMSR_FTM_REQ_ATTR_BURST_DURATION, at_most(Kind::kU8, 15)},
    {NL80211_PMSR_FTM_REQ_ATTR_FTMS_PER_BURST, at_most(Kind::kU8, 31)},
    {NL80211_PMSR_FTM_REQ_ATTR_NUM_FTMR_RETRIES, of(Kind::kU8)},
    {NL80211_PMSR_FTM_REQ_ATTR_REQUEST_LCI, of(Kind::kFlag)},
    {NL80211_PMSR_FTM_REQ_ATTR_REQUEST_CIVICLOC, of(Kind::kFlag)},
    {NL80211_PMSR_FTM_REQ_ATTR_TRIGGER_BASED, of(Kind::kFlag)},
    {NL80211_PMSR_FTM_REQ_ATTR_NON_TRIGGER_BASED, of(Kind::kFlag)},
    {NL80211_PMSR_FTM_REQ_ATTR_LMR_FEEDBACK, of(Kind::kFlag)},
    {NL80211_PMSR_FTM_REQ_ATTR_BSS_COLOR, of(Kind::kU8)},
};
static constexpr auto kPmsrFtmReqTable = by_type<NL80211_PMSR_FTM_REQ_ATTR_MAX>(kPmsrFtmReqRows);
constinit const netlink::Policy kPmsrFtmReqPolicy{kPmsrFtmReqTable};

static constexpr TypedRow kPmsrReqDataRows[] = {
    {NL80211_PMSR_TYPE_FTM, nested(kPmsrFtmReqPolicy)},
};
static constexpr auto kPmsrReqDataTable = by_type<NL80211_PMSR_TYPE_MAX>(kPmsrReqDataRows);
constinit const netlink::Policy kPmsrReqDataPolicy{kPmsrReqDataTable};

static constexpr TypedRow kPmsrReqRows[] = {
    {NL80211_PMSR_REQ_ATTR_DATA, nested(kPmsrReqDataPolicy)},
    {NL80211_PMSR_REQ_ATTR_GET_AP_TSF, of(Kind::kFlag)},
};
static constexpr auto kPmsrReqTable = by_type<NL80211_PMSR_REQ_ATTR_MAX>(kPmsrReqRows);
constinit const netlink::Policy kPmsrReqPolicy{kPmsrReqTable};

static constexpr TypedRow kPmsrPeerRows[] = {
    {NL80211_PMSR_PEER_ATTR_ADDR, exact_length(6)},
    {NL80211_PMSR_PEER_ATTR_CHAN, nested(kAttributePolicy)},
    {NL80211_PMSR_PEER_ATTR_REQ, nested(kPmsrReqPolicy)},
    {NL80211_PMSR_PEER_ATTR_RESP, reject()},
};
static constexpr auto kPmsrPeerTable = by_type<NL80211_PMSR_PEER_ATTR_MAX>(kPmsrPeerRows);
constinit const netlink::Policy kPmsrPeerPolicy{kPmsrPeerTable};

static constexpr TypedRow kPmsrRows[] = {
    {NL80211_PMSR_ATTR_MAX_PEERS, reject()},
    {NL80211_PMSR_ATTR_REPORT_AP_TSF, reject()},
    {NL80211_PMSR_ATTR_RANDOMIZE_MAC_ADDR, reject()},
    {NL80211_PMSR_ATTR_TYPE_CAPA, reject()},
    {NL80211_PMSR_ATTR_PEERS, nested_array(kPmsrPeerPolicy)},
};
static constexpr auto kPmsrTable = by_type<NL80211_PMSR_ATTR_MAX>(kPmsrRows);
constinit const netlink::Policy kPmsrPolicy{kPmsrTable};

static constexpr TypedRow kHeObssPdRows[] = {
    {NL80211_HE_OBSS_PD_ATTR_MIN_OFFSET, range(Kind::kU8, 1, 20)},
    {NL80211_HE_OBSS_PD_ATTR_MAX_OFFSET, range(Kind::kU8, 1, 20)},
    {NL80211_HE_OBSS_PD_ATTR_NON_SRG_MAX_OFFSET, range(Kind::kU8, 1, 20)},
    {NL80211_HE_OBSS_PD_ATTR_BSS_COLOR_BITMAP, exact_length(8)},
    {NL80211_HE_OBSS_PD_ATTR_PARTIAL_BSSID_BITMAP, exact_length(8)},
    {NL80211_HE_OBSS_PD_ATTR_SR_CTRL, of(Kind::kU8)},
};
static constexpr auto kHeObssPdTable = by_type<NL80211_HE_OBSS_PD_ATTR_MAX>(kHeObssPdRows);
constinit const netlink::Policy kHeObssPdPolicy{kHeObssPdTable};

static constexpr TypedRow kHeBssColorRows[] = {
    {NL80211_HE_BSS_COLOR_ATTR_COLOR, range(Kind::kU8, 1, 63)},
    {NL80211_HE_BSS_COLOR_ATTR_DISABLED, of(Kind::kFlag)},
    {NL80211_HE_BSS_COLOR_ATTR_PARTIAL, of(Kind::kFlag)},
};
static constexpr auto kHeBssColorTable = by_type<NL80211_HE_BSS_COLOR_ATTR_MAX>(kHeBssColorRows);
constinit const netlink::Policy kHeBssColorPolicy{kHeBssColorTable};

static constexpr TypedRow kTxattrRows[] = {
    {NL80211_TXRATE_LEGACY, of(Kind::kBinary, NL80211_MAX_SUPP_RATES)},
    {NL80211_TXRATE_HT, of(Kind::kBinary, NL80211_MAX_SUPP_HT_RATES)},
    {NL80211_TXRATE_VHT, exact_length_warn(sizeof(nl80211_txrate_vht))},
    {NL80211_TXRATE_GI, of(Kind::kU8)},
    {NL80211_TXRATE_HE, exact_length(sizeof(nl80211_txrate_he))},
    {NL80211_TXRATE_HE_GI,
     range(Kind::kU8, NL80211_RATE_INFO_HE_GI_0_8, NL80211_RATE_INFO_HE_GI_3_2)},
    {NL80211_TXRATE_HE_LTF,
     range(Kind::kU8, NL80211_RATE_INFO_HE_1XLTF, NL80211_RATE_INFO_HE_4XLTF)},
};
static constexpr auto kTxattrTable = by_type<NL80211_TXRATE_MAX>(kTxattrRows);
constinit const netlink::Policy kTxattrPolicy{kTxattrTable};

static constexpr TypedRow kTidConfigRows[] = {
    {NL80211_TID_CONFIG_ATTR_VIF_SUPP, of(Kind::kU64)},
    {NL80211_TID_CONFIG_ATTR_PEER_SUPP, of(Kind::kU64)},
    {NL80211_TID_CONFIG_ATTR_OVERRIDE, of(Kind::kFlag)},
    {NL80211_TID_CONFIG_ATTR_TIDS, range(Kind::kU16, 1, 0xff)},
    {NL80211_TID_CONFIG_ATTR_NOACK, at_most(Kind::kU8, NL80211_TID_CONFIG_DISABLE)},
    {NL80211_TID_CONFIG_ATTR_RETRY_SHORT, at_least(Kind::kU8, 1)},
    {NL80211_TID_CONFIG_ATTR_RETRY_LONG, at_least(Kind::kU8, 1)},
    {NL80211_TID_CONFIG_ATTR_AMPDU_CTRL, at_most(Kind::kU8, NL80211_TID_CONFIG_DISABLE)},
    {NL80211_TID_CONFIG_ATTR_RTSCTS_CTRL, at_most(Kind::kU8, NL80211_TID_CONFIG_DISABLE)},
    {NL80211_TID_CONFIG_ATTR_AMSDU_CTRL, at_most(Kind::kU8, NL80211_TID_CONFIG_DISABLE)},
    {NL80211_TID_CONFIG_ATTR_TX_RATE_TYPE, at_most(Kind::kU8, NL80211_TX_RATE_FIXED)},
    {NL80211_TID_CONFIG_ATTR_TX_RATE, nested(kTxattrPolicy)},
};
static constexpr auto kTidConfigTable = by_type<NL80211_TID_CONFIG_ATTR_MAX>(kTidConfigRows);
constinit const netlink::Policy kTidConfigPolicy{kTidConfigTable};

static constexpr TypedRow kFilsDiscoveryRows[] = {
    {NL80211_FILS_DISCOVERY_ATTR_INT_MIN, at_most(Kind::kU32, 10000)},
    {NL80211_FILS_DISCOVERY_ATTR_INT_MAX, at_most(Kind::kU32, 10000)},
    {NL80211_FILS_DISCOVERY_ATTR_TMPL, range(Kind::kBinary, 42, kMaxDataLength)},
};
static constexpr auto kFilsDiscoveryTable =
    by_type<NL80211_FILS_DISCOVERY_ATTR_MAX>(kFilsDiscoveryRows);
constinit const netlink::Policy kFilsDiscoveryPolicy{kFilsDiscoveryTable};

static constexpr TypedRow kUnsolBcastProbeRespRows[] = {
    {NL80211_UNSOL_BCAST_PROBE_RESP_ATTR_INT, at_most(Kind::kU32, 20)},
    {NL80211_UNSOL_BCAST_PROBE_RESP_ATTR_TMPL, of(Kind::kBinary, kMaxDataLength)},
};
static constexpr auto kUnsolBcastProbeRespTable =
    by_type<NL80211_UNSOL_BCAST_PROBE_RESP_ATTR_MAX>(kUnsolBcastProbeRespRows);
constinit const netlink::Policy kUnsolBcastProbeRespPolicy{kUnsolBcastProbeRespTable};

static constexpr TypedRow kSarSpecsRows[] = {
    {NL80211_SAR_ATTR_SPECS_POWER, of(Kind::kS32)},
    {NL80211_SAR_ATTR_SPECS_RANGE_INDEX, of(Kind::kU32)},
};
static constexpr auto kSarSpecsTable = by_type<NL80211_SAR_ATTR_SPECS_MAX>(kSarSpecsRows);
constinit const netlink::Policy kSarSpecsPolicy{kSarSpecsTable};

static constexpr TypedRow kSarRows[] = {
    {NL80211_SAR_ATTR_TYPE, at_most(Kind::kU32, NUM_NL80211_SAR_TYPE)},
    {NL80211_SAR_ATTR_SPECS, nested_array(kSarSpecsPolicy)},
};
static constexpr auto kSarTable = by_type<NL80211_SAR_ATTR_MAX>(kSarRows);
constinit const netlink::Policy kSarPolicy{kSarTable};

static constexpr TypedRow kMbssidConfigRows[] = {
    {NL80211_MBSSID_CONFIG_ATTR_MAX_INTERFACES, at_least(Kind::kU8, 2)},
    {NL80211_MBSSID_CONFIG_ATTR_MAX_EMA_PROFILE_PERIODICITY, at_least(Kind::kU8, 1)},
    {NL80211_MBSSID_CONFIG_ATTR_INDEX, of(Kind::kU8)},
    {NL80211_MBSSID_CONFIG_ATTR_TX_IFINDEX, of(Kind::kU32)},
    {NL80211_MBSSID_CONFIG_ATTR_EMA, of(Kind::kFlag)},
};
static constexpr auto kMbssidConfigTable =
    by_type<NL80211_MBSSID_CONFIG_ATTR_MAX>(kMbssidConfigRows);
constinit const netlink::Policy kMbssidConfigPolicy{kMbssidConfigTable};

static constexpr TypedRow kStaWmeRows[] = {
    {NL80211_STA_WME_UAPSD_QUEUES, of(Kind::kU8)},
    {NL80211_STA_WME_MAX_SP, of(Kind::kU8)},
};
static constexpr auto kStaWmeTable = by_type<NL80211_STA_WME_MAX>(kStaWmeRows);
constinit const netlink::Policy kStaWmePolicy{kStaWmeTable};

static constexpr TypedRow kKeyRows[] = {
    {NL80211_KEY_DATA, of(Kind::kBinary, 32)},
    {NL80211_KEY_IDX, of(Kind::kU8)},
    {NL80211_KEY_CIPHER, of(Kind::kU32)},
    {NL80211_KEY_SEQ, of(Kind::kBinary, 16)},
    {NL80211_KEY_DEFAULT, of(Kind::kFlag)},
    {NL80211_KEY_DEFAULT_MGMT, of(Kind::kFlag)},
    {NL80211_KEY_TYPE, at_most(Kind::kU32, NUM_NL80211_KEYTYPES - 1)},
    {NL80211_KEY_DEFAULT_TYPES, of(Kind::kNested)},
    {NL80211_KEY_MODE, range(Kind::kU8, 0, NL80211_KEY_SET_TX)},
};
static constexpr auto kKeyTable = by_type<NL80211_KEY_MAX>(kKeyRows);
constinit const netlink::Policy kKeyPolicy{kKeyTable};

static constexpr TypedRow kKeyDefaultRows[] = {
    {NL80211_KEY_DEFAULT_TYPE_UNICAST, of(Kind::kFlag)},
    {NL80211_KEY_DEFAULT_TYPE_MULTICAST, of(Kind::kFlag)},
};
static constexpr auto kKeyDefaultTable =
    by_type<NL80211_KEY_DEFAULT_TYPE_MULTICAST>(kKeyDefaultRows);
constinit const netlink::Policy kKeyDefaultPolicy{kKeyDefaultTable};

static constexpr TypedRow kTxqParamsRows[] = {
    {NL80211_TXQ_ATTR_QUEUE, of(Kind::kU8)},  {NL80211_TXQ_ATTR_TXOP, of(Kind::kU16)},
    {NL80211_TXQ_ATTR_CWMIN, of(Kind::kU16)}, {NL80211_TXQ_ATTR_CWMAX, of(Kind::kU16)},
    {NL80211_TXQ_ATTR_AIFS, of(Kind::kU8)},
};
static constexpr auto kTxqParamsTable = by_type<NL80211_TXQ_ATTR_MAX>(kTxqParamsRows);
constinit const netlink::Policy kTxqParamsPolicy{kTxqParamsTable};

static constexpr TypedRow kMntrFlagsRows[] = {
    {NL80211_MNTR_FLAG_FCSFAIL, of(Kind::kFlag)},
    {NL80211_MNTR_FLAG_PLCPFAIL, of(Kind::kFlag)},
    {NL80211_MNTR_FLAG_CONTROL, of(Kind::kFlag)},
    {NL80211_MNTR_FLAG_OTHER_BSS, of(Kind::kFlag)},
    {NL80211_MNTR_FLAG_COOK_FRAMES, of(Kind::kFlag)},
    {NL80211_MNTR_FLAG_ACTIVE, of(Kind::kFlag)},
};
static constexpr auto kMntrFlagsTable = by_type<NL80211_MNTR_FLAG_MAX>(kMntrFlagsRows);
constinit const netlink::Policy kMntrFlagsPolicy{kMntrFlagsTable};

static constexpr TypedRow kStaFlagsRows[] = {
    {NL80211_STA_FLAG_AUTHORIZED, of(Kind::kFlag)},
    {NL80211_STA_FLAG_SHORT_PREAMBLE, of(Kind::kFlag)},
    {NL80211_STA_FLAG_WME, of(Kind::kFlag)},
    {NL80211_STA_FLAG_MFP, of(Kind::kFlag)},
    {NL80211_STA_FLAG_AUTHENTICATED, of(Kind::kFlag)},
    {NL80211_STA_FLAG_TDLS_PEER, of(Kind::kFlag)},
};
static constexpr auto kStaFlagsTable = by_type<NL80211_STA_FLAG_MAX>(kStaFlagsRows);
constinit const netlink::Policy kStaFlagsPolicy{kStaFlagsTable};

static constexpr TypedRow kAttrCqmRows[] = {
    {NL80211_ATTR_CQM_RSSI_THOLD, of(Kind::kBinary)},
    {NL80211_ATTR_CQM_RSSI_HYST, of(Kind::kU32)},
    {NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT, of(Kind::kU32)},
    {NL80211_ATTR_CQM_TXE_RATE, of(Kind::kU32)},
    {NL80211_ATTR_CQM_TXE_PKTS, of(Kind::kU32)},
    {NL80211_ATTR_CQM_TXE_INTVL, of(Kind::kU32)},
    {NL80211_ATTR_CQM_RSSI_LEVEL, of(Kind::kS32)},
};
static constexpr auto kAttrCqmTable = by_type<NL80211_ATTR_CQM_MAX>(kAttrCqmRows);
constinit const netlink::Policy kAttrCqmPolicy{kAttrCqmTable};

static constexpr TypedRow kRegRuleRows[] = {
    {NL80211_ATTR_REG_RULE_FLAGS, of(Kind::kU32)},
    {NL80211_ATTR_FREQ_RANGE_START, of(Kind::kU32)},
    {NL80211_ATTR_FREQ_RANGE_END, of(Kind::kU32)},
    {NL80211_ATTR_FREQ_RANGE_MAX_BW, of(Kind::kU32)},
    {NL80211_ATTR_POWER_RULE_MAX_ANT_GAIN, of(Kind::kU32)},
    {NL80211_ATTR_POWER_RULE_MAX_EIRP, of(Kind::kU32)},
    {NL80211_ATTR_DFS_CAC_TIME, of(Kind::kU32)},
};
static constexpr auto kRegRuleTable = by_type<NL80211_REG_RULE_ATTR_MAX>(kRegRuleRows);
constinit const netlink::Policy kRegRulePolicy{kRegRuleTable};

static constexpr TypedRow kRekeyRows[] = {
    {NL80211_REKEY_DATA_KEK, of(Kind::kBinary, NL80211_KEK_EXT_LEN)},
    {NL80211_REKEY_DATA_KCK, of(Kind::kBinary, NL80211_KCK_EXT_LEN)},
    {NL80211_REKEY_DATA_REPLAY_CTR, exact_length(NL80211_REPLAY_CTR_LEN)},
    {NL80211_REKEY_DATA_AKM, of(Kind::kU32)},
};
static constexpr auto kRekeyTable = by_type<MAX_NL80211_REKEY_DATA>(kRekeyRows);
constinit const netlink::Policy kRekeyPolicy{kRekeyTable};

static constexpr TypedRow kSchedScanBandRssiRows[] = {
    {NL80211_BAND_2GHZ, of(Kind::kS32)},  {NL80211_BAND_5GHZ, of(Kind::kS32)},
    {NL80211_BAND_60GHZ, of(Kind::kS32)}, {NL80211_BAND_6GHZ, of(Kind::kS32)},
    {NL80211_BAND_LC, of(Kind::kS32)},
};
static constexpr auto kSchedScanBandRssiTable =
    by_type<NUM_NL80211_BANDS - 1>(kSchedScanBandRssiRows);
constinit const netlink::Policy kSchedScanBandRssiPolicy{kSchedScanBandRssiTable};

static constexpr TypedRow kSchedScanMatchRows[] = {
    {NL80211_SCHED_SCAN_MATCH_ATTR_SSID, of(Kind::kBinary, 32)},
    {NL80211_SCHED_SCAN_MATCH_ATTR_BSSID, exact_length_warn(6)},
    {NL80211_SCHED_SCAN_MATCH_ATTR_RSSI, of(Kind::kU32)},
    {NL80211_SCHED_SCAN_MATCH_PER_BAND_RSSI, nested(kSchedScanBandRssiPolicy)},
};
static constexpr auto kSchedScanMatchTable =
    by_type<NL80211_SCHED_SCAN_MATCH_ATTR_MAX>(kSchedScanMatchRows);
constinit const netlink::Policy kSchedScanMatchPolicy{kSchedScanMatchTable};

static constexpr TypedRow kSchedScanPlanRows[] = {
    {NL80211_SCHED_SCAN_PLAN_INTERVAL, of(Kind::kU32)},
    {NL80211_SCHED_SCAN_PLAN_ITERATIONS, of(Kind::kU32)},
};
static constexpr auto kSchedScanPlanTable =
    by_type<NL80211_SCHED_SCAN_PLAN_MAX>(kSchedScanPlanRows);
constinit const netlink::Policy kSchedScanPlanPolicy{kSchedScanPlanTable};

}  // namespace airloom::nl80211
