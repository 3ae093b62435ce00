// The radiotap header that goes before a frame in captures and in injection: how it was or is to
// be sent. The fields of the first presence word are values; further words and vendor namespaces
// are passed over. [radiotap.org/fields/defined]
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::ieee80211 {

namespace radiotap_flag {
constexpr uint8_t kShortPreamble = 0x02;
constexpr uint8_t kWep = 0x04;
constexpr uint8_t kFragment = 0x08;  // injection: the kernel may fragment
constexpr uint8_t kFcsAtEnd = 0x10;
constexpr uint8_t kDataPad = 0x20;
constexpr uint8_t kBadFcs = 0x40;
}  // namespace radiotap_flag

namespace radiotap_channel {
constexpr uint16_t kCck = 0x0020;
constexpr uint16_t kOfdm = 0x0040;
constexpr uint16_t k2GHz = 0x0080;
constexpr uint16_t k5GHz = 0x0100;
constexpr uint16_t kDynamic = 0x0400;
constexpr uint16_t kHalf = 0x4000;
constexpr uint16_t kQuarter = 0x8000;
}  // namespace radiotap_channel

namespace radiotap_tx {
constexpr uint16_t kFailed = 0x0001;
constexpr uint16_t kCtsToSelf = 0x0002;
constexpr uint16_t kRts = 0x0004;
constexpr uint16_t kNoAck = 0x0008;
constexpr uint16_t kNoSequence = 0x0010;
constexpr uint16_t kOrder = 0x0020;
}  // namespace radiotap_tx

struct RadiotapChannel {
  uint16_t mhz = 0;
  uint16_t flags = 0;
  friend bool operator==(const RadiotapChannel&, const RadiotapChannel&) = default;
};

struct RadiotapMcs {
  static constexpr uint8_t kKnowsBandwidth = 0x01;
  static constexpr uint8_t kKnowsMcs = 0x02;
  static constexpr uint8_t kKnowsGi = 0x04;
  static constexpr uint8_t kWidth40 = 0x01;  // in `flags`
  static constexpr uint8_t kShortGi = 0x04;  // in `flags`
  uint8_t known = 0;
  uint8_t flags = 0;
  uint8_t mcs = 0;
  friend bool operator==(const RadiotapMcs&, const RadiotapMcs&) = default;
};

struct RadiotapAmpdu {
  static constexpr uint16_t kLastKnown = 0x0004;
  static constexpr uint16_t kLast = 0x0008;
  uint32_t reference = 0;  // equal for the subframes of one A-MPDU
  uint16_t flags = 0;
  uint8_t delimiter_crc = 0;
  uint8_t reserved = 0;
  static RadiotapAmpdu of(uint32_t reference, bool last) {
    return {.reference = reference,
            .flags = static_cast<uint16_t>(kLastKnown | (last ? kLast : uint16_t{0}))};
  }
  friend bool operator==(const RadiotapAmpdu&, const RadiotapAmpdu&) = default;
};

struct RadiotapVht {
  static constexpr uint16_t kKnowsGi = 0x0004;
  static constexpr uint16_t kKnowsBandwidth = 0x0040;
  static constexpr uint8_t kShortGi = 0x04;  // in `flags`
  uint16_t known = 0;
  uint8_t flags = 0;
  uint8_t bandwidth = 0;             // 0: 20, 1: 40, 4: 80, 11: 160 MHz
  std::array<uint8_t, 4> mcs_nss{};  // per user: MCS in the high half, streams in the low
  uint8_t coding = 0;
  uint8_t group_id = 0;
  uint16_t partial_aid = 0;
  friend bool operator==(const RadiotapVht&, const RadiotapVht&) = default;
};

/// The six data words as they are: [radiotap.org/fields/HE].
struct RadiotapHe {
  static constexpr uint16_t kKnowsMcs = 0x0020;        // data[0]
  static constexpr uint16_t kKnowsDcm = 0x0040;        // data[0]
  static constexpr uint16_t kKnowsBandwidth = 0x4000;  // data[0]
  static constexpr uint16_t kKnowsGi = 0x0002;         // data[1]
  std::array<uint16_t, 6> data{};
  friend bool operator==(const RadiotapHe&, const RadiotapHe&) = default;
};

struct RadiotapTimestamp {
  uint64_t timestamp = 0;
  uint16_t accuracy = 0;
  uint8_t unit_and_position = 0;
  uint8_t flags = 0;
  friend bool operator==(const RadiotapTimestamp&, const RadiotapTimestamp&) = default;
};

struct RadiotapHeader {
  std::optional<uint64_t> tsft_us;
  std::optional<uint8_t> flags;
  std::optional<uint8_t> rate_500kbps;
  std::optional<RadiotapChannel> channel;
  std::optional<int8_t> signal_dbm;
  std::optional<int8_t> noise_dbm;
  std::optional<int8_t> tx_power_dbm;
  std::optional<uint8_t> antenna;
  std::optional<uint16_t> rx_flags;
  std::optional<uint16_t> tx_flags;
  std::optional<uint8_t> data_retries;
  std::optional<RadiotapMcs> mcs;
  std::optional<RadiotapAmpdu> ampdu;
  std::optional<RadiotapVht> vht;
  std::optional<RadiotapTimestamp> timestamp;
  std::optional<RadiotapHe> he;

  /// Reads the header and leaves `reader` at the frame.
  /// @error kMalformed, kTruncated  lengths do not fit; kUnsupported  another version
  static Result<RadiotapHeader> parse(Reader& reader);
  void emit(Writer& writer) const;

  bool fcs_at_end() const { return flags && (*flags & radiotap_flag::kFcsAtEnd) != 0; }
  friend bool operator==(const RadiotapHeader&, const RadiotapHeader&) = default;
};

}  // namespace airloom::ieee80211
