#include "sme/keys.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/kdf.h"

namespace airloom::sme {

namespace akm = ieee80211::akm;
namespace cipher = ieee80211::cipher;

Result<AkmProfile> AkmProfile::of(ieee80211::SuiteSelector akm) {
  switch (akm) {
    case akm::kPsk:
      return AkmProfile{akm, 2, crypto::Hash::kSha1, KeyMicAlgorithm::kHmacSha1};
    case akm::kPskSha256:
      return AkmProfile{akm, 3, crypto::Hash::kSha256, KeyMicAlgorithm::kAesCmac};
    case akm::kSae:
      return AkmProfile{akm, 0, crypto::Hash::kSha256, KeyMicAlgorithm::kAesCmac};
    default:
      return fail(Errc::kUnsupported, "AKM");
  }
}

size_t temporal_key_size(ieee80211::SuiteSelector cipher) {
  switch (cipher) {
    case cipher::kCcmp128:
    case cipher::kGcmp128:
      return 16;
    case cipher::kCcmp256:
    case cipher::kGcmp256:
      return 32;
    default:
      return 0;
  }
}

size_t management_key_size(ieee80211::SuiteSelector cipher) {
  switch (cipher) {
    case cipher::kBipCmac128:
    case cipher::kBipGmac128:
      return 16;
    case cipher::kBipCmac256:
    case cipher::kBipGmac256:
      return 32;
    default:
      return 0;
  }
}

std::vector<const GroupKey*> GroupKeys::all() const {
  std::vector<const GroupKey*> keys{&gtk};
  if (igtk) keys.push_back(&*igtk);
  if (bigtk) keys.push_back(&*bigtk);
  return keys;
}

GroupKey* GroupKeys::find(uint8_t id) {
  if (gtk.id == id) return &gtk;
  if (igtk && igtk->id == id) return &*igtk;
  if (bigtk && bigtk->id == id) return &*bigtk;
  return nullptr;
}

Ptk derive_ptk(const AkmProfile& profile, size_t tk_size, const PtkInputs& inputs) {
  constexpr std::string_view kLabel = "Pairwise key expansion";
  Octets context;
  Writer writer(context);
  const auto [low, high] = std::minmax(inputs.authenticator, inputs.supplicant);
  const auto [low_nonce, high_nonce] = std::minmax(inputs.anonce, inputs.snonce);
  writer.mac(low).mac(high).bytes(low_nonce).bytes(high_nonce);

  Octets octets(32 + tk_size);
  if (profile.hash == crypto::Hash::kSha1)
    crypto::prf_sha1(inputs.pmk, kLabel, context, octets);
  else
    crypto::kdf(profile.hash, inputs.pmk, kLabel, context, octets);

  Ptk ptk;
  std::copy_n(octets.begin(), 16, ptk.kck.begin());
  std::copy_n(octets.begin() + 16, 16, ptk.kek.begin());
  ptk.tk.assign(octets.begin() + 32, octets.end());
  return ptk;
}

std::array<uint8_t, 16> key_frame_mic(const AkmProfile& profile, std::span<const uint8_t> kck,
                                      std::span<const uint8_t> frame) {
  std::array<uint8_t, 16> mic;
  switch (profile.mic) {
    case KeyMicAlgorithm::kHmacSha1:
      crypto::hmac(crypto::Hash::kSha1, kck, frame, mic);
      break;
    case KeyMicAlgorithm::kAesCmac: {
      auto cmac = crypto::Cmac::create(kck);
      WLAN_ASSERT(cmac);
      mic = cmac->compute(frame);
      break;
    }
  }
  return mic;
}

}  // namespace airloom::sme
