#include "netlink/attributes.h"

#include <linux/netlink.h>

#include <algorithm>

namespace airloom::netlink {

std::optional<MacAddress> Attribute::mac() const {
  if (payload.size() < 6) return std::nullopt;
  return MacAddress::from(payload);
}

std::string_view Attribute::string() const {
  const auto end = std::find(payload.begin(), payload.end(), 0);
  std::string_view text;
  // A view of octets as characters: char may alias any object.
  if (!payload.empty())
    text = {static_cast<const char*>(static_cast<const void*>(payload.data())),
            static_cast<size_t>(end - payload.begin())};
  return text;
}

void AttributeRange::Iterator::read() {
  const auto length = load<uint16_t>(rest_);
  if (rest_.size() < NLA_HDRLEN || *length < NLA_HDRLEN || *length > rest_.size()) {
    done_ = true;
    return;
  }
  const uint16_t raw = *load<uint16_t>(rest_.subspan(2));
  current_.type = raw & NLA_TYPE_MASK;
  current_.nested_flag = raw & NLA_F_NESTED;
  current_.offset = offset_;
  current_.payload = rest_.subspan(NLA_HDRLEN, *length - NLA_HDRLEN);
}

AttributeRange::Iterator& AttributeRange::Iterator::operator++() {
  const size_t whole = std::min(align4(NLA_HDRLEN + current_.payload.size()), rest_.size());
  rest_ = rest_.subspan(whole);
  offset_ += static_cast<uint32_t>(whole);
  read();
  return *this;
}

AttributeTable::AttributeTable(AttributeRange range) {
  for (const Attribute& attribute : range) set(attribute);
}

void AttributeTable::set(const Attribute& attribute) {
  if (attribute.type >= index_.size()) index_.resize(attribute.type + 1);
  uint16_t& position = index_[attribute.type];
  if (position != 0) {
    found_[position - 1] = attribute;
    return;
  }
  found_.push_back(attribute);
  position = static_cast<uint16_t>(found_.size());
}

const Attribute* AttributeTable::find(uint16_t type) const {
  if (type >= index_.size() || index_[type] == 0) return nullptr;
  return &found_[index_[type] - 1];
}

std::optional<std::string_view> AttributeTable::string(uint16_t type) const {
  const Attribute* attribute = find(type);
  if (!attribute) return std::nullopt;
  return attribute->string();
}

std::optional<std::span<const uint8_t>> AttributeTable::bytes(uint16_t type) const {
  const Attribute* attribute = find(type);
  if (!attribute) return std::nullopt;
  return attribute->payload;
}

AttributeTable AttributeTable::nest(uint16_t type) const {
  const Attribute* attribute = find(type);
  return attribute ? AttributeTable(*attribute) : AttributeTable();
}

}  // namespace airloom::netlink
