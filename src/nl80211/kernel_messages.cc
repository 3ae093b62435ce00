// The commands of linux/nl80211.h that nobody asks of Linux 6.1: those of replies and events, and
// those that it does not serve.
#include <linux/nl80211.h>

#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

constexpr const char* kNotYet = nullptr;

constexpr KernelMessage message(uint8_t command, const char* name, const char* scenario) {
  return {.command = command, .name = name, .scenario = scenario, .is_served = true};
}

/// An event that the kernel has for other radios than simulated ones.
constexpr KernelMessage never(uint8_t command, const char* name, const char* because) {
  return {.command = command,
          .name = name,
          .scenario = nullptr,
          .is_served = true,
          .never_because = because};
}

constexpr const char* kNoFirmwareSme = "only firmware that connects by itself has it to tell";
constexpr const char* kNoMeasurements = "the radio does not measure distances";
constexpr const char* kNoColors = "the radio lacks the feature BSS_COLOR";

/// One that the kernel of record refuses: `scenario` asks for it.
constexpr KernelMessage refused(uint8_t command, const char* name, const char* scenario) {
  return {.command = command, .name = name, .scenario = scenario, .is_served = false};
}

constexpr KernelMessage kMessages[] = {
    message(NL80211_CMD_NEW_WIPHY, "NEW_WIPHY", "traced_session"),
    message(NL80211_CMD_DEL_WIPHY, "DEL_WIPHY", "hwsim_radios"),
    refused(NL80211_CMD_GET_BEACON, "GET_BEACON", "probe_optional"),
    refused(NL80211_CMD_SET_MGMT_EXTRA_IE, "SET_MGMT_EXTRA_IE", "scan_flags"),
    message(NL80211_CMD_NEW_SCAN_RESULTS, "NEW_SCAN_RESULTS", "traced_session"),
    message(NL80211_CMD_SCAN_ABORTED, "SCAN_ABORTED", "probe_optional"),
    message(NL80211_CMD_REG_CHANGE, "REG_CHANGE", "probe_ap"),
    message(NL80211_CMD_MICHAEL_MIC_FAILURE, "MICHAEL_MIC_FAILURE", "old_ciphers"),
    message(NL80211_CMD_REG_BEACON_HINT, "REG_BEACON_HINT", "beacon_hint"),
    refused(NL80211_CMD_TESTMODE, "TESTMODE", "probe_errno"),
    message(NL80211_CMD_ROAM, "ROAM", "fullmac_station"),
    message(NL80211_CMD_NEW_SURVEY_RESULTS, "NEW_SURVEY_RESULTS", "traced_session"),
    message(NL80211_CMD_FRAME_TX_STATUS, "FRAME_TX_STATUS", "probe_ap"),
    message(NL80211_CMD_NOTIFY_CQM, "NOTIFY_CQM", "connection_monitor"),
    refused(NL80211_CMD_SET_WDS_PEER, "SET_WDS_PEER", "probe_optional"),
    message(NL80211_CMD_UNPROT_DEAUTHENTICATE, "UNPROT_DEAUTHENTICATE", "probe_pmf"),
    message(NL80211_CMD_UNPROT_DISASSOCIATE, "UNPROT_DISASSOCIATE", "probe_pmf"),
    message(NL80211_CMD_NEW_PEER_CANDIDATE, "NEW_PEER_CANDIDATE", kNotYet),
    message(NL80211_CMD_SCHED_SCAN_RESULTS, "SCHED_SCAN_RESULTS", "sched_scan"),
    message(NL80211_CMD_SCHED_SCAN_STOPPED, "SCHED_SCAN_STOPPED", "sched_scan"),
    never(NL80211_CMD_PMKSA_CANDIDATE, "PMKSA_CANDIDATE", kNoFirmwareSme),
    message(NL80211_CMD_UNEXPECTED_4ADDR_FRAME, "UNEXPECTED_4ADDR_FRAME", "wds"),
    message(NL80211_CMD_CH_SWITCH_NOTIFY, "CH_SWITCH_NOTIFY", "chan_switch"),
    never(NL80211_CMD_CONN_FAILED, "CONN_FAILED",
          "only firmware that keeps a list of clients refuses them"),
    never(NL80211_CMD_FT_EVENT, "FT_EVENT", kNoFirmwareSme),
    message(NL80211_CMD_CH_SWITCH_STARTED_NOTIFY, "CH_SWITCH_STARTED_NOTIFY", "chan_switch"),
    never(NL80211_CMD_WIPHY_REG_CHANGE, "WIPHY_REG_CHANGE",
          "the radio follows the host's regulatory domain, and has none of its own"),
    never(NL80211_CMD_NAN_MATCH, "NAN_MATCH", "the radio has no NAN"),
    never(NL80211_CMD_PORT_AUTHORIZED, "PORT_AUTHORIZED", kNoFirmwareSme),
    message(NL80211_CMD_STA_OPMODE_CHANGED, "STA_OPMODE_CHANGED", "sta_opmode"),
    never(NL80211_CMD_PEER_MEASUREMENT_RESULT, "PEER_MEASUREMENT_RESULT", kNoMeasurements),
    never(NL80211_CMD_PEER_MEASUREMENT_COMPLETE, "PEER_MEASUREMENT_COMPLETE", kNoMeasurements),
    message(NL80211_CMD_UNPROT_BEACON, "UNPROT_BEACON", "probe_pmf"),
    message(NL80211_CMD_CONTROL_PORT_FRAME_TX_STATUS, "CONTROL_PORT_FRAME_TX_STATUS", "probe_ap"),
    never(NL80211_CMD_OBSS_COLOR_COLLISION, "OBSS_COLOR_COLLISION", kNoColors),
    never(NL80211_CMD_COLOR_CHANGE_STARTED, "COLOR_CHANGE_STARTED", kNoColors),
    never(NL80211_CMD_COLOR_CHANGE_ABORTED, "COLOR_CHANGE_ABORTED", kNoColors),
    never(NL80211_CMD_COLOR_CHANGE_COMPLETED, "COLOR_CHANGE_COMPLETED", kNoColors),
    message(NL80211_CMD_ASSOC_COMEBACK, "ASSOC_COMEBACK", "sa_query"),
};

}  // namespace

std::span<const KernelMessage> kernel_messages() {
  return kMessages;
}

}  // namespace airloom::nl80211
