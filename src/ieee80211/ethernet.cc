#include "ieee80211/ethernet.h"

#include <algorithm>

#include "base/assert.h"

namespace airloom::ieee80211 {

Result<EthernetHeader> EthernetHeader::parse(Reader& reader) {
  if (reader.remaining() < kEthernetHeaderLength)
    return fail(Errc::kTruncated, "no Ethernet header");
  EthernetHeader header;
  header.destination = TRY(reader.mac());
  header.source = TRY(reader.mac());
  header.type = TRY(reader.be16());
  return header;
}

std::span<const uint8_t> snap_header_for(uint16_t type) {
  if (type == ethertype::kAppleTalkArp || type == ethertype::kIpx) return kBridgeTunnelHeader;
  if (type >= ethertype::kFirst) return kRfc1042Header;
  return {};
}

std::optional<uint16_t> ethertype_behind_snap(std::span<const uint8_t> msdu) {
  if (msdu.size() < kSnapLength + 2) return std::nullopt;
  const auto type = static_cast<uint16_t>(msdu[6] << 8 | msdu[7]);
  const auto snap = msdu.first(kSnapLength);
  const bool only_bridge_tunnel = type == ethertype::kAppleTalkArp || type == ethertype::kIpx;
  if (std::ranges::equal(snap, kBridgeTunnelHeader)) return type;
  if (std::ranges::equal(snap, kRfc1042Header) && !only_bridge_tunnel) return type;
  return std::nullopt;
}

Result<AmsduReader> AmsduReader::open(std::span<const uint8_t> body) {
  if (body.size() >= kSnapLength && std::ranges::equal(body.first(kSnapLength), kRfc1042Header))
    return fail(Errc::kMalformed, "an A-MSDU that begins with LLC/SNAP");
  return AmsduReader(body);
}

Result<std::optional<AmsduSubframe>> AmsduReader::next() {
  if (rest_.empty()) return std::nullopt;
  Reader reader(rest_);
  const auto header = EthernetHeader::parse(reader);
  if (!header || header->type > reader.remaining()) {
    rest_ = {};
    return fail(Errc::kMalformed, "an A-MSDU subframe exceeds its frame");
  }
  AmsduSubframe subframe{header->destination, header->source, reader.rest().first(header->type)};
  const size_t padded = (kEthernetHeaderLength + header->type + 3) & ~size_t{3};
  rest_ = rest_.subspan(std::min(padded, rest_.size()));
  return subframe;
}

void emit_amsdu_subframe(Writer& writer, size_t amsdu_start, const AmsduSubframe& subframe) {
  writer.zeros((4 - (writer.size() - amsdu_start) % 4) % 4);
  writer.mac(subframe.destination).mac(subframe.source);
  writer.be16(static_cast<uint16_t>(subframe.msdu.size())).bytes(subframe.msdu);
}

}  // namespace airloom::ieee80211
