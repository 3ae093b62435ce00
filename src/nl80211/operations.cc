// Every command of Linux 6.1's nl80211, in the order in which nlctrl lists them, with the
// conditions under which its handler runs.
#include <linux/genetlink.h>
#include <linux/nl80211.h>

#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using netlink::Strictness;

enum How : uint8_t { kDo = 1, kDumpOnly = 2, kBoth = 3 };
enum Who : uint8_t {
  kAnyone = 0,
  kAdmin = GENL_UNS_ADMIN_PERM,   // CAP_NET_ADMIN in the namespace's user namespace
  kGlobalAdmin = GENL_ADMIN_PERM  // in the first user namespace
};

constexpr KernelOperation operation(uint8_t command, const char* name, How how, Who who,
                                    unsigned needs, Strictness strictness = Strictness::kLiberal) {
  return {.name = name,
          .needs = static_cast<uint8_t>(needs),
          .on_bus = {.command = command,
                     .can_do = (how & kDo) != 0,
                     .can_dump = (how & kDumpOnly) != 0,
                     .permission = who,
                     .policy = &kAttributePolicy,
                     .strictness = strictness}};
}

constexpr KernelOperation kOperations[] = {
    operation(NL80211_CMD_GET_WIPHY, "GET_WIPHY", kBoth, kAnyone, kWiphy),
    operation(NL80211_CMD_SET_WIPHY, "SET_WIPHY", kDo, kAdmin, 0),
    operation(NL80211_CMD_GET_INTERFACE, "GET_INTERFACE", kBoth, kAnyone, kWdev),
    operation(NL80211_CMD_SET_INTERFACE, "SET_INTERFACE", kDo, kAdmin, kNetdev),
    operation(NL80211_CMD_NEW_INTERFACE, "NEW_INTERFACE", kDo, kAdmin, 0),
    operation(NL80211_CMD_DEL_INTERFACE, "DEL_INTERFACE", kDo, kAdmin, kWdev),
    operation(NL80211_CMD_GET_KEY, "GET_KEY", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_SET_KEY, "SET_KEY", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_NEW_KEY, "NEW_KEY", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_DEL_KEY, "DEL_KEY", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_SET_BEACON, "SET_BEACON", kDo, kAdmin, kNetdev | kUp | kLink),
    operation(NL80211_CMD_START_AP, "START_AP", kDo, kAdmin, kNetdev | kUp | kLink),
    operation(NL80211_CMD_STOP_AP, "STOP_AP", kDo, kAdmin, kNetdev | kUp | kLink),
    operation(NL80211_CMD_GET_STATION, "GET_STATION", kBoth, kAnyone, kNetdev),
    operation(NL80211_CMD_SET_STATION, "SET_STATION", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_NEW_STATION, "NEW_STATION", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_DEL_STATION, "DEL_STATION", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_GET_MPATH, "GET_MPATH", kBoth, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_GET_MPP, "GET_MPP", kBoth, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_SET_MPATH, "SET_MPATH", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_NEW_MPATH, "NEW_MPATH", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_DEL_MPATH, "DEL_MPATH", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_SET_BSS, "SET_BSS", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_GET_REG, "GET_REG", kBoth, kAnyone, 0),
    operation(NL80211_CMD_SET_REG, "SET_REG", kDo, kGlobalAdmin, 0),
    operation(NL80211_CMD_REQ_SET_REG, "REQ_SET_REG", kDo, kGlobalAdmin, 0),
    operation(NL80211_CMD_RELOAD_REGDB, "RELOAD_REGDB", kDo, kGlobalAdmin, 0),
    operation(NL80211_CMD_GET_MESH_CONFIG, "GET_MESH_CONFIG", kDo, kAnyone, kNetdev | kUp),
    operation(NL80211_CMD_SET_MESH_CONFIG, "SET_MESH_CONFIG", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_TRIGGER_SCAN, "TRIGGER_SCAN", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_ABORT_SCAN, "ABORT_SCAN", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_GET_SCAN, "GET_SCAN", kDumpOnly, kAnyone, 0),
    operation(NL80211_CMD_START_SCHED_SCAN, "START_SCHED_SCAN", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_STOP_SCHED_SCAN, "STOP_SCHED_SCAN", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_AUTHENTICATE, "AUTHENTICATE", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_ASSOCIATE, "ASSOCIATE", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_DEAUTHENTICATE, "DEAUTHENTICATE", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_DISASSOCIATE, "DISASSOCIATE", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_JOIN_IBSS, "JOIN_IBSS", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_LEAVE_IBSS, "LEAVE_IBSS", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_CONNECT, "CONNECT", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_UPDATE_CONNECT_PARAMS, "UPDATE_CONNECT_PARAMS", kDo, kGlobalAdmin,
              kNetdev | kUp),
    operation(NL80211_CMD_DISCONNECT, "DISCONNECT", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_SET_WIPHY_NETNS, "SET_WIPHY_NETNS", kDo, kAdmin, kWiphy),
    operation(NL80211_CMD_GET_SURVEY, "GET_SURVEY", kDumpOnly, kAnyone, 0),
    operation(NL80211_CMD_SET_PMKSA, "SET_PMKSA", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_DEL_PMKSA, "DEL_PMKSA", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_FLUSH_PMKSA, "FLUSH_PMKSA", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_REMAIN_ON_CHANNEL, "REMAIN_ON_CHANNEL", kDo, kAdmin, kWdev | kUp | kLink),
    operation(NL80211_CMD_CANCEL_REMAIN_ON_CHANNEL, "CANCEL_REMAIN_ON_CHANNEL", kDo, kAdmin,
              kWdev | kUp),
    operation(NL80211_CMD_SET_TX_BITRATE_MASK, "SET_TX_BITRATE_MASK", kDo, kAdmin, kNetdev | kLink),
    operation(NL80211_CMD_REGISTER_FRAME, "REGISTER_FRAME", kDo, kAdmin, kWdev),
    operation(NL80211_CMD_FRAME, "FRAME", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_FRAME_WAIT_CANCEL, "FRAME_WAIT_CANCEL", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_SET_POWER_SAVE, "SET_POWER_SAVE", kDo, kAdmin, kNetdev),
    operation(NL80211_CMD_GET_POWER_SAVE, "GET_POWER_SAVE", kDo, kAnyone, kNetdev),
    operation(NL80211_CMD_SET_CQM, "SET_CQM", kDo, kAdmin, kNetdev),
    operation(NL80211_CMD_SET_CHANNEL, "SET_CHANNEL", kDo, kAdmin, kNetdev | kLink),
    operation(NL80211_CMD_JOIN_MESH, "JOIN_MESH", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_LEAVE_MESH, "LEAVE_MESH", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_JOIN_OCB, "JOIN_OCB", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_LEAVE_OCB, "LEAVE_OCB", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_GET_WOWLAN, "GET_WOWLAN", kDo, kAnyone, kWiphy),
    operation(NL80211_CMD_SET_WOWLAN, "SET_WOWLAN", kDo, kAdmin, kWiphy),
    operation(NL80211_CMD_SET_REKEY_OFFLOAD, "SET_REKEY_OFFLOAD", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_TDLS_MGMT, "TDLS_MGMT", kDo, kAdmin, kNetdev | kUp | kLink),
    operation(NL80211_CMD_TDLS_OPER, "TDLS_OPER", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_UNEXPECTED_FRAME, "UNEXPECTED_FRAME", kDo, kAdmin, kNetdev),
    operation(NL80211_CMD_PROBE_CLIENT, "PROBE_CLIENT", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_REGISTER_BEACONS, "REGISTER_BEACONS", kDo, kAdmin, kWiphy),
    operation(NL80211_CMD_SET_NOACK_MAP, "SET_NOACK_MAP", kDo, kAdmin, kNetdev),
    operation(NL80211_CMD_START_P2P_DEVICE, "START_P2P_DEVICE", kDo, kAdmin, kWdev),
    operation(NL80211_CMD_STOP_P2P_DEVICE, "STOP_P2P_DEVICE", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_START_NAN, "START_NAN", kDo, kGlobalAdmin, kWdev),
    operation(NL80211_CMD_STOP_NAN, "STOP_NAN", kDo, kGlobalAdmin, kWdev | kUp),
    operation(NL80211_CMD_ADD_NAN_FUNCTION, "ADD_NAN_FUNCTION", kDo, kGlobalAdmin, kWdev | kUp),
    operation(NL80211_CMD_DEL_NAN_FUNCTION, "DEL_NAN_FUNCTION", kDo, kGlobalAdmin, kWdev | kUp),
    operation(NL80211_CMD_CHANGE_NAN_CONFIG, "CHANGE_NAN_CONFIG", kDo, kGlobalAdmin, kWdev | kUp),
    operation(NL80211_CMD_SET_MCAST_RATE, "SET_MCAST_RATE", kDo, kAdmin, kNetdev),
    operation(NL80211_CMD_SET_MAC_ACL, "SET_MAC_ACL", kDo, kAdmin, kNetdev | kNoLink),
    operation(NL80211_CMD_RADAR_DETECT, "RADAR_DETECT", kDo, kAdmin, kNetdev | kUp | kNoLink),
    operation(NL80211_CMD_GET_PROTOCOL_FEATURES, "GET_PROTOCOL_FEATURES", kDo, kAnyone, 0),
    operation(NL80211_CMD_UPDATE_FT_IES, "UPDATE_FT_IES", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_CRIT_PROTOCOL_START, "CRIT_PROTOCOL_START", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_CRIT_PROTOCOL_STOP, "CRIT_PROTOCOL_STOP", kDo, kAdmin, kWdev | kUp),
    operation(NL80211_CMD_GET_COALESCE, "GET_COALESCE", kDo, kAnyone, kWiphy),
    operation(NL80211_CMD_SET_COALESCE, "SET_COALESCE", kDo, kAdmin, kWiphy),
    operation(NL80211_CMD_CHANNEL_SWITCH, "CHANNEL_SWITCH", kDo, kAdmin, kNetdev | kUp | kLink),
    operation(NL80211_CMD_VENDOR, "VENDOR", kBoth, kAdmin, kWiphy),
    operation(NL80211_CMD_SET_QOS_MAP, "SET_QOS_MAP", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_ADD_TX_TS, "ADD_TX_TS", kDo, kAdmin, kNetdev | kUp | kNoLink),
    operation(NL80211_CMD_DEL_TX_TS, "DEL_TX_TS", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_TDLS_CHANNEL_SWITCH, "TDLS_CHANNEL_SWITCH", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_TDLS_CANCEL_CHANNEL_SWITCH, "TDLS_CANCEL_CHANNEL_SWITCH", kDo, kAdmin,
              kNetdev | kUp),
    operation(NL80211_CMD_SET_MULTICAST_TO_UNICAST, "SET_MULTICAST_TO_UNICAST", kDo, kAdmin,
              kNetdev),
    operation(NL80211_CMD_SET_PMK, "SET_PMK", kDo, kAnyone, kNetdev | kUp),
    operation(NL80211_CMD_DEL_PMK, "DEL_PMK", kDo, kAnyone, kNetdev | kUp),
    operation(NL80211_CMD_EXTERNAL_AUTH, "EXTERNAL_AUTH", kDo, kGlobalAdmin, kNetdev | kUp),
    operation(NL80211_CMD_CONTROL_PORT_FRAME, "CONTROL_PORT_FRAME", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_GET_FTM_RESPONDER_STATS, "GET_FTM_RESPONDER_STATS", kDo, kAnyone,
              kNetdev | kLink),
    operation(NL80211_CMD_PEER_MEASUREMENT_START, "PEER_MEASUREMENT_START", kDo, kAdmin,
              kWdev | kUp),
    operation(NL80211_CMD_NOTIFY_RADAR, "NOTIFY_RADAR", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_UPDATE_OWE_INFO, "UPDATE_OWE_INFO", kDo, kGlobalAdmin, kNetdev | kUp,
              Strictness::kStrict),
    operation(NL80211_CMD_PROBE_MESH_LINK, "PROBE_MESH_LINK", kDo, kAdmin, kNetdev | kUp,
              Strictness::kStrict),
    operation(NL80211_CMD_SET_TID_CONFIG, "SET_TID_CONFIG", kDo, kAdmin, kNetdev | kLink,
              Strictness::kStrict),
    operation(NL80211_CMD_SET_SAR_SPECS, "SET_SAR_SPECS", kDo, kAdmin, kWiphy),
    operation(NL80211_CMD_COLOR_CHANGE_REQUEST, "COLOR_CHANGE_REQUEST", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_SET_FILS_AAD, "SET_FILS_AAD", kDo, kAdmin, kNetdev | kUp),
    operation(NL80211_CMD_ADD_LINK, "ADD_LINK", kDo, kAdmin, kNetdev | kUp, Strictness::kStrict),
    operation(NL80211_CMD_REMOVE_LINK, "REMOVE_LINK", kDo, kAdmin, kNetdev | kUp | kLink,
              Strictness::kStrict),
    operation(NL80211_CMD_ADD_LINK_STA, "ADD_LINK_STA", kDo, kAdmin, kNetdev | kUp | kLink,
              Strictness::kStrict),
    operation(NL80211_CMD_MODIFY_LINK_STA, "MODIFY_LINK_STA", kDo, kAdmin, kNetdev | kUp | kLink,
              Strictness::kStrict),
    operation(NL80211_CMD_REMOVE_LINK_STA, "REMOVE_LINK_STA", kDo, kAdmin, kNetdev | kUp | kLink,
              Strictness::kStrict),
    operation(NL80211_CMD_SET_HW_TIMESTAMP, "SET_HW_TIMESTAMP", kDo, kAdmin, kNetdev | kUp,
              Strictness::kStrict),
};

}  // namespace

std::span<const KernelOperation> kernel_operations() {
  return kOperations;
}

}  // namespace airloom::nl80211
