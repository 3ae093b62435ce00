#include "mac80211/rc4_suites.h"

#include <algorithm>
#include <cstring>

#include "crypto/ccmp.h"
#include "crypto/secret.h"
#include "crypto/tkip.h"

namespace airloom::mac80211 {

namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;

constexpr size_t kWepHeader = 4, kTkipHeader = 8, kIcv = 4;
constexpr uint8_t kExtIv = 0x20;

size_t header_size(const Key& key) {
  return key.is_tkip() ? kTkipHeader : kWepHeader;
}

/// What RC4 is keyed with for a frame.
struct FrameKey {
  std::array<uint8_t, 16> octets{};
  size_t size = 0;
  std::span<const uint8_t> span() const { return {octets.data(), size}; }
};

FrameKey tkip_frame_key(const Key& key, const MacAddress& transmitter, uint64_t pn) {
  const std::span<const uint8_t, 16> tk(key.rc4_key());
  const auto phase1 = crypto::tkip_phase1(tk, transmitter, static_cast<uint32_t>(pn >> 16));
  return {crypto::tkip_phase2(tk, phase1, static_cast<uint16_t>(pn)), 16};
}

/// The IV, then the key. [802.11-2020 12.3.2.3]
FrameKey wep_frame_key(const Key& key, std::span<const uint8_t> iv) {
  FrameKey frame_key{{}, 3 + key.rc4_key().size()};
  std::copy_n(iv.begin(), 3, frame_key.octets.begin());
  std::copy(key.rc4_key().begin(), key.rc4_key().end(), frame_key.octets.begin() + 3);
  return frame_key;
}

/// IVs that give RC4 keys away. (Fluhrer, Mantin, Shamir 2001)
bool is_weak_iv(uint64_t iv, size_t key_size) {
  const uint64_t first = iv >> 16 & 0xff;
  return (iv & 0xff00) == 0xff00 && first >= 3 && first < 3 + key_size;
}

uint64_t next_wep_iv(Key& key) {
  uint64_t iv = key.next_tx_pn();
  while (is_weak_iv(iv, key.rc4_key().size())) iv = key.next_tx_pn();
  return iv;
}

/// Writes the security header and returns the frame's key.
FrameKey emit_header(Key& key, const MacAddress& transmitter, std::span<uint8_t> out) {
  if (!key.is_tkip()) {
    const uint64_t iv = next_wep_iv(key);
    for (int i = 0; i < 3; ++i)
      out[static_cast<size_t>(i)] = static_cast<uint8_t>(iv >> (16 - 8 * i));
    out[3] = static_cast<uint8_t>(key.index() << 6);
    return wep_frame_key(key, out);
  }
  const uint64_t pn = key.next_tx_pn();
  const FrameKey frame_key = tkip_frame_key(key, transmitter, pn);
  std::copy_n(frame_key.octets.begin(), 3, out.begin());
  out[3] = static_cast<uint8_t>(kExtIv | key.index() << 6);
  for (size_t i = 4; i < 8; ++i) out[i] = static_cast<uint8_t>(pn >> (8 * (i - 2)));
  return frame_key;
}

/// Priority as Michael takes it, and the addresses of the MSDU.
crypto::MichaelMic michael_of(std::span<const uint8_t, 8> key, const FrameView& view,
                              std::span<const uint8_t> msdu) {
  return crypto::michael_of_msdu(key, view.destination(), view.source(), view.tid(), msdu);
}

/// Data, and the third frame of a shared key authentication.
bool may_be_rc4(const FrameControl& fc) {
  return fc.is_data() || fc.is(ieee80211::Subtype::kAuthentication);
}

}  // namespace

std::optional<uint64_t> packet_number(const Key& key, const FrameView& view) {
  const auto body = view.body();
  if (key.is_wep() || body.size() < 8) return std::nullopt;
  uint64_t pn = 0;
  for (size_t i = 4; i < 8; ++i) pn |= uint64_t{body[i]} << (8 * (i - 2));
  const bool tkip = key.is_tkip();
  return pn | uint64_t{body[tkip ? 0 : 1]} << 8 | body[tkip ? 2 : 0];
}

Result<void> protect_rc4(Key& key, FrameBuffer& mpdu) {
  if (key.last_tx_pn() >= crypto::kPacketNumberMax) return fail(Errc::kInvalid);
  const auto view = FrameView::of(mpdu.octets());
  WLAN_ASSERT(view.has_value());
  const size_t header = view->header_length(), security = header_size(key);
  const MacAddress transmitter = view->address2();
  auto all = mpdu.push_front(security);
  std::memmove(all.data(), all.data() + security, header);
  all[1] |= FrameControl::kProtected >> 8;
  const FrameKey frame_key = emit_header(key, transmitter, all.subspan(header, security));
  const auto icv = crypto::crc32_icv(all.subspan(header + security));
  const auto end = mpdu.push_back(kIcv);
  std::copy(icv.begin(), icv.end(), end.begin());
  key.rc4().apply(frame_key.span(), mpdu.writable().subspan(header + security));
  return {};
}

Opened unprotect_rc4(Key& key, FrameBuffer& mpdu, size_t counter) {
  const auto shared = FrameView::of(mpdu.octets());
  if (!shared || !may_be_rc4(shared->fc())) return Opened::kMalformed;
  const size_t header = shared->header_length(), security = header_size(key);
  if (mpdu.size() < header + security + kIcv) return Opened::kMalformed;
  if (key.is_tkip() && (shared->body()[3] & kExtIv) == 0) return Opened::kMalformed;
  const auto pn = packet_number(key, *shared);
  if (pn && *pn <= key.last_rx_pn(counter)) {
    ++key.replays;
    return Opened::kReplay;
  }
  if (!mpdu.is_unique()) mpdu = mpdu.copy();
  auto all = mpdu.writable();
  const auto view = FrameView::of(all);
  const FrameKey frame_key =
      key.is_tkip() ? tkip_frame_key(key, view->address2(), *pn) : wep_frame_key(key, view->body());
  auto payload = all.subspan(header + security);
  key.rc4().apply(frame_key.span(), payload);
  const auto icv = crypto::crc32_icv(payload.first(payload.size() - kIcv));
  if (!crypto::equal_constant_time(icv, payload.last(kIcv))) {
    ++key.icv_errors;
    return Opened::kBadMic;
  }
  std::memmove(all.data() + security, all.data(), header);
  mpdu.trim_front(security);
  mpdu.trim_back(kIcv);
  return Opened::kOk;
}

void add_michael(Key& key, FrameBuffer& mpdu) {
  const auto view = FrameView::of(mpdu.octets());
  WLAN_ASSERT(view.has_value());
  const auto mic = michael_of(key.michael_tx_key(), *view, view->body());
  const auto end = mpdu.push_back(mic.size());
  std::copy(mic.begin(), mic.end(), end.begin());
}

Opened check_michael(Key& key, FrameBuffer& mpdu) {
  const auto view = FrameView::of(mpdu.octets());
  if (!view || view->body().size() < crypto::kMichaelSize) return Opened::kMalformed;
  const auto body = view->body();
  const auto mic =
      michael_of(key.michael_rx_key(), *view, body.first(body.size() - crypto::kMichaelSize));
  if (!crypto::equal_constant_time(mic, body.last(crypto::kMichaelSize))) return Opened::kBadMic;
  mpdu.trim_back(crypto::kMichaelSize);
  return Opened::kOk;
}

}  // namespace airloom::mac80211
