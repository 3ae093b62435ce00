#include "mac80211/cipher_suites.h"

#include <algorithm>
#include <cstring>
#include <expected>

#include "crypto/ccmp.h"
#include "crypto/secret.h"
#include "ieee80211/rsn_element.h"
#include "mac80211/rc4_suites.h"

namespace airloom::mac80211 {

namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;

bool is_gcm(const crypto::Aead& aead) {
  return aead.cipher() == crypto::AeadCipher::kGcmp128 ||
         aead.cipher() == crypto::AeadCipher::kGcmp256;
}

/// Filled in place: what is written by octets is slow to copy right away.
/// @param mpdu  MAC header, security header, payload, MIC.
/// @error kTruncated  it ends within its headers or its MIC
Result<void> fill(CipherInputs& inputs, Key& key, std::span<uint8_t> mpdu, uint64_t packet_number) {
  const auto view = FrameView::of(mpdu);
  const size_t overhead = crypto::kCcmpHeaderSize + key.mic_size();
  if (!view || mpdu.size() < view->header_length() + overhead) return fail(Errc::kTruncated);
  inputs.aad = TRY(crypto::ccmp_aad(mpdu));
  if (is_gcm(key.aead())) {
    const auto nonce = crypto::gcmp_nonce(view->address2(), packet_number);
    std::copy(nonce.begin(), nonce.end(), inputs.nonce.begin());
    inputs.nonce_size = nonce.size();
  } else {
    inputs.nonce = crypto::ccmp_nonce(view->tid(), view->fc().is_management(), view->address2(),
                                      packet_number);
    inputs.nonce_size = inputs.nonce.size();
  }
  inputs.payload = mpdu.subspan(view->header_length() + crypto::kCcmpHeaderSize,
                                mpdu.size() - view->header_length() - overhead);
  inputs.mic = mpdu.last(key.mic_size());
  return {};
}

/// All of protect() but the cipher.
Result<void> begin_protect(Key& key, FrameBuffer& mpdu, CipherInputs& inputs) {
  if (key.last_tx_pn() >= crypto::kPacketNumberMax) return fail(Errc::kInvalid);
  const uint64_t pn = key.next_tx_pn();
  const auto view = FrameView::of(mpdu.octets());
  WLAN_ASSERT(view.has_value());
  const size_t header = view->header_length();
  auto all = mpdu.push_front(crypto::kCcmpHeaderSize);
  std::memmove(all.data(), all.data() + crypto::kCcmpHeaderSize, header);
  crypto::CcmpHeader{pn, key.index()}.emit(all.subspan(header, crypto::kCcmpHeaderSize));
  all[1] |= FrameControl::kProtected >> 8;
  mpdu.push_back(key.mic_size());
  return fill(inputs, key, mpdu.writable(), pn);
}

/// The frame's packet number, if it is newer than all before it.
std::expected<uint64_t, Opened> fresh_packet_number(Key& key, const FrameBuffer& mpdu,
                                                    size_t counter) {
  const auto view = FrameView::of(mpdu.octets());
  const size_t overhead = crypto::kCcmpHeaderSize + key.mic_size();
  if (!view || mpdu.size() < view->header_length() + overhead)
    return std::unexpected(Opened::kMalformed);
  const auto security = crypto::CcmpHeader::parse(view->body());
  if (!security) return std::unexpected(Opened::kMalformed);
  if (security->packet_number > key.last_rx_pn(counter)) return security->packet_number;
  ++key.replays;
  return std::unexpected(Opened::kReplay);
}

/// What follows the cipher.
Opened end_unprotect(Key& key, FrameBuffer& mpdu, size_t counter, uint64_t packet_number, bool ok) {
  if (!ok) {
    ++key.icv_errors;
    return Opened::kBadMic;
  }
  key.set_last_rx_pn(counter, packet_number);
  auto all = mpdu.writable();
  std::memmove(all.data() + crypto::kCcmpHeaderSize, all.data(),
               FrameView::of(all)->header_length());
  mpdu.trim_front(crypto::kCcmpHeaderSize);
  mpdu.trim_back(key.mic_size());
  return Opened::kOk;
}

/// Runs a cipher over items of one key after another, as many at once as lie side by side.
template <typename Item, typename Run>
void run_in_bursts(std::vector<Item>& items, Run&& run) {
  if (items.size() == 1) {  // without an array of jobs
    crypto::AeadJob job = items.front().inputs.job();
    return run(std::span(items), std::span(&job, 1));
  }
  constexpr size_t kBurstMax = 32;
  std::array<crypto::AeadJob, kBurstMax> jobs;
  for (size_t begin = 0; begin < items.size();) {
    size_t count = 0;
    while (begin + count < items.size() && count < kBurstMax &&
           items[begin + count].key == items[begin].key) {
      jobs[count] = items[begin + count].inputs.job();
      ++count;
    }
    run(std::span(items).subspan(begin, count), std::span(jobs).first(count));
    begin += count;
  }
}

}  // namespace

Result<void> protect(Key& key, FrameBuffer& mpdu) {
  if (key.is_rc4()) return protect_rc4(key, mpdu);
  CipherInputs inputs;
  TRY(begin_protect(key, mpdu, inputs));
  auto job = inputs.job();
  key.aead().seal({&job, 1});
  return job.ok ? Result<void>{} : fail(Errc::kInvalid);
}

Result<void> Sealing::add(Key& key, FrameBuffer& mpdu) {
  if (key.is_rc4()) return protect_rc4(key, mpdu);
  Item& item = items_.emplace_back();
  item.key = &key;
  const auto begun = begin_protect(key, mpdu, item.inputs);
  if (!begun) items_.pop_back();
  return begun;
}

void Sealing::finish() {
  run_in_bursts(items_, [](std::span<Item> items, std::span<crypto::AeadJob> jobs) {
    const size_t sealed = items.front().key->aead().seal(jobs);
    WLAN_ASSERT(sealed == jobs.size());  // the sizes are ours
  });
  items_.clear();
}

std::optional<uint8_t> key_id(const FrameView& view) {
  if (view.body().size() < 4) return std::nullopt;
  return view.body()[3] >> 6;
}

Opened unprotect(Key& key, FrameBuffer& mpdu, size_t counter) {
  if (key.is_rc4()) return unprotect_rc4(key, mpdu, counter);
  const auto packet_number = fresh_packet_number(key, mpdu, counter);
  if (!packet_number) return packet_number.error();
  if (!mpdu.is_unique()) mpdu = mpdu.copy();
  CipherInputs inputs;
  if (!fill(inputs, key, mpdu.writable(), *packet_number)) return Opened::kMalformed;
  auto job = inputs.job();
  key.aead().open({&job, 1});
  return end_unprotect(key, mpdu, counter, *packet_number, job.ok);
}

void Opening::add(Key* key, const FrameBuffer& mpdu) {
  Item& item = items_.emplace_back();
  const auto view = FrameView::of(mpdu.octets());
  if (key == nullptr || !view) return;
  const auto security = crypto::CcmpHeader::parse(view->body());
  if (!security) return;
  FrameBuffer copy = mpdu.copy();
  if (!fill(item.inputs, *key, copy.writable(), security->packet_number)) return;
  item.key = key;
  item.key_serial = key->serial();
  item.mpdu = std::move(copy);
}

void Opening::finish() {
  run_in_bursts(items_, [](std::span<Item> items, std::span<crypto::AeadJob> jobs) {
    if (items.front().key == nullptr) return;
    items.front().key->aead().open(jobs);
    for (size_t i = 0; i < items.size(); ++i) items[i].ok = jobs[i].ok;
  });
}

Opened Opening::unprotect(size_t index, Key& key, FrameBuffer& mpdu, size_t counter) {
  if (index >= items_.size() || items_[index].key != &key ||
      items_[index].key_serial != key.serial())
    return mac80211::unprotect(key, mpdu, counter);
  const auto packet_number = fresh_packet_number(key, mpdu, counter);
  if (!packet_number) return packet_number.error();
  mpdu = std::move(items_[index].mpdu);
  return end_unprotect(key, mpdu, counter, *packet_number, items_[index].ok);
}

namespace {

/// Frame Control (Retry, Power Management and More Data masked) and the three addresses.
/// [802.11-2020 12.5.4.3]
std::array<uint8_t, 20> bip_aad(std::span<const uint8_t> mpdu) {
  constexpr uint8_t kMasked =
      (FrameControl::kRetry | FrameControl::kPowerManagement | FrameControl::kMoreData) >> 8;
  std::array<uint8_t, 20> aad;
  aad[0] = mpdu[0];
  aad[1] = mpdu[1] & static_cast<uint8_t>(~kMasked);
  std::copy_n(mpdu.begin() + 4, 18, aad.begin() + 2);
  return aad;
}

constexpr size_t kHeader = 24;

/// BIP-GMAC's: the transmitter's address and the element's IPN, high octet first.
/// [802.11-2020 12.5.4.5]
std::array<uint8_t, 12> bip_nonce(const Key& key, std::span<const uint8_t> mpdu) {
  std::array<uint8_t, 12> nonce;
  std::copy_n(mpdu.begin() + 10, 6, nonce.begin());
  const auto packet_number = mpdu.last(6 + key.mic_size()).first(6);
  std::reverse_copy(packet_number.begin(), packet_number.end(), nonce.begin() + 6);
  return nonce;
}

/// The MIC over AAD and body, the MIC field counting as zero, and a beacon's timestamp too.
void compute_bip(Key& key, std::span<const uint8_t> mpdu, std::span<uint8_t> out) {
  Octets input;
  const auto aad = bip_aad(mpdu);
  Writer writer(input);
  writer.bytes(aad).bytes(mpdu.subspan(kHeader));
  const FrameControl fc(static_cast<uint16_t>(mpdu[0] | mpdu[1] << 8));
  if (fc.is_beacon() && input.size() >= aad.size() + 8)
    std::fill_n(input.begin() + aad.size(), 8, uint8_t{0});
  std::fill_n(input.end() - static_cast<std::ptrdiff_t>(key.mic_size()), key.mic_size(),
              uint8_t{0});
  const auto mic = key.management_mic(bip_nonce(key, mpdu), input);
  std::copy_n(mic.begin(), out.size(), out.begin());
}

}  // namespace

void add_management_mic(Key& key, Octets& mpdu) {
  ieee80211::ManagementMicElement element;
  element.key_id = key.index();
  const uint64_t pn = key.next_tx_pn();
  for (size_t i = 0; i < 6; ++i) element.packet_number[i] = static_cast<uint8_t>(pn >> (8 * i));
  element.mic.assign(key.mic_size(), 0);
  Writer writer(mpdu);
  ieee80211::emit_element(writer, element);
  std::array<uint8_t, 16> mic{};
  compute_bip(key, mpdu, std::span(mic).first(key.mic_size()));
  std::copy_n(mic.begin(), key.mic_size(),
              mpdu.end() - static_cast<std::ptrdiff_t>(key.mic_size()));
}

std::optional<uint16_t> management_mic_key_id(const FrameView& view) {
  const auto octets = view.octets();
  for (size_t length :
       {ieee80211::ManagementMicElement::kLength8, ieee80211::ManagementMicElement::kLength16}) {
    if (octets.size() < kHeader + length) continue;
    const auto tail = octets.last(length);
    if (tail[0] == static_cast<uint8_t>(ieee80211::ElementId::kManagementMic) &&
        tail[1] == length - 2)
      return static_cast<uint16_t>(tail[2] | tail[3] << 8);
  }
  return std::nullopt;
}

Opened check_management_mic(Key& key, const FrameView& view) {
  const size_t length = 10 + key.mic_size();
  const auto octets = view.octets();
  if (!key.is_bip() || octets.size() < kHeader + length) return Opened::kMalformed;
  const auto tail = octets.last(length);
  if (tail[0] != static_cast<uint8_t>(ieee80211::ElementId::kManagementMic) ||
      tail[1] != length - 2)
    return Opened::kMalformed;
  uint64_t pn = 0;
  for (size_t i = 0; i < 6; ++i) pn |= uint64_t{tail[4 + i]} << (8 * i);
  if (pn <= key.last_rx_pn(0)) {
    ++key.replays;
    return Opened::kReplay;
  }
  std::array<uint8_t, 16> mic{};
  compute_bip(key, octets, std::span(mic).first(key.mic_size()));
  if (!crypto::equal_constant_time(std::span(mic).first(key.mic_size()),
                                   tail.last(key.mic_size()))) {
    ++key.icv_errors;
    return Opened::kBadMic;
  }
  key.set_last_rx_pn(0, pn);
  return Opened::kOk;
}

}  // namespace airloom::mac80211
