#include "ieee80211/action.h"

namespace airloom::ieee80211 {
namespace {

/// Reads a category and code that must be these.
Result<void> expect(Reader& reader, ActionCategory category, uint8_t code) {
  const ActionHeader header = TRY(ActionHeader::parse(reader));
  if (header != ActionHeader(category, code)) return fail(Errc::kMalformed, "another action");
  return {};
}

uint16_t sequence_bits(uint16_t number, uint8_t fragment) {
  return static_cast<uint16_t>((number & 0xfff) << 4 | (fragment & 0xf));
}

// The BAR and BA Control fields. [802.11-2020 9.3.1.7.1]
constexpr uint16_t kNoAckPolicy = 0x0001;
constexpr uint16_t kVariantMask = 0x001e;
constexpr uint16_t kCompressed = 0x0004;

Result<uint16_t> compressed_control(Reader& reader) {
  const uint16_t control = TRY(reader.le16());
  if ((control & kVariantMask) != kCompressed)
    return fail(Errc::kUnsupported, "not a compressed block ack");
  return control;
}

uint16_t control_bits(bool no_ack_policy, uint8_t tid) {
  return static_cast<uint16_t>((no_ack_policy ? kNoAckPolicy : 0) | kCompressed | tid << 12);
}

}  // namespace

Result<ActionHeader> ActionHeader::parse(Reader& reader) {
  if (reader.remaining() < 2) return fail(Errc::kTruncated, "no action code");
  ActionHeader header;
  header.category = TRY(reader.u8());
  header.code = TRY(reader.u8());
  return header;
}

Result<SaQuery> SaQuery::parse(Reader reader) {
  const ActionHeader header = TRY(ActionHeader::parse(reader));
  if (!header.is(ActionCategory::kSaQuery) || header.code > 1)
    return fail(Errc::kMalformed, "not an SA Query");
  return SaQuery{static_cast<SaQueryAction>(header.code), TRY(reader.le16())};
}

void SaQuery::emit(Writer& writer) const {
  ActionHeader(ActionCategory::kSaQuery, static_cast<uint8_t>(action)).emit(writer);
  writer.le16(transaction);
}

BlockAckParameters BlockAckParameters::from_bits(uint16_t bits) {
  return {.amsdu = (bits & 1) != 0,
          .immediate = (bits & 2) != 0,
          .tid = static_cast<uint8_t>((bits >> 2) & 0xf),
          .buffer_size = static_cast<uint16_t>(bits >> 6)};
}

uint16_t BlockAckParameters::to_bits() const {
  return static_cast<uint16_t>((amsdu ? 1 : 0) | (immediate ? 2 : 0) | (tid & 0xf) << 2 |
                               (buffer_size & 0x3ff) << 6);
}

Result<AddbaRequest> AddbaRequest::parse(Reader reader) {
  TRY(expect(reader, ActionCategory::kBlockAck,
             static_cast<uint8_t>(BlockAckAction::kAddbaRequest)));
  AddbaRequest request;
  request.dialog_token = TRY(reader.u8());
  request.parameters = BlockAckParameters::from_bits(TRY(reader.le16()));
  request.timeout_tu = TRY(reader.le16());
  const uint16_t sequence = TRY(reader.le16());
  request.starting_sequence = sequence >> 4;
  request.fragment = sequence & 0xf;
  request.elements = reader.rest();
  return request;
}

void AddbaRequest::emit(Writer& writer) const {
  ActionHeader(ActionCategory::kBlockAck, static_cast<uint8_t>(BlockAckAction::kAddbaRequest))
      .emit(writer);
  writer.u8(dialog_token).le16(parameters.to_bits()).le16(timeout_tu);
  writer.le16(sequence_bits(starting_sequence, fragment)).bytes(elements);
}

Result<AddbaResponse> AddbaResponse::parse(Reader reader) {
  TRY(expect(reader, ActionCategory::kBlockAck,
             static_cast<uint8_t>(BlockAckAction::kAddbaResponse)));
  AddbaResponse response;
  response.dialog_token = TRY(reader.u8());
  response.status = TRY(reader.le16());
  response.parameters = BlockAckParameters::from_bits(TRY(reader.le16()));
  response.timeout_tu = TRY(reader.le16());
  response.elements = reader.rest();
  return response;
}

void AddbaResponse::emit(Writer& writer) const {
  ActionHeader(ActionCategory::kBlockAck, static_cast<uint8_t>(BlockAckAction::kAddbaResponse))
      .emit(writer);
  writer.u8(dialog_token).le16(status).le16(parameters.to_bits()).le16(timeout_tu);
  writer.bytes(elements);
}

Result<Delba> Delba::parse(Reader reader) {
  TRY(expect(reader, ActionCategory::kBlockAck, static_cast<uint8_t>(BlockAckAction::kDelba)));
  const uint16_t bits = TRY(reader.le16());
  return Delba{.initiator = (bits & 0x0800) != 0,
               .tid = static_cast<uint8_t>(bits >> 12),
               .reason = TRY(reader.le16())};
}

void Delba::emit(Writer& writer) const {
  ActionHeader(ActionCategory::kBlockAck, static_cast<uint8_t>(BlockAckAction::kDelba))
      .emit(writer);
  writer.le16(static_cast<uint16_t>((initiator ? 0x0800 : 0) | tid << 12)).le16(reason);
}

Result<BlockAckRequestBody> BlockAckRequestBody::parse(Reader reader) {
  const uint16_t control = TRY(compressed_control(reader));
  const uint16_t sequence = TRY(reader.le16());
  return BlockAckRequestBody{.no_ack_policy = (control & kNoAckPolicy) != 0,
                             .tid = static_cast<uint8_t>(control >> 12),
                             .starting_sequence = static_cast<uint16_t>(sequence >> 4),
                             .fragment = static_cast<uint8_t>(sequence & 0xf)};
}

void BlockAckRequestBody::emit(Writer& writer) const {
  writer.le16(control_bits(no_ack_policy, tid)).le16(sequence_bits(starting_sequence, fragment));
}

Result<BlockAckBody> BlockAckBody::parse(Reader reader) {
  const uint16_t control = TRY(compressed_control(reader));
  const uint16_t sequence = TRY(reader.le16());
  return BlockAckBody{.no_ack_policy = (control & kNoAckPolicy) != 0,
                      .tid = static_cast<uint8_t>(control >> 12),
                      .starting_sequence = static_cast<uint16_t>(sequence >> 4),
                      .fragment = static_cast<uint8_t>(sequence & 0xf),
                      .bitmap = TRY(reader.le64())};
}

void BlockAckBody::emit(Writer& writer) const {
  writer.le16(control_bits(no_ack_policy, tid)).le16(sequence_bits(starting_sequence, fragment));
  writer.le64(bitmap);
}

}  // namespace airloom::ieee80211
