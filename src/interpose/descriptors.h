// Descriptors that the supervisor has put into a program: the filter looks only at a range of
// numbers, so every copy that the program makes of one has to lie there too.
#pragma once

#include <vector>

#include "interpose/call.h"
#include "interpose/filter.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {

/// What copies, sends to, receives from or asks something of a descriptor in the range.
std::vector<FilterRule> rules_of_descriptors();

/// True for dup(), dup2(), dup3() and fcntl(F_DUPFD).
bool is_duplication(const Call& call);
/// Answers one of those, that names an injected descriptor.
/// @param program_end  a copy of it.
void duplicate(const Call& call, int program_end);

/// Answers a call with a new descriptor at the lowest free number of the range; EMFILE if all are
/// taken.
void reply_with_descriptor(const Call& call, int program_end, bool close_on_exec);

}  // namespace airloom::interpose
