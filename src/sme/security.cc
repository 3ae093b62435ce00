#include "sme/security.h"

#include "sme/keys.h"

namespace airloom::sme {

namespace akm = ieee80211::akm;
namespace cipher = ieee80211::cipher;
using ieee80211::RsnElement;
using ieee80211::StatusCode;
using ieee80211::SuiteSelector;

namespace {

constexpr uint16_t kSixteenReplayCounters = 0x000c;  // RSN Capabilities

constexpr uint8_t kRsnxHashToElement = 0x20;

/// The best first.
constexpr SuiteSelector kPreferredCiphers[] = {cipher::kGcmp256, cipher::kCcmp256, cipher::kGcmp128,
                                               cipher::kCcmp128};
constexpr SuiteSelector kPreferredAkms[] = {akm::kSae, akm::kPskSha256, akm::kPsk};

uint16_t capabilities_of(Pmf pmf) {
  switch (pmf) {
    case Pmf::kOff:
      return 0;
    case Pmf::kCapable:
      return RsnElement::kMfpCapable;
    case Pmf::kRequired:
      return RsnElement::kMfpCapable | RsnElement::kMfpRequired;
  }
  return 0;
}

/// What an RSN element without the field means.
SuiteSelector group_management_of(const RsnElement& rsn) {
  return rsn.group_management.value_or(cipher::kBipCmac128);
}

}  // namespace

RsnElement offer_rsn(const Security& security) {
  RsnElement rsn{.group = security.pairwise.back(),
                 .pairwise = security.pairwise,
                 .akms = security.akms,
                 .capabilities = kSixteenReplayCounters};
  rsn.capabilities |= capabilities_of(security.pmf);
  // The default is left out, as hostapd leaves it out.
  if (security.pmf != Pmf::kOff && security.group_management != cipher::kBipCmac128)
    rsn.group_management = security.group_management;
  return rsn;
}

Result<RsnElement> choose_rsn(const RsnElement& offered, const Security& security) {
  RsnElement chosen{.group = offered.group, .pairwise = {}, .akms = {}};
  const RsnElement own{.pairwise = security.pairwise, .akms = security.akms};
  for (const SuiteSelector akm : kPreferredAkms)
    if (chosen.akms.empty() && offered.offers_akm(akm) && own.offers_akm(akm)) chosen.akms = {akm};
  if (chosen.akms.empty()) return fail(Errc::kUnsupported, "no AKM in common");
  for (const SuiteSelector suite : kPreferredCiphers)
    if (chosen.pairwise.empty() && offered.offers_pairwise(suite) && own.offers_pairwise(suite))
      chosen.pairwise = {suite};
  if (chosen.pairwise.empty()) return fail(Errc::kUnsupported, "no pairwise cipher in common");
  if (temporal_key_size(offered.group) == 0) return fail(Errc::kUnsupported, "group cipher");
  if (offered.mfp_required() && security.pmf == Pmf::kOff)
    return fail(Errc::kUnsupported, "PMF is required");
  if (!offered.mfp_capable() && security.pmf == Pmf::kRequired)
    return fail(Errc::kUnsupported, "no PMF");
  chosen.capabilities = capabilities_of(security.pmf);
  if (!offered.mfp_capable() || !chosen.mfp_capable()) return chosen;
  chosen.group_management = group_management_of(offered);
  if (management_key_size(*chosen.group_management) == 0)
    return fail(Errc::kUnsupported, "group management cipher");
  return chosen;
}

StatusCode check_rsn(std::span<const uint8_t> element, const RsnElement& offered) {
  if (element.size() < 2) return StatusCode::kInvalidElement;
  const auto rsn = RsnElement::parse(element.subspan(2));
  if (!rsn)
    return rsn.error().code == Errc::kUnsupported ? StatusCode::kUnsupportedRsnVersion
                                                  : StatusCode::kInvalidElement;
  if (rsn->group != offered.group) return StatusCode::kInvalidGroupCipher;
  if (rsn->pairwise.size() != 1 || !offered.offers_pairwise(rsn->pairwise[0]))
    return StatusCode::kInvalidPairwiseCipher;
  if (rsn->akms.size() != 1 || !offered.offers_akm(rsn->akms[0])) return StatusCode::kInvalidAkmp;
  if (offered.mfp_required() && !rsn->mfp_capable())
    return StatusCode::kRobustManagementPolicyViolation;
  if (offered.mfp_capable() && rsn->mfp_capable() &&
      group_management_of(*rsn) != group_management_of(offered))
    return StatusCode::kCipherRejectedPerPolicy;
  return StatusCode::kSuccess;
}

std::optional<SuiteSelector> negotiated_pmf(const RsnElement& offered, const RsnElement& chosen) {
  if (!offered.mfp_capable() || !chosen.mfp_capable()) return std::nullopt;
  return group_management_of(offered);
}

bool offers_hash_to_element(std::span<const uint8_t> rsnx_element) {
  return rsnx_element.size() > 2 && (rsnx_element[2] & kRsnxHashToElement) != 0;
}

Octets rsnx_element_of(const Security& security) {
  if (!security.has_sae() || security.sae_pwe == SaePwe::kHunting) return {};
  // One octet of capabilities, as its low four bits say.
  return {static_cast<uint8_t>(ieee80211::ElementId::kRsnExtension), 1, kRsnxHashToElement};
}

Octets emit_rsn(const RsnElement& rsn) {
  Octets out;
  Writer writer(out);
  ieee80211::emit_element(writer, rsn);
  return out;
}

}  // namespace airloom::sme
