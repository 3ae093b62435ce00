// Radiotap headers.
#include "ieee80211/radiotap.h"
#include "law.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using airloom::fuzz::expect;
  using airloom::ieee80211::RadiotapHeader;
  airloom::Reader reader(std::span(data, size));
  const auto header = RadiotapHeader::parse(reader);
  if (!header) return 0;
  const airloom::Octets octets = airloom::fuzz::emitted(*header);
  airloom::Reader again(octets);
  const auto parsed = RadiotapHeader::parse(again);
  expect(parsed && *parsed == *header, "what was emitted parses to the same value");
  expect(again.at_end(), "the header's length is its own");
  return 0;
}
