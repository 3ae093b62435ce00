#include "crypto/aead.h"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>

#include "crypto/evp.h"
#include "crypto/multi_buffer.h"

namespace airloom::crypto {

using internal::Owned;

struct Aead::Contexts {
  Owned<EVP_CIPHER_CTX> seal;
  Owned<EVP_CIPHER_CTX> open;
  std::unique_ptr<internal::MultiBuffer> bursts;  // null: not on this machine
};

namespace {

bool is_ccm(AeadCipher cipher) {
  return cipher == AeadCipher::kCcmp128 || cipher == AeadCipher::kCcmp256;
}

const char* evp_name(AeadCipher cipher) {
  switch (cipher) {
    case AeadCipher::kCcmp128:
      return "AES-128-CCM";
    case AeadCipher::kCcmp256:
      return "AES-256-CCM";
    case AeadCipher::kGcmp128:
      return "AES-128-GCM";
    case AeadCipher::kGcmp256:
      return "AES-256-GCM";
  }
  return nullptr;
}

/// A context with the key schedule in place, so that a frame only brings its nonce.
Owned<EVP_CIPHER_CTX> keyed(const EVP_CIPHER* evp, AeadCipher cipher, std::span<const uint8_t> key,
                            bool encrypt) {
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  if (!context) return nullptr;
  EVP_CIPHER_CTX* c = context.get();
  const int nonce = static_cast<int>(nonce_size(cipher));
  const int mic = static_cast<int>(mic_size(cipher));
  if (EVP_CipherInit_ex2(c, evp, nullptr, nullptr, encrypt, nullptr) != 1) return nullptr;
  if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, nonce, nullptr) != 1) return nullptr;
  if (is_ccm(cipher) && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, mic, nullptr) != 1)
    return nullptr;
  if (EVP_CipherInit_ex2(c, nullptr, key.data(), nullptr, encrypt, nullptr) != 1) return nullptr;
  return context;
}

/// libcrypto takes an empty payload only behind a pointer that is not null.
uint8_t* never_null(std::span<uint8_t> octets, uint8_t& dummy) {
  return octets.empty() ? &dummy : octets.data();
}

/// What comes before the payload: CCM must know its length first. [RFC 3610 2.2]
bool feed_header(EVP_CIPHER_CTX* c, bool ccm, const AeadJob& job) {
  int done = 0;
  const int payload_size = static_cast<int>(job.payload.size());
  if (ccm && EVP_CipherUpdate(c, nullptr, &done, nullptr, payload_size) != 1) return false;
  return job.aad.empty() ||
         EVP_CipherUpdate(c, nullptr, &done, job.aad.data(), static_cast<int>(job.aad.size())) == 1;
}

bool transform_payload(EVP_CIPHER_CTX* c, bool ccm, AeadJob& job) {
  if (!ccm && job.payload.empty()) return true;
  uint8_t dummy = 0;
  uint8_t* payload = never_null(job.payload, dummy);
  int done = 0;
  return EVP_CipherUpdate(c, payload, &done, payload, static_cast<int>(job.payload.size())) == 1;
}

bool set_expected_mic(EVP_CIPHER_CTX* c, std::span<uint8_t> mic) {
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, mic.data(), mic.size()),
      OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_set_params(c, params) == 1;
}

}  // namespace

Aead::Aead(AeadCipher cipher, std::unique_ptr<Contexts> contexts)
    : cipher_(cipher), contexts_(std::move(contexts)) {}
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;
Aead::~Aead() = default;

Result<Aead> Aead::create(AeadCipher cipher, std::span<const uint8_t> key) {
  if (key.size() != key_size(cipher)) return fail(Errc::kInvalid, "key length");
  Owned<EVP_CIPHER> evp(EVP_CIPHER_fetch(nullptr, evp_name(cipher), nullptr));
  if (!evp) return fail(Errc::kUnsupported, "libcrypto lacks the cipher");
  auto contexts = std::make_unique<Contexts>();
  contexts->seal = keyed(evp.get(), cipher, key, true);
  contexts->open = keyed(evp.get(), cipher, key, false);
  if (!contexts->seal || !contexts->open) return fail(Errc::kNoMemory, "cipher context");
  contexts->bursts = internal::MultiBuffer::create(cipher, key);
  return Aead(cipher, std::move(contexts));
}

bool Aead::is_faster_together(size_t frames) const {
  const internal::MultiBuffer* bursts = contexts_->bursts.get();
  return bursts != nullptr && bursts->burst_min() > 1 && frames >= bursts->burst_min();
}

size_t Aead::seal(std::span<AeadJob> jobs) {
  return run(jobs, true);
}

size_t Aead::open(std::span<AeadJob> jobs) {
  return run(jobs, false);
}

bool Aead::run_one(AeadJob& job, bool sealing) {
  return sealing ? seal_one(job) : open_one(job);
}

size_t Aead::run(std::span<AeadJob> jobs, bool sealing) {
  internal::MultiBuffer* bursts = contexts_->bursts.get();
  if (bursts == nullptr || jobs.size() < bursts->burst_min()) {
    size_t count = 0;
    for (AeadJob& job : jobs) count += job.ok = run_one(job, sealing);
    return count;
  }
  constexpr size_t kChunk = 32;
  std::array<AeadJob*, kChunk> taken;
  size_t count = 0;
  for (; !jobs.empty(); jobs = jobs.subspan(std::min(kChunk, jobs.size()))) {
    const auto chunk = jobs.first(std::min(kChunk, jobs.size()));
    size_t size = 0;
    for (AeadJob& job : chunk) {
      if (bursts->takes(job))
        taken[size++] = &job;
      else
        job.ok = run_one(job, sealing);
    }
    sealing ? bursts->seal(std::span(taken).first(size))
            : bursts->open(std::span(taken).first(size));
    count += static_cast<size_t>(
        std::count_if(chunk.begin(), chunk.end(), [](const AeadJob& job) { return job.ok; }));
  }
  return count;
}

bool Aead::seal_one(AeadJob& job) {
  if (job.nonce.size() != nonce_size(cipher_) || job.mic.size() != mic_size(cipher_)) return false;
  EVP_CIPHER_CTX* c = contexts_->seal.get();
  const bool ccm = is_ccm(cipher_);
  if (EVP_EncryptInit_ex2(c, nullptr, nullptr, job.nonce.data(), nullptr) != 1) return false;
  if (!feed_header(c, ccm, job) || !transform_payload(c, ccm, job)) return false;
  uint8_t none[16];
  int done = 0;
  if (!ccm && EVP_EncryptFinal_ex(c, none, &done) != 1) return false;
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, job.mic.data(), job.mic.size()),
      OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_get_params(c, params) == 1;
}

bool Aead::open_one(AeadJob& job) {
  if (job.nonce.size() != nonce_size(cipher_) || job.mic.size() != mic_size(cipher_)) return false;
  EVP_CIPHER_CTX* c = contexts_->open.get();
  const bool ccm = is_ccm(cipher_);
  if (EVP_DecryptInit_ex2(c, nullptr, nullptr, job.nonce.data(), nullptr) != 1) return false;
  if (!set_expected_mic(c, job.mic)) return false;
  if (!feed_header(c, ccm, job) || !transform_payload(c, ccm, job)) return false;
  uint8_t none[16];
  int done = 0;
  return ccm || EVP_DecryptFinal_ex(c, none, &done) == 1;  // CCM checks the MIC with the payload
}

}  // namespace airloom::crypto
