#include "crypto/kdf.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "base/out_of_memory.h"
#include "crypto/evp.h"

namespace airloom::crypto {

namespace {

void append(std::vector<uint8_t>& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
}

void append(std::vector<uint8_t>& to, std::span<const uint8_t> octets) {
  to.insert(to.end(), octets.begin(), octets.end());
}

/// Takes from the front of `out` as much as one digest gives.
std::span<uint8_t> next_block(std::span<uint8_t>& out, Hash hash) {
  auto block = out.first(std::min(out.size(), digest_size(hash)));
  out = out.subspan(block.size());
  return block;
}

}  // namespace

void prf_sha1(std::span<const uint8_t> key, std::string_view label, std::span<const uint8_t> data,
              std::span<uint8_t> out) {
  std::vector<uint8_t> input;
  append(input, label);
  input.push_back(0);
  append(input, data);
  input.push_back(0);
  for (uint8_t i = 0; !out.empty(); ++i) {
    input.back() = i;
    hmac(Hash::kSha1, key, input, next_block(out, Hash::kSha1));
  }
}

void kdf(Hash hash, std::span<const uint8_t> key, std::string_view label,
         std::span<const uint8_t> context, std::span<uint8_t> out) {
  kdf(hash, key, label, context, out, out.size() * 8);
}

void kdf(Hash hash, std::span<const uint8_t> key, std::string_view label,
         std::span<const uint8_t> context, std::span<uint8_t> out, size_t bits) {
  WLAN_ASSERT(bits < 65536 && (bits + 7) / 8 == out.size());
  std::vector<uint8_t> input(2);
  append(input, label);
  append(input, context);
  input.push_back(static_cast<uint8_t>(bits));
  input.push_back(static_cast<uint8_t>(bits >> 8));
  for (uint16_t i = 1; !out.empty(); ++i) {
    input[0] = static_cast<uint8_t>(i);
    input[1] = static_cast<uint8_t>(i >> 8);
    const auto block = next_block(out, hash);
    hmac(hash, key, input, block);
    if (out.empty() && bits % 8 != 0) block.back() &= static_cast<uint8_t>(0xff << (8 - bits % 8));
  }
}

void hkdf_expand(Hash hash, std::span<const uint8_t> prk, std::string_view info,
                 std::span<uint8_t> out) {
  std::vector<uint8_t> input;
  for (uint8_t i = 1; !out.empty(); ++i) {
    append(input, info);
    input.push_back(i);
    const auto block = next_block(out, hash);
    hmac(hash, prk, input, block);
    input.assign(block.begin(), block.end());
  }
}

Result<std::array<uint8_t, 32>> psk_from_passphrase(std::string_view passphrase,
                                                    std::span<const uint8_t> ssid) {
  if (passphrase.size() < 8 || passphrase.size() > 63)
    return fail(Errc::kInvalid, "a passphrase has 8 to 63 characters");
  if (!std::ranges::all_of(passphrase, [](char c) { return c >= 32 && c <= 126; }))
    return fail(Errc::kInvalid, "a passphrase has printable ASCII characters only");
  if (ssid.empty() || ssid.size() > 32) return fail(Errc::kInvalid, "an SSID has 1 to 32 octets");
  constexpr int kRounds = 4096;
  std::array<uint8_t, 32> psk;
  const int ok = PKCS5_PBKDF2_HMAC(passphrase.data(), static_cast<int>(passphrase.size()),
                                   ssid.data(), static_cast<int>(ssid.size()), kRounds, EVP_sha1(),
                                   static_cast<int>(psk.size()), psk.data());
  if (ok != 1) out_of_memory();
  return psk;
}

}  // namespace airloom::crypto
