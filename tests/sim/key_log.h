// Every key that programs of a world install, as their nl80211 requests say, and frames opened or
// made with them: what a checker needs to tell under which key a frame is, and an insider to
// forge one. It uses the ciphers alone, nothing of mac80211.
#pragma once

#include <linux/nl80211.h>

#include <map>
#include <vector>

#include "crypto/aead.h"
#include "crypto/ccmp.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/rsn_element.h"
#include "lab/world.h"
#include "netlink/message.h"
#include "sim/beacon_checker.h"

namespace airloom::lab {

/// A key as NEW_KEY brought it.
struct LoggedKey {
  uint8_t index = 0;
  uint32_t cipher = 0;
  Octets material;

  friend bool operator==(const LoggedKey&, const LoggedKey&) = default;

  /// None for a cipher that is no AEAD.
  std::optional<crypto::Aead> aead() const {
    namespace suite = ieee80211::cipher;
    static const std::map<uint32_t, crypto::AeadCipher> kCiphers = {
        {suite::kCcmp128, crypto::AeadCipher::kCcmp128},
        {suite::kCcmp256, crypto::AeadCipher::kCcmp256},
        {suite::kGcmp128, crypto::AeadCipher::kGcmp128},
        {suite::kGcmp256, crypto::AeadCipher::kGcmp256}};
    const auto found = kCiphers.find(cipher);
    if (found == kCiphers.end()) return std::nullopt;
    auto made = crypto::Aead::create(found->second, material);
    return made ? std::optional(std::move(*made)) : std::nullopt;
  }
};

class KeyLog final : public NetlinkObserver {
 public:
  explicit KeyLog(World& world) : world_(world) { world_.add_netlink_observer(*this); }
  ~KeyLog() override { world_.remove_netlink_observer(*this); }

  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override {
    if (direction != NetlinkDirection::kToKernel) return;
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      const auto genl = message->genl();
      if (genl && genl->command == NL80211_CMD_NEW_KEY)
        note(address_of(host), netlink::AttributeTable(message->genl_attributes()));
    }
  }

  /// All keys that `owner` ever had for `peer` (or its own group keys, for a group), newest last.
  const std::vector<LoggedKey>& of(const MacAddress& owner, const MacAddress& peer) const {
    static const std::vector<LoggedKey> kNone;
    const auto found = keys_.find({owner, peer.is_group() ? MacAddress::broadcast() : peer});
    return found == keys_.end() ? kNone : found->second;
  }
  /// The newest of an index.
  std::optional<LoggedKey> find(const MacAddress& owner, const MacAddress& peer,
                                uint8_t index) const {
    const auto& all = of(owner, peer);
    const auto found = std::find_if(all.rbegin(), all.rend(),
                                    [&](const LoggedKey& key) { return key.index == index; });
    return found == all.rend() ? std::nullopt : std::optional(*found);
  }
  /// The newest of a sender's own group keys with an index in [first, last]: GTKs have 0 to 3,
  /// IGTKs 4 and 5, BIGTKs 6 and 7.
  std::optional<LoggedKey> newest_group_key(const MacAddress& owner, uint8_t first,
                                            uint8_t last) const {
    const auto& all = of(owner, MacAddress::broadcast());
    const auto found = std::find_if(all.rbegin(), all.rend(), [&](const LoggedKey& key) {
      return key.index >= first && key.index <= last;
    });
    return found == all.rend() ? std::nullopt : std::optional(*found);
  }

 private:
  static MacAddress address_of(const WorldHost& host) {
    return host.all_radios().begin()->second->addresses.front();
  }
  void note(const MacAddress& owner, const netlink::AttributeTable& request) {
    const auto nest = request.nest(NL80211_ATTR_KEY);
    LoggedKey key;
    key.index = nest.u8(NL80211_KEY_IDX).value_or(request.u8(NL80211_ATTR_KEY_IDX).value_or(0));
    key.cipher =
        nest.u32(NL80211_KEY_CIPHER).value_or(request.u32(NL80211_ATTR_KEY_CIPHER).value_or(0));
    auto material = nest.bytes(NL80211_KEY_DATA);
    if (!material) material = request.bytes(NL80211_ATTR_KEY_DATA);
    if (!material) return;
    key.material.assign(material->begin(), material->end());
    const auto peer = request.mac(NL80211_ATTR_MAC).value_or(MacAddress::broadcast());
    keys_[{owner, peer}].push_back(std::move(key));
  }

  World& world_;
  std::map<std::pair<MacAddress, MacAddress>, std::vector<LoggedKey>> keys_;
};

/// The packet number of a protected MPDU's security header.
inline uint64_t packet_number_of(const ieee80211::FrameView& view) {
  const auto header = crypto::CcmpHeader::parse(view.body());
  return header ? header->packet_number : 0;
}

namespace key_log_internal {

inline crypto::AeadJob job_of(std::span<uint8_t> mpdu, const crypto::Aead& aead,
                              const crypto::Aad& aad, Octets& nonce) {
  const auto view = ieee80211::FrameView::of(mpdu);
  const uint64_t number = packet_number_of(*view);
  if (crypto::nonce_size(aead.cipher()) == 12) {
    const auto octets = crypto::gcmp_nonce(view->address2(), number);
    nonce.assign(octets.begin(), octets.end());
  } else {
    const auto octets =
        crypto::ccmp_nonce(view->tid(), view->fc().is_management(), view->address2(), number);
    nonce.assign(octets.begin(), octets.end());
  }
  const size_t body = view->header_length() + crypto::kCcmpHeaderSize;
  const size_t mic = crypto::mic_size(aead.cipher());
  return {nonce, aad.span(), mpdu.subspan(body, mpdu.size() - body - mic), mpdu.last(mic)};
}

}  // namespace key_log_internal

/// The body of a protected MPDU, without security header and MIC; nothing if it is not under this
/// key.
inline std::optional<Octets> open(const LoggedKey& key, std::span<const uint8_t> mpdu) {
  auto aead = key.aead();
  Octets copy(mpdu.begin(), mpdu.end());
  const auto view = ieee80211::FrameView::of(copy);
  if (!aead || !view) return std::nullopt;
  const size_t body = view->header_length() + crypto::kCcmpHeaderSize;
  const size_t mic = crypto::mic_size(aead->cipher());
  if (copy.size() < body + mic) return std::nullopt;
  const auto aad = crypto::ccmp_aad(copy);
  Octets nonce;
  auto job = key_log_internal::job_of(copy, *aead, *aad, nonce);
  if (aead->open({&job, 1}) != 1) return std::nullopt;
  return Octets(copy.begin() + static_cast<std::ptrdiff_t>(body),
                copy.end() - static_cast<std::ptrdiff_t>(mic));
}

/// Whether a protected MPDU is under this key.
inline bool opens(const LoggedKey& key, std::span<const uint8_t> mpdu) {
  return open(key, mpdu).has_value();
}

/// Protects a clear MPDU as whoever knows the key could, with any packet number.
inline Octets seal(const LoggedKey& key, const Octets& clear, uint64_t packet_number) {
  auto aead = key.aead();
  const size_t header = ieee80211::FrameView::of(clear)->header_length();
  Octets mpdu(clear.size() + crypto::kCcmpHeaderSize + crypto::mic_size(aead->cipher()));
  std::copy_n(clear.begin(), header, mpdu.begin());
  crypto::CcmpHeader{packet_number, static_cast<uint8_t>(key.index & 3)}.emit(
      std::span(mpdu).subspan(header, crypto::kCcmpHeaderSize));
  std::copy(clear.begin() + static_cast<std::ptrdiff_t>(header), clear.end(),
            mpdu.begin() + static_cast<std::ptrdiff_t>(header + crypto::kCcmpHeaderSize));
  mpdu[1] |= ieee80211::FrameControl::kProtected >> 8;
  const auto aad = crypto::ccmp_aad(mpdu);
  Octets nonce;
  auto job = key_log_internal::job_of(mpdu, *aead, *aad, nonce);
  aead->seal({&job, 1});
  return mpdu;
}

/// Appends a Management MIC element with any key id and packet number. [802.11-2020 9.4.2.54]
inline Octets with_mic_element(const LoggedKey& key, Octets mpdu, uint16_t key_id, uint64_t ipn) {
  const size_t size = key.cipher == ieee80211::cipher::kBipCmac128 ? 8 : 16;
  Writer writer(mpdu);
  writer.u8(76).u8(static_cast<uint8_t>(8 + size)).le16(key_id);
  for (int i = 0; i < 6; ++i) writer.u8(static_cast<uint8_t>(ipn >> (8 * i)));
  writer.zeros(size);
  const Octets mic = bip_mic(key.cipher, key.material, mpdu, size);
  std::copy_n(mic.begin(), size, mpdu.end() - static_cast<std::ptrdiff_t>(size));
  return mpdu;
}

/// The packet number of the Management MIC element that a frame ends with; nothing if there is none
/// or its MIC is not under this key.
inline std::optional<uint64_t> mic_element_number(const LoggedKey& key, const Octets& mpdu) {
  const size_t mic_size = key.cipher == ieee80211::cipher::kBipCmac128 ? 8 : 16;
  const size_t size = 2 + 2 + 6 + mic_size;
  if (mpdu.size() < 24 + size) return std::nullopt;
  const auto element = std::span(mpdu).last(size);
  if (element[0] != 76 || element[1] != size - 2 || element[2] != key.index) return std::nullopt;
  if (!std::ranges::equal(element.last(mic_size),
                          bip_mic(key.cipher, key.material, mpdu, mic_size)))
    return std::nullopt;
  uint64_t number = 0;
  for (size_t i = 0; i < 6; ++i) number |= uint64_t{element[4 + i]} << (8 * i);
  return number;
}

}  // namespace airloom::lab
