// Reads a capture file packet by packet: pcapng, and pcap with microseconds or nanoseconds, of
// either byte order. Blocks and options that nobody here needs are passed over. Pure: the octets
// are in memory and outlive the reader. [draft-ietf-opsawg-pcapng 4] [draft-ietf-opsawg-pcap 4]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/reader.h"

namespace airloom::capture {

struct CapturedPacket {
  uint64_t time_ns = 0;  ///< since 1970
  uint16_t link_type = 0;
  uint32_t interface = 0;
  std::span<const uint8_t> octets;
  bool is_cut = false;  ///< the packet was longer
};

class PcapReader {
 public:
  /// @error kMalformed  neither pcap nor pcapng.
  static Result<PcapReader> open(std::span<const uint8_t> file);
  /// The next packet; nothing at the end.
  /// @error kMalformed, kTruncated  the file is broken there.
  Result<std::optional<CapturedPacket>> next();

 private:
  struct Interface {
    uint16_t link_type = 0;
    uint64_t units_per_second = 1'000'000;
  };
  explicit PcapReader(std::span<const uint8_t> file) : file_(file) {}

  template <std::unsigned_integral T>
  Result<T> integer(Reader& reader) const {
    return big_endian_ ? reader.be<T>() : reader.le<T>();
  }
  Result<void> read_pcap_header(uint32_t magic);
  Result<std::optional<CapturedPacket>> next_of_pcap();
  Result<std::optional<CapturedPacket>> read_block();
  Result<void> read_section(Reader body);
  Result<void> read_interface(Reader body);
  Result<CapturedPacket> read_packet(Reader body) const;

  Reader file_;
  bool is_pcapng_ = false;
  bool big_endian_ = false;
  std::vector<Interface> interfaces_;  // of the section
};

}  // namespace airloom::capture
