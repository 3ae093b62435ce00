// Everything a real kernel sent parses, and is written again octet by octet as it was.
#include <gmock/gmock.h>

#include <map>

#include "air_captures.h"
#include "ieee80211/action.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"
#include "ieee80211/radiotap.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/tim_element.h"
#include "ieee80211/wmm_element.h"

namespace airloom::ieee80211 {
namespace {

using Counts = std::map<std::string, int>;

template <TypedElement T>
bool round_trips(const ElementView& view, const char* name, Counts& counts) {
  if (!is_element<T>(view)) return false;
  const auto value = parse_element<T>(view);
  if (!value) return false;
  Octets octets;
  Writer writer(octets);
  emit_element(writer, *value);
  EXPECT_EQ(octets, Octets(view.whole.begin(), view.whole.end())) << name;
  ++counts[name];
  return true;
}

void check_element(const ElementView& view, Counts& counts) {
  const bool known =
      round_trips<SsidElement>(view, "ssid", counts) ||
      round_trips<SupportedRatesElement>(view, "rates", counts) ||
      round_trips<ExtendedSupportedRatesElement>(view, "more rates", counts) ||
      round_trips<DsParameterSetElement>(view, "ds", counts) ||
      round_trips<TimElement>(view, "tim", counts) ||
      round_trips<CountryElement>(view, "country", counts) ||
      round_trips<ErpElement>(view, "erp", counts) ||
      round_trips<RsnElement>(view, "rsn", counts) ||
      round_trips<HtCapabilitiesElement>(view, "ht capabilities", counts) ||
      round_trips<HtOperationElement>(view, "ht operation", counts) ||
      round_trips<ExtendedCapabilitiesElement>(view, "extended capabilities", counts) ||
      round_trips<ManagementMicElement>(view, "mme", counts) ||
      round_trips<WmmInformationElement>(view, "wmm information", counts) ||
      round_trips<WmmParameterElement>(view, "wmm parameters", counts);
  if (!known) ++counts["element " + std::to_string(view.id)];
}

void check_elements(std::span<const uint8_t> octets, Counts& counts) {
  const auto elements = parse_elements(octets);
  ASSERT_TRUE(elements);
  for (const ElementView& view : *elements) check_element(view, counts);
}

template <typename T>
T check_body(std::span<const uint8_t> body) {
  const auto value = T::parse(Reader(body));
  EXPECT_TRUE(value);
  if (!value) return {};
  EXPECT_EQ(emitted(*value), Octets(body.begin(), body.end()));
  return *value;
}

void check_action(std::span<const uint8_t> body, Counts& counts) {
  Reader reader(body);
  const auto header = ActionHeader::parse(reader);
  ASSERT_TRUE(header);
  if (header->is(ActionCategory::kSaQuery)) check_body<SaQuery>(body);
  ++counts["action " + std::to_string(header->category)];
}

void check_management(const FrameView& frame, Counts& counts) {
  const auto body = frame.body();
  if (frame.fc().is_protected()) {
    ++counts["protected management"];
    return;
  }
  switch (frame.fc().subtype()) {
    case Subtype::kBeacon:
    case Subtype::kProbeResponse:
      return check_elements(check_body<BeaconBody>(body).elements, counts);
    case Subtype::kProbeRequest:
      return check_elements(check_body<ProbeRequestBody>(body).elements, counts);
    case Subtype::kAssociationRequest:
      return check_elements(check_body<AssociationRequestBody>(body).elements, counts);
    case Subtype::kReassociationRequest:
      return check_elements(check_body<ReassociationRequestBody>(body).elements, counts);
    case Subtype::kAssociationResponse:
    case Subtype::kReassociationResponse:
      return check_elements(check_body<AssociationResponseBody>(body).elements, counts);
    case Subtype::kDeauthentication:
    case Subtype::kDisassociation:
      return check_elements(check_body<DeauthenticationBody>(body).elements, counts);
    case Subtype::kAuthentication:
      check_body<AuthenticationBody>(body);
      return;
    case Subtype::kAction:
      return check_action(body, counts);
    default:
      FAIL() << "an unforeseen management frame";
  }
}

void check_packet(std::span<const uint8_t> packet, Counts& counts) {
  Reader reader(packet);
  const auto radiotap = RadiotapHeader::parse(reader);
  ASSERT_TRUE(radiotap);
  Octets octets = emitted(*radiotap);
  const auto frame = FrameView::of(reader.rest());
  ASSERT_TRUE(frame);
  const auto header = MacHeader::parse(reader);
  ASSERT_TRUE(header);
  Writer writer(octets);
  header->emit(writer);
  writer.bytes(reader.rest());
  ASSERT_EQ(octets, Octets(packet.begin(), packet.end()));
  ASSERT_EQ(frame->body().size(), reader.remaining());

  ++counts[frame->fc().is_data() ? "data" : frame->fc().is_control() ? "control" : "management"];
  if (frame->fc().is_management()) check_management(*frame, counts);
}

Counts check_capture(const std::string& name) {
  Counts counts;
  for (const Octets& packet : read_air(name)) check_packet(packet, counts);
  return counts;
}

TEST(Captures, Sae) {
  const Counts counts = check_capture("sae.pcap");
  EXPECT_GT(counts.at("management"), 100);
  EXPECT_GT(counts.at("data"), 30);
  EXPECT_GT(counts.at("control"), 30);
  EXPECT_GT(counts.at("mme"), 10);
  EXPECT_GT(counts.at("rsn"), 10);
  EXPECT_GT(counts.at("wmm parameters"), 10);
  EXPECT_GT(counts.at("ht operation"), 10);
  EXPECT_GT(counts.at("protected management"), 0);
}

TEST(Captures, Wpa2AndOpen) {
  for (const char* name : {"wpa2.pcap", "open.pcap"}) {
    const Counts counts = check_capture(name);
    EXPECT_GT(counts.at("management"), 100) << name;
    EXPECT_EQ(counts.count("mme"), 0u) << name;
  }
}

TEST(Captures, ABeaconReadsAsItWasConfigured) {
  for (const Octets& packet : read_air("sae.pcap")) {
    Reader reader(packet);
    ASSERT_TRUE(RadiotapHeader::parse(reader));
    const auto frame = FrameView::of(reader.rest());
    ASSERT_TRUE(frame);
    if (!frame->fc().is_beacon()) continue;
    const auto beacon = BeaconBody::parse(frame->body());
    ASSERT_TRUE(beacon);
    EXPECT_EQ(beacon->interval_tu, 100);
    EXPECT_EQ(frame->bssid().to_string(), "02:00:00:00:00:00");
    EXPECT_TRUE(frame->is_group_addressed());
    const auto ssid = find_element<SsidElement>(beacon->elements);
    EXPECT_EQ(std::string(ssid->ssid.begin(), ssid->ssid.end()), "oracle");
    EXPECT_EQ(find_element<DsParameterSetElement>(beacon->elements)->channel, 1);
    const auto rsn = find_element<RsnElement>(beacon->elements);
    EXPECT_THAT(rsn->akms, testing::ElementsAre(akm::kSae));
    EXPECT_THAT(rsn->pairwise, testing::ElementsAre(cipher::kCcmp128));
    EXPECT_TRUE(rsn->mfp_required());
    EXPECT_TRUE(find_element<ExtendedCapabilitiesElement>(beacon->elements)
                    ->has(ExtendedCapabilitiesElement::kBeaconProtection));
    EXPECT_EQ(find_element<ManagementMicElement>(beacon->elements)->key_id, 6);
    EXPECT_EQ(find_element<WmmParameterElement>(beacon->elements)->access_categories[3].cw_min(),
              3);
    return;
  }
  FAIL() << "no beacon";
}

}  // namespace
}  // namespace airloom::ieee80211
