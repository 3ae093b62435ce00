// The client's end: writing a request, and telling apart what comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "netlink/message.h"

namespace airloom::netlink {

/// Begins a generic netlink request. `flags` are added to NLM_F_REQUEST | NLM_F_ACK.
MessageWriter make_request(uint16_t family, uint8_t command, uint32_t sequence, uint16_t flags = 0,
                           uint8_t version = 1);
/// Begins a request for a dump, whose end is NLMSG_DONE.
MessageWriter make_dump_request(uint16_t family, uint8_t command, uint32_t sequence,
                                uint8_t version = 1);

/// The outcome of a request: NLMSG_ERROR (errno 0 = acknowledged) or NLMSG_DONE of a dump.
struct Outcome {
  int error = 0;       // positive errno, 0 for success
  uint32_t value = 0;  // the number that came with success
  bool dump_done = false;
  std::string text;                    // NLMSGERR_ATTR_MSG
  std::optional<uint32_t> bad_offset;  // NLMSGERR_ATTR_OFFS
  std::optional<uint64_t> cookie;      // NLMSGERR_ATTR_COOKIE of eight octets

  Result<void> result() const;
};

/// Reads NLMSG_ERROR and NLMSG_DONE; none for any other message.
/// @error kMalformed  it is one of the two, and too short.
Result<std::optional<Outcome>> parse_outcome(const Message& message);

/// What CTRL_CMD_GETFAMILY answered: ids by name.
struct FamilyIds {
  uint16_t id = 0;
  std::vector<std::pair<std::string, uint32_t>> groups;

  std::optional<uint32_t> group(std::string_view name) const;
};

/// A request for the ids of the family `name`.
Octets make_get_family(std::string_view name, uint32_t sequence);
/// Reads CTRL_CMD_NEWFAMILY. @error kMalformed
Result<FamilyIds> parse_family(const Message& message);

}  // namespace airloom::netlink
