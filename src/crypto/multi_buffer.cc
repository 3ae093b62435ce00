#include "crypto/multi_buffer.h"

#if AIRLOOM_IPSEC_MB

#include <intel-ipsec-mb.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "crypto/secret.h"

namespace airloom::crypto::internal {

namespace {

constexpr size_t kMicMax = 16;
constexpr size_t kBurstMax = 32;
/// One frame alone is slower than by libcrypto, as its lanes' neighbours stay empty.
constexpr size_t kCcmBurstMin = 4;
constexpr size_t kCcmAadMax = 46;
constexpr size_t kPayloadMax = 16384;  // the library's is 65,534

struct FreeManager {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};

/// The library's lanes. Nothing stays in them from one call to the next, so a thread's keys share
/// them: they are large, and cost a self-test to set up. Null if the CPU lacks the instructions.
IMB_MGR* lanes() {
  thread_local const std::unique_ptr<IMB_MGR, FreeManager> manager = [] {
    std::unique_ptr<IMB_MGR, FreeManager> made(alloc_mb_mgr(0));
    if (made) init_mb_mgr_auto(made.get(), nullptr);
    constexpr uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_AVX;
    if (made && ((made->features & kNeeded) != kNeeded || imb_get_errno(made.get()) != 0))
      made.reset();
    return made;
  }();
  return manager.get();
}

bool has_sizes(const AeadJob& job, AeadCipher cipher) {
  return job.nonce.size() == nonce_size(cipher) && job.mic.size() == mic_size(cipher) &&
         !job.payload.empty() && job.payload.size() <= kPayloadMax && !job.aad.empty();
}

class CcmBuffer final : public MultiBuffer {
 public:
  CcmBuffer(IMB_MGR* lanes, AeadCipher cipher, std::span<const uint8_t> key)
      : lanes_(lanes), cipher_(cipher) {
    if (key.size() == 16)
      IMB_AES_KEYEXP_128(lanes_, key.data(), schedule_.data(), decryption_.data());
    else
      IMB_AES_KEYEXP_256(lanes_, key.data(), schedule_.data(), decryption_.data());
  }
  ~CcmBuffer() override {
    erase(schedule_);
    erase(decryption_);
  }

  size_t burst_min() const override { return kCcmBurstMin; }
  bool takes(const AeadJob& job) const override {
    return has_sizes(job, cipher_) && job.aad.size() <= kCcmAadMax;
  }

  void seal(std::span<AeadJob*> jobs) override {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(kBurstMax, jobs.size())))
      run(jobs.first(std::min(kBurstMax, jobs.size())), true, {});
  }

  void open(std::span<AeadJob*> jobs) override {
    std::array<std::array<uint8_t, kMicMax>, kBurstMax> mics;
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(kBurstMax, jobs.size()))) {
      const auto burst = jobs.first(std::min(kBurstMax, jobs.size()));
      run(burst, false, mics);
      for (size_t i = 0; i < burst.size(); ++i) {
        AeadJob& job = *burst[i];
        job.ok = job.ok && equal_constant_time(std::span(mics[i]).first(job.mic.size()), job.mic);
      }
    }
  }

 private:
  static void erase(std::array<uint8_t, 240>& schedule) { crypto::erase(schedule); }

  /// @param mics  where the MICs go that open() compares; seal() writes into the jobs.
  void run(std::span<AeadJob*> burst, bool sealing, std::span<std::array<uint8_t, kMicMax>> mics) {
    const auto count = static_cast<uint32_t>(burst.size());
    std::array<IMB_JOB*, kBurstMax> jobs;
    const uint32_t room = IMB_GET_NEXT_BURST(lanes_, count, jobs.data());
    WLAN_ASSERT(room == count);  // the lanes are empty between calls
    for (size_t i = 0; i < burst.size(); ++i)
      fill(*jobs[i], *burst[i], sealing, sealing ? burst[i]->mic.data() : mics[i].data());
    for (AeadJob* job : burst) job->ok = false;
    uint32_t done = IMB_SUBMIT_BURST(lanes_, count, jobs.data());
    note(std::span(jobs).first(done));
    while (done < count) {
      const uint32_t more = IMB_FLUSH_BURST(lanes_, count - done, jobs.data());
      WLAN_ASSERT(more > 0);
      note(std::span(jobs).first(more));
      done += more;
    }
  }

  static void note(std::span<IMB_JOB*> done) {
    for (const IMB_JOB* job : done)
      static_cast<AeadJob*>(job->user_data)->ok = job->status == IMB_STATUS_COMPLETED;
  }

  void fill(IMB_JOB& job, AeadJob& frame, bool sealing, uint8_t* mic) const {
    job.cipher_mode = IMB_CIPHER_CCM;
    job.hash_alg = IMB_AUTH_AES_CCM;
    job.cipher_direction = sealing ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
    job.chain_order = sealing ? IMB_ORDER_HASH_CIPHER : IMB_ORDER_CIPHER_HASH;
    job.enc_keys = schedule_.data();
    job.dec_keys = schedule_.data();  // the counter mode under CCM only encrypts
    job.key_len_in_bytes = key_size(cipher_);
    job.src = job.dst = frame.payload.data();
    job.cipher_start_src_offset_in_bytes = job.hash_start_src_offset_in_bytes = 0;
    job.msg_len_to_cipher_in_bytes = job.msg_len_to_hash_in_bytes = frame.payload.size();
    job.iv = frame.nonce.data();
    job.iv_len_in_bytes = frame.nonce.size();
    job.u.CCM.aad = frame.aad.data();
    job.u.CCM.aad_len_in_bytes = frame.aad.size();
    job.auth_tag_output = mic;
    job.auth_tag_output_len_in_bytes = frame.mic.size();
    job.user_data = &frame;
  }

  IMB_MGR* lanes_;
  AeadCipher cipher_;
  alignas(16) std::array<uint8_t, 240> schedule_{};
  alignas(16) std::array<uint8_t, 240> decryption_{};  // the library makes it; nobody uses it
};

class GcmBuffer final : public MultiBuffer {
 public:
  GcmBuffer(IMB_MGR* lanes, AeadCipher cipher, std::span<const uint8_t> key)
      : lanes_(lanes), cipher_(cipher) {
    if (key.size() == 16)
      IMB_AES128_GCM_PRE(lanes_, key.data(), &key_);
    else
      IMB_AES256_GCM_PRE(lanes_, key.data(), &key_);
  }
  ~GcmBuffer() override { crypto::erase({reinterpret_cast<uint8_t*>(&key_), sizeof key_}); }

  size_t burst_min() const override { return 1; }
  bool takes(const AeadJob& job) const override { return has_sizes(job, cipher_); }

  void seal(std::span<AeadJob*> jobs) override {
    const auto encrypt = key_size(cipher_) == 16 ? lanes_->gcm128_enc : lanes_->gcm256_enc;
    for (AeadJob* job : jobs) {
      run(encrypt, *job, job->mic.data());
      job->ok = true;
    }
  }

  void open(std::span<AeadJob*> jobs) override {
    const auto decrypt = key_size(cipher_) == 16 ? lanes_->gcm128_dec : lanes_->gcm256_dec;
    std::array<uint8_t, kMicMax> mic;
    for (AeadJob* job : jobs) {
      run(decrypt, *job, mic.data());
      job->ok = equal_constant_time(std::span(mic).first(job->mic.size()), job->mic);
    }
  }

 private:
  void run(aes_gcm_enc_dec_t transform, AeadJob& job, uint8_t* mic) {
    transform(&key_, &context_, job.payload.data(), job.payload.data(), job.payload.size(),
              job.nonce.data(), job.aad.data(), job.aad.size(), mic, job.mic.size());
  }

  IMB_MGR* lanes_;
  AeadCipher cipher_;
  alignas(64) gcm_key_data key_{};  // as the library reads it
  gcm_context_data context_{};
};

}  // namespace

std::unique_ptr<MultiBuffer> MultiBuffer::create(AeadCipher cipher, std::span<const uint8_t> key) {
  IMB_MGR* manager = lanes();
  if (manager == nullptr) return nullptr;
  switch (cipher) {
    case AeadCipher::kCcmp128:
    case AeadCipher::kCcmp256:
      return std::make_unique<CcmBuffer>(manager, cipher, key);
    case AeadCipher::kGcmp128:
    case AeadCipher::kGcmp256:
      return std::make_unique<GcmBuffer>(manager, cipher, key);
  }
  return nullptr;
}

}  // namespace airloom::crypto::internal

#else

namespace airloom::crypto::internal {

std::unique_ptr<MultiBuffer> MultiBuffer::create(AeadCipher, std::span<const uint8_t>) {
  return nullptr;
}

}  // namespace airloom::crypto::internal

#endif
