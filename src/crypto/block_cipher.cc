#include "crypto/block_cipher.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "crypto/evp.h"
#include "crypto/secret.h"

namespace airloom::crypto {

using internal::Owned;

namespace {

const char* name_of(BlockCipher cipher, BlockMode mode, size_t key_size) {
  const auto of_mode = [mode](const char* ecb, const char* cbc, const char* ctr) {
    return mode == BlockMode::kEcb ? ecb : mode == BlockMode::kCbc ? cbc : ctr;
  };
  if (cipher != BlockCipher::kAes) return of_mode("DES-EDE3-ECB", "DES-EDE3-CBC", nullptr);
  if (key_size == 16) return of_mode("AES-128-ECB", "AES-128-CBC", "AES-128-CTR");
  if (key_size == 24) return of_mode("AES-192-ECB", "AES-192-CBC", "AES-192-CTR");
  return of_mode("AES-256-ECB", "AES-256-CBC", "AES-256-CTR");
}

bool is_key_size(BlockCipher cipher, size_t size) {
  switch (cipher) {
    case BlockCipher::kAes:
      return size == 16 || size == 24 || size == 32;
    case BlockCipher::kDes:
      return size == 8;
    case BlockCipher::kTripleDes:
      return size == 24;
  }
  return false;
}

}  // namespace

struct BlockCipherKey::Context {
  ~Context() { erase(key); }
  BlockCipher cipher = BlockCipher::kAes;
  BlockMode mode = BlockMode::kEcb;
  Owned<EVP_CIPHER> evp_cipher;
  Owned<EVP_CIPHER_CTX> evp;
  std::vector<uint8_t> key;
};

BlockCipherKey::BlockCipherKey(std::unique_ptr<Context> context) : context_(std::move(context)) {}
BlockCipherKey::BlockCipherKey(BlockCipherKey&&) noexcept = default;
BlockCipherKey& BlockCipherKey::operator=(BlockCipherKey&&) noexcept = default;
BlockCipherKey::~BlockCipherKey() = default;

Result<BlockCipherKey> BlockCipherKey::create(BlockCipher cipher, BlockMode mode,
                                              std::span<const uint8_t> key) {
  if (!is_key_size(cipher, key.size())) return fail(Errc::kInvalid, "key length");
  const char* name = name_of(cipher, mode, key.size());
  auto context = std::make_unique<Context>();
  context->cipher = cipher;
  context->mode = mode;
  if (name) context->evp_cipher.reset(EVP_CIPHER_fetch(nullptr, name, nullptr));
  if (!context->evp_cipher) return fail(Errc::kUnsupported, "no such mode of this cipher");
  context->evp.reset(EVP_CIPHER_CTX_new());
  // DES is triple DES under three equal keys; libcrypto keeps the single one in another provider.
  for (int i = 0; i < (cipher == BlockCipher::kDes ? 3 : 1); ++i)
    context->key.insert(context->key.end(), key.begin(), key.end());
  return BlockCipherKey(std::move(context));
}

Result<void> BlockCipherKey::run(bool encrypt, std::span<uint8_t> iv, std::span<uint8_t> data) {
  Context& c = *context_;
  WLAN_ASSERT(iv.size() == iv_size(c.cipher, c.mode));
  if (c.mode != BlockMode::kCtr && data.size() % block_size(c.cipher) != 0)
    return fail(Errc::kInvalid, "not whole blocks");
  if (data.empty()) return {};
  int size = 0;
  const bool done =
      EVP_CipherInit_ex2(c.evp.get(), c.evp_cipher.get(), c.key.data(),
                         iv.empty() ? nullptr : iv.data(), encrypt ? 1 : 0, nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(c.evp.get(), 0) == 1 &&
      EVP_CipherUpdate(c.evp.get(), data.data(), &size, data.data(),
                       static_cast<int>(data.size())) == 1 &&
      (iv.empty() || EVP_CIPHER_CTX_get_updated_iv(c.evp.get(), iv.data(), iv.size()) == 1);
  WLAN_ASSERT(done && static_cast<size_t>(size) == data.size());
  return {};
}

}  // namespace airloom::crypto
