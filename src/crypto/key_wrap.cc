#include "crypto/key_wrap.h"

#include "base/out_of_memory.h"
#include "crypto/evp.h"

namespace airloom::crypto {

using internal::Owned;

namespace {

const EVP_CIPHER* wrap_cipher(size_t key_size) {
  switch (key_size) {
    case 16:
      return EVP_aes_128_wrap();
    case 24:
      return EVP_aes_192_wrap();
    case 32:
      return EVP_aes_256_wrap();
    default:
      return nullptr;
  }
}

/// Runs the wrap cipher over `in`, into `out`.
Result<void> run(std::span<const uint8_t> kek, bool wrap, std::span<const uint8_t> in,
                 std::span<uint8_t> out) {
  const EVP_CIPHER* cipher = wrap_cipher(kek.size());
  if (!cipher) return fail(Errc::kInvalid, "key length");
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  if (!context) out_of_memory();
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_CipherInit_ex2(context.get(), cipher, kek.data(), nullptr, wrap, nullptr) != 1)
    out_of_memory();
  int size = 0;
  if (EVP_CipherUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) !=
          1 ||
      static_cast<size_t>(size) != out.size())
    return fail(Errc::kBadAuth, "key wrap integrity");
  return {};
}

}  // namespace

Result<Octets> key_wrap(std::span<const uint8_t> kek, std::span<const uint8_t> plain) {
  if (plain.size() < 16 || plain.size() % 8 != 0) return fail(Errc::kInvalid, "length");
  Octets wrapped(plain.size() + 8);
  TRY(run(kek, true, plain, wrapped));
  return wrapped;
}

Result<Octets> key_unwrap(std::span<const uint8_t> kek, std::span<const uint8_t> wrapped) {
  if (wrapped.size() < 24 || wrapped.size() % 8 != 0) return fail(Errc::kInvalid, "length");
  // libcrypto uses the output buffer for a whole input block while it works.
  Octets plain(wrapped.size());
  TRY(run(kek, false, wrapped, std::span(plain).first(wrapped.size() - 8)));
  plain.resize(wrapped.size() - 8);
  return plain;
}

}  // namespace airloom::crypto
