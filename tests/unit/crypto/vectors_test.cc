// Published vectors: each file under tests/vectors/crypto names its source.
#include <gtest/gtest.h>

#include "crypto/aead.h"
#include "crypto/ccmp.h"
#include "crypto/kdf.h"
#include "crypto/key_wrap.h"
#include "crypto/mac.h"
#include "support/vector_file.h"

namespace airloom::crypto {
namespace {

using test::Octets;
using test::read_vectors;

TEST(CryptoVectors, Hmac) {
  for (const auto& v : read_vectors("crypto/hmac.txt")) {
    const Hash hash = v.text("hash") == "sha1"     ? Hash::kSha1
                      : v.text("hash") == "sha256" ? Hash::kSha256
                                                   : Hash::kSha384;
    Octets out(digest_size(hash));
    hmac(hash, v.octets("key"), v.octets("data"), out);
    EXPECT_EQ(out, v.octets("mac")) << v.name();
  }
}

TEST(CryptoVectors, Prf) {
  for (const auto& v : read_vectors("crypto/prf-sha1.txt")) {
    Octets out(64);
    prf_sha1(v.octets("key"), v.text("prefix"), v.octets("data"), out);
    EXPECT_EQ(out, v.octets("output")) << v.name();
    Octets shorter(25);  // a prefix of the longer output
    prf_sha1(v.octets("key"), v.text("prefix"), v.octets("data"), shorter);
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), out.begin()));
  }
}

TEST(CryptoVectors, Psk) {
  for (const auto& v : read_vectors("crypto/psk.txt")) {
    auto psk = psk_from_passphrase(v.text("passphrase"), v.octets("ssid"));
    ASSERT_TRUE(psk) << v.name();
    EXPECT_EQ(Octets(psk->begin(), psk->end()), v.octets("psk")) << v.name();
  }
}

TEST(CryptoVectors, KeyWrap) {
  for (const auto& v : read_vectors("crypto/key-wrap.txt")) {
    EXPECT_EQ(key_wrap(v.octets("kek"), v.octets("plain")), v.octets("wrapped")) << v.name();
    EXPECT_EQ(key_unwrap(v.octets("kek"), v.octets("wrapped")), v.octets("plain")) << v.name();
    for (size_t i = 0; i < v.octets("wrapped").size(); ++i) {
      Octets bad = v.octets("wrapped");
      bad[i] ^= 1;
      auto plain = key_unwrap(v.octets("kek"), bad);
      ASSERT_FALSE(plain);
      EXPECT_EQ(plain.error().code, Errc::kBadAuth);
    }
  }
}

TEST(CryptoVectors, Cmac) {
  for (const auto& v : read_vectors("crypto/cmac.txt")) {
    auto cmac = Cmac::create(v.octets("key"));
    ASSERT_TRUE(cmac);
    for (int round = 0; round < 2; ++round) {  // the kept context starts afresh
      auto mac = cmac->compute(v.octets("data"));
      EXPECT_EQ(Octets(mac.begin(), mac.end()), v.octets("mac")) << v.name();
    }
  }
}

TEST(CryptoVectors, Gcm) {
  for (const auto& v : read_vectors("crypto/gcm.txt")) {
    const Octets key = v.octets("key");
    auto aead = Aead::create(key.size() == 16 ? AeadCipher::kGcmp128 : AeadCipher::kGcmp256, key);
    ASSERT_TRUE(aead);
    const Octets nonce = v.octets("nonce"), aad = v.octets("aad");
    Octets payload = v.octets("plain"), mic(16);
    AeadJob job{.nonce = nonce, .aad = aad, .payload = payload, .mic = mic};
    EXPECT_EQ(aead->seal({&job, 1}), 1u);
    EXPECT_EQ(payload, v.octets("cipher")) << v.name();
    EXPECT_EQ(mic, v.octets("mic")) << v.name();
    EXPECT_EQ(aead->open({&job, 1}), 1u);
    EXPECT_EQ(payload, v.octets("plain")) << v.name();
    if (payload.empty()) {
      ASSERT_EQ(nonce.size(), 12u);
      const auto tag = Gmac::create(key)->compute(std::span(nonce).first<12>(), aad);
      EXPECT_EQ(Octets(tag.begin(), tag.end()), v.octets("mic"));
    }
  }
}

uint64_t packet_number(const Octets& big_endian) {
  uint64_t value = 0;
  for (uint8_t octet : big_endian) value = value << 8 | octet;
  return value;
}

/// Seals and opens the MPDUs of a file with CCMP's or GCMP's header, nonce and AAD.
void check_mpdus(const char* file, AeadCipher with_128, AeadCipher with_256) {
  for (const auto& v : read_vectors(file)) {
    SCOPED_TRACE(v.name());
    const Octets tk = v.octets("tk"), header = v.octets("header");
    const uint64_t pn = packet_number(v.octets("pn"));
    const AeadCipher cipher = tk.size() == 16 ? with_128 : with_256;
    auto aead = Aead::create(cipher, tk);
    auto aad = ccmp_aad(header);
    ASSERT_TRUE(aead && aad);

    Octets security(kCcmpHeaderSize);
    CcmpHeader{.packet_number = pn, .key_id = 0}.emit(security);
    EXPECT_EQ(security, v.octets("security"));

    const auto transmitter = MacAddress::from(std::span(header).subspan(10));
    const bool management = (header[0] & 0x0c) == 0;
    const uint8_t tid = header.size() > 24 ? header[24] & 0x0f : 0;
    const auto for_ccmp = ccmp_nonce(tid, management, transmitter, pn);
    const auto for_gcmp = gcmp_nonce(transmitter, pn);
    std::span<const uint8_t> nonce = for_ccmp;
    if (nonce_size(cipher) == for_gcmp.size()) nonce = for_gcmp;

    Octets payload = v.octets("plain"), mic(mic_size(cipher));
    AeadJob job{.nonce = nonce, .aad = aad->span(), .payload = payload, .mic = mic};
    EXPECT_EQ(aead->seal({&job, 1}), 1u);
    EXPECT_EQ(payload, v.octets("cipher"));
    EXPECT_EQ(mic, v.octets("mic"));
    EXPECT_EQ(aead->open({&job, 1}), 1u);
    EXPECT_EQ(payload, v.octets("plain"));
  }
}

TEST(CryptoVectors, Ccmp) {
  check_mpdus("crypto/ccmp.txt", AeadCipher::kCcmp128, AeadCipher::kCcmp256);
}

TEST(CryptoVectors, Gcmp) {
  check_mpdus("crypto/gcmp.txt", AeadCipher::kGcmp128, AeadCipher::kGcmp256);
}

}  // namespace
}  // namespace airloom::crypto
