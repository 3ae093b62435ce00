// Sends a capture, of the air and perhaps of netlink, over a connection as it grows; what is large
// by memory that the reader shares. A reader that cannot keep up costs memory up to a bound, then
// packets, never time of the world: what was lost is counted.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "daemon/command_protocol.h"
#include "daemon/connection.h"
#include "lab/air_recorder.h"
#include "lab/netlink_recorder.h"
#include "lab/world.h"
#include "platform/shared_slots.h"

namespace airloom::daemon {

class CaptureStream final : public capture::ByteSink {
 public:
  /// World and connection outlive the stream; the reader has the slots, too.
  CaptureStream(lab::World& world, Connection& connection, platform::SharedSlots slots)
      : world_(world), connection_(connection), slots_(std::move(slots)) {}
  /// Sends nothing more: the connection may be on its way out.
  ~CaptureStream() override { closed_ = true; }

  /// @param with_netlink  generic netlink messages, too: of the selected host, or of every one
  void start(const lab::AirSelection& selection, bool with_netlink);
  /// There is room again.
  void flush();
  /// Records no more; what waits leaves before whatever the connection sends next.
  void finish();
  uint64_t frames() const { return frames_; }
  uint64_t messages() const { return messages_; }
  uint64_t lost() const { return lost_; }

 private:
  static constexpr size_t kWaitingMax = 64 * 1024 * 1024;  // octets
  static constexpr size_t kBatch = 64 * 1024;              // octets, where no slot is free
  std::span<uint8_t> open(size_t octets) override;
  void commit(size_t octets, size_t packets) override;
  void send(Octets message);
  interpose::Stamp stamp();

  lab::World& world_;
  Connection& connection_;
  platform::SharedSlots slots_;
  std::optional<uint32_t> slot_;  // that is being filled; none: batch_ is
  Octets batch_;
  std::deque<Octets> waiting_;
  size_t waiting_octets_ = 0;
  uint64_t frames_ = 0;
  uint64_t messages_ = 0;
  uint64_t lost_ = 0;
  uint64_t sequence_ = 0;
  bool closed_ = false;  // nothing more is sent
  std::unique_ptr<capture::PcapngWriter> writer_;
  std::unique_ptr<lab::AirRecorder> air_;
  std::unique_ptr<lab::NetlinkRecorder> netlink_;
};

}  // namespace airloom::daemon
