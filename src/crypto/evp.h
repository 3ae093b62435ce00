// Owning handles for libcrypto's objects. Private to src/crypto.
#pragma once

#include <openssl/evp.h>

#include <memory>

namespace airloom::crypto::internal {

struct Free {
  void operator()(EVP_CIPHER* p) const { EVP_CIPHER_free(p); }
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(EVP_MD* p) const { EVP_MD_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_MAC* p) const { EVP_MAC_free(p); }
  void operator()(EVP_MAC_CTX* p) const { EVP_MAC_CTX_free(p); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

}  // namespace airloom::crypto::internal
