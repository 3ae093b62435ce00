#include "ieee80211/channel.h"

#include <fmt/core.h>

namespace airloom::ieee80211 {

int width_mhz(ChannelWidth width) {
  switch (width) {
    case ChannelWidth::k20NoHt:
    case ChannelWidth::k20:
      return 20;
    case ChannelWidth::k40:
      return 40;
    case ChannelWidth::k80:
    case ChannelWidth::k80Plus80:
      return 80;
    case ChannelWidth::k160:
      return 160;
    case ChannelWidth::k5:
      return 5;
    case ChannelWidth::k10:
      return 10;
    case ChannelWidth::k1:
      return 1;
    case ChannelWidth::k2:
      return 2;
    case ChannelWidth::k4:
      return 4;
    case ChannelWidth::k8:
      return 8;
    case ChannelWidth::k16:
      return 16;
    case ChannelWidth::k320:
      return 320;
  }
  return 0;
}

ChannelDefinition ChannelDefinition::from_type(uint32_t primary_mhz, ChannelType type) {
  ChannelDefinition def{.primary_mhz = primary_mhz, .center1_mhz = primary_mhz};
  switch (type) {
    case ChannelType::kNoHt:
      break;
    case ChannelType::kHt20:
      def.width = ChannelWidth::k20;
      break;
    case ChannelType::kHt40Minus:
      def.width = ChannelWidth::k40;
      def.center1_mhz = primary_mhz - 10;
      break;
    case ChannelType::kHt40Plus:
      def.width = ChannelWidth::k40;
      def.center1_mhz = primary_mhz + 10;
      break;
  }
  return def;
}

std::optional<ChannelType> ChannelDefinition::type() const {
  switch (width) {
    case ChannelWidth::k20NoHt:
      return ChannelType::kNoHt;
    case ChannelWidth::k20:
      return ChannelType::kHt20;
    case ChannelWidth::k40:
      return center1_mhz > primary_mhz ? ChannelType::kHt40Plus : ChannelType::kHt40Minus;
    default:
      return std::nullopt;
  }
}

namespace {

/// Whether `primary` is one of the 20 MHz slots of a segment around `center`.
bool is_slot(uint32_t primary, uint32_t center, int width) {
  const int64_t distance = int64_t{primary} - int64_t{center};
  const int outermost = (width - 20) / 2;
  if (distance < -outermost || distance > outermost) return false;
  return (distance + outermost) % 20 == 0;
}

}  // namespace

bool ChannelDefinition::is_valid() const {
  if (primary_mhz == 0) return false;
  switch (width) {
    case ChannelWidth::k20NoHt:
    case ChannelWidth::k20:
    case ChannelWidth::k5:
    case ChannelWidth::k10:
    case ChannelWidth::k1:
      return center1_mhz == primary_mhz && center2_mhz == 0;
    case ChannelWidth::k2:
    case ChannelWidth::k4:
    case ChannelWidth::k8:
    case ChannelWidth::k16:
      return center2_mhz == 0;
    case ChannelWidth::k40:
    case ChannelWidth::k80:
    case ChannelWidth::k160:
    case ChannelWidth::k320:
      return center2_mhz == 0 && is_slot(primary_mhz, center1_mhz, width_mhz(width));
    case ChannelWidth::k80Plus80: {
      if (center2_mhz == 0) return false;
      const uint32_t gap =
          center1_mhz > center2_mhz ? center1_mhz - center2_mhz : center2_mhz - center1_mhz;
      return gap != 80 && gap != 0 && is_slot(primary_mhz, center1_mhz, 80);
    }
  }
  return false;
}

uint32_t ChannelDefinition::low_khz() const {
  return center1_mhz * 1000 + center1_offset_khz - static_cast<uint32_t>(width_mhz(width)) * 500;
}

uint32_t ChannelDefinition::high_khz() const {
  return center1_mhz * 1000 + center1_offset_khz + static_cast<uint32_t>(width_mhz(width)) * 500;
}

std::string ChannelDefinition::to_string() const {
  if (center2_mhz != 0)
    return fmt::format("{} MHz, width 80+80, centres {} and {}", primary_mhz, center1_mhz,
                       center2_mhz);
  return fmt::format("{} MHz, width {}, centre {}", primary_mhz, width_mhz(width), center1_mhz);
}

std::optional<ChannelDefinition> compatible(const ChannelDefinition& a,
                                            const ChannelDefinition& b) {
  if (a == b) return a;
  if (a.primary_mhz != b.primary_mhz || a.primary_offset_khz != b.primary_offset_khz)
    return std::nullopt;
  const bool b_in_a = b.low_khz() >= a.low_khz() && b.high_khz() <= a.high_khz();
  const bool a_in_b = a.low_khz() >= b.low_khz() && a.high_khz() <= b.high_khz();
  if (a_in_b && b_in_a) return a.width == ChannelWidth::k20NoHt ? b : a;
  if (b_in_a) return a;
  if (a_in_b) return b;
  return std::nullopt;
}

void add_to_contexts(std::vector<ChannelDefinition>& contexts, const ChannelDefinition& channel) {
  for (ChannelDefinition& context : contexts) {
    const auto both = compatible(context, channel);
    if (!both) continue;
    context = *both;
    return;
  }
  contexts.push_back(channel);
}

std::optional<Band> band_of(uint32_t mhz) {
  if (mhz >= 902 && mhz <= 928) return Band::kS1GHz;
  if (mhz >= 2400 && mhz < 2500) return Band::k2GHz;
  if (mhz >= 4900 && mhz < 5930) return Band::k5GHz;
  if (mhz >= 5935 && mhz <= 7125) return Band::k6GHz;
  if (mhz >= 58320 && mhz <= 70200) return Band::k60GHz;
  return std::nullopt;
}

int channel_number(uint32_t mhz) {
  const int f = static_cast<int>(mhz);
  const auto band = band_of(mhz);
  if (!band) return 0;
  switch (*band) {
    case Band::k2GHz:
      return f == 2484 ? 14 : f < 2484 ? (f - 2407) / 5 : 0;
    case Band::k5GHz:
      return f < 5000 ? (f - 4000) / 5 : (f - 5000) / 5;
    case Band::k6GHz:
      return f == 5935 ? 2 : (f - 5950) / 5;
    case Band::k60GHz:
      return (f - 56160) / 2160;
    case Band::kS1GHz:
      return 2 * (f - 902);
    case Band::kLc:
      return 0;
  }
  return 0;
}

uint32_t channel_mhz(int number, Band band) {
  if (number <= 0) return 0;
  switch (band) {
    case Band::k2GHz:
    case Band::kLc:
      if (number == 14) return 2484;
      return number < 14 ? static_cast<uint32_t>(2407 + 5 * number) : 0;
    case Band::k5GHz:
      if (number >= 182 && number <= 196) return static_cast<uint32_t>(4000 + 5 * number);
      return static_cast<uint32_t>(5000 + 5 * number);
    case Band::k6GHz:
      if (number == 2) return 5935;
      return number <= 233 ? static_cast<uint32_t>(5950 + 5 * number) : 0;
    case Band::k60GHz:
      return number < 7 ? static_cast<uint32_t>(56160 + 2160 * number) : 0;
    case Band::kS1GHz:
      return static_cast<uint32_t>(902 + number / 2);
  }
  return 0;
}

}  // namespace airloom::ieee80211
