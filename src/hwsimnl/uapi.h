// The numbers of generic netlink family MAC80211_HWSIM. The kernel keeps them in a header of its
// driver, not among the user headers. [mac80211_hwsim.h, Linux 6.1]
#pragma once

#include <cstdint>

namespace airloom::hwsimnl {

constexpr const char* kFamilyName = "MAC80211_HWSIM";

// Kernel names: these are the wire's.
enum Command : uint8_t {
  HWSIM_CMD_REGISTER = 1,
  HWSIM_CMD_FRAME = 2,
  HWSIM_CMD_TX_INFO_FRAME = 3,
  HWSIM_CMD_NEW_RADIO = 4,
  HWSIM_CMD_DEL_RADIO = 5,
  HWSIM_CMD_GET_RADIO = 6,
  HWSIM_CMD_ADD_MAC_ADDR = 7,
  HWSIM_CMD_DEL_MAC_ADDR = 8,
};

enum AttributeType : uint16_t {
  HWSIM_ATTR_ADDR_RECEIVER = 1,
  HWSIM_ATTR_ADDR_TRANSMITTER = 2,
  HWSIM_ATTR_FRAME = 3,
  HWSIM_ATTR_FLAGS = 4,
  HWSIM_ATTR_RX_RATE = 5,
  HWSIM_ATTR_SIGNAL = 6,
  HWSIM_ATTR_TX_INFO = 7,
  HWSIM_ATTR_COOKIE = 8,
  HWSIM_ATTR_CHANNELS = 9,
  HWSIM_ATTR_RADIO_ID = 10,
  HWSIM_ATTR_REG_HINT_ALPHA2 = 11,
  HWSIM_ATTR_REG_CUSTOM_REG = 12,
  HWSIM_ATTR_REG_STRICT_REG = 13,
  HWSIM_ATTR_SUPPORT_P2P_DEVICE = 14,
  HWSIM_ATTR_USE_CHANCTX = 15,
  HWSIM_ATTR_DESTROY_RADIO_ON_CLOSE = 16,
  HWSIM_ATTR_RADIO_NAME = 17,
  HWSIM_ATTR_NO_VIF = 18,
  HWSIM_ATTR_FREQ = 19,
  HWSIM_ATTR_PAD = 20,
  HWSIM_ATTR_TX_INFO_FLAGS = 21,
  HWSIM_ATTR_PERM_ADDR = 22,
  HWSIM_ATTR_IFTYPE_SUPPORT = 23,
  HWSIM_ATTR_CIPHER_SUPPORT = 24,
  HWSIM_ATTR_MLO_SUPPORT = 25,
  HWSIM_ATTR_MAX = 25,
};

/// Bits of HWSIM_ATTR_FLAGS.
enum FrameFlags : uint32_t {
  HWSIM_TX_CTL_REQ_TX_STATUS = 1u << 0,
  HWSIM_TX_CTL_NO_ACK = 1u << 1,
  HWSIM_TX_STAT_ACK = 1u << 2,
};

}  // namespace airloom::hwsimnl
