#include "sme/eapol_key.h"

#include <algorithm>

#include "base/assert.h"
#include "bytes/reader.h"
#include "crypto/key_wrap.h"
#include "crypto/secret.h"
#include "ieee80211/element.h"

namespace airloom::sme {

namespace {

constexpr uint8_t kEapolKey = 3;       // Packet Type
constexpr uint8_t kRsnDescriptor = 2;  // Descriptor Type
constexpr size_t kEapolHeaderSize = 4;
constexpr size_t kMicAt = 81;
constexpr size_t kMicSize = 16;

constexpr ieee80211::VendorType kKdeGtk = 0x000fac01;
constexpr ieee80211::VendorType kKdePmkid = 0x000fac04;
constexpr ieee80211::VendorType kKdeIgtk = 0x000fac09;
constexpr ieee80211::VendorType kKdeBigtk = 0x000fac0e;
constexpr uint8_t kFirstIgtk = 4;
constexpr uint8_t kFirstBigtk = 6;
constexpr uint8_t kPadding = 0xdd;
constexpr uint8_t kGtkKeyIdMask = 0x03;
constexpr size_t kSmallestWrap = 16;

Result<GroupKey> parse_gtk_kde(Reader reader) {
  GroupKey key;
  key.id = TRY(reader.u8()) & kGtkKeyIdMask;
  TRY(reader.skip(1));
  const auto octets = reader.rest();
  key.key.assign(octets.begin(), octets.end());
  const bool size_ok = octets.size() == 16 || octets.size() == 32;
  if (key.id == 0 || !size_ok) return fail(Errc::kMalformed, "GTK KDE");
  return key;
}

void emit_gtk_kde(Writer& writer, const GroupKey& key) {
  writer.u8(static_cast<uint8_t>(ieee80211::ElementId::kVendorSpecific));
  const auto length = writer.length8();
  writer.be32(kKdeGtk).u8(key.id).u8(0).bytes(key.key);
}

/// An IGTK or BIGTK KDE: key id, packet number and key. @param first  the lower of its two ids.
Result<GroupKey> parse_management_kde(Reader reader, uint8_t first) {
  GroupKey key;
  const uint16_t id = TRY(reader.le16());
  const auto number = TRY(reader.array<6>());
  std::ranges::copy(number, key.rsc.begin());
  const auto octets = reader.rest();
  key.key.assign(octets.begin(), octets.end());
  const bool size_ok = octets.size() == 16 || octets.size() == 32;
  if ((id != first && id != first + 1) || !size_ok) return fail(Errc::kMalformed, "IGTK or BIGTK");
  key.id = static_cast<uint8_t>(id);
  return key;
}

void emit_management_kde(Writer& writer, ieee80211::VendorType kde, const GroupKey& key) {
  writer.u8(static_cast<uint8_t>(ieee80211::ElementId::kVendorSpecific));
  const auto length = writer.length8();
  writer.be32(kde).le16(key.id).bytes(std::span(key.rsc).first(6)).bytes(key.key);
}

/// [802.11-2020 12.7.2 j]: pad to a multiple of 8 with dd and then zeros.
void pad_for_wrap(Octets& octets) {
  if (octets.size() % 8 == 0 && octets.size() >= kSmallestWrap) return;
  octets.push_back(kPadding);
  while (octets.size() % 8 != 0 || octets.size() < kSmallestWrap) octets.push_back(0);
}

}  // namespace

Octets KeyFrame::emit(const AkmProfile& profile, std::span<const uint8_t> kck) const {
  Octets out;
  Writer writer(out);
  constexpr size_t kFixedBody = 95;
  writer.u8(eapol_version).u8(kEapolKey);
  writer.be16(static_cast<uint16_t>(kFixedBody + key_data.size()));
  writer.u8(kRsnDescriptor).be16(info.bits).be16(key_length).be64(replay_counter);
  writer.bytes(nonce).zeros(16).bytes(rsc).zeros(8).zeros(kMicSize);
  writer.be16(static_cast<uint16_t>(key_data.size())).bytes(key_data);
  if (info.has(KeyInfo::kMic)) {
    const auto mic = key_frame_mic(profile, kck, out);
    std::copy(mic.begin(), mic.end(), out.begin() + kMicAt);
  }
  return out;
}

Result<UnverifiedKeyFrame> UnverifiedKeyFrame::parse(std::span<const uint8_t> octets) {
  UnverifiedKeyFrame parsed;
  KeyFrame& frame = parsed.frame_;
  Reader header(octets);
  frame.eapol_version = TRY(header.u8());
  if (TRY(header.u8()) != kEapolKey) return fail(Errc::kMalformed, "not EAPOL-Key");
  const uint16_t length = TRY(header.be16());
  Reader body(TRY(header.take(length)));
  if (TRY(body.u8()) != kRsnDescriptor) return fail(Errc::kMalformed, "descriptor type");
  frame.info.bits = TRY(body.be16());
  frame.key_length = TRY(body.be16());
  frame.replay_counter = TRY(body.be64());
  frame.nonce = TRY(body.array<32>());
  TRY(body.skip(16));
  frame.rsc = TRY(body.array<8>());
  TRY(body.skip(8));
  parsed.mic_ = TRY(body.array<kMicSize>());
  const uint16_t data_length = TRY(body.be16());
  const auto data = TRY(body.take(data_length));
  frame.key_data.assign(data.begin(), data.end());
  const auto whole = octets.first(kEapolHeaderSize + length);
  parsed.octets_.assign(whole.begin(), whole.end());
  std::fill_n(parsed.octets_.begin() + kMicAt, kMicSize, 0);
  return parsed;
}

Result<VerifiedKeyFrame> UnverifiedKeyFrame::verify_mic(const AkmProfile& profile,
                                                        std::span<const uint8_t> kck) const {
  if (!info().has(KeyInfo::kMic)) return fail(Errc::kBadAuth, "no MIC");
  const auto mic = key_frame_mic(profile, kck, octets_);
  if (!crypto::equal_constant_time(mic, mic_)) return fail(Errc::kBadAuth, "MIC");
  return VerifiedKeyFrame(frame_);
}

Result<Octets> VerifiedKeyFrame::key_data(std::span<const uint8_t> kek) const {
  if (!frame_.info.has(KeyInfo::kEncrypted)) return frame_.key_data;
  return crypto::key_unwrap(kek, frame_.key_data);
}

Result<KeyData> KeyData::parse(std::span<const uint8_t> octets) {
  KeyData data;
  Reader reader(octets);
  while (!reader.at_end()) {
    const auto start = reader.rest();
    const uint8_t id = TRY(reader.u8());
    if (id == kPadding && (reader.at_end() || reader.rest()[0] == 0)) break;
    const uint8_t length = TRY(reader.u8());
    const auto body = TRY(reader.take(length));
    if (id == static_cast<uint8_t>(ieee80211::ElementId::kRsn) && data.rsn_element.empty())
      data.rsn_element.assign(start.begin(), start.begin() + 2 + length);
    if (id == static_cast<uint8_t>(ieee80211::ElementId::kRsnExtension))
      data.rsnx_element.assign(start.begin(), start.begin() + 2 + length);
    if (id != static_cast<uint8_t>(ieee80211::ElementId::kVendorSpecific) || length < 4) continue;
    Reader kde(body);
    const auto type = TRY(kde.be32());
    if (type == kKdeGtk) data.group_key = TRY(parse_gtk_kde(kde));
    if (type == kKdePmkid) data.pmkid = TRY(kde.array<16>());
    if (type == kKdeIgtk) data.igtk = TRY(parse_management_kde(kde, kFirstIgtk));
    if (type == kKdeBigtk) data.bigtk = TRY(parse_management_kde(kde, kFirstBigtk));
  }
  return data;
}

Octets KeyData::emit(std::span<const uint8_t> kek) const {
  Octets out = rsn_element;
  Writer writer(out);
  writer.bytes(rsnx_element);
  if (pmkid) {
    writer.u8(static_cast<uint8_t>(ieee80211::ElementId::kVendorSpecific));
    const auto length = writer.length8();
    writer.be32(kKdePmkid).bytes(*pmkid);
  }
  if (!group_key) return out;
  emit_gtk_kde(writer, *group_key);
  if (igtk) emit_management_kde(writer, kKdeIgtk, *igtk);
  if (bigtk) emit_management_kde(writer, kKdeBigtk, *bigtk);
  pad_for_wrap(out);
  auto wrapped = crypto::key_wrap(kek, out);
  WLAN_ASSERT(wrapped);
  return *std::move(wrapped);
}

}  // namespace airloom::sme
