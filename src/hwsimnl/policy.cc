#include "hwsimnl/policy.h"

#include <linux/genetlink.h>

#include <array>

#include "hwsimnl/uapi.h"

namespace airloom::hwsimnl {

namespace {

using netlink::Kind;
using netlink::PolicyRow;

constexpr uint16_t kMacOctets = 6;
constexpr uint16_t kMaxFrame = 2304;       // [802.11-2020 Table 9-25], as the kernel bounds it
constexpr uint16_t kTxInfoOctets = 4 * 2;  // four rates: index and tries
constexpr PolicyRow kAddress = netlink::exact_length_warn(kMacOctets);

constexpr auto kRows = [] {
  std::array<PolicyRow, HWSIM_ATTR_MAX + 1> rows{};
  rows[HWSIM_ATTR_ADDR_RECEIVER] = kAddress;
  rows[HWSIM_ATTR_ADDR_TRANSMITTER] = kAddress;
  rows[HWSIM_ATTR_FRAME] = netlink::of(Kind::kBinary, kMaxFrame);
  rows[HWSIM_ATTR_FLAGS] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_RX_RATE] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_SIGNAL] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_TX_INFO] = netlink::exact_length(kTxInfoOctets);
  rows[HWSIM_ATTR_COOKIE] = netlink::of(Kind::kU64);
  rows[HWSIM_ATTR_CHANNELS] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_RADIO_ID] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_REG_HINT_ALPHA2] = netlink::of(Kind::kString, 2);
  rows[HWSIM_ATTR_REG_CUSTOM_REG] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_REG_STRICT_REG] = netlink::of(Kind::kFlag);
  rows[HWSIM_ATTR_SUPPORT_P2P_DEVICE] = netlink::of(Kind::kFlag);
  rows[HWSIM_ATTR_USE_CHANCTX] = netlink::of(Kind::kFlag);
  rows[HWSIM_ATTR_DESTROY_RADIO_ON_CLOSE] = netlink::of(Kind::kFlag);
  rows[HWSIM_ATTR_RADIO_NAME] = netlink::of(Kind::kString);
  rows[HWSIM_ATTR_NO_VIF] = netlink::of(Kind::kFlag);
  rows[HWSIM_ATTR_FREQ] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_TX_INFO_FLAGS] = netlink::of(Kind::kBinary);
  rows[HWSIM_ATTR_PERM_ADDR] = kAddress;
  rows[HWSIM_ATTR_IFTYPE_SUPPORT] = netlink::of(Kind::kU32);
  rows[HWSIM_ATTR_CIPHER_SUPPORT] = netlink::of(Kind::kBinary);
  rows[HWSIM_ATTR_MLO_SUPPORT] = netlink::of(Kind::kFlag);
  return rows;
}();
constexpr netlink::Policy kPolicy{kRows};

constexpr genl::Operation operation(uint8_t command, uint8_t permission, bool can_dump = false) {
  return {.command = command,
          .can_do = true,
          .can_dump = can_dump,
          .permission = permission,
          .policy = &kPolicy};
}
constexpr genl::Operation kOperations[] = {
    operation(HWSIM_CMD_REGISTER, GENL_UNS_ADMIN_PERM),
    operation(HWSIM_CMD_FRAME, 0),
    operation(HWSIM_CMD_TX_INFO_FRAME, 0),
    operation(HWSIM_CMD_NEW_RADIO, GENL_UNS_ADMIN_PERM),
    operation(HWSIM_CMD_DEL_RADIO, GENL_UNS_ADMIN_PERM),
    operation(HWSIM_CMD_GET_RADIO, 0, true),
};

}  // namespace

std::span<const genl::Operation> operations() {
  return kOperations;
}

}  // namespace airloom::hwsimnl
