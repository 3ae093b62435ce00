#include "crypto/mac.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/assert.h"
#include "base/out_of_memory.h"
#include "crypto/evp.h"

namespace airloom::crypto {

using internal::Owned;

namespace {

const EVP_MD* evp_hash(Hash hash) {
  switch (hash) {
    case Hash::kSha1:
      return EVP_sha1();
    case Hash::kSha256:
      return EVP_sha256();
    case Hash::kSha384:
      return EVP_sha384();
    case Hash::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

void hmac(Hash hash, std::span<const uint8_t> key, std::span<const uint8_t> data,
          std::span<uint8_t> out) {
  static constexpr uint8_t kEmpty = 0;
  WLAN_ASSERT(out.size() <= digest_size(hash));
  std::array<uint8_t, digest_size(Hash::kSha512)> digest;
  unsigned int size = 0;
  const void* key_octets = key.empty() ? &kEmpty : key.data();
  const uint8_t* done = HMAC(evp_hash(hash), key_octets, static_cast<int>(key.size()), data.data(),
                             data.size(), digest.data(), &size);
  if (done == nullptr) out_of_memory();
  WLAN_ASSERT(size == digest_size(hash));
  std::copy_n(digest.begin(), out.size(), out.begin());
}

struct Cmac::Context {
  Owned<EVP_MAC_CTX> evp;
};

Cmac::Cmac(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Cmac::Cmac(Cmac&&) noexcept = default;
Cmac& Cmac::operator=(Cmac&&) noexcept = default;
Cmac::~Cmac() = default;

Result<Cmac> Cmac::create(std::span<const uint8_t> key) {
  if (key.size() != 16 && key.size() != 32) return fail(Errc::kInvalid, "key length");
  Owned<EVP_MAC> mac(EVP_MAC_fetch(nullptr, "CMAC", nullptr));
  if (!mac) return fail(Errc::kUnsupported, "libcrypto lacks CMAC");
  auto context = std::make_unique<Context>();
  context->evp.reset(EVP_MAC_CTX_new(mac.get()));
  char cipher_128[] = "AES-128-CBC";
  char cipher_256[] = "AES-256-CBC";
  char* cipher = key.size() == 16 ? cipher_128 : cipher_256;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
                               OSSL_PARAM_construct_end()};
  if (!context->evp || EVP_MAC_init(context->evp.get(), key.data(), key.size(), params) != 1)
    return fail(Errc::kNoMemory, "CMAC context");
  return Cmac(std::move(context));
}

std::array<uint8_t, 16> Cmac::compute(std::span<const uint8_t> data) {
  std::array<uint8_t, 16> out;
  size_t size = 0;
  EVP_MAC_CTX* c = context_->evp.get();
  const bool ok = EVP_MAC_init(c, nullptr, 0, nullptr) == 1 &&
                  EVP_MAC_update(c, data.data(), data.size()) == 1 &&
                  EVP_MAC_final(c, out.data(), &size, out.size()) == 1;
  if (!ok) out_of_memory();
  WLAN_ASSERT(size == out.size());
  return out;
}

Result<Gmac> Gmac::create(std::span<const uint8_t> key) {
  const AeadCipher cipher = key.size() == 32 ? AeadCipher::kGcmp256 : AeadCipher::kGcmp128;
  return Gmac(TRY(Aead::create(cipher, key)));
}

std::array<uint8_t, 16> Gmac::compute(std::span<const uint8_t, 12> nonce,
                                      std::span<const uint8_t> data) {
  std::array<uint8_t, 16> out;
  AeadJob job{.nonce = nonce, .aad = data, .mic = out};
  const bool ok = aead_.seal({&job, 1}) == 1;
  if (!ok) out_of_memory();
  return out;
}

}  // namespace airloom::crypto
