// NEW_RADIO's attributes as a radio, with the kernel's checks in the kernel's order and words; and
// the messages that tell of radios.
#pragma once

#include "base/result.h"
#include "hwsimnl/radios.h"
#include "netlink/attributes.h"
#include "netlink/message.h"

namespace airloom::hwsimnl {

/// @error kInvalid, kUnsupported  with the attribute at fault where the kernel names it.
Result<hwsim::RadioSpec> parse_radio_spec(const netlink::AttributeTable& attributes);

/// What the event NEW_RADIO and the reply to GET_RADIO say of a radio.
void put_radio(netlink::MessageWriter& writer, const RadioInfo& radio);
/// A radio's name, without the NUL that a string has elsewhere.
void put_name(netlink::MessageWriter& writer, const std::string& name);

}  // namespace airloom::hwsimnl
