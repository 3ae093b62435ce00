// Protected frames under a key of every cipher: whatever the octets, opening them ends, and what
// nobody sealed does not open. The first octet chooses the cipher; the rest is the frame, or the
// body of one.
#include "ieee80211/rsn_element.h"
#include "law.h"
#include "mac80211/cipher_suites.h"

namespace airloom::fuzz {
namespace {

namespace suite = ieee80211::cipher;
using namespace mac80211;  // NOLINT: keys and what they do

struct Cipher {
  uint32_t suite;
  size_t key_size;
};
constexpr Cipher kCiphers[] = {
    {suite::kCcmp128, 16},    {suite::kCcmp256, 32},    {suite::kGcmp128, 16},
    {suite::kGcmp256, 32},    {suite::kWep40, 5},       {suite::kWep104, 13},
    {suite::kTkip, 32},       {suite::kBipCmac128, 16}, {suite::kBipCmac256, 32},
    {suite::kBipGmac128, 16}, {suite::kBipGmac256, 32}};

void check_bip(Key& key, const ieee80211::FrameView& view) {
  const auto index = management_mic_key_id(view);
  const Opened opened = check_management_mic(key, view);
  expect(opened != Opened::kOk, "nobody made this Management MIC element");
  expect(index.has_value() || opened == Opened::kMalformed, "without an element there is no MIC");
}

void check_data(Key& key, FramePool& pool, std::span<const uint8_t> octets) {
  FrameBuffer mpdu = pool.from(octets);
  const Opened opened = unprotect(key, mpdu, 0);
  // A CRC-32 is no MIC: chance may please it.
  expect(opened != Opened::kOk || key.is_rc4(), "nobody sealed this frame");
  if (opened == Opened::kOk && key.is_tkip())
    expect(check_michael(key, mpdu) != Opened::kOk, "nobody made this Michael MIC");
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  using namespace airloom::fuzz;
  if (size < 2 || size > 2400) return 0;
  const Cipher& cipher = kCiphers[data[0] % std::size(kCiphers)];
  const auto key =
      Key::create(4, false, {.key = Octets(cipher.key_size, 7), .cipher = cipher.suite});
  expect(key.has_value(), "every cipher has a key");
  const std::span octets(data + 1, size - 1);
  const auto view = ieee80211::FrameView::of(octets);
  if (!view || !view->has_address2()) return 0;
  FramePool pool;
  if ((*key)->is_bip())
    check_bip(**key, *view);
  else
    check_data(**key, pool, octets);
  return 0;
}
