#include "ieee80211/radiotap.h"

#include <type_traits>

namespace airloom::ieee80211 {
namespace {

// Bits of the presence word.
enum Field : unsigned {
  kTsft = 0,
  kFlags = 1,
  kRate = 2,
  kChannel = 3,
  kSignal = 5,
  kNoise = 6,
  kTxPower = 10,
  kAntenna = 11,
  kRxFlags = 14,
  kTxFlags = 15,
  kDataRetries = 17,
  kMcs = 19,
  kAmpdu = 20,
  kVht = 21,
  kTimestamp = 22,
  kHe = 23,
  kExtended = 31,
};

struct Layout {
  uint8_t align;
  uint8_t size;
};
/// By bit. Alignment counts from the start of the header. Bits from 28 on are TLVs, namespaces and
/// the extension bit, not fields of fixed size. [radiotap.org/fields/defined]
constexpr std::array<Layout, 28> kLayouts = {{
    {8, 8}, {1, 1},  {1, 1},  {2, 4},  {2, 2},  {1, 1}, {1, 1}, {2, 2}, {2, 2}, {2, 2},
    {1, 1}, {1, 1},  {1, 1},  {1, 1},  {2, 2},  {2, 2}, {1, 1}, {1, 1}, {4, 8}, {1, 3},
    {4, 8}, {2, 12}, {8, 12}, {2, 12}, {2, 12}, {2, 6}, {1, 1}, {2, 4},
}};

size_t padding(size_t at, size_t align) {
  return (align - at % align) % align;
}

Result<RadiotapMcs> parse_mcs(Reader reader) {
  const auto octets = TRY(reader.array<3>());
  return RadiotapMcs{octets[0], octets[1], octets[2]};
}

Result<RadiotapAmpdu> parse_ampdu(Reader reader) {
  RadiotapAmpdu ampdu;
  ampdu.reference = TRY(reader.le32());
  ampdu.flags = TRY(reader.le16());
  ampdu.delimiter_crc = TRY(reader.u8());
  ampdu.reserved = TRY(reader.u8());
  return ampdu;
}

Result<RadiotapVht> parse_vht(Reader reader) {
  RadiotapVht vht;
  vht.known = TRY(reader.le16());
  vht.flags = TRY(reader.u8());
  vht.bandwidth = TRY(reader.u8());
  vht.mcs_nss = TRY(reader.array<4>());
  vht.coding = TRY(reader.u8());
  vht.group_id = TRY(reader.u8());
  vht.partial_aid = TRY(reader.le16());
  return vht;
}

Result<RadiotapTimestamp> parse_timestamp(Reader reader) {
  RadiotapTimestamp timestamp;
  timestamp.timestamp = TRY(reader.le64());
  timestamp.accuracy = TRY(reader.le16());
  timestamp.unit_and_position = TRY(reader.u8());
  timestamp.flags = TRY(reader.u8());
  return timestamp;
}

Result<RadiotapHe> parse_he(Reader reader) {
  RadiotapHe he;
  for (auto& word : he.data) word = TRY(reader.le16());
  return he;
}

/// Takes one field, whose octets `reader` spans, into the header; others are passed over.
Result<void> parse_field(RadiotapHeader& header, unsigned bit, Reader reader) {
  switch (bit) {
    case kTsft:
      header.tsft_us = TRY(reader.le64());
      break;
    case kFlags:
      header.flags = TRY(reader.u8());
      break;
    case kRate:
      header.rate_500kbps = TRY(reader.u8());
      break;
    case kChannel:
      header.channel = RadiotapChannel{TRY(reader.le16()), TRY(reader.le16())};
      break;
    case kSignal:
      header.signal_dbm = static_cast<int8_t>(TRY(reader.u8()));
      break;
    case kNoise:
      header.noise_dbm = static_cast<int8_t>(TRY(reader.u8()));
      break;
    case kTxPower:
      header.tx_power_dbm = static_cast<int8_t>(TRY(reader.u8()));
      break;
    case kAntenna:
      header.antenna = TRY(reader.u8());
      break;
    case kRxFlags:
      header.rx_flags = TRY(reader.le16());
      break;
    case kTxFlags:
      header.tx_flags = TRY(reader.le16());
      break;
    case kDataRetries:
      header.data_retries = TRY(reader.u8());
      break;
    case kMcs:
      header.mcs = TRY(parse_mcs(reader));
      break;
    case kAmpdu:
      header.ampdu = TRY(parse_ampdu(reader));
      break;
    case kVht:
      header.vht = TRY(parse_vht(reader));
      break;
    case kTimestamp:
      header.timestamp = TRY(parse_timestamp(reader));
      break;
    case kHe:
      header.he = TRY(parse_he(reader));
      break;
    default:  // a field that nobody here reads
      break;
  }
  return {};
}

/// Appends the fields in bit order, each behind its padding.
class FieldWriter {
 public:
  FieldWriter(Writer& writer, size_t start) : writer_(writer), start_(start) {}

  template <typename T, typename Emit>
  void put(Field bit, const std::optional<T>& value, Emit emit) {
    if (!value) return;
    present_ |= 1u << bit;
    writer_.zeros(padding(writer_.size() - start_, kLayouts[bit].align));
    emit(*value);
  }
  template <typename T>
  void put_integer(Field bit, const std::optional<T>& value) {
    put(bit, value, [this](T v) { writer_.le(static_cast<std::make_unsigned_t<T>>(v)); });
  }
  uint32_t present() const { return present_; }

 private:
  Writer& writer_;
  size_t start_;
  uint32_t present_ = 0;
};

void store_le(Octets& out, size_t at, uint32_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) out[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

}  // namespace

Result<RadiotapHeader> RadiotapHeader::parse(Reader& reader) {
  constexpr size_t kFixedLength = 8;
  Reader fixed = reader;
  if (TRY(fixed.u8()) != 0) return fail(Errc::kUnsupported, "another version of radiotap");
  TRY(fixed.skip(1));
  const size_t length = TRY(fixed.le16());
  if (length < kFixedLength) return fail(Errc::kMalformed, "radiotap header too short");
  const auto whole = TRY(reader.take(length));

  const uint32_t present = TRY(fixed.le32());
  Reader words(whole.subspan(kFixedLength));
  for (uint32_t word = present; word >> kExtended & 1;) word = TRY(words.le32());

  RadiotapHeader header;
  size_t at = length - words.remaining();
  for (unsigned bit = 0; bit < kLayouts.size(); ++bit) {
    if ((present >> bit & 1) == 0) continue;
    at += padding(at, kLayouts[bit].align);
    if (at + kLayouts[bit].size > length) return fail(Errc::kTruncated, "radiotap field missing");
    TRY(parse_field(header, bit, Reader(whole.subspan(at, kLayouts[bit].size))));
    at += kLayouts[bit].size;
  }
  return header;
}

void RadiotapHeader::emit(Writer& writer) const {
  const size_t start = writer.size();
  writer.zeros(8);
  FieldWriter fields(writer, start);
  fields.put_integer(kTsft, tsft_us);
  fields.put_integer(kFlags, flags);
  fields.put_integer(kRate, rate_500kbps);
  fields.put(kChannel, channel,
             [&](const RadiotapChannel& c) { writer.le16(c.mhz).le16(c.flags); });
  fields.put_integer(kSignal, signal_dbm);
  fields.put_integer(kNoise, noise_dbm);
  fields.put_integer(kTxPower, tx_power_dbm);
  fields.put_integer(kAntenna, antenna);
  fields.put_integer(kRxFlags, rx_flags);
  fields.put_integer(kTxFlags, tx_flags);
  fields.put_integer(kDataRetries, data_retries);
  fields.put(kMcs, mcs, [&](const RadiotapMcs& m) { writer.u8(m.known).u8(m.flags).u8(m.mcs); });
  fields.put(kAmpdu, ampdu, [&](const RadiotapAmpdu& a) {
    writer.le32(a.reference).le16(a.flags).u8(a.delimiter_crc).u8(a.reserved);
  });
  fields.put(kVht, vht, [&](const RadiotapVht& v) {
    writer.le16(v.known).u8(v.flags).u8(v.bandwidth).bytes(v.mcs_nss);
    writer.u8(v.coding).u8(v.group_id).le16(v.partial_aid);
  });
  fields.put(kTimestamp, timestamp, [&](const RadiotapTimestamp& t) {
    writer.le64(t.timestamp).le16(t.accuracy).u8(t.unit_and_position).u8(t.flags);
  });
  fields.put(kHe, he, [&](const RadiotapHe& h) {
    for (const uint16_t word : h.data) writer.le16(word);
  });
  store_le(writer.octets(), start + 2, static_cast<uint32_t>(writer.size() - start), 2);
  store_le(writer.octets(), start + 4, fields.present(), 4);
}

}  // namespace airloom::ieee80211
