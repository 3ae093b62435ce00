// The yardsticks of the frame path: CCM and GCM by libcrypto alone, contexts kept per key, as the
// fastest plain user of the library would call it. One iteration seals and opens one frame.
// [802.11-2020 12.5.3, 12.5.5]
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

constexpr int kAadSize = 24;
constexpr std::array<uint8_t, 16> kKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// A benchmark that measures failures measures nothing.
void must(bool ok) {
  if (!ok) std::abort();
}

struct Mode {
  const EVP_CIPHER* cipher;
  bool ccm;
  int nonce_size, mic_size;
};

Context make_context(const Mode& mode, bool seal) {
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX* raw = context.get();
  must(EVP_CipherInit_ex(raw, mode.cipher, nullptr, nullptr, nullptr, seal) == 1);
  must(EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_IVLEN, mode.nonce_size, nullptr) == 1);
  if (mode.ccm) must(EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_TAG, mode.mic_size, nullptr) == 1);
  must(EVP_CipherInit_ex(raw, nullptr, nullptr, kKey.data(), nullptr, seal) == 1);
  return context;
}

struct Frame {
  explicit Frame(int size) : payload(size) {}
  std::array<uint8_t, 13> nonce{};
  std::array<uint8_t, kAadSize> aad{0x88, 0x42};
  std::vector<uint8_t> payload;
  std::array<uint8_t, 16> mic{};
};

void run_payload(const Mode& mode, EVP_CIPHER_CTX* context, Frame& frame) {
  int written = 0;
  const int size = static_cast<int>(frame.payload.size());
  if (mode.ccm) must(EVP_CipherUpdate(context, nullptr, &written, nullptr, size) == 1);
  must(EVP_CipherUpdate(context, nullptr, &written, frame.aad.data(), kAadSize) == 1);
  must(EVP_CipherUpdate(context, frame.payload.data(), &written, frame.payload.data(), size) == 1);
}

void seal(const Mode& mode, EVP_CIPHER_CTX* context, Frame& frame) {
  must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, frame.nonce.data(), 1) == 1);
  run_payload(mode, context, frame);
  int written = 0;
  must(EVP_CipherFinal_ex(context, frame.payload.data(), &written) == 1);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, mode.mic_size, frame.mic.data()) == 1);
}

void open(const Mode& mode, EVP_CIPHER_CTX* context, Frame& frame) {
  if (mode.ccm)
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, mode.mic_size, frame.mic.data()) == 1);
  must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, frame.nonce.data(), 0) == 1);
  run_payload(mode, context, frame);
  if (mode.ccm) return;
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, mode.mic_size, frame.mic.data()) == 1);
  int written = 0;
  must(EVP_CipherFinal_ex(context, frame.payload.data(), &written) == 1);
}

void measure(benchmark::State& state, const Mode& mode) {
  Context sealing = make_context(mode, true);
  Context opening = make_context(mode, false);
  Frame frame(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    for (auto i = static_cast<size_t>(mode.nonce_size); i-- > 0 && ++frame.nonce[i] == 0;) {
    }
    seal(mode, sealing.get(), frame);
    open(mode, opening.get(), frame);
  }
  state.SetItemsProcessed(state.iterations());
}

void libcrypto_ccm(benchmark::State& state) {
  measure(state, {EVP_aes_128_ccm(), true, 13, 8});
}
BENCHMARK(libcrypto_ccm)->Arg(64)->Arg(1500);

void libcrypto_gcm(benchmark::State& state) {
  measure(state, {EVP_aes_128_gcm(), false, 12, 16});
}
BENCHMARK(libcrypto_gcm)->Arg(64)->Arg(1500);

}  // namespace
