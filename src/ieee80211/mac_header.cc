#include "ieee80211/mac_header.h"

#include "ieee80211/action.h"

namespace airloom::ieee80211 {

Result<MacHeader> MacHeader::parse(Reader& reader) {
  MacHeader header;
  header.fc = FrameControl(TRY(reader.le16()));
  if (header.fc.version() != 0 || header.fc.type() == FrameType::kExtension)
    return fail(Errc::kUnsupported, "no such frame version or type");
  header.duration = TRY(reader.le16());
  header.address1 = TRY(reader.mac());
  if (header.length() == 10) return header;
  header.address2 = TRY(reader.mac());
  if (header.fc.is_control()) return header;
  header.address3 = TRY(reader.mac());
  header.sequence = SequenceControl(TRY(reader.le16()));
  if (header.fc.has_address4()) header.address4 = TRY(reader.mac());
  if (header.fc.is_qos_data()) header.qos.bits = TRY(reader.le16());
  if (header.fc.has_ht_control()) header.ht_control = TRY(reader.le32());
  return header;
}

void MacHeader::emit(Writer& writer) const {
  writer.le16(fc.bits).le16(duration).mac(address1);
  if (length() == 10) return;
  writer.mac(address2);
  if (fc.is_control()) return;
  writer.mac(address3).le16(sequence.bits);
  if (fc.has_address4()) writer.mac(address4);
  if (fc.is_qos_data()) writer.le16(qos.bits);
  if (fc.has_ht_control()) writer.le32(ht_control);
}

bool FrameView::is_robust_management() const {
  if (!fc_.is_management()) return false;
  if (fc_.is(Subtype::kDeauthentication) || fc_.is(Subtype::kDisassociation)) return true;
  if (!fc_.is_action()) return false;
  if (fc_.is_protected()) return true;
  return octets_.size() > header_length() && is_robust_action(octets_[header_length()]);
}

}  // namespace airloom::ieee80211
