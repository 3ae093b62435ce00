#include "tunnel/frame_info.h"

#include <algorithm>

namespace airloom::tunnel {
namespace {

using mac80211::RateInfo;

constexpr uint16_t kFirstWlan = 0x0001;  // the tunnel has one

// Flags of a rate: the guard interval of HE in the low bits.
constexpr uint8_t kShortGi = 0x04;
constexpr uint8_t kDcm = 0x08;

// Flags of a frame.
constexpr uint8_t kShortPreamble = 0x01;
constexpr uint8_t kNoAck = 0x02;
constexpr uint8_t kWantsReport = 0x04;

uint16_t rate_100kbps(const RateInfo& rate) {
  return static_cast<uint16_t>(std::min<uint32_t>(cfg80211::bitrate_100kbps(rate), 0xffff));
}

}  // namespace

Result<RateInfo> parse_rate(Reader& reader) {
  RateInfo rate;
  const uint8_t kind = TRY(reader.u8());
  if (kind > static_cast<uint8_t>(RateInfo::Kind::kHe)) return fail(Errc::kMalformed);
  rate.kind = static_cast<RateInfo::Kind>(kind);
  const uint16_t value = TRY(reader.be16());
  const uint8_t flags = TRY(reader.u8());
  if (rate.kind == RateInfo::Kind::kLegacy) {
    rate.legacy_100kbps = value;
    return rate;
  }
  rate.mcs = static_cast<uint8_t>(value >> 8);
  rate.nss = static_cast<uint8_t>(value & 0x0f);
  rate.width_mhz = 20 << std::min(value >> 4 & 0x0f, 3);
  rate.short_gi = (flags & kShortGi) != 0;
  rate.he_gi = flags & 0x03;
  rate.he_dcm = (flags & kDcm) != 0;
  return rate;
}

void emit_rate(Writer& writer, const RateInfo& rate) {
  writer.u8(static_cast<uint8_t>(rate.kind));
  if (rate.kind == RateInfo::Kind::kLegacy) {
    writer.be16(rate.legacy_100kbps).u8(0);
    return;
  }
  uint8_t width = 0;
  while (width < 3 && 20 << width < rate.width_mhz) ++width;
  writer.be16(static_cast<uint16_t>(rate.mcs << 8 | width << 4 | (rate.nss & 0x0f)));
  writer.u8(static_cast<uint8_t>((rate.he_gi & 0x03) | (rate.short_gi ? kShortGi : 0) |
                                 (rate.he_dcm ? kDcm : 0)));
}

Result<RxInfo> RxInfo::parse(Reader reader) {
  RxInfo info;
  info.signal_dbm = static_cast<int8_t>(TRY(reader.u8()));
  info.snr_db = TRY(reader.u8());
  TRY(reader.be16());  // the rate, which comes again whole
  info.number = TRY(reader.be32());
  info.tsf_us = TRY(reader.be64());
  info.mhz = TRY(reader.be16());
  info.rate = TRY(parse_rate(reader));
  info.short_preamble = (TRY(reader.u8()) & kShortPreamble) != 0;
  return info;
}

void RxInfo::emit(Writer& writer) const {
  writer.u8(static_cast<uint8_t>(signal_dbm)).u8(snr_db).be16(rate_100kbps(rate));
  writer.be32(number).be64(tsf_us).be16(mhz);
  emit_rate(writer, rate);
  writer.u8(short_preamble ? kShortPreamble : 0);
}

Result<TxInfo> TxInfo::parse(Reader reader) {
  TxInfo info;
  TRY(reader.be32());  // the WLANs: there is one
  info.number = TRY(reader.be32());
  info.mhz = TRY(reader.be16());
  info.rate = TRY(parse_rate(reader));
  info.tries = TRY(reader.u8());
  const uint8_t flags = TRY(reader.u8());
  info.short_preamble = (flags & kShortPreamble) != 0;
  info.no_ack = (flags & kNoAck) != 0;
  info.wants_report = (flags & kWantsReport) != 0;
  return info;
}

void TxInfo::emit(Writer& writer) const {
  writer.be16(kFirstWlan).be16(0);
  writer.be32(number).be16(mhz);
  emit_rate(writer, rate);
  writer.u8(tries).u8(static_cast<uint8_t>((short_preamble ? kShortPreamble : 0) |
                                           (no_ack ? kNoAck : 0) |
                                           (wants_report ? kWantsReport : 0)));
}

}  // namespace airloom::tunnel
