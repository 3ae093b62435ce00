#include "platform/system_rng.h"

#include <sys/random.h>

#include <cerrno>

#include "base/assert.h"

namespace airloom::platform {

void SystemRng::fill(std::span<uint8_t> octets) {
  while (!octets.empty()) {
    const ssize_t got = getrandom(octets.data(), octets.size(), 0);
    WLAN_ASSERT(got > 0 || errno == EINTR);  // no other error is possible with valid arguments
    if (got > 0) octets = octets.subspan(static_cast<size_t>(got));
  }
}

}  // namespace airloom::platform
