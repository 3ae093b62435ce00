// What airloom reads of a kernel's answers: rtnetlink's links, and the BSSs of nl80211's scan
// results, which carry what was on the air.
#include "law.h"
#include "netlink/attributes.h"
#include "platform/rtnetlink.h"
#include "sme/bss.h"

namespace airloom::fuzz {
namespace {

void try_link(std::span<const uint8_t> octets) {
  const auto link = platform::parse_link(octets);
  if (!link) return;
  expect(link->name.size() <= octets.size(), "a name lies in its message");
  expect(link->name.find('\0') == std::string::npos, "a name ends before its NUL");
}

void expect_element(const Octets& element, uint8_t id) {
  if (element.empty()) return;
  expect(element.size() >= 2 && element[0] == id && element.size() == size_t{2} + element[1],
         "an element is whole");
}

void try_bss(std::span<const uint8_t> octets) {
  const netlink::AttributeTable nest{netlink::AttributeRange(octets)};
  const auto bss = sme::Bss::parse(nest);
  if (!bss) return;
  constexpr uint8_t kRsn = 48, kRsnx = 244;  // [802.11-2020 Table 9-92]
  expect_element(bss->rsn_element, kRsn);
  expect_element(bss->rsnx_element, kRsnx);
  expect(!bss->rsn || !bss->rsn_element.empty(), "what was parsed of an element came with it");
  const std::optional<sme::Security> wishes[] = {std::nullopt, sme::Security{},
                                                 sme::Security{.akms = {ieee80211::akm::kSae}}};
  for (const auto& security : wishes) {
    const auto chosen =
        sme::choose_bss({*bss}, {.ssid = bss->ssid, .bssid = bss->bssid, .security = security});
    expect(!chosen || chosen->is_protected() == security.has_value(),
           "what is chosen is protected as wished");
  }
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  airloom::fuzz::try_link({data, size});
  airloom::fuzz::try_bss({data, size});
  return 0;
}
