#include "platform/offload.h"

#include <algorithm>
#include <cstring>

#include "bytes/big_endian.h"
#include "platform/internet_checksum.h"
#include "platform/tcp_frame.h"

namespace airloom::platform {
namespace {

// No TCP sends less, with all its options: a segment size below that would only make frames.
constexpr size_t kSegmentMin = 8;

template <typename T>
T load_native(std::span<const uint8_t> octets, size_t at) {
  T value;
  std::memcpy(&value, octets.data() + at, sizeof value);
  return value;
}

template <typename T>
void store_native(std::span<uint8_t> octets, size_t at, T value) {
  std::memcpy(octets.data() + at, &value, sizeof value);
}

/// What all segments of a frame have in common.
struct Cut {
  TcpFrame tcp;
  size_t segment_octets;
  uint16_t pseudo_sum;  // without the length
};

Result<Cut> plan(const OffloadHeader& header, std::span<const uint8_t> octets, size_t frame_max) {
  const auto tcp = TcpFrame::find(octets);
  if (!tcp) return fail(Errc::kMalformed, "no TCP segment");
  const uint8_t kind = header.segmentation & static_cast<uint8_t>(~OffloadHeader::kEcn);
  if (kind != (tcp->is_ipv6 ? OffloadHeader::kTcpIpv6 : OffloadHeader::kTcpIpv4))
    return fail(Errc::kMalformed, "segmentation of another kind");
  if (header.header_octets > octets.size() || (header.flags & OffloadHeader::kNeedsChecksum) == 0 ||
      header.checksum_from != tcp->tcp_at || header.checksum_at != TcpFrame::kChecksum)
    return fail(Errc::kMalformed, "headers elsewhere than they are");
  if (header.segment_octets < kSegmentMin || tcp->payload_at + header.segment_octets > frame_max)
    return fail(Errc::kMalformed, "segments too small or too large");
  const auto length = static_cast<uint16_t>(octets.size() - tcp->tcp_at);
  const uint16_t with_length = load_be16(octets, tcp->tcp_at + TcpFrame::kChecksum);
  const uint16_t pseudo_sum =
      InternetSum().add16(with_length).add16(static_cast<uint16_t>(~length)).folded();
  return Cut{*tcp, header.segment_octets, pseudo_sum};
}

/// The segment of the payload's octets from `at` on.
FrameBuffer segment(const Cut& cut, std::span<const uint8_t> whole, size_t at, FramePool& pool) {
  const TcpFrame& tcp = cut.tcp;
  const auto payload = whole.subspan(tcp.payload_at + at);
  const auto part = payload.first(std::min(cut.segment_octets, payload.size()));
  FrameBuffer frame = pool.allocate(tcp.payload_at + part.size());
  const auto out = frame.writable();
  std::copy_n(whole.begin(), tcp.payload_at, out.begin());
  std::ranges::copy(part, out.begin() + static_cast<std::ptrdiff_t>(tcp.payload_at));

  if (!tcp.is_ipv6) {
    const size_t id = tcp.ip_at + TcpFrame::kIpv4Id;
    store_be16(out, id, static_cast<uint16_t>(load_be16(out, id) + at / cut.segment_octets));
  }
  tcp.set_length(out, out.size());
  const size_t sequence = tcp.tcp_at + TcpFrame::kSequence;
  store_be32(out, sequence, load_be32(out, sequence) + static_cast<uint32_t>(at));
  uint8_t& flags = out[tcp.tcp_at + TcpFrame::kFlags];
  if (part.size() < payload.size())
    flags &= static_cast<uint8_t>(~(tcp_flag::kFin | tcp_flag::kPsh));
  if (at > 0) flags &= static_cast<uint8_t>(~tcp_flag::kCwr);

  const auto length = static_cast<uint16_t>(out.size() - tcp.tcp_at);
  const size_t checksum = tcp.tcp_at + TcpFrame::kChecksum;
  store_be16(out, checksum, 0);
  store_be16(
      out, checksum,
      InternetSum().add(out.subspan(tcp.tcp_at)).add16(cut.pseudo_sum).add16(length).checksum());
  return frame;
}

}  // namespace

OffloadHeader OffloadHeader::load(const Bytes& from) {
  return {.flags = from[0],
          .segmentation = from[1],
          .header_octets = load_native<uint16_t>(from, 2),
          .segment_octets = load_native<uint16_t>(from, 4),
          .checksum_from = load_native<uint16_t>(from, 6),
          .checksum_at = load_native<uint16_t>(from, 8)};
}

OffloadHeader::Bytes OffloadHeader::store() const {
  Bytes out{flags, segmentation};
  store_native(out, 2, header_octets);
  store_native(out, 4, segment_octets);
  store_native(out, 6, checksum_from);
  store_native(out, 8, checksum_at);
  return out;
}

Result<void> complete_checksum(const OffloadHeader& header, FrameBuffer& frame) {
  if ((header.flags & OffloadHeader::kNeedsChecksum) == 0) return {};
  const size_t field = size_t{header.checksum_from} + header.checksum_at;
  if (field + 2 > frame.size()) return fail(Errc::kMalformed, "a checksum beyond the frame");
  const auto octets = frame.writable();
  // The field holds the pseudo-header's sum, so it is summed with the rest.
  const uint16_t sum = InternetSum().add(octets.subspan(header.checksum_from)).checksum();
  // UDP's 0 means that there is none; for the others both mean the same. [RFC 768]
  store_be16(octets, field, sum == 0 ? 0xffff : sum);
  return {};
}

Result<void> cut_segments(const OffloadHeader& header, std::span<const uint8_t> whole,
                          size_t frame_max, FramePool& pool, std::vector<FrameBuffer>& out) {
  const Cut cut = TRY(plan(header, whole, frame_max));
  const size_t payload_octets = whole.size() - cut.tcp.payload_at;
  for (size_t at = 0; at == 0 || at < payload_octets; at += cut.segment_octets)
    out.push_back(segment(cut, whole, at, pool));
  return {};
}

}  // namespace airloom::platform
