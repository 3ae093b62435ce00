// The two ends of the connection between a host and its FullMAC radio, as a bus with a mailbox and
// rings gives them. The host's calls run at once; what the firmware sends comes later, in order.
#pragma once

#include <span>

#include "bytes/frame_buffer.h"
#include "bytes/writer.h"

namespace airloom::fullmac {

/// The firmware's end, as the host sees it.
class FirmwareEnd {
 public:
  virtual ~FirmwareEnd() = default;
  /// Asks, and returns the confirmation. A firmware that has died returns nothing.
  virtual Octets request(std::span<const uint8_t> message) = 0;
  /// Data messages, oldest first; taken over.
  virtual void send(std::span<FrameBuffer> messages) = 0;
};

/// The host's end, as the link sees it: events and data, oldest first.
class HostEnd {
 public:
  virtual ~HostEnd() = default;
  virtual void on_message(FrameBuffer message) = 0;
};

/// What the firmware has to say to the host, as the firmware sees it.
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  virtual void post(FrameBuffer message) = 0;
};

}  // namespace airloom::fullmac
