// Watches every Beacon of an access point with beacon protection and verifies it apart from the
// code under test: BIP straight from the standard over libcrypto, with the keys that the access
// point hands its kernel. The packet numbers of a key must rise strictly.
// [802.11-2020 12.5.4, 9.4.2.54]
#pragma once

#include <gtest/gtest.h>
#include <linux/nl80211.h>
#include <openssl/evp.h>

#include <array>
#include <map>
#include <memory>
#include <string>

#include "ieee80211/mac_header.h"
#include "lab/simulation.h"
#include "netlink/message.h"

namespace airloom::lab {

/// BIP's MIC over a Management frame that ends with an MME whose MIC field has that length.
inline Octets bip_mic(uint32_t suite, const Octets& key, Octets frame, size_t mic_size) {
  constexpr size_t kHeader = 24, kTimestamp = 8;
  Octets input = {frame[0], static_cast<uint8_t>(frame[1] & ~0x38)};  // Retry, PM, More Data
  input.insert(input.end(), frame.begin() + 4, frame.begin() + 22);
  if (frame[0] == 0x80) std::fill_n(frame.begin() + kHeader, kTimestamp, 0);
  std::fill(frame.end() - static_cast<long>(mic_size), frame.end(), 0);
  input.insert(input.end(), frame.begin() + kHeader, frame.end());
  const bool gmac = suite == 0x000fac0b || suite == 0x000fac0c;
  Octets mic(16);
  size_t size = 0;
  if (!gmac) {
    const std::string cipher = key.size() == 16 ? "AES-128-CBC" : "AES-256-CBC";
    EXPECT_NE(EVP_Q_mac(nullptr, "CMAC", nullptr, cipher.c_str(), nullptr, key.data(), key.size(),
                        input.data(), input.size(), mic.data(), mic.size(), &size),
              nullptr);
  } else {
    Octets nonce(frame.begin() + 10, frame.begin() + 16);
    const auto number = frame.end() - static_cast<long>(mic_size) - 6;  // little-endian
    nonce.insert(nonce.end(), std::make_reverse_iterator(number + 6),
                 std::make_reverse_iterator(number));
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int length = 0;
    EXPECT_EQ(1, EVP_EncryptInit_ex(context.get(),
                                    key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
                                    nullptr, key.data(), nonce.data()));
    EXPECT_EQ(1, EVP_EncryptUpdate(context.get(), nullptr, &length, input.data(),
                                   static_cast<int>(input.size())));
    EXPECT_EQ(1, EVP_EncryptFinal_ex(context.get(), mic.data(), &length));
    EXPECT_EQ(1, EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, mic.data()));
  }
  mic.resize(mic_size);
  return mic;
}

class BeaconChecker final : public medium::Observer, public NetlinkObserver {
 public:
  BeaconChecker(World& world, const WorldHost& ap) : world_(world), ap_(ap) {
    world_.medium().add_observer(*this);
    world_.add_netlink_observer(*this);
  }
  ~BeaconChecker() override {
    world_.remove_netlink_observer(*this);
    world_.medium().remove_observer(*this);
  }

  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override {
    if (&host != &ap_ || direction != NetlinkDirection::kToKernel) return;
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      const auto header = message->genl();
      if (header && header->command == NL80211_CMD_START_AP) keys_.clear();
      if (!header || header->command != NL80211_CMD_NEW_KEY) continue;
      const auto key = netlink::AttributeTable(message->genl_attributes()).nest(NL80211_ATTR_KEY);
      const auto id = key.u8(NL80211_KEY_IDX);
      const auto octets = key.bytes(NL80211_KEY_DATA);
      if (!id || *id < 6 || !octets) continue;
      keys_[*id] = {key.u32(NL80211_KEY_CIPHER).value_or(0), {octets->begin(), octets->end()}};
    }
  }

  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    const auto octets = transmission.frame.octets();
    const auto view = ieee80211::FrameView::of(octets);
    // A radio that no host has is an attacker's: it may send what it likes.
    if (!view || !view->fc().is_beacon() || world_.radio_name(transmission.sender).empty()) return;
    if (view->address2() != ap_.all_radios().begin()->second->addresses.front()) return;
    if (keys_.empty()) return ++before_keys_, void();
    check(Octets(octets.begin(), octets.end()));
  }

  /// What was wrong so far, a line each.
  const std::string& faults() const { return faults_; }
  /// Beacons that verified, per key id.
  const std::map<uint8_t, size_t>& verified() const { return verified_; }
  size_t count() const {
    size_t count = 0;
    for (const auto& [id, beacons] : verified_) count += beacons;
    return count;
  }
  size_t before_keys() const { return before_keys_; }

 private:
  struct Key {
    uint32_t suite = 0;
    Octets octets;
  };

  void check(const Octets& beacon) {
    const size_t mic_size = keys_.begin()->second.suite == 0x000fac06 ? 8 : 16;
    const size_t mme_size = 2 + 2 + 6 + mic_size;
    const auto mme = beacon.end() - static_cast<long>(mme_size);
    if (mme[0] != 76 || mme[1] != mme_size - 2) return note("has no Management MIC element last");
    const uint8_t id = mme[2];
    const auto key = keys_.find(id);
    if (key == keys_.end() || mme[3] != 0) return note("has key id " + std::to_string(id));
    uint64_t number = 0;
    for (int i = 5; i >= 0; --i) number = number << 8 | mme[4 + i];
    const auto [last, first] = last_number_.try_emplace(key->second.octets, number);
    if (!first && number <= last->second)
      note("has packet number " + std::to_string(number) + " after " +
           std::to_string(last->second));
    last->second = number;
    const Octets mic = bip_mic(key->second.suite, key->second.octets, beacon, mic_size);
    if (!std::equal(mic.begin(), mic.end(), beacon.end() - static_cast<long>(mic_size)))
      return note("does not verify");
    ++verified_[id];
  }
  void note(const std::string& what) {
    faults_ += std::to_string(world_.ports().scheduler->now().us()) + ": a beacon " + what + "\n";
  }

  World& world_;
  const WorldHost& ap_;
  std::map<uint8_t, Key> keys_;
  std::map<Octets, uint64_t> last_number_;  // by the key's octets, whoever installs it how often
  std::map<uint8_t, size_t> verified_;
  std::string faults_;
  size_t before_keys_ = 0;
};

}  // namespace airloom::lab
