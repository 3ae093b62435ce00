// Where a capture's octets go: a file in the daemon, a vector in a test. This layer does no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace airloom::capture {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Takes the next octets of the file: any number of whole blocks, so that whoever reads along
  /// sees no halves. Failures are the sink's to report.
  /// @param packets  that are among them; without any they must not be left out, as later packets
  ///                 refer to what they say.
  /// @param more_follow  soon: there is no haste
  virtual void write(std::span<const uint8_t> octets, size_t packets, bool more_follow) = 0;
};

}  // namespace airloom::capture
