#include "interpose/router.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <algorithm>

namespace airloom::interpose {

Route Router::route(const netlink::Message& message) const {
  const uint16_t type = message.header.type;
  if (type == GENL_ID_CTRL) return route_to_controller(message);
  const bool ours = std::any_of(families_.begin(), families_.end(),
                                [&](const Family& family) { return family.id == type; });
  // Control messages have no family; whoever gets one acknowledges it if asked to.
  return ours || type < NLMSG_MIN_TYPE ? Route::kDaemon : Route::kKernel;
}

Route Router::route_to_controller(const netlink::Message& message) const {
  const netlink::AttributeTable attributes(message.genl_attributes());
  const auto name = attributes.string(CTRL_ATTR_FAMILY_NAME);
  const auto id = attributes.u16(CTRL_ATTR_FAMILY_ID);
  if (!name && !id) {
    const bool dumps = (message.header.flags & NLM_F_DUMP) == NLM_F_DUMP;
    return dumps && message.genl() && message.genl()->command == CTRL_CMD_GETFAMILY
               ? Route::kBoth
               : Route::kKernel;
  }
  const bool ours = std::any_of(families_.begin(), families_.end(), [&](const Family& family) {
    return (!name || *name == family.name) && (!id || *id == family.id);
  });
  return ours ? Route::kDaemon : Route::kKernel;
}

Route Router::route_group(uint32_t group) const {
  if (group == GENL_ID_CTRL) return Route::kBoth;
  for (const Family& family : families_)
    for (const Group& known : family.groups)
      if (known.id == group) return Route::kDaemon;
  return Route::kKernel;
}

}  // namespace airloom::interpose
