#include "nl80211/attribute_checks.h"

#include <bit>
#include <span>

#include "bytes/reader.h"

namespace airloom::nl80211 {

namespace {

bool are_whole_elements(Reader reader) {
  while (!reader.at_end()) {
    if (!reader.skip(1)) return false;
    const auto length = reader.u8();
    if (!length || !reader.skip(*length)) return false;
  }
  return true;
}

}  // namespace

Result<void> check_elements(const netlink::Attribute& attribute) {
  if (are_whole_elements(attribute.payload)) return {};
  return fail(Errc::kInvalid, "malformed information elements");
}

Result<void> check_beacon_head(const netlink::Attribute& attribute) {
  const auto malformed = [] { return fail(Errc::kInvalid, "malformed beacon head"); };
  constexpr size_t kHeader = 24;
  constexpr size_t kFixed = 12;  // timestamp, beacon interval, capability
  Reader reader(attribute.payload);
  const auto control = reader.le16();
  if (!control || !reader.skip(kHeader - 2 + kFixed)) return malformed();
  const bool management = (*control & 0x000c) == 0;
  const bool has_ht_control = *control & 0x8000;
  if (!management || has_ht_control || !are_whole_elements(reader)) return malformed();
  return {};
}

Result<void> check_he_capability(const netlink::Attribute& attribute) {
  constexpr size_t kMac = 6;
  constexpr size_t kPhy = 11;
  const auto body = attribute.payload;
  if (body.size() < kMac + kPhy) return fail(Errc::kInvalid);
  size_t needed = kMac + kPhy + 4;     // MCS and NSS up to 80 MHz
  if (body[kMac] & 0x08) needed += 4;  // 160 MHz
  if (body[kMac] & 0x10) needed += 4;  // 80+80 MHz
  if (body[kMac + 6] & 0x80) {         // PPE Thresholds Present
    if (body.size() <= needed) return fail(Errc::kInvalid);
    const unsigned nss = (body[needed] & 7u) + 1;
    const auto rus = static_cast<unsigned>(std::popcount((body[needed] >> 3) & 0xfu));
    needed += (7 + 6 * nss * rus + 7) / 8;
  }
  if (body.size() < needed) return fail(Errc::kInvalid);
  return {};
}

}  // namespace airloom::nl80211
