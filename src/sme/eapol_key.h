// EAPOL-Key frames: the codec. Trust is a type: of a received frame only what the handshake needs
// to find the key is readable; the rest, key data above all, is behind verify_mic().
// Frames here begin with the EAPOL header, without Ethernet's. [802.11-2020 12.7.2] [802.1X 11.3]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "bytes/writer.h"
#include "sme/keys.h"

namespace airloom::sme {

/// The Key Information field. [802.11-2020 12.7.2 b]
struct KeyInfo {
  static constexpr uint16_t kPairwise = 0x0008;
  static constexpr uint16_t kInstall = 0x0040;
  static constexpr uint16_t kAck = 0x0080;
  static constexpr uint16_t kMic = 0x0100;
  static constexpr uint16_t kSecure = 0x0200;
  static constexpr uint16_t kError = 0x0400;
  static constexpr uint16_t kRequest = 0x0800;
  static constexpr uint16_t kEncrypted = 0x1000;
  uint16_t bits = 0;

  bool has(uint16_t flag) const { return (bits & flag) == flag; }
  uint8_t version() const { return bits & 7; }
  /// The bits that tell one message from another.
  uint16_t kind() const {
    return bits & (kPairwise | kInstall | kAck | kMic | kSecure | kError | kRequest | kEncrypted);
  }
  friend bool operator==(const KeyInfo&, const KeyInfo&) = default;
};

/// The Key Information flags of each message. [802.11-2020 12.7.6.2 to 12.7.7.3]
namespace message {
constexpr uint16_t kPairwise1 = KeyInfo::kPairwise | KeyInfo::kAck;
constexpr uint16_t kPairwise2 = KeyInfo::kPairwise | KeyInfo::kMic;
constexpr uint16_t kPairwise3 = KeyInfo::kPairwise | KeyInfo::kInstall | KeyInfo::kAck |
                                KeyInfo::kMic | KeyInfo::kSecure | KeyInfo::kEncrypted;
constexpr uint16_t kPairwise4 = KeyInfo::kPairwise | KeyInfo::kMic | KeyInfo::kSecure;
constexpr uint16_t kGroup1 = KeyInfo::kAck | KeyInfo::kMic | KeyInfo::kSecure | KeyInfo::kEncrypted;
constexpr uint16_t kGroup2 = KeyInfo::kMic | KeyInfo::kSecure;
}  // namespace message

/// An EAPOL-Key frame to send; its key data goes out as it stands here.
struct KeyFrame {
  uint8_t eapol_version = 2;
  KeyInfo info;
  uint16_t key_length = 0;
  uint64_t replay_counter = 0;
  Nonce nonce{};
  std::array<uint8_t, 8> rsc{};
  Octets key_data;

  /// The octets, with a MIC by `kck` if the Key MIC flag is set.
  Octets emit(const AkmProfile& profile, std::span<const uint8_t> kck) const;
};

class VerifiedKeyFrame;

/// A received EAPOL-Key frame that anyone may have sent.
class UnverifiedKeyFrame {
 public:
  /// @error kTruncated  it ends within a field.
  /// @error kMalformed  it is not EAPOL-Key with the RSN descriptor.
  static Result<UnverifiedKeyFrame> parse(std::span<const uint8_t> octets);

  // What finding the key and the place in the handshake takes.
  KeyInfo info() const { return frame_.info; }
  uint64_t replay_counter() const { return frame_.replay_counter; }
  const Nonce& nonce() const { return frame_.nonce; }

  /// @error kBadAuth  the MIC does not hold, or the frame has none.
  Result<VerifiedKeyFrame> verify_mic(const AkmProfile& profile,
                                      std::span<const uint8_t> kck) const;

 private:
  UnverifiedKeyFrame() = default;
  Octets octets_;  // the whole frame with a zero MIC
  std::array<uint8_t, 16> mic_{};
  KeyFrame frame_;
};

/// A received EAPOL-Key frame whose sender knew the KCK.
class VerifiedKeyFrame {
 public:
  const KeyFrame& frame() const { return frame_; }
  /// The key data, unwrapped if the frame says that it is encrypted.
  /// @error kBadAuth, kInvalid  unwrapping failed.
  Result<Octets> key_data(std::span<const uint8_t> kek) const;

 private:
  friend class UnverifiedKeyFrame;
  explicit VerifiedKeyFrame(KeyFrame frame) : frame_(std::move(frame)) {}
  KeyFrame frame_;
};

/// What key data can carry, as far as airloom reads it. Unknown KDEs and elements are passed over.
/// [802.11-2020 12.7.2 j, Table 12-9]
struct KeyData {
  Octets rsn_element;                 // whole, header included; empty: none
  std::optional<GroupKey> group_key;  // its rsc is in the frame, not here
  std::optional<GroupKey> igtk{};     // rsc: the IPN, in its first six octets
  std::optional<GroupKey> bigtk{};    // likewise
  Octets rsnx_element{};              // whole; empty: none
  std::optional<ieee80211::Pmkid> pmkid{};

  /// @error kMalformed  a KDE or element exceeds the rest, or a key's KDE is impossible.
  static Result<KeyData> parse(std::span<const uint8_t> octets);
  /// The octets, padded and wrapped by `kek` if there is a group key to hide.
  Octets emit(std::span<const uint8_t> kek) const;
  friend bool operator==(const KeyData&, const KeyData&) = default;
};

}  // namespace airloom::sme
