// wireless-regdb's regulatory.db, version 20: a header, a list of countries that ends with zeros,
// and collections of rules, all big-endian, at offsets in units of four octets.
#include <linux/nl80211.h>

#include "bytes/reader.h"
#include "cfg80211/regulatory.h"

namespace airloom::cfg80211 {

namespace {

constexpr uint32_t kMagic = 0x52474442;  // "RGDB"
constexpr uint32_t kVersion = 20;
constexpr size_t kCollectionLengthMin = 3;
constexpr size_t kRuleLengthMin = 16;
constexpr size_t kRuleLengthWithCac = 18;

using File = std::span<const uint8_t>;

Result<Reader> at(File file, uint16_t pointer) {
  const size_t offset = size_t{pointer} * 4;
  if (offset >= file.size()) return fail(Errc::kTruncated);
  return Reader(file.subspan(offset));
}

uint32_t rule_flags(uint8_t flags) {
  uint32_t out = 0;
  if (flags & 1 << 0) out |= NL80211_RRF_NO_OFDM;
  if (flags & 1 << 1) out |= NL80211_RRF_NO_OUTDOOR;
  if (flags & 1 << 2) out |= NL80211_RRF_DFS;
  if (flags & 1 << 3) out |= NL80211_RRF_NO_IR;
  if (flags & 1 << 4) out |= NL80211_RRF_AUTO_BW;
  return out;
}

Result<RegulatoryRule> parse_rule(Reader reader) {
  const uint8_t length = TRY(reader.u8());
  if (length < kRuleLengthMin) return fail(Errc::kMalformed);
  RegulatoryRule rule;
  rule.flags = rule_flags(TRY(reader.u8()));
  rule.max_eirp_mbm = TRY(reader.be16());
  rule.start_khz = TRY(reader.be32());
  rule.end_khz = TRY(reader.be32());
  rule.max_bandwidth_khz = TRY(reader.be32());
  if (length >= kRuleLengthWithCac) rule.dfs_cac_ms = 1000u * TRY(reader.be16());
  if (rule.start_khz == 0 || rule.end_khz <= rule.start_khz) return fail(Errc::kMalformed);
  return rule;
}

Result<RegulatoryDomain> parse_collection(File file, Reader reader) {
  Reader whole = reader;
  const uint8_t length = TRY(reader.u8());
  const uint8_t rules = TRY(reader.u8());
  if (length < kCollectionLengthMin) return fail(Errc::kMalformed);
  RegulatoryDomain domain;
  domain.dfs_region = TRY(reader.u8());
  TRY(whole.skip((size_t{length} + 1) / 2 * 2));  // the pointers are aligned to two octets
  for (uint8_t i = 0; i < rules; ++i)
    domain.rules.push_back(TRY(parse_rule(TRY(at(file, TRY(whole.be16()))))));
  return domain;
}

}  // namespace

Result<RegulatoryDatabase> RegulatoryDatabase::parse(std::span<const uint8_t> file) {
  Reader reader(file);
  if (TRY(reader.be32()) != kMagic) return fail(Errc::kMalformed, "not a regulatory database");
  if (TRY(reader.be32()) != kVersion)
    return fail(Errc::kUnsupported, "regulatory database of another version");
  RegulatoryDatabase database;
  for (;;) {
    const auto alpha2 = TRY(reader.array<2>());
    const uint16_t pointer = TRY(reader.be16());
    if (pointer == 0) return database;
    const std::array<char, 2> name{static_cast<char>(alpha2[0]), static_cast<char>(alpha2[1])};
    RegulatoryDomain domain = TRY(parse_collection(file, TRY(at(file, pointer))));
    domain.alpha2 = name;
    database.domains_.emplace(name, std::move(domain));
  }
}

Result<RegulatoryDomain> RegulatoryDatabase::find(std::array<char, 2> alpha2) const {
  const auto it = domains_.find(alpha2);
  if (it == domains_.end()) return fail(Errc::kNotFound);
  return it->second;
}

}  // namespace airloom::cfg80211
