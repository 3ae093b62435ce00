// The standard's encrypted MPDUs through the stack's own protect and unprotect: where the header
// ends, which nonce and AAD it gives, where MIC and payload lie.
#include "mac80211/cipher_suites.h"

#include <gtest/gtest.h>

#include "ieee80211/rsn_element.h"
#include "support/vector_file.h"

namespace airloom::mac80211 {
namespace {

using test::Vector;
namespace cipher = ieee80211::cipher;

class StandardsMpdu : public testing::Test {
 protected:
  struct File {
    const char* path;
    uint32_t with_128, with_256;
  };
  static constexpr File kFiles[] = {{"crypto/ccmp.txt", cipher::kCcmp128, cipher::kCcmp256},
                                    {"crypto/gcmp.txt", cipher::kGcmp128, cipher::kGcmp256}};

  static std::unique_ptr<Key> make_key(const File& file, const Vector& vector) {
    const Octets tk = vector.octets("tk");
    const uint32_t suite = tk.size() == 16 ? file.with_128 : file.with_256;
    return *Key::create(0, true, {.key = tk, .cipher = suite});
  }
  FrameBuffer frame(const Vector& vector, std::initializer_list<const char*> parts) {
    Octets octets;
    for (const char* part : parts) {
      const Octets more = vector.octets(part);
      octets.insert(octets.end(), more.begin(), more.end());
    }
    return pool_.from(octets);
  }
  FrameBuffer sealed(const Vector& vector) {
    return frame(vector, {"header", "security", "cipher", "mic"});
  }
  static bool equal(const FrameBuffer& a, const FrameBuffer& b) {
    return std::ranges::equal(a.octets(), b.octets());
  }

  FramePool pool_;
};

TEST_F(StandardsMpdu, IsOpened) {
  for (const File& file : kFiles)
    for (const Vector& vector : test::read_vectors(file.path)) {
      SCOPED_TRACE(vector.name());
      const auto key = make_key(file, vector);
      FrameBuffer mpdu = sealed(vector);
      ASSERT_EQ(unprotect(*key, mpdu, 0), Opened::kOk);
      EXPECT_TRUE(equal(mpdu, frame(vector, {"header", "plain"})));
      mpdu = sealed(vector);
      EXPECT_EQ(unprotect(*key, mpdu, 0), Opened::kReplay);
    }
}

/// Whether the header's bit may change without the MIC telling: what the AAD masks, what makes the
/// frame another form of frame, and Protected Frame, which the AAD always has.
/// [802.11-2020 12.5.3.3.3]
bool is_left_out(const Octets& header, size_t at, unsigned bit) {
  const bool data = (header[0] & 0x0c) == 0x08;
  switch (at) {
    case 0:  // protocol version counts; a management frame's subtype too
      return (bit & (data ? 0xfc : 0x0c)) != 0;
    case 1:  // More Fragments counts
      return bit != 0x04;
    case 22:  // the fragment's number
    case 24:  // the TID
      return (bit & 0x0f) == 0;
    default:  // Duration, sequence number, the rest of QoS Control
      return at == 2 || at == 3 || at == 23 || at == 25;
  }
}

TEST_F(StandardsMpdu, IsNotOpenedWithOneBitChangedThatCounts) {
  for (const File& file : kFiles)
    for (const Vector& vector : test::read_vectors(file.path)) {
      const Octets header = vector.octets("header");
      const size_t security_end = header.size() + vector.octets("security").size();
      const size_t size = sealed(vector).size();
      const auto key = make_key(file, vector);
      for (size_t at = 0; at < size; ++at)
        for (unsigned bit = 1; bit < 0x100; bit <<= 1) {
          if (at < header.size() && is_left_out(header, at, bit)) continue;
          if (at == header.size() + 2 || at == header.size() + 3) continue;  // reserved, key ID
          FrameBuffer changed = sealed(vector);
          changed.writable()[at] ^= static_cast<uint8_t>(bit);
          const Opened opened = unprotect(*key, changed, 0);
          EXPECT_NE(opened, Opened::kOk) << vector.name() << ", octet " << at << ", bit " << bit;
          if (at >= security_end) {
            EXPECT_EQ(opened, Opened::kBadMic);
          }
        }
      FrameBuffer mpdu = sealed(vector);
      EXPECT_EQ(unprotect(*key, mpdu, 0), Opened::kOk) << vector.name();
    }
}

TEST_F(StandardsMpdu, OfPacketNumberOneIsSent) {
  const auto vector = test::find_vector(test::read_vectors("crypto/ccmp.txt"), "M.9.2 CCMP-128");
  const auto key = make_key(kFiles[0], vector);
  FrameBuffer mpdu = frame(vector, {"header", "plain"});
  mpdu.writable()[1] = 0;  // protect() says that it is protected
  ASSERT_TRUE(protect(*key, mpdu));
  EXPECT_TRUE(equal(mpdu, sealed(vector)));
}

}  // namespace
}  // namespace airloom::mac80211
