#include "platform/tcp_coalescer.h"

#include <algorithm>

#include "bytes/big_endian.h"

namespace airloom::platform {
namespace {

using Octets = std::span<const uint8_t>;

constexpr size_t kIpPacketMax = 65'535;
constexpr size_t kFramesMax = 128;  // of a train: one write takes all
constexpr size_t kWorthwhile = 64;  // octets of payload: joining less saves nothing
// Ethernet, two tags, IPv6 and the longest TCP header.
constexpr size_t kHeadersMax = 14 + 8 + 40 + 60;

bool same_octets(Octets a, Octets b, size_t from, size_t count) {
  return std::ranges::equal(a.subspan(from, count), b.subspan(from, count));
}

uint8_t flags_of(const TcpFrame& tcp, Octets frame) {
  return frame[tcp.tcp_at + TcpFrame::kFlags];
}

/// Data, with no flag but such as a large segment can have.
bool may_join(const TcpFrame& tcp, Octets frame) {
  constexpr uint8_t kAllowed = tcp_flag::kAck | tcp_flag::kPsh | tcp_flag::kFin | 0x40;  // ECE
  const uint8_t flags = flags_of(tcp, frame);
  return frame.size() > tcp.payload_at && (flags & tcp_flag::kAck) != 0 &&
         (flags & ~kAllowed) == 0 && (frame[tcp.tcp_at + 12] & 0xf) == 0 &&
         tcp.checksums_hold(frame);
}

/// Nothing follows these in a large segment.
bool ends_train(uint8_t flags) {
  return (flags & (tcp_flag::kPsh | tcp_flag::kFin)) != 0;
}

bool is_same_flow(const TcpFrame& tcp, Octets a, Octets b) {
  const size_t addresses =
      tcp.ip_at + (tcp.is_ipv6 ? TcpFrame::kIpv6Addresses : TcpFrame::kIpv4Addresses);
  return same_octets(a, b, 0, tcp.ip_at) &&
         same_octets(a, b, addresses, tcp.tcp_at + 4 - addresses);
}

/// All that segments of one large segment share, but lengths, numbers and checksums.
bool has_same_headers(const TcpFrame& tcp, Octets a, Octets b) {
  const bool same_ip = tcp.is_ipv6
                           ? same_octets(a, b, tcp.ip_at, 4) && same_octets(a, b, tcp.ip_at + 6, 2)
                           : same_octets(a, b, tcp.ip_at, 2) && same_octets(a, b, tcp.ip_at + 6, 3);
  constexpr uint8_t kLastOnly = tcp_flag::kPsh | tcp_flag::kFin;
  const size_t acknowledgement = tcp.tcp_at + 8, window = tcp.tcp_at + 14;
  return same_ip && same_octets(a, b, acknowledgement, 5) && same_octets(a, b, window, 2) &&
         ((flags_of(tcp, a) ^ flags_of(tcp, b)) & ~kLastOnly) == 0 &&
         // The urgent pointer and the options, timestamps among them.
         same_octets(a, b, tcp.tcp_at + 18, tcp.payload_at - tcp.tcp_at - 18);
}

uint16_t id_of(const TcpFrame& tcp, Octets frame) {
  return tcp.is_ipv6 ? 0 : load_be16(frame, tcp.ip_at + TcpFrame::kIpv4Id);
}

}  // namespace

TcpCoalescer::Train* TcpCoalescer::find_flow(const TcpFrame& tcp, Octets frame) {
  const auto end = trains_.begin() + static_cast<std::ptrdiff_t>(used_);
  const auto found = std::find_if(trains_.begin(), end, [&](const Train& train) {
    return train.tcp.tcp_at == tcp.tcp_at && train.tcp.is_ipv6 == tcp.is_ipv6 &&
           is_same_flow(tcp, train.frames.front().octets(), frame);
  });
  return found == end ? nullptr : &*found;
}

void TcpCoalescer::add(FrameBuffer frame) {
  const Octets octets = frame.octets();
  const auto tcp = TcpFrame::find(octets);
  if (!tcp || tcp->has_ip_options) {
    if (tcp || !is_ip(octets)) flush();
    return write_alone(frame);
  }
  Train* train = find_flow(*tcp, octets);
  const bool joins = may_join(*tcp, octets);
  const size_t payload = octets.size() - tcp->payload_at;
  if (train == nullptr) {
    if (!joins || ends_train(flags_of(*tcp, octets)) || payload < kWorthwhile)
      return write_alone(frame);
    return begin(*tcp, std::move(frame));
  }
  const bool follows =
      joins && train->frames.size() < kFramesMax && tcp->payload_at == train->tcp.payload_at &&
      payload <= train->segment_octets && train->octets + payload - tcp->ip_at <= kIpPacketMax &&
      load_be32(octets, tcp->tcp_at + TcpFrame::kSequence) == train->next_sequence &&
      (tcp->is_ipv6 || id_of(*tcp, octets) == train->next_id) &&
      has_same_headers(*tcp, train->frames.front().octets(), octets);
  if (!follows) {
    remove(*train);
    return add(std::move(frame));
  }
  train->octets += payload;
  train->next_sequence += static_cast<uint32_t>(payload);
  ++train->next_id;
  train->last_flags = flags_of(*tcp, octets);
  train->frames.push_back(std::move(frame));
  if (payload < train->segment_octets || ends_train(train->last_flags)) remove(*train);
}

void TcpCoalescer::begin(const TcpFrame& tcp, FrameBuffer frame) {
  if (used_ == kFlows) remove(trains_.front());
  const Octets octets = frame.octets();
  Train& train = trains_[used_++];
  train.tcp = tcp;
  train.segment_octets = octets.size() - tcp.payload_at;
  train.octets = octets.size();
  train.next_sequence = load_be32(octets, tcp.tcp_at + TcpFrame::kSequence) +
                        static_cast<uint32_t>(train.segment_octets);
  train.next_id = static_cast<uint16_t>(id_of(tcp, octets) + 1);
  train.last_flags = flags_of(tcp, octets);
  train.frames.push_back(std::move(frame));
}

void TcpCoalescer::flush() {
  for (size_t i = 0; i < used_; ++i) {
    write(trains_[i]);
    trains_[i].frames.clear();
  }
  used_ = 0;
}

/// Writes a train and makes its place free.
void TcpCoalescer::remove(Train& train) {
  write(train);
  train.frames.clear();
  const auto at = &train - trains_.data();
  const auto end = trains_.begin() + static_cast<std::ptrdiff_t>(used_);
  std::rotate(trains_.begin() + at, trains_.begin() + at + 1, end);
  --used_;
}

void TcpCoalescer::write_alone(const FrameBuffer& frame) {
  const Octets octets = frame.octets();
  write_({}, {&octets, 1});
}

void TcpCoalescer::write(const Train& train) {
  const Octets first = train.frames.front().octets();
  if (train.frames.size() == 1) return write_alone(train.frames.front());
  const TcpFrame& tcp = train.tcp;
  // The first frame may be shared, so its headers are changed in a copy.
  std::array<uint8_t, kHeadersMax> copy;
  const std::span<uint8_t> headers = std::span(copy).first(tcp.payload_at);
  std::copy_n(first.begin(), tcp.payload_at, headers.begin());
  tcp.set_length(headers, train.octets);
  headers[tcp.tcp_at + TcpFrame::kFlags] = train.last_flags;
  store_be16(headers, tcp.tcp_at + TcpFrame::kChecksum,
             tcp.pseudo_sum(headers, train.octets - tcp.tcp_at));

  parts_.assign(1, headers);
  for (const FrameBuffer& frame : train.frames)
    parts_.push_back(frame.octets().subspan(tcp.payload_at));
  write_({.flags = OffloadHeader::kNeedsChecksum,
          .segmentation = tcp.is_ipv6 ? OffloadHeader::kTcpIpv6 : OffloadHeader::kTcpIpv4,
          .header_octets = static_cast<uint16_t>(tcp.payload_at),
          .segment_octets = static_cast<uint16_t>(train.segment_octets),
          .checksum_from = static_cast<uint16_t>(tcp.tcp_at),
          .checksum_at = TcpFrame::kChecksum},
         parts_);
}

}  // namespace airloom::platform
