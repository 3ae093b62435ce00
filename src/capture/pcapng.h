// Writes a pcapng file block by block: one section, its interfaces, packets with comments.
// Integers are little-endian, times count nanoseconds. It does not know what packets contain.
// [draft-ietf-opsawg-pcapng 4.1, 4.2, 4.3]
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bytes/writer.h"
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

  /// Writes the section header. `sink` must outlive the writer.
  PcapngWriter(ByteSink& sink, std::string_view application);

  /// Announces an interface, whose packets may then follow; ids count from 0.
  InterfaceId add_interface(std::string_view name, LinkType link_type);

  /// Writes a packet, `header` and `body` in one.
  /// @param time_ns  since 1970; @param comment  shown by readers, empty: none
  void write_packet(InterfaceId id, uint64_t time_ns, std::span<const uint8_t> header,
                    std::span<const uint8_t> body, std::string_view comment = {});

  uint32_t interfaces() const { return interfaces_; }

 private:
  void begin_block(uint32_t type);
  void put_option(uint16_t code, std::span<const uint8_t> value);
  void put_option(uint16_t code, std::string_view text);
  void end_options() { writer_.le32(0); }
  void pad();
  void end_block();

  ByteSink& sink_;
  Octets block_;  // the block being built; kept for its capacity
  Writer writer_{block_};
  uint32_t interfaces_ = 0;
};

}  // namespace airloom::capture
