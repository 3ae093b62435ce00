// The yardstick of the frame path: CCM by libcrypto alone, contexts kept per key, as the fastest
// plain user of the library would call it. One iteration seals and opens one frame.
// [802.11-2020 12.5.3]
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

constexpr int kNonceSize = 13;
constexpr int kMicSize = 8;
constexpr int kAadSize = 24;
constexpr std::array<uint8_t, 16> kKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// A benchmark that measures failures measures nothing.
void must(bool ok) {
  if (!ok) std::abort();
}

Context make_context(bool seal) {
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX* raw = context.get();
  must(EVP_CipherInit_ex(raw, EVP_aes_128_ccm(), nullptr, nullptr, nullptr, seal) == 1);
  must(EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_IVLEN, kNonceSize, nullptr) == 1);
  must(EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_TAG, kMicSize, nullptr) == 1);
  must(EVP_CipherInit_ex(raw, nullptr, nullptr, kKey.data(), nullptr, seal) == 1);
  return context;
}

struct Frame {
  explicit Frame(int size) : payload(size) {}
  std::array<uint8_t, kNonceSize> nonce{};
  std::array<uint8_t, kAadSize> aad{0x88, 0x42};
  std::vector<uint8_t> payload;
  std::array<uint8_t, kMicSize> mic{};
};

void run_payload(EVP_CIPHER_CTX* context, Frame& frame) {
  int written = 0;
  const int size = static_cast<int>(frame.payload.size());
  must(EVP_CipherUpdate(context, nullptr, &written, nullptr, size) == 1);
  must(EVP_CipherUpdate(context, nullptr, &written, frame.aad.data(), kAadSize) == 1);
  must(EVP_CipherUpdate(context, frame.payload.data(), &written, frame.payload.data(), size) == 1);
}

void seal(EVP_CIPHER_CTX* context, Frame& frame) {
  must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, frame.nonce.data(), 1) == 1);
  run_payload(context, frame);
  int written = 0;
  must(EVP_CipherFinal_ex(context, frame.payload.data(), &written) == 1);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kMicSize, frame.mic.data()) == 1);
}

void open(EVP_CIPHER_CTX* context, Frame& frame) {
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kMicSize, frame.mic.data()) == 1);
  must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, frame.nonce.data(), 0) == 1);
  run_payload(context, frame);
}

void libcrypto_ccm(benchmark::State& state) {
  Context sealing = make_context(true);
  Context opening = make_context(false);
  Frame frame(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    for (size_t i = kNonceSize; i-- > 0 && ++frame.nonce[i] == 0;) {
    }
    seal(sealing.get(), frame);
    open(opening.get(), frame);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(libcrypto_ccm)->Arg(64)->Arg(1500);

}  // namespace
