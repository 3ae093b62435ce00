// Writes a pcapng file: one section, its interfaces, packets with comments. Blocks are written into
// the sink's memory and handed over many at a time, but none waits longer than kPatience. Integers
// are little-endian, times count nanoseconds. It does not know what packets contain.
// [draft-ietf-opsawg-pcapng 4.1, 4.2, 4.3]
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/scheduler.h"
#include "capture/byte_sink.h"

namespace airloom::capture {

/// [draft-ietf-opsawg-pcaplinktype]
enum class LinkType : uint16_t {
  kEthernet = 1,
  kIeee80211Radiotap = 127,
  kNetlink = 253,
};

class PcapngWriter {
 public:
  using InterfaceId = uint32_t;

  /// Writes the section header. Both must outlive the writer.
  PcapngWriter(Scheduler& scheduler, ByteSink& sink, std::string_view application);
  ~PcapngWriter() { flush(); }
  PcapngWriter(const PcapngWriter&) = delete;
  PcapngWriter& operator=(const PcapngWriter&) = delete;

  /// Announces an interface, alone in its batch, whose packets may then follow; ids count from 0.
  InterfaceId add_interface(std::string_view name, LinkType link_type);

  /// Writes a packet, `header` and `body` in one.
  /// @param time_ns  since 1970; @param comment  shown by readers, empty: none
  void write_packet(InterfaceId id, uint64_t time_ns, std::span<const uint8_t> header,
                    std::span<const uint8_t> body, std::string_view comment = {});

  /// Hands over what waits.
  void flush();
  uint32_t interfaces() const { return interfaces_; }

  static constexpr Duration kPatience = std::chrono::milliseconds(10);

 private:
  class Block;

  ByteSink& sink_;
  std::span<uint8_t> batch_;  // the sink's memory; empty: nothing waits
  size_t filled_ = 0;
  size_t packets_ = 0;  // in the batch
  Timer flush_timer_;
  uint32_t interfaces_ = 0;
};

}  // namespace airloom::capture
