// Channels as the stack names them: bands, widths, channel definitions (a primary channel, a width
// and one or two centre frequencies). Numeric values equal nl80211's, which the wire edge relies
// on. [802.11-2020 17.3.8.4, 19.3.15, 21.3.14; Annex E] [nl80211.h nl80211_chan_width]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace airloom::ieee80211 {

enum class Band : uint8_t { k2GHz = 0, k5GHz = 1, k60GHz = 2, k6GHz = 3, kS1GHz = 4, kLc = 5 };
constexpr size_t kBandCount = 6;

enum class ChannelWidth : uint8_t {
  k20NoHt = 0,
  k20 = 1,
  k40 = 2,
  k80 = 3,
  k80Plus80 = 4,
  k160 = 5,
  k5 = 6,
  k10 = 7,
  k1 = 8,
  k2 = 9,
  k4 = 10,
  k8 = 11,
  k16 = 12,
  k320 = 13,
};

/// The width in MHz (80 for 80+80, which has two such segments).
int width_mhz(ChannelWidth width);

/// nl80211's older way to say a width up to 40 MHz. [nl80211.h nl80211_channel_type]
enum class ChannelType : uint8_t { kNoHt = 0, kHt20 = 1, kHt40Minus = 2, kHt40Plus = 3 };

/// A primary channel with a width. Frequencies in MHz; `primary_offset_khz` is for S1G.
struct ChannelDefinition {
  uint32_t primary_mhz = 0;
  uint16_t primary_offset_khz = 0;
  ChannelWidth width = ChannelWidth::k20NoHt;
  uint32_t center1_mhz = 0;
  uint16_t center1_offset_khz = 0;
  uint32_t center2_mhz = 0;

  friend bool operator==(const ChannelDefinition&, const ChannelDefinition&) = default;

  /// A definition from the older channel type.
  static ChannelDefinition from_type(uint32_t primary_mhz, ChannelType type);
  /// The channel type, for widths up to 40 MHz.
  std::optional<ChannelType> type() const;
  /// The same channel, narrowed to 20 MHz without HT.
  ChannelDefinition no_ht() const { return from_type(primary_mhz, ChannelType::kNoHt); }

  /// Whether centre frequencies and width fit the primary channel.
  bool is_valid() const;
  /// The lowest and highest frequency covered by the first segment, in kHz.
  uint32_t low_khz() const;
  uint32_t high_khz() const;
  std::string to_string() const;
};

/// Whether two definitions can be used at once by one radio: one contains the other and both
/// have the same primary channel. Returns the wider one.
std::optional<ChannelDefinition> compatible(const ChannelDefinition& a, const ChannelDefinition& b);
/// Gives a channel its place among the contexts of a radio: it widens the first that it fits, or
/// becomes one of its own.
void add_to_contexts(std::vector<ChannelDefinition>& contexts, const ChannelDefinition& channel);

/// The band a frequency lies in, if any.
std::optional<Band> band_of(uint32_t mhz);
/// The channel number of a frequency, 0 if it has none. [802.11-2020 Annex E]
int channel_number(uint32_t mhz);
/// The frequency in MHz of a channel number in a band, 0 if there is none.
uint32_t channel_mhz(int number, Band band);

}  // namespace airloom::ieee80211
