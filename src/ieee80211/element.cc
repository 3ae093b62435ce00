#include "ieee80211/element.h"

namespace airloom::ieee80211 {
namespace {

template <typename Match>
std::optional<ElementView> find_if(std::span<const uint8_t> octets, Match match) {
  for (const ElementView& view : ElementRange(octets))
    if (match(view)) return view;
  return std::nullopt;
}

}  // namespace

std::optional<VendorType> ElementView::vendor_type() const {
  if (!is(ElementId::kVendorSpecific)) return std::nullopt;
  const auto type = Reader(body).be32();
  if (!type) return std::nullopt;
  return *type;
}

void ElementRange::Iterator::load() {
  current_ = {};
  if (rest_.size() < 2 || rest_.size() - 2 < rest_[1]) return;
  current_.id = rest_[0];
  current_.whole = rest_.first(2u + rest_[1]);
  current_.body = current_.whole.subspan(2);
  if (current_.is(ElementId::kExtension) && !current_.body.empty()) {
    current_.extension_id = current_.body[0];
    current_.body = current_.body.subspan(1);
  }
}

bool ElementRange::is_well_formed() const {
  auto it = begin();
  while (it != end()) ++it;
  return it.rest().empty();
}

Result<std::vector<ElementView>> parse_elements(std::span<const uint8_t> octets) {
  std::vector<ElementView> elements;
  const ElementRange range(octets);
  auto it = range.begin();
  for (; it != range.end(); ++it) elements.push_back(*it);
  if (!it.rest().empty()) return fail(Errc::kMalformed, "an element exceeds its frame");
  return elements;
}

std::optional<ElementView> find_element(std::span<const uint8_t> octets, ElementId id) {
  return find_if(octets, [id](const ElementView& view) { return view.is(id); });
}

std::optional<ElementView> find_element(std::span<const uint8_t> octets, ElementExtensionId id) {
  return find_if(octets, [id](const ElementView& view) { return view.is(id); });
}

std::optional<ElementView> find_vendor_element(std::span<const uint8_t> octets, VendorType type) {
  return find_if(octets, [type](const ElementView& view) { return view.vendor_type() == type; });
}

void emit_element(Writer& writer, ElementId id, std::span<const uint8_t> body) {
  writer.u8(static_cast<uint8_t>(id));
  auto length = writer.length8();
  writer.bytes(body);
}

void emit_element(Writer& writer, ElementExtensionId id, std::span<const uint8_t> body) {
  writer.u8(static_cast<uint8_t>(ElementId::kExtension));
  auto length = writer.length8();
  writer.u8(static_cast<uint8_t>(id)).bytes(body);
}

}  // namespace airloom::ieee80211
