// The bodies of SAE and the key data of EAPOL-Key frames: parsing what was emitted gives the same.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "sme/eapol_key.h"
#include "sme/sae.h"

namespace airloom::sme {
namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void check_sae(std::span<const uint8_t> octets, bool hash_to_element) {
  static const auto group = *crypto::SaeGroup::create(19);
  if (const auto commit = SaeCommitBody::parse(octets, group, hash_to_element)) {
    const Octets once = commit->emit(hash_to_element);
    const auto again = SaeCommitBody::parse(once, group, hash_to_element);
    must(again && again->emit(hash_to_element) == once);
  }
  if (const auto request = SaeTokenRequest::parse(octets, hash_to_element)) {
    const Octets once = request->emit(hash_to_element);
    must(SaeTokenRequest::parse(once, hash_to_element)->emit(hash_to_element) == once);
  }
}

void check_key_data(std::span<const uint8_t> octets) {
  auto data = KeyData::parse(octets);
  if (!data) return;
  data->group_key.reset();  // with it, what is emitted is wrapped
  data->igtk.reset();
  data->bigtk.reset();
  const auto again = KeyData::parse(data->emit({}));
  must(again && *again == *data);
}

}  // namespace
}  // namespace airloom::sme

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span octets(data, size);
  airloom::sme::check_sae(octets, false);
  airloom::sme::check_sae(octets, true);
  airloom::sme::check_key_data(octets);
  if (const auto frame = airloom::sme::UnverifiedKeyFrame::parse(octets))
    (void)frame->verify_mic({}, {});
  return 0;
}
