// A regulatory.db of anybody's: what it says of a country can be held against the world domain.
#include "cfg80211/regulatory.h"
#include "law.h"

namespace airloom::fuzz {
namespace {

using namespace cfg80211;  // NOLINT: all of it is about regulatory domains

void judge(const RegulatoryDomain& domain) {
  for (const RegulatoryRule& rule : domain.rules) {
    expect(rule.start_khz < rule.end_khz, "a rule spans something");
    (void)contiguous_bandwidth_khz(domain, rule);
  }
  if (!is_valid(domain)) return;
  const auto both = intersect(domain, world_domain());
  if (!both) return;
  for (const RegulatoryRule& rule : both->rules)
    expect(rule.start_khz < rule.end_khz && rule.max_bandwidth_khz <= rule.end_khz - rule.start_khz,
           "what both allow spans its own bandwidth");
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  const std::span file(data, size);
  const auto database = cfg80211::RegulatoryDatabase::parse(file);
  if (!database) return 0;
  constexpr size_t kHeader = 8, kCountry = 4;
  for (size_t at = kHeader; at + kCountry <= size && file[at + 2] + file[at + 3] != 0;
       at += kCountry) {
    const auto domain =
        database->find({static_cast<char>(file[at]), static_cast<char>(file[at + 1])});
    fuzz::expect(domain.has_value(), "every country of the list is found");
    fuzz::judge(*domain);
  }
  return 0;
}
