// The recipient's side of block-ack agreements. [802.11-2020 10.25.2, 10.25.6, 11.5.2]
#include "ieee80211/reason_code.h"
#include "ieee80211/status_code.h"
#include "mac80211/block_ack.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

using ieee80211::ReasonCode;
using ieee80211::StatusCode;

namespace {

constexpr uint16_t code(ReasonCode reason) {
  return static_cast<uint16_t>(reason);
}
constexpr uint16_t code(StatusCode status) {
  return static_cast<uint16_t>(status);
}

}  // namespace

void BlockAck::on_action(Station& station, std::span<const uint8_t> body) {
  using ieee80211::BlockAckAction;
  if (body.size() < 2) return;
  switch (static_cast<BlockAckAction>(body[1])) {
    case BlockAckAction::kAddbaRequest:
      if (const auto request = ieee80211::AddbaRequest::parse(Reader(body)))
        on_addba_request(station, *request);
      return;
    case BlockAckAction::kAddbaResponse:
      if (const auto response = ieee80211::AddbaResponse::parse(Reader(body)))
        on_addba_response(station, *response);
      return;
    case BlockAckAction::kDelba:
      if (const auto delba = ieee80211::Delba::parse(Reader(body))) {
        if (delba->initiator)
          stop_rx(station, delba->tid, 0, /*tell=*/false);
        else
          stop_tx(station, delba->tid, BlockAckEnd::kPeers);
      }
      return;
  }
}

void BlockAck::on_addba_request(Station& station, const ieee80211::AddbaRequest& request) {
  const uint8_t tid = request.parameters.tid;
  uint16_t size = request.parameters.buffer_size;
  ieee80211::AddbaResponse response{.dialog_token = request.dialog_token,
                                    .status = accept(station, request, size),
                                    .parameters = {.immediate = true, .tid = tid},
                                    .timeout_tu = request.timeout_tu,
                                    .elements = {}};
  response.parameters.buffer_size = size;
  response.parameters.amsdu = stack_.driver().capabilities().amsdu_in_ampdu;
  send_action(station, response);
}

/// Judges a request, and sets the agreement up; the status code of the answer.
uint16_t BlockAck::accept(Station& station, const ieee80211::AddbaRequest& request,
                          uint16_t& size) {
  const uint8_t tid = request.parameters.tid;
  if (tid >= kBlockAckTids || !station.ht || station.block_ack.blocked)
    return code(StatusCode::kRequestDeclined);
  constexpr uint16_t kDelayedBlockAck = 0x0400;  // [802.11-2020 9.4.2.55.2]
  const bool delayed_ok = (station.ht->info & kDelayedBlockAck) != 0;
  // HE stations may ask for more than we keep; we offer what we have.
  constexpr uint16_t kRequestMax = 256;
  if ((!request.parameters.immediate && !delayed_ok) || size > kRequestMax)
    return code(StatusCode::kInvalidParameters);
  if (size == 0 || size > kWindowMax) size = kWindowMax;

  auto& session = station.block_ack.rx[tid];
  if (session && session->dialog_token == request.dialog_token)
    return code(session->timeout_tu == request.timeout_tu ? StatusCode::kSuccess
                                                          : StatusCode::kRequestDeclined);
  if (session) stop_rx(station, tid, code(ReasonCode::kUnspecifiedQos), /*tell=*/false);
  const auto prepared =
      stack_.driver().ampdu_action(station.interface().vif(), {.action = AmpduAction::kRxStart,
                                                               .station = station.entry(),
                                                               .tid = tid,
                                                               .start = request.starting_sequence,
                                                               .buffer_size = size,
                                                               .timeout_tu = request.timeout_tu});
  if (!prepared) return code(StatusCode::kRequestDeclined);
  session = std::make_unique<RxBlockAck>(
      stack_.scheduler(), request.starting_sequence, size,
      [this, id = station.id(), tid] { on_gap(id, tid); },
      [this, id = station.id(), tid] { on_rx_idle(id, tid); });
  session->dialog_token = request.dialog_token;
  session->timeout_tu = request.timeout_tu;
  session->last_rx = stack_.now();
  if (session->timeout_tu != 0) session->session_timer.arm(tu(session->timeout_tu));
  station.block_ack.told_unexpected &= static_cast<uint16_t>(~(1u << tid));
  return code(StatusCode::kSuccess);
}

void BlockAck::stop_rx(Station& station, uint8_t tid, uint16_t reason, bool tell) {
  RxBlockAck* session = station.block_ack.recipient(tid);
  if (session == nullptr) return;
  stack_.drops().note(Drop::kRxReorder, session->buffer.stored());
  station.block_ack.rx[tid].reset();
  (void)stack_.driver().ampdu_action(
      station.interface().vif(),
      {.action = AmpduAction::kRxStop, .station = station.entry(), .tid = tid});
  if (tell) send_delba(station, tid, /*initiator=*/false, reason);
}

void BlockAck::on_unexpected(Station& station, uint8_t tid) {
  const auto bit = static_cast<uint16_t>(1u << tid);
  if ((station.block_ack.told_unexpected & bit) != 0) return;
  station.block_ack.told_unexpected |= bit;
  send_delba(station, tid, /*initiator=*/false, code(ReasonCode::kUnknownBa));
}

bool BlockAck::on_request(Station& station, std::span<const uint8_t> body) {
  const auto request = ieee80211::BlockAckRequestBody::parse(Reader(body));
  if (!request) return false;
  RxBlockAck* session = station.block_ack.recipient(request->tid);
  if (session == nullptr) {
    on_unexpected(station, request->tid);
    return false;
  }
  session->last_rx = stack_.now();
  std::vector<HeldMpdu> released;
  session->buffer.advance(request->starting_sequence, released);
  after_reception(*session);
  stack_.rx().resume(station.id(), released);
  return true;
}

void BlockAck::after_reception(RxBlockAck& session) {
  const auto deadline = session.buffer.deadline();
  if (!deadline)
    session.reorder_timer.cancel();
  else if (!session.reorder_timer.is_armed() || session.reorder_timer.deadline() != *deadline)
    session.reorder_timer.arm_at(*deadline);
}

void BlockAck::on_gap(uint32_t id, uint8_t tid) {
  Station* station = stack_.stations().find(id);
  RxBlockAck* session = station != nullptr ? station->block_ack.recipient(tid) : nullptr;
  if (session == nullptr) return;
  std::vector<HeldMpdu> released;
  session->buffer.release_due(stack_.now(), released);
  after_reception(*session);
  stack_.rx().resume(id, released);
}

void BlockAck::on_rx_idle(uint32_t id, uint8_t tid) {
  Station* station = stack_.stations().find(id);
  RxBlockAck* session = station != nullptr ? station->block_ack.recipient(tid) : nullptr;
  if (session == nullptr) return;
  const TimePoint end = session->last_rx + tu(session->timeout_tu);
  if (end > stack_.now()) return session->session_timer.arm_at(end);
  stop_rx(*station, tid, code(ReasonCode::kTimeout), /*tell=*/true);
}

}  // namespace airloom::mac80211
