// WLAN_ASSERT: for airloom's own bugs only, on in every build. No octet from the air, the wire or
// a peer may reach one.
#pragma once

namespace airloom::internal {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define WLAN_ASSERT(cond) \
  ((cond) ? (void)0 : ::airloom::internal::assertion_failed(#cond, __FILE__, __LINE__))
