#include "ieee80211/rsn_element.h"

#include <algorithm>

namespace airloom::ieee80211 {
namespace {

/// A count and so many selectors. [802.11-2020 9.4.2.24.1]
Result<std::vector<SuiteSelector>> parse_suites(Reader& reader) {
  const size_t count = TRY(reader.le16());
  if (reader.remaining() / 4 < count)
    return fail(Errc::kTruncated, "a suite list exceeds the RSNE");
  std::vector<SuiteSelector> suites(count);
  for (auto& suite : suites) suite = TRY(reader.be32());
  return suites;
}

Result<std::vector<Pmkid>> parse_pmkids(Reader& reader) {
  const size_t count = TRY(reader.le16());
  if (reader.remaining() / sizeof(Pmkid) < count)
    return fail(Errc::kTruncated, "the PMKID list exceeds the RSNE");
  std::vector<Pmkid> pmkids(count);
  for (auto& pmkid : pmkids) pmkid = TRY(reader.array<16>());
  return pmkids;
}

void emit_suites(Writer& writer, const std::vector<SuiteSelector>& suites) {
  writer.le16(static_cast<uint16_t>(suites.size()));
  for (const SuiteSelector suite : suites) writer.be32(suite);
}

bool contains(const std::vector<SuiteSelector>& suites, SuiteSelector wanted) {
  return std::ranges::find(suites, wanted) != suites.end();
}

}  // namespace

Result<RsnElement> RsnElement::parse(Reader reader) {
  RsnElement rsn;
  rsn.version = TRY(reader.le16());
  if (rsn.version != 1) return fail(Errc::kUnsupported, "an RSNE of another version");
  if (!reader.at_end()) rsn.group = TRY(reader.be32());
  if (!reader.at_end()) rsn.pairwise = TRY(parse_suites(reader));
  if (!reader.at_end()) rsn.akms = TRY(parse_suites(reader));
  if (!reader.at_end()) rsn.capabilities = TRY(reader.le16());
  if (!reader.at_end()) rsn.pmkids = TRY(parse_pmkids(reader));
  if (!reader.at_end()) rsn.group_management = TRY(reader.be32());
  // Later versions may append fields: what is left is ignored. But a value must fit an element
  // again, with the fields that a truncated sender left to their defaults.
  if (rsn.body_length() > 255) return fail(Errc::kMalformed, "an RSNE that can't be written");
  return rsn;
}

size_t RsnElement::body_length() const {
  const size_t base = 12 + 4 * (pairwise.size() + akms.size());
  if (pmkids.empty() && !group_management) return base;
  return base + 2 + sizeof(Pmkid) * pmkids.size() + (group_management ? 4 : 0);
}

void RsnElement::emit(Writer& writer) const {
  writer.le16(version).be32(group);
  emit_suites(writer, pairwise);
  emit_suites(writer, akms);
  writer.le16(capabilities);
  if (pmkids.empty() && !group_management) return;
  writer.le16(static_cast<uint16_t>(pmkids.size()));
  for (const Pmkid& pmkid : pmkids) writer.bytes(pmkid);
  if (group_management) writer.be32(*group_management);
}

bool RsnElement::offers_pairwise(SuiteSelector suite) const {
  return contains(pairwise, suite);
}
bool RsnElement::offers_akm(SuiteSelector suite) const {
  return contains(akms, suite);
}

Result<ManagementMicElement> ManagementMicElement::parse(Reader reader) {
  ManagementMicElement element;
  element.key_id = TRY(reader.le16());
  element.packet_number = TRY(reader.array<6>());
  if (reader.remaining() != 8 && reader.remaining() != 16)
    return fail(Errc::kMalformed, "an MME with a MIC of no known length");
  element.mic.assign(reader.rest().begin(), reader.rest().end());
  return element;
}

}  // namespace airloom::ieee80211
