#include "crypto/rc4.h"

#include <openssl/provider.h>

#include "base/assert.h"
#include "crypto/evp.h"

namespace airloom::crypto {

using internal::Owned;

struct Rc4::Context {
  struct FreeLibrary {
    void operator()(OSSL_LIB_CTX* p) const { OSSL_LIB_CTX_free(p); }
  };
  struct Unload {
    void operator()(OSSL_PROVIDER* p) const { OSSL_PROVIDER_unload(p); }
  };
  // A library context of its own, so that nobody else gets legacy algorithms. In this order.
  std::unique_ptr<OSSL_LIB_CTX, FreeLibrary> library;
  std::unique_ptr<OSSL_PROVIDER, Unload> legacy;
  Owned<EVP_CIPHER> cipher;
  Owned<EVP_CIPHER_CTX> stream;
};

Rc4::Rc4(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Rc4::Rc4(Rc4&&) noexcept = default;
Rc4& Rc4::operator=(Rc4&&) noexcept = default;
Rc4::~Rc4() = default;

Result<Rc4> Rc4::create(size_t key_size) {
  auto context = std::make_unique<Context>();
  context->library.reset(OSSL_LIB_CTX_new());
  if (context->library) context->legacy.reset(OSSL_PROVIDER_load(context->library.get(), "legacy"));
  if (!context->legacy) return fail(Errc::kUnsupported, "libcrypto lacks its legacy provider");
  context->cipher.reset(EVP_CIPHER_fetch(context->library.get(), "RC4", nullptr));
  context->stream.reset(EVP_CIPHER_CTX_new());
  if (!context->cipher || !context->stream) return fail(Errc::kUnsupported, "libcrypto lacks RC4");
  EVP_CIPHER_CTX* stream = context->stream.get();
  if (EVP_EncryptInit_ex2(stream, context->cipher.get(), nullptr, nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_key_length(stream, static_cast<int>(key_size)) != 1)
    return fail(Errc::kInvalid, "key length");
  return Rc4(std::move(context));
}

void Rc4::apply(std::span<const uint8_t> key, std::span<uint8_t> data) {
  EVP_CIPHER_CTX* stream = context_->stream.get();
  int done = 0;
  const bool ok = EVP_EncryptInit_ex2(stream, nullptr, key.data(), nullptr, nullptr) == 1 &&
                  (data.empty() || EVP_EncryptUpdate(stream, data.data(), &done, data.data(),
                                                     static_cast<int>(data.size())) == 1);
  WLAN_ASSERT(ok);  // a stream cipher that exists cannot fail
}

std::array<uint8_t, 4> crc32_icv(std::span<const uint8_t> data) {
  constexpr uint32_t kPolynomial = 0xedb88320;
  uint32_t crc = ~0u;
  for (const uint8_t octet : data) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
  }
  crc = ~crc;
  return {static_cast<uint8_t>(crc), static_cast<uint8_t>(crc >> 8),
          static_cast<uint8_t>(crc >> 16), static_cast<uint8_t>(crc >> 24)};
}

}  // namespace airloom::crypto
