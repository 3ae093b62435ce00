// The host's driver of a FullMAC radio against its firmware. The first octet says how many of the
// next decide what the firmware answers; the rest are messages that it sends, each behind an octet
// with its length.
#include "support/hostile_firmware.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  if (size == 0 || size > 4096) return 0;
  Reader input(std::span(data, size));
  const auto take = [&] {
    const size_t length = std::min<size_t>(*input.u8(), input.remaining());
    const auto octets = *input.take(length);
    return Octets(octets.begin(), octets.end());
  };
  fullmac::HostileFirmware world(take());
  while (!input.at_end()) world.hear(take());
  world.use_everything();
  return 0;
}
