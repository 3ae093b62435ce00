// Capture files: pcap and pcapng. Each packet lies within the file, and reading ends.
#include "capture/pcap_reader.h"
#include "law.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using airloom::fuzz::expect;
  auto reader = airloom::capture::PcapReader::open({data, size});
  if (!reader) return 0;
  for (size_t packets = 0;; ++packets) {
    expect(packets <= size, "no more packets than octets");
    const auto packet = reader->next();
    if (!packet || !*packet) return 0;
    const auto octets = (*packet)->octets;
    expect(
        octets.empty() || (octets.data() >= data && octets.data() + octets.size() <= data + size),
        "a packet lies within the file");
  }
}
