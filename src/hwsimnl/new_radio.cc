#include "hwsimnl/new_radio.h"

#include <algorithm>

#include "hwsimnl/uapi.h"

namespace airloom::hwsimnl {

namespace {

using hwsim::RadioSpec;
using netlink::AttributeTable;

std::string text_of(const AttributeTable& attributes, uint16_t type) {
  const auto text = attributes.string(type);
  return text ? std::string(*text) : std::string();
}

Result<void> parse_channels(const AttributeTable& attributes, RadioSpec& spec) {
  spec.traits.channels = attributes.u32(HWSIM_ATTR_CHANNELS).value_or(1);
  if (spec.traits.channels < 1) return fail(Errc::kInvalid, "must have at least one channel");
  spec.traits.channel_contexts = attributes.has(HWSIM_ATTR_USE_CHANCTX) || spec.traits.channels > 1;
  return {};
}

Result<void> parse_regulatory(const AttributeTable& attributes, RadioSpec& spec) {
  spec.strict_regulatory = attributes.has(HWSIM_ATTR_REG_STRICT_REG);
  if (const auto octets = attributes.bytes(HWSIM_ATTR_REG_HINT_ALPHA2)) {
    // The kernel reads two octets whatever there are.
    std::array<char, 2> country{};
    std::copy_n(octets->begin(), std::min(octets->size(), country.size()), country.begin());
    spec.country = country;
  }
  spec.custom_domain = attributes.u32(HWSIM_ATTR_REG_CUSTOM_REG);
  if (spec.custom_domain.value_or(0) >= hwsim::custom_domains().size()) return fail(Errc::kInvalid);
  return {};
}

Result<void> parse_address(const AttributeTable& attributes, RadioSpec& spec) {
  spec.address = attributes.mac(HWSIM_ATTR_PERM_ADDR);
  if (spec.address && !spec.address->is_unicast())
    return fail(Errc::kInvalid, "MAC is no valid source addr", HWSIM_ATTR_PERM_ADDR);
  return {};
}

Result<void> parse_types(const AttributeTable& attributes, RadioSpec& spec) {
  uint32_t& types = spec.traits.interface_types;
  types = attributes.u32(HWSIM_ATTR_IFTYPE_SUPPORT).value_or(hwsim::kHardwareInterfaceTypes);
  if (types & ~hwsim::kHardwareInterfaceTypes)
    return fail(Errc::kInvalid, "cannot support more iftypes than kernel",
                HWSIM_ATTR_IFTYPE_SUPPORT);
  if (attributes.has(HWSIM_ATTR_SUPPORT_P2P_DEVICE))
    types |= cfg80211::bit(cfg80211::InterfaceType::kP2pDevice);
  return {};
}

Result<void> parse_ciphers(const AttributeTable& attributes, RadioSpec& spec) {
  const netlink::Attribute* list = attributes.find(HWSIM_ATTR_CIPHER_SUPPORT);
  if (!list) return {};
  const auto& known = hwsim::known_cipher_suites();
  const auto octets = list->payload;
  if (octets.size() % sizeof(uint32_t) != 0)
    return fail(Errc::kInvalid, "bad cipher list length", HWSIM_ATTR_CIPHER_SUPPORT);
  if (octets.size() / sizeof(uint32_t) > known.size())
    return fail(Errc::kInvalid, "too many ciphers specified", HWSIM_ATTR_CIPHER_SUPPORT);
  auto& suites = spec.traits.cipher_suites.emplace();
  for (size_t at = 0; at < octets.size(); at += sizeof(uint32_t)) {
    const uint32_t suite = *netlink::load<uint32_t>(octets.subspan(at));
    if (std::find(known.begin(), known.end(), suite) == known.end())
      return fail(Errc::kInvalid, "unsupported ciphers specified", HWSIM_ATTR_CIPHER_SUPPORT);
    suites.push_back(suite);
  }
  return {};
}

}  // namespace

Result<RadioSpec> parse_radio_spec(const AttributeTable& attributes) {
  RadioSpec spec;
  spec.has_interface = !attributes.has(HWSIM_ATTR_NO_VIF);
  TRY(parse_channels(attributes, spec));
  TRY(parse_regulatory(attributes, spec));
  TRY(parse_address(attributes, spec));
  TRY(parse_types(attributes, spec));
  TRY(parse_ciphers(attributes, spec));
  if (attributes.has(HWSIM_ATTR_MLO_SUPPORT))
    return fail(Errc::kUnsupported, "airloom's radios have no multi-link operation yet",
                HWSIM_ATTR_MLO_SUPPORT);
  spec.name = text_of(attributes, HWSIM_ATTR_RADIO_NAME);
  TRY(hwsim::check(spec.traits));
  return spec;
}

void put_name(netlink::MessageWriter& writer, const std::string& name) {
  writer.bytes(HWSIM_ATTR_RADIO_NAME, Octets(name.begin(), name.end()));
}

void put_radio(netlink::MessageWriter& writer, const RadioInfo& radio) {
  const RadioSpec& spec = *radio.spec;
  writer.u32(HWSIM_ATTR_RADIO_ID, radio.id);
  writer.u32(HWSIM_ATTR_CHANNELS, spec.traits.channels);
  if (spec.country)
    writer.bytes(HWSIM_ATTR_REG_HINT_ALPHA2, Octets(spec.country->begin(), spec.country->end()));
  if (spec.custom_domain) writer.u32(HWSIM_ATTR_REG_CUSTOM_REG, *spec.custom_domain);
  writer.flag_if(spec.strict_regulatory, HWSIM_ATTR_REG_STRICT_REG);
  writer.flag_if(spec.traits.has_p2p_device(), HWSIM_ATTR_SUPPORT_P2P_DEVICE);
  writer.flag_if(spec.traits.channel_contexts, HWSIM_ATTR_USE_CHANCTX);
  put_name(writer, radio.name);
}

}  // namespace airloom::hwsimnl
