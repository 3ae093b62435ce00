// A planted bug, which the fuzzer must find or the other targets' silence means nothing: this
// parser trusts a length from the air.
#include "ieee80211/element.h"
#include "law.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom::ieee80211;
  for (const ElementView& view : ElementRange(std::span(data, size))) {
    if (!view.is(ElementId::kRsn) || view.body.size() < 2) continue;
    const airloom::Octets copy(view.body.begin(), view.body.end());
    const uint8_t* claimed_end = copy.data() + 2 + copy[1];
    airloom::fuzz::expect(*(claimed_end - 1) != 0x5a, "no element ends so");
  }
  return 0;
}
