// What airloom's own crypto API adds to libcrypto: CCMP in bursts, as the frame path calls it.
// One item is one frame sealed and opened.
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

constexpr AeadCipher kCipher = AeadCipher::kCcmp128;

struct Frame {
  std::array<uint8_t, nonce_size(kCipher)> nonce{};
  std::array<uint8_t, 24> aad{0x88, 0x42};
  std::vector<uint8_t> payload;
  std::array<uint8_t, mic_size(kCipher)> mic{};
};

void crypto_ccmp(benchmark::State& state) {
  const std::array<uint8_t, key_size(kCipher)> key{1, 2, 3};
  Aead aead = *Aead::create(kCipher, key);
  std::vector<Frame> frames(static_cast<size_t>(state.range(1)));
  std::vector<AeadJob> jobs;
  for (Frame& frame : frames) {
    frame.payload.resize(static_cast<size_t>(state.range(0)));
    jobs.push_back({frame.nonce, frame.aad, frame.payload, frame.mic});
  }
  uint64_t packet_number = 0;
  for (auto _ : state) {
    for (Frame& frame : frames) {
      ++packet_number;
      for (size_t i = 0; i < 6; ++i) frame.nonce[12 - i] = packet_number >> (8 * i);
    }
    if (aead.seal(jobs) != jobs.size() || aead.open(jobs) != jobs.size()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(crypto_ccmp)->Args({64, 32})->Args({1500, 1})->Args({1500, 32});

}  // namespace
