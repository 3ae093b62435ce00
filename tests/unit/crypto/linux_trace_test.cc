// A real kernel's connection: its PSK, an EAPOL-Key MIC, wrapped key data and encrypted data.
#include <gtest/gtest.h>

#include "crypto/aead.h"
#include "crypto/ccmp.h"
#include "crypto/kdf.h"
#include "crypto/key_wrap.h"
#include "crypto/mac.h"
#include "support/vector_file.h"

namespace airloom::crypto {
namespace {

using test::find_vector;
using test::Octets;
using test::Vector;

class LinuxTrace : public testing::Test {
 protected:
  Octets mpdu(const std::string& name) const { return find_vector(vectors, name).octets("mpdu"); }

  const std::vector<Vector> vectors = test::read_vectors("linux-6.1/wpa2/connection.txt");
  const Vector connection = find_vector(vectors, "connection");
};

TEST_F(LinuxTrace, PskIsWhatWpaSupplicantDerived) {
  auto psk = psk_from_passphrase(connection.text("passphrase"), connection.octets("ssid"));
  ASSERT_TRUE(psk);
  EXPECT_EQ(Octets(psk->begin(), psk->end()), connection.octets("psk"));
}

TEST_F(LinuxTrace, MessageTwoCarriesTheMicOfTheKck) {
  constexpr size_t kEapolAt = 26 + 8, kMicAt = 81;
  const Octets frame = mpdu("message 2");
  Octets eapol(frame.begin() + kEapolAt, frame.end());
  const Octets sent(eapol.begin() + kMicAt, eapol.begin() + kMicAt + 16);
  std::fill_n(eapol.begin() + kMicAt, 16, 0);
  Octets mic(16);
  hmac(Hash::kSha1, connection.octets("kck"), eapol, mic);
  EXPECT_EQ(mic, sent);
}

TEST_F(LinuxTrace, MessageThreeUnwrapsToRsnElementAndGtk) {
  constexpr size_t kEapolAt = 26 + 8, kKeyDataAt = 99;
  const Octets frame = mpdu("message 3");
  const Octets wrapped(frame.begin() + kEapolAt + kKeyDataAt, frame.end());
  auto plain = key_unwrap(connection.octets("kek"), wrapped);
  ASSERT_TRUE(plain);
  const Octets gtk = connection.octets("gtk");
  EXPECT_NE(std::search(plain->begin(), plain->end(), gtk.begin(), gtk.end()), plain->end());
  EXPECT_EQ(plain->front(), 0x30);
}

/// Opens a CCMP MPDU; empty if the MIC does not hold.
Octets decrypt(const Octets& key, Octets mpdu) {
  const bool qos = mpdu[0] & 0x80;
  const size_t header = qos ? 26 : 24;
  const uint8_t priority = qos ? mpdu[24] & 15 : 0;
  auto ccmp = CcmpHeader::parse(std::span(mpdu).subspan(header));
  auto aad = ccmp_aad(mpdu);
  auto aead = Aead::create(AeadCipher::kCcmp128, key);
  if (!ccmp || !aad || !aead) return {};
  const auto nonce = ccmp_nonce(priority, false, MacAddress::from(std::span(mpdu).subspan(10)),
                                ccmp->packet_number);
  std::span<uint8_t> body = std::span(mpdu).subspan(header + kCcmpHeaderSize);
  AeadJob job{.nonce = nonce,
              .aad = aad->span(),
              .payload = body.first(body.size() - 8),
              .mic = body.last(8)};
  if (aead->open({&job, 1}) != 1) return {};
  return {job.payload.begin(), job.payload.end()};
}

TEST_F(LinuxTrace, DataDecryptsWithTheTemporalKey) {
  const Octets tk = connection.octets("tk"), gtk = connection.octets("gtk");
  const Octets ipv6 = {0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd}, arp = {0xaa, 0xaa, 3, 0, 0, 0, 8, 6};
  const Octets ipv4 = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
  const auto opens = [](const Octets& plain, const Octets& prefix) {
    return plain.size() > prefix.size() && std::equal(prefix.begin(), prefix.end(), plain.begin());
  };
  EXPECT_TRUE(opens(decrypt(tk, mpdu("station to AP, QoS, IPv6 multicast")), ipv6));
  EXPECT_TRUE(opens(decrypt(gtk, mpdu("AP to group")), ipv6));
  EXPECT_TRUE(opens(decrypt(tk, mpdu("AP to station, ARP reply")), arp));
  EXPECT_TRUE(opens(decrypt(tk, mpdu("station to AP, ping")), ipv4));
  EXPECT_TRUE(opens(decrypt(tk, mpdu("AP to station, ping reply")), ipv4));
  EXPECT_TRUE(decrypt(gtk, mpdu("station to AP, ping")).empty());
}

}  // namespace
}  // namespace airloom::crypto
