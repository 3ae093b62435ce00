// The data channel: 802.11 frames as numbered native frames, cut to what the road takes, put
// together and in order at the other end; and keep-alives. [RFC 5415 4.4] [RFC 5416 2, 4]
#pragma once

#include <functional>
#include <span>

#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "tunnel/control_message.h"
#include "tunnel/counters.h"
#include "tunnel/reassembler.h"
#include "tunnel/sequencer.h"

namespace airloom::tunnel {

/// A datagram without options over IPv4 on Ethernet, less what DTLS puts around it.
constexpr size_t kDatagramMaxDefault = 1400;
/// Of an IPv6 path of 576 octets, which only a misconfigured one is, with DTLS: headers still fit.
constexpr size_t kDatagramMaxLeast = 400;
constexpr size_t kDatagramMaxMost = 9000;

/// @tparam In   what comes beside the other end's frames: RxInfo or TxInfo
/// @tparam Out  what goes beside this end's
template <typename In, typename Out>
class DataChannel {
 public:
  struct Received {
    In info;
    FrameBuffer frame;
  };
  struct Ports {
    std::function<void(std::span<const uint8_t>)> send;  ///< a datagram
    std::function<void(Received)> on_frame;
    std::function<void(const SessionId&)> on_keep_alive;
    std::function<void(FrameNumber)> on_lost;  ///< of a frame of the other end's; may be null
  };

  /// All outlive it.
  DataChannel(Scheduler& scheduler, FramePool& pool, Counters& counters, Ports ports)
      : pool_(pool),
        counters_(counters),
        ports_(std::move(ports)),
        reassembler_(scheduler, counters),
        in_order_(
            scheduler, counters,
            [this](Received received) { ports_.on_frame(std::move(received)); }, ports_.on_lost) {}

  /// A new session: numbers begin anew.
  void reset() {
    last_number_ = 0;
    reassembler_.clear();
    in_order_.reset();
  }
  void set_datagram_max(size_t octets) {
    datagram_max_ = std::clamp(octets, kDatagramMaxLeast, kDatagramMaxMost);
  }
  size_t datagram_max() const { return datagram_max_; }

  /// Sends a frame. @return its number.
  FrameNumber send(Out info, std::span<const uint8_t> frame) {
    info.number = ++last_number_;
    wireless_.clear();
    Writer writer(wireless_);
    info.emit(writer);
    const CapwapHeader header{
        .native = true, .fragment_id = static_cast<uint16_t>(info.number), .wireless = wireless_};
    size_t datagrams = 0;
    cut(header, frame, datagram_max_, datagram_, [&](std::span<const uint8_t> datagram) {
      ++datagrams;
      ports_.send(datagram);
    });
    counters_.add(Count::kFramesSent);
    if (datagrams > 1) counters_.add(Count::kFragmentsSent, datagrams);
    return info.number;
  }

  void send_keep_alive(const SessionId& session) {
    datagram_.clear();
    Writer writer(datagram_);
    CapwapHeader{.keep_alive = true}.emit(writer);
    emit_keep_alive(writer, session);
    ports_.send(datagram_);
  }

  void on_datagram(std::span<const uint8_t> datagram) {
    Reader reader(datagram);
    const auto header = CapwapHeader::parse(reader);
    if (!header) return counters_.add(Count::kMalformed);
    if (header->keep_alive) {
      const auto session = parse_keep_alive(reader);
      if (!session) return counters_.add(Count::kMalformed);
      return ports_.on_keep_alive(*session);
    }
    if (!header->native || header->binding != kBindingIeee80211)
      return counters_.add(Count::kMalformed);
    if (!header->fragment) return on_message(header->wireless, reader.rest());
    if (const auto whole = reassembler_.add(*header, reader.rest()))
      on_message(whole->wireless, whole->payload);
  }

 private:
  void on_message(std::span<const uint8_t> wireless, std::span<const uint8_t> frame) {
    const auto info = In::parse(Reader(wireless));
    if (!info || frame.empty() || frame.size() > kFrameMax) return counters_.add(Count::kMalformed);
    counters_.add(Count::kFramesReceived);
    in_order_.add(info->number, Received{*info, pool_.from(frame)});
  }

  static constexpr size_t kFrameMax = 11454;  // the longest MPDU [802.11-2020 Table 9-34]

  FramePool& pool_;
  Counters& counters_;
  Ports ports_;
  size_t datagram_max_ = kDatagramMaxDefault;
  FrameNumber last_number_ = 0;
  Reassembler reassembler_;
  Sequencer<Received> in_order_;
  Octets wireless_, datagram_;  // kept for their memory
};

}  // namespace airloom::tunnel
