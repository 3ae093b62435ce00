// MAC headers as value and as view, which must agree, and the Ethernet side of a data frame.
#include "ieee80211/ethernet.h"
#include "ieee80211/mac_header.h"
#include "law.h"

namespace airloom::fuzz {
namespace {

using namespace ieee80211;  // NOLINT

void check_view(const FrameView& view, const MacHeader& header) {
  expect(view.address1() == header.address1, "address 1");
  if (view.has_address2()) expect(view.address2() == header.address2, "address 2");
  view.is_robust_management();
  if (header.fc.is_control()) return;
  expect(view.address3() == header.address3, "address 3");
  expect(view.sequence() == header.sequence, "sequence control");
  if (header.fc.has_address4()) expect(view.address4() == header.address4, "address 4");
  if (header.fc.is_qos_data()) expect(view.qos() == header.qos, "QoS control");
  view.destination();
  view.source();
  view.bssid();
}

void check_amsdu(std::span<const uint8_t> body) {
  auto reader = AmsduReader::open(body);
  if (!reader) return;
  Octets octets;
  Writer writer(octets);
  while (true) {
    const auto subframe = reader->next();
    if (!subframe || !*subframe) break;
    emit_amsdu_subframe(writer, 0, **subframe);
    ethertype_behind_snap((*subframe)->msdu);
  }
  expect(octets.size() <= body.size(), "subframes lie within their A-MSDU");
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom::fuzz;
  const std::span octets(data, size);
  airloom::Reader reader(octets);
  const auto header = airloom::ieee80211::MacHeader::parse(reader);
  const auto view = airloom::ieee80211::FrameView::of(octets);
  expect(header.has_value() == view.has_value(), "value and view accept the same headers");
  if (!header) return 0;
  expect(equal(emitted(*header), octets.first(header->length())), "a header is emitted as it was");
  expect(equal(view->body(), reader.rest()), "value and view agree where the body begins");
  check_view(*view, *header);
  check_amsdu(view->body());
  airloom::ieee80211::ethertype_behind_snap(view->body());
  return 0;
}
