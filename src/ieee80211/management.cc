#include "ieee80211/management.h"

namespace airloom::ieee80211 {

Result<BeaconBody> BeaconBody::parse(Reader reader) {
  BeaconBody body;
  body.timestamp_us = TRY(reader.le64());
  body.interval_tu = TRY(reader.le16());
  body.capability = TRY(reader.le16());
  body.elements = reader.rest();
  return body;
}

void BeaconBody::emit(Writer& writer) const {
  writer.le64(timestamp_us).le16(interval_tu).le16(capability).bytes(elements);
}

Result<AuthenticationBody> AuthenticationBody::parse(Reader reader) {
  AuthenticationBody body;
  body.algorithm = static_cast<AuthAlgorithm>(TRY(reader.le16()));
  body.transaction = TRY(reader.le16());
  body.status = TRY(reader.le16());
  body.data = reader.rest();
  return body;
}

void AuthenticationBody::emit(Writer& writer) const {
  writer.le16(static_cast<uint16_t>(algorithm)).le16(transaction).le16(status).bytes(data);
}

Result<AssociationRequestBody> AssociationRequestBody::parse(Reader reader) {
  AssociationRequestBody body;
  body.capability = TRY(reader.le16());
  body.listen_interval = TRY(reader.le16());
  body.elements = reader.rest();
  return body;
}

void AssociationRequestBody::emit(Writer& writer) const {
  writer.le16(capability).le16(listen_interval).bytes(elements);
}

Result<ReassociationRequestBody> ReassociationRequestBody::parse(Reader reader) {
  ReassociationRequestBody body;
  body.capability = TRY(reader.le16());
  body.listen_interval = TRY(reader.le16());
  body.current_ap = TRY(reader.mac());
  body.elements = reader.rest();
  return body;
}

void ReassociationRequestBody::emit(Writer& writer) const {
  writer.le16(capability).le16(listen_interval).mac(current_ap).bytes(elements);
}

Result<AssociationResponseBody> AssociationResponseBody::parse(Reader reader) {
  AssociationResponseBody body;
  body.capability = TRY(reader.le16());
  body.status = TRY(reader.le16());
  body.aid_field = TRY(reader.le16());
  body.elements = reader.rest();
  return body;
}

void AssociationResponseBody::emit(Writer& writer) const {
  writer.le16(capability).le16(status).le16(aid_field).bytes(elements);
}

Result<DeauthenticationBody> DeauthenticationBody::parse(Reader reader) {
  DeauthenticationBody body;
  body.reason = TRY(reader.le16());
  body.elements = reader.rest();
  return body;
}

void DeauthenticationBody::emit(Writer& writer) const {
  writer.le16(reason).bytes(elements);
}

}  // namespace airloom::ieee80211
