#include "ieee80211/tim_element.h"

#include "base/assert.h"

namespace airloom::ieee80211 {

TimElement TimElement::from_aids(uint8_t dtim_count, uint8_t dtim_period, bool group,
                                 const std::set<uint16_t>& aids) {
  TimElement tim{dtim_count, dtim_period, static_cast<uint8_t>(group ? 1 : 0), Octets(1)};
  if (aids.empty()) return tim;
  WLAN_ASSERT(*aids.begin() >= 1 && *aids.rbegin() <= kMaxAid);
  // The slice begins at an even octet, whose index the control field carries in its upper bits.
  const size_t first = *aids.begin() / 8 & ~size_t{1};
  tim.bitmap_control |= static_cast<uint8_t>(first);
  tim.bitmap.resize(*aids.rbegin() / 8 - first + 1);
  for (const uint16_t aid : aids)
    tim.bitmap[aid / 8 - first] |= static_cast<uint8_t>(1 << (aid % 8));
  return tim;
}

Result<TimElement> TimElement::parse(Reader reader) {
  TimElement tim;
  tim.dtim_count = TRY(reader.u8());
  tim.dtim_period = TRY(reader.u8());
  // A TIM without control and bitmap is the short form of "nothing". [802.11-2020 9.4.2.5.1]
  if (!reader.at_end()) tim.bitmap_control = TRY(reader.u8());
  if (reader.remaining() > 251) return fail(Errc::kMalformed, "a TIM of more than 251 octets");
  tim.bitmap.assign(reader.rest().begin(), reader.rest().end());
  return tim;
}

void TimElement::emit(Writer& writer) const {
  writer.u8(dtim_count).u8(dtim_period).u8(bitmap_control).bytes(bitmap);
}

namespace {

bool is_set(uint8_t control, std::span<const uint8_t> bitmap, uint16_t aid) {
  const size_t first = control & 0xfe;
  const size_t octet = aid / 8;
  if (octet < first || octet - first >= bitmap.size()) return false;
  return (bitmap[octet - first] >> (aid % 8) & 1) != 0;
}

}  // namespace

bool TimElement::has(uint16_t aid) const {
  return is_set(bitmap_control, bitmap, aid);
}

bool TimElement::has(std::span<const uint8_t> body, uint16_t aid) {
  return body.size() > 3 && is_set(body[2], body.subspan(3), aid);
}

}  // namespace airloom::ieee80211
