// What airloom's own crypto API makes of a burst of frames: one by one by libcrypto, or beside each
// other by intel-ipsec-mb. One item is one frame sealed and opened.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "crypto/aead.h"

namespace {

using airloom::crypto::Aead;
using airloom::crypto::AeadCipher;
using airloom::crypto::AeadJob;

template <AeadCipher kCipher>
struct Frame {
  std::array<uint8_t, nonce_size(kCipher)> nonce{};
  std::array<uint8_t, 24> aad{0x88, 0x42};
  std::vector<uint8_t> payload;
  std::array<uint8_t, mic_size(kCipher)> mic{};
};

template <AeadCipher kCipher>
void measure(benchmark::State& state) {
  const std::array<uint8_t, key_size(kCipher)> key{1, 2, 3};
  Aead aead = *Aead::create(kCipher, key);
  std::vector<Frame<kCipher>> frames(static_cast<size_t>(state.range(1)));
  std::vector<AeadJob> jobs;
  for (auto& frame : frames) {
    frame.payload.resize(static_cast<size_t>(state.range(0)));
    jobs.push_back({frame.nonce, frame.aad, frame.payload, frame.mic});
  }
  uint64_t packet_number = 0;
  for (auto _ : state) {
    for (auto& frame : frames) {
      ++packet_number;
      for (size_t i = 0; i < 6; ++i)
        frame.nonce[nonce_size(kCipher) - 1 - i] = static_cast<uint8_t>(packet_number >> (8 * i));
    }
    if (aead.seal(jobs) != jobs.size() || aead.open(jobs) != jobs.size()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void crypto_ccmp(benchmark::State& state) {
  measure<AeadCipher::kCcmp128>(state);
}
BENCHMARK(crypto_ccmp)->Args({64, 32})->Args({1500, 1})->Args({1500, 8})->Args({1500, 32});

void crypto_gcmp(benchmark::State& state) {
  measure<AeadCipher::kGcmp128>(state);
}
BENCHMARK(crypto_gcmp)->Args({64, 32})->Args({1500, 1})->Args({1500, 32});

}  // namespace
