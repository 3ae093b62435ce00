#include "crypto/ccmp.h"

#include <cstring>

#include "bytes/big_endian.h"

namespace airloom::crypto {

namespace {

constexpr uint8_t kExtIv = 0x20;

// Frame Control, first octet.
constexpr uint8_t kTypeMask = 0x0c;
constexpr uint8_t kTypeData = 0x08;
constexpr uint8_t kSubtypeQos = 0x80;
constexpr uint8_t kDataSubtypeMasked = 0x70;
// Frame Control, second octet.
constexpr uint8_t kToFromDs = 0x03;
constexpr uint8_t kRetryPowerMoreData = 0x38;
constexpr uint8_t kProtected = 0x40;
constexpr uint8_t kOrder = 0x80;

constexpr size_t kThreeAddressHeader = 24;
constexpr size_t kFragmentNumber = 0x0f;
constexpr uint8_t kTid = 0x0f;

void put_big_endian(std::span<uint8_t, 6> out, uint64_t packet_number) {
  store_be16(out, 0, static_cast<uint16_t>(packet_number >> 32));
  store_be32(out, 2, static_cast<uint32_t>(packet_number));
}

}  // namespace

Result<CcmpHeader> CcmpHeader::parse(std::span<const uint8_t> octets) {
  if (octets.size() < kCcmpHeaderSize) return fail(Errc::kTruncated);
  if (!(octets[3] & kExtIv)) return fail(Errc::kMalformed, "no Ext IV");
  CcmpHeader header;
  header.key_id = octets[3] >> 6;
  header.packet_number = octets[0] | uint64_t{octets[1]} << 8;
  for (size_t i = 4; i < 8; ++i) header.packet_number |= uint64_t{octets[i]} << (8 * (i - 2));
  return header;
}

void CcmpHeader::emit(std::span<uint8_t> out) const {
  out[0] = static_cast<uint8_t>(packet_number);
  out[1] = static_cast<uint8_t>(packet_number >> 8);
  out[2] = 0;
  out[3] = static_cast<uint8_t>(kExtIv | key_id << 6);
  for (size_t i = 4; i < 8; ++i) out[i] = static_cast<uint8_t>(packet_number >> (8 * (i - 2)));
}

Result<Aad> ccmp_aad(std::span<const uint8_t> mpdu) {
  if (mpdu.size() < kThreeAddressHeader) return fail(Errc::kTruncated);
  const bool data = (mpdu[0] & kTypeMask) == kTypeData;
  const bool qos = data && (mpdu[0] & kSubtypeQos);
  const bool four_address = (mpdu[1] & kToFromDs) == kToFromDs;
  const size_t qos_at = kThreeAddressHeader + (four_address ? 6 : 0);
  if (mpdu.size() < qos_at + (qos ? 2 : 0)) return fail(Errc::kTruncated);

  Aad aad;
  uint8_t* out = aad.octets.data();
  out[0] = data ? mpdu[0] & ~kDataSubtypeMasked : mpdu[0];
  out[1] = (mpdu[1] & ~(kRetryPowerMoreData | (qos ? kOrder : 0))) | kProtected;
  std::memcpy(out + 2, mpdu.data() + 4, 18);  // addresses 1 to 3
  out[20] = mpdu[22] & kFragmentNumber;
  out[21] = 0;
  size_t at = 22;
  if (four_address) {
    std::memcpy(out + at, mpdu.data() + kThreeAddressHeader, 6);
    at += 6;
  }
  if (qos) {
    out[at++] = mpdu[qos_at] & kTid;
    out[at++] = 0;
  }
  aad.size = static_cast<uint8_t>(at);
  return aad;
}

std::array<uint8_t, 13> ccmp_nonce(uint8_t priority, bool management, const MacAddress& transmitter,
                                   uint64_t packet_number) {
  std::array<uint8_t, 13> nonce;
  nonce[0] = static_cast<uint8_t>((priority & 0x0f) | (management ? 0x10 : 0));
  std::memcpy(nonce.data() + 1, transmitter.octets.data(), 6);
  put_big_endian(std::span(nonce).subspan<7, 6>(), packet_number);
  return nonce;
}

std::array<uint8_t, 12> gcmp_nonce(const MacAddress& transmitter, uint64_t packet_number) {
  std::array<uint8_t, 12> nonce;
  std::memcpy(nonce.data(), transmitter.octets.data(), 6);
  put_big_endian(std::span(nonce).subspan<6, 6>(), packet_number);
  return nonce;
}

}  // namespace airloom::crypto
