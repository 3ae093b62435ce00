#include "mac80211/cipher_suites.h"

#include <algorithm>
#include <cstring>

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

/// The nonce of either mode; `size` says how much of it counts.
struct Nonce {
  std::array<uint8_t, 13> octets{};
  size_t size = 0;
  std::span<const uint8_t> span() const { return {octets.data(), size}; }
};

Nonce make_nonce(const crypto::Aead& aead, const FrameView& view, uint64_t pn) {
  Nonce nonce;
  if (is_gcm(aead)) {
    const auto value = crypto::gcmp_nonce(view.address2(), pn);
    std::copy(value.begin(), value.end(), nonce.octets.begin());
    nonce.size = value.size();
  } else {
    nonce.octets = crypto::ccmp_nonce(view.tid(), view.fc().is_management(), view.address2(), pn);
    nonce.size = nonce.octets.size();
  }
  return nonce;
}

}  // namespace

Result<void> protect(Key& key, FrameBuffer& mpdu) {
  if (key.is_rc4()) return protect_rc4(key, mpdu);
  if (key.last_tx_pn() >= crypto::kPacketNumberMax) return fail(Errc::kInvalid);
  const uint64_t pn = key.next_tx_pn();
  const auto header_view = FrameView::of(mpdu.octets());
  WLAN_ASSERT(header_view.has_value());
  const size_t header = header_view->header_length();

  auto all = mpdu.push_front(crypto::kCcmpHeaderSize);
  std::memmove(all.data(), all.data() + crypto::kCcmpHeaderSize, header);
  crypto::CcmpHeader{pn, key.index()}.emit(all.subspan(header, crypto::kCcmpHeaderSize));
  all[1] |= FrameControl::kProtected >> 8;
  const size_t body = header + crypto::kCcmpHeaderSize;
  const size_t payload = all.size() - body;
  auto mic = mpdu.push_back(key.mic_size());
  all = mpdu.writable();

  const auto view = FrameView::of(all);
  const auto aad = TRY(crypto::ccmp_aad(all));
  const Nonce nonce = make_nonce(key.aead(), *view, pn);
  crypto::AeadJob job{nonce.span(), aad.span(), all.subspan(body, payload), mic};
  key.aead().seal({&job, 1});
  return job.ok ? Result<void>{} : fail(Errc::kInvalid);
}

std::optional<uint8_t> key_id(const FrameView& view) {
  if (view.body().size() < 4) return std::nullopt;
  return view.body()[3] >> 6;
}

Opened unprotect(Key& key, FrameBuffer& mpdu, size_t counter) {
  if (key.is_rc4()) return unprotect_rc4(key, mpdu, counter);
  const auto shared_view = FrameView::of(mpdu.octets());
  if (!shared_view) return Opened::kMalformed;
  const size_t header = shared_view->header_length();
  const size_t overhead = crypto::kCcmpHeaderSize + key.mic_size();
  if (mpdu.size() < header + overhead) return Opened::kMalformed;
  const auto security = crypto::CcmpHeader::parse(shared_view->body());
  if (!security) return Opened::kMalformed;
  if (security->packet_number <= key.last_rx_pn(counter)) {
    ++key.replays;
    return Opened::kReplay;
  }
  if (!mpdu.is_unique()) mpdu = mpdu.copy();

  auto all = mpdu.writable();
  const auto view = FrameView::of(all);
  const auto aad = crypto::ccmp_aad(all);
  if (!aad) return Opened::kMalformed;
  const Nonce nonce = make_nonce(key.aead(), *view, security->packet_number);
  const size_t body = header + crypto::kCcmpHeaderSize;
  crypto::AeadJob job{nonce.span(), aad->span(),
                      all.subspan(body, all.size() - body - key.mic_size()),
                      all.last(key.mic_size())};
  key.aead().open({&job, 1});
  if (!job.ok) {
    ++key.icv_errors;
    return Opened::kBadMic;
  }
  key.set_last_rx_pn(counter, security->packet_number);
  std::memmove(all.data() + crypto::kCcmpHeaderSize, all.data(), header);
  mpdu.trim_front(crypto::kCcmpHeaderSize);
  mpdu.trim_back(key.mic_size());
  return Opened::kOk;
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
