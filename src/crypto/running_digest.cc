#include "crypto/running_digest.h"

#include <openssl/core_names.h>
#include <openssl/provider.h>

#include "base/assert.h"
#include "crypto/evp.h"

namespace airloom::crypto {

using internal::Owned;

namespace {

const char* name_of(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd4:
      return "MD4";
    case DigestAlgorithm::kMd5:
      return "MD5";
    case DigestAlgorithm::kSha1:
      return "SHA1";
    case DigestAlgorithm::kSha224:
      return "SHA2-224";
    case DigestAlgorithm::kSha256:
      return "SHA2-256";
    case DigestAlgorithm::kSha384:
      return "SHA2-384";
    case DigestAlgorithm::kSha512:
      return "SHA2-512";
  }
  return nullptr;
}

Error lacking(const char* what) {
  return Error{Errc::kUnsupported, std::string("libcrypto here lacks ") + what};
}

}  // namespace

// One of the two: a bare digest, or a code under a key.
struct RunningDigest::Context {
  Owned<EVP_MD_CTX> digest;
  Owned<EVP_MAC_CTX> code;
};

RunningDigest::RunningDigest(std::unique_ptr<Context> context) : context_(std::move(context)) {}
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&&) noexcept = default;
RunningDigest::~RunningDigest() = default;

RunningDigest::RunningDigest(const RunningDigest& other) : context_(std::make_unique<Context>()) {
  if (other.context_->code) {
    context_->code.reset(EVP_MAC_CTX_dup(other.context_->code.get()));
    WLAN_ASSERT(context_->code != nullptr);
    return;
  }
  context_->digest.reset(EVP_MD_CTX_new());
  const bool copied = context_->digest &&
                      EVP_MD_CTX_copy_ex(context_->digest.get(), other.context_->digest.get()) == 1;
  WLAN_ASSERT(copied);
}

size_t RunningDigest::size() const {
  if (context_->code) return EVP_MAC_CTX_get_mac_size(context_->code.get());
  return static_cast<size_t>(EVP_MD_CTX_get_size(context_->digest.get()));
}

void RunningDigest::update(std::span<const uint8_t> data) {
  const int done = context_->code
                       ? EVP_MAC_update(context_->code.get(), data.data(), data.size())
                       : EVP_DigestUpdate(context_->digest.get(), data.data(), data.size());
  WLAN_ASSERT(done == 1);
}

std::vector<uint8_t> RunningDigest::finish() {
  std::vector<uint8_t> out(size());
  bool done;
  if (context_->code) {
    size_t written = 0;
    done = EVP_MAC_final(context_->code.get(), out.data(), &written, out.size()) == 1;
  } else {
    done = EVP_DigestFinal_ex(context_->digest.get(), out.data(), nullptr) == 1;
  }
  WLAN_ASSERT(done);
  restart();
  return out;
}

void RunningDigest::restart() {
  const int done = context_->code ? EVP_MAC_init(context_->code.get(), nullptr, 0, nullptr)
                                  : EVP_DigestInit_ex2(context_->digest.get(), nullptr, nullptr);
  WLAN_ASSERT(done == 1);
}

struct DigestLibrary::Providers {
  struct Unload {
    void operator()(OSSL_PROVIDER* p) const { OSSL_PROVIDER_unload(p); }
    void operator()(OSSL_LIB_CTX* p) const { OSSL_LIB_CTX_free(p); }
  };
  std::unique_ptr<OSSL_LIB_CTX, Unload> library;
  std::unique_ptr<OSSL_PROVIDER, Unload> standard;
  std::unique_ptr<OSSL_PROVIDER, Unload> legacy;  // null: Debian's libssl3 has it, others may not
};

DigestLibrary::DigestLibrary() : providers_(std::make_unique<Providers>()) {
  providers_->library.reset(OSSL_LIB_CTX_new());
  WLAN_ASSERT(providers_->library != nullptr);
  providers_->standard.reset(OSSL_PROVIDER_load(providers_->library.get(), "default"));
  providers_->legacy.reset(OSSL_PROVIDER_load(providers_->library.get(), "legacy"));
}
DigestLibrary::~DigestLibrary() = default;

Result<RunningDigest> DigestLibrary::digest(DigestAlgorithm algorithm) const {
  const char* name = name_of(algorithm);
  const Owned<EVP_MD> digest(EVP_MD_fetch(providers_->library.get(), name, nullptr));
  if (!digest) return std::unexpected(lacking(name));
  auto context = std::make_unique<RunningDigest::Context>();
  context->digest.reset(EVP_MD_CTX_new());
  if (!context->digest || EVP_DigestInit_ex2(context->digest.get(), digest.get(), nullptr) != 1)
    return fail(Errc::kNoMemory, name);
  return RunningDigest(std::move(context));
}

Result<RunningDigest> DigestLibrary::hmac(DigestAlgorithm algorithm,
                                          std::span<const uint8_t> key) const {
  static constexpr uint8_t kEmpty = 0;
  const char* name = name_of(algorithm);
  const Owned<EVP_MAC> hmac(EVP_MAC_fetch(providers_->library.get(), "HMAC", nullptr));
  if (!hmac) return std::unexpected(lacking("HMAC"));
  auto context = std::make_unique<RunningDigest::Context>();
  context->code.reset(EVP_MAC_CTX_new(hmac.get()));
  std::string digest(name);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const uint8_t* octets = key.empty() ? &kEmpty : key.data();
  if (!context->code || EVP_MAC_init(context->code.get(), octets, key.size(), params) != 1)
    return std::unexpected(lacking(name));
  return RunningDigest(std::move(context));
}

Result<RunningDigest> DigestLibrary::aes_cmac(std::span<const uint8_t> key) const {
  std::string cipher = key.size() == 16   ? "AES-128-CBC"
                       : key.size() == 24 ? "AES-192-CBC"
                                          : "AES-256-CBC";
  if (key.size() != 16 && key.size() != 24 && key.size() != 32)
    return fail(Errc::kInvalid, "key length");
  const Owned<EVP_MAC> cmac(EVP_MAC_fetch(providers_->library.get(), "CMAC", nullptr));
  if (!cmac) return std::unexpected(lacking("CMAC"));
  auto context = std::make_unique<RunningDigest::Context>();
  context->code.reset(EVP_MAC_CTX_new(cmac.get()));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0),
      OSSL_PARAM_construct_end()};
  if (!context->code || EVP_MAC_init(context->code.get(), key.data(), key.size(), params) != 1)
    return fail(Errc::kNoMemory, "CMAC context");
  return RunningDigest(std::move(context));
}

}  // namespace airloom::crypto
