#include "mac80211/keys.h"

#include "crypto/secret.h"
#include "ieee80211/rsn_element.h"

namespace airloom::mac80211 {

namespace cipher = ieee80211::cipher;

namespace {

std::optional<crypto::AeadCipher> aead_cipher(uint32_t suite) {
  switch (suite) {
    case cipher::kCcmp128:
      return crypto::AeadCipher::kCcmp128;
    case cipher::kCcmp256:
      return crypto::AeadCipher::kCcmp256;
    case cipher::kGcmp128:
      return crypto::AeadCipher::kGcmp128;
    case cipher::kGcmp256:
      return crypto::AeadCipher::kGcmp256;
    default:  // suites are open-ended numbers
      return std::nullopt;
  }
}

struct BipCipher {
  size_t key_size;
  bool is_gmac;
};

std::optional<BipCipher> bip_cipher(uint32_t suite) {
  switch (suite) {
    case cipher::kBipCmac128:
      return BipCipher{16, false};
    case cipher::kBipCmac256:
      return BipCipher{32, false};
    case cipher::kBipGmac128:
      return BipCipher{16, true};
    case cipher::kBipGmac256:
      return BipCipher{32, true};
    default:  // suites are open-ended numbers
      return std::nullopt;
  }
}

/// Octets of an RC4 suite's key in NEW_KEY, and of what RC4 is keyed with for each frame.
struct Rc4Cipher {
  size_t key_size, frame_key_size;
};

std::optional<Rc4Cipher> rc4_cipher(uint32_t suite) {
  switch (suite) {
    case cipher::kWep40:
      return Rc4Cipher{5, 8};
    case cipher::kWep104:
      return Rc4Cipher{13, 16};
    case cipher::kTkip:
      return Rc4Cipher{32, 16};
    default:  // suites are open-ended numbers
      return std::nullopt;
  }
}

uint64_t packet_number(const Octets& sequence) {
  uint64_t value = 0;
  for (size_t i = 0; i < sequence.size() && i < 6; ++i) value |= uint64_t{sequence[i]} << (8 * i);
  return value;
}

}  // namespace

Result<std::unique_ptr<Key>> Key::create(uint8_t index, bool pairwise,
                                         const cfg80211::KeyParams& params) {
  if (!params.sequence.empty() && params.sequence.size() != 6) return fail(Errc::kInvalid);
  Context context;
  if (auto suite = aead_cipher(params.cipher)) {
    context = TRY(crypto::Aead::create(*suite, params.key));
  } else if (const auto bip = bip_cipher(params.cipher)) {
    if (params.key.size() != bip->key_size) return fail(Errc::kInvalid);
    if (bip->is_gmac) context = TRY(crypto::Gmac::create(params.key));
    if (!bip->is_gmac) context = TRY(crypto::Cmac::create(params.key));
  } else if (const auto rc4 = rc4_cipher(params.cipher)) {
    if (params.key.size() != rc4->key_size) return fail(Errc::kInvalid);
    context = TRY(crypto::Rc4::create(rc4->frame_key_size));
  } else {
    return fail(Errc::kUnsupported);
  }
  return std::unique_ptr<Key>(new Key(index, pairwise, params, std::move(context)));
}

Key::Key(uint8_t index, bool pairwise, const cfg80211::KeyParams& params, Context context)
    : index_(index),
      pairwise_(pairwise),
      cipher_(params.cipher),
      material_(params.key),
      context_(std::move(context)) {
  if (is_aead()) mic_size_ = crypto::mic_size(aead().cipher());
  if (is_rc4()) mic_size_ = 4;
  if (is_bip()) mic_size_ = cipher_ == cipher::kBipCmac128 ? 8 : 16;
  rx_pn_.fill(packet_number(params.sequence));
}

std::array<uint8_t, 16> Key::management_mic(std::span<const uint8_t, 12> nonce,
                                            std::span<const uint8_t> data) {
  if (auto* gmac = std::get_if<crypto::Gmac>(&context_)) return gmac->compute(nonce, data);
  return std::get<crypto::Cmac>(context_).compute(data);
}

bool Key::is_tkip() const {
  return cipher_ == cipher::kTkip;
}

std::span<const uint8_t> Key::rc4_key() const {
  return is_tkip() ? std::span(material_).first(16) : std::span(material_);
}

std::span<const uint8_t, 8> Key::michael_tx_key() const {
  return std::span(material_).subspan<16, 8>();
}

std::span<const uint8_t, 8> Key::michael_rx_key() const {
  return std::span(material_).subspan<24, 8>();
}

Key::~Key() {
  crypto::erase(material_);
}

bool Key::is_same(const cfg80211::KeyParams& params) const {
  return cipher_ == params.cipher && crypto::equal_constant_time(material_, params.key);
}

bool KeyRing::empty() const {
  for (const auto& slot : slots_)
    if (slot) return false;
  return true;
}

void KeyRing::install(std::unique_ptr<Key> key) {
  const uint8_t index = key->index();
  WLAN_ASSERT(index < kKeySlots);
  key->serial_ = ++installed_;
  slots_[index] = std::move(key);
}

Result<void> KeyRing::remove(uint8_t index) {
  if (find(index) == nullptr) return fail(Errc::kNotFound);
  slots_[index].reset();
  for (auto* user : {&unicast, &multicast, &management, &beacon})
    if (*user == index) user->reset();
  return {};
}

void KeyRing::clear() {
  for (auto& slot : slots_) slot.reset();
  unicast.reset();
  multicast.reset();
  management.reset();
  beacon.reset();
}

}  // namespace airloom::mac80211
