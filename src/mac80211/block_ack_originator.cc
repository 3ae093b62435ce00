// The originator's side of block-ack agreements, and what both sides send.
// [802.11-2020 10.25.2, 10.25.7, 11.5.2]
#include "ieee80211/reason_code.h"
#include "mac80211/access_point.h"
#include "mac80211/block_ack.h"
#include "mac80211/classify.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

using ieee80211::ReasonCode;
using State = TxBlockAck::State;

namespace {

/// What waited for an agreement goes on; if its station sleeps, the TIM says so.
void release(RadioStack& stack, Station& station, uint8_t tid) {
  stack.tx().wake(station, tid);
  if (AccessPoint* ap = station.interface().access_point()) ap->update_tim(station);
}

}  // namespace

bool BlockAck::may_originate(const Station& station, uint8_t tid) const {
  if (!station.ht || !station.wme || tid >= kBlockAckTids || station.block_ack.blocked)
    return false;
  constexpr uint8_t kVoice = 0;
  if (access_category_of(tid) == kVoice) return false;
  if (station.mfp && !station.is_authorized()) return false;
  const uint8_t requests = station.block_ack.requests[tid];
  if (requests > kRequestsMax) return false;
  return requests <= kBurstMax ||
         stack_.now() >= station.block_ack.last_request[tid] + kRetryPeriod;
}

void BlockAck::before_data(Station& station, uint8_t tid) {
  if (TxBlockAck* session = station.block_ack.originator(tid)) {
    if (session->timeout_tu != 0) session->last_tx = stack_.now();
    return;
  }
  if (!may_originate(station, tid)) return;
  const uint32_t id = station.id();
  auto session = std::make_unique<TxBlockAck>(
      stack_.scheduler(), [this, id, tid] { on_step(id, tid); },
      [this, id, tid] {
        if (Station* peer = stack_.stations().find(id)) stop_tx(*peer, tid, BlockAckEnd::kOurs);
      },
      [this, id, tid] { on_tx_idle(id, tid); });
  session->dialog_token = ++station.block_ack.last_token;
  session->step_timer.arm(Duration{0});
  station.block_ack.tx[tid] = std::move(session);
}

void BlockAck::on_step(uint32_t id, uint8_t tid) {
  Station* station = stack_.stations().find(id);
  TxBlockAck* session = station != nullptr ? station->block_ack.originator(tid) : nullptr;
  if (session == nullptr) return;
  switch (session->state) {
    case State::kWanted:
      return start_tx(*station, tid, *session);
    case State::kRequested:
      if (!session->driver_ready) return;
      if (session->answered) return become_operational(*station, tid, *session);
      if (!session->response_timer.is_armed()) send_addba_request(*station, tid, *session);
      return;
    case State::kStopping:
      if (session->driver_stopped) finish_tx(*station, tid, *session);
      return;
    case State::kOperational:
      return;
  }
}

void BlockAck::start_tx(Station& station, uint8_t tid, TxBlockAck& session) {
  session.state = State::kRequested;
  session.start = station.next_sequence[tid] & 0xfff;
  const auto reply =
      stack_.driver().ampdu_action(station.interface().vif(), {.action = AmpduAction::kTxStart,
                                                               .station = station.entry(),
                                                               .tid = tid,
                                                               .start = session.start});
  if (!reply) return end_tx(station, tid);
  session.driver_ready |= *reply == AmpduReply::kReady;
  if (*reply != AmpduReply::kAskLater) send_addba_request(station, tid, session);
}

void BlockAck::send_addba_request(Station& station, uint8_t tid, TxBlockAck& session) {
  session.response_timer.arm(kResponseTime);
  station.block_ack.last_request[tid] = stack_.now();
  ++station.block_ack.requests[tid];
  ieee80211::AddbaRequest request;
  request.dialog_token = session.dialog_token;
  request.parameters = {.amsdu = true, .immediate = true, .tid = tid, .buffer_size = kWindowMax};
  request.starting_sequence = session.start;
  send_action(station, request);
}

void BlockAck::on_driver_started(uint32_t id, uint8_t tid) {
  Station* station = stack_.stations().find(id);
  TxBlockAck* session = station != nullptr ? station->block_ack.originator(tid) : nullptr;
  if (session == nullptr || session->state != State::kRequested || session->driver_ready) return;
  session->driver_ready = true;
  session->step_timer.arm(Duration{0});
}

void BlockAck::on_addba_response(Station& station, const ieee80211::AddbaResponse& response) {
  const uint8_t tid = response.parameters.tid;
  TxBlockAck* session = station.block_ack.originator(tid);
  if (session == nullptr || session->state != State::kRequested || session->answered ||
      response.dialog_token != session->dialog_token)
    return;
  session->response_timer.cancel();
  const uint16_t size = std::min(response.parameters.buffer_size, kWindowMax);
  if (response.status != 0 || size == 0) return stop_tx(station, tid, BlockAckEnd::kDeclined);
  session->answered = true;
  session->buffer_size = size;
  session->amsdu = response.parameters.amsdu;
  station.block_ack.requests[tid] = 0;
  session->timeout_tu = response.timeout_tu;
  session->last_tx = stack_.now();
  if (session->timeout_tu != 0) session->session_timer.arm(tu(session->timeout_tu));
  if (session->driver_ready) become_operational(station, tid, *session);
}

void BlockAck::become_operational(Station& station, uint8_t tid, TxBlockAck& session) {
  (void)stack_.driver().ampdu_action(station.interface().vif(),
                                     {.action = AmpduAction::kTxOperational,
                                      .station = station.entry(),
                                      .tid = tid,
                                      .buffer_size = session.buffer_size,
                                      .amsdu = session.amsdu});
  session.state = State::kOperational;
  release(stack_, station, tid);
}

void BlockAck::stop_tx(Station& station, uint8_t tid, BlockAckEnd why) {
  TxBlockAck* session = station.block_ack.originator(tid);
  if (session == nullptr) return;
  if (session->state == State::kWanted) {  // nobody knows of it yet
    station.block_ack.tx[tid].reset();
    return;
  }
  const bool stopping = session->state == State::kStopping;
  if (stopping && why != BlockAckEnd::kStationGone) return;
  session->state = State::kStopping;
  session->response_timer.cancel();
  session->session_timer.cancel();
  session->tell_peer = why == BlockAckEnd::kOurs;
  const AmpduAction action = why != BlockAckEnd::kStationGone ? AmpduAction::kTxStopContinue
                             : stopping                       ? AmpduAction::kTxStopFlushContinue
                                                              : AmpduAction::kTxStopFlush;
  const auto stopped = stack_.driver().ampdu_action(
      station.interface().vif(), {.action = action, .station = station.entry(), .tid = tid});
  if (why == BlockAckEnd::kStationGone)
    station.block_ack.tx[tid].reset();
  else if (!stopped)
    end_tx(station, tid);  // a driver that cannot stop shall not keep the queue waiting
}

void BlockAck::on_driver_stopped(uint32_t id, uint8_t tid) {
  Station* station = stack_.stations().find(id);
  TxBlockAck* session = station != nullptr ? station->block_ack.originator(tid) : nullptr;
  if (session == nullptr || session->state != State::kStopping) return;
  session->driver_stopped = true;
  session->step_timer.arm(Duration{0});
}

void BlockAck::finish_tx(Station& station, uint8_t tid, const TxBlockAck& session) {
  const bool tell = session.tell_peer;
  end_tx(station, tid);
  if (tell) send_delba(station, tid, /*initiator=*/true, static_cast<uint16_t>(ReasonCode::kEndBa));
}

/// Forgets an agreement; its queue goes on without.
void BlockAck::end_tx(Station& station, uint8_t tid) {
  station.block_ack.tx[tid].reset();
  release(stack_, station, tid);
}

void BlockAck::on_tx_idle(uint32_t id, uint8_t tid) {
  Station* station = stack_.stations().find(id);
  TxBlockAck* session = station != nullptr ? station->block_ack.originator(tid) : nullptr;
  if (session == nullptr || session->state == State::kStopping) return;
  const TimePoint end = session->last_tx + tu(session->timeout_tu);
  if (end > stack_.now()) return session->session_timer.arm_at(end);
  stop_tx(*station, tid, BlockAckEnd::kOurs);
}

void BlockAck::tear_down(Station& station, BlockAckEnd why) {
  const bool tell = why != BlockAckEnd::kStationGone && why != BlockAckEnd::kPeers;
  for (uint8_t tid = 0; tid < kBlockAckTids; ++tid)
    stop_rx(station, tid, static_cast<uint16_t>(ReasonCode::kStaLeaving), tell);
  for (uint8_t tid = 0; tid < kBlockAckTids; ++tid) stop_tx(station, tid, why);
}

void BlockAck::on_lost(Station& station, uint8_t tid, uint16_t sequence) {
  if (station.block_ack.is_operational(tid))
    send_request(station, tid, static_cast<uint16_t>((sequence + 1) & 0xfff));
}

void BlockAck::on_delivered(Station& station, uint8_t tid) {
  TxBlockAck* session = station.block_ack.originator(tid);
  if (session == nullptr || !session->failed_bar) return;
  const uint16_t start = *session->failed_bar;
  session->failed_bar.reset();
  send_request(station, tid, start);
}

// [802.11-2020 9.3.1.7]
void BlockAck::send_request(Station& station, uint8_t tid, uint16_t start) {
  ieee80211::MacHeader header;
  header.fc = ieee80211::Subtype::kBlockAckRequest;
  header.address1 = station.address();
  header.address2 = station.interface().address();
  Octets frame;
  Writer writer(frame);
  header.emit(writer);
  ieee80211::BlockAckRequestBody{.tid = tid, .starting_sequence = start}.emit(writer);
  stack_.management_tx_path().send(
      station.interface(), frame,
      {.on_status =
           [this, id = station.id(), tid, start](const TxStatus& status) {
             Station* peer = stack_.stations().find(id);
             TxBlockAck* session = peer != nullptr ? peer->block_ack.originator(tid) : nullptr;
             if (session != nullptr && !status.acked) session->failed_bar = start;
           },
       .no_encrypt = true,
       .access_category = access_category_of(tid)});
}

template <typename Body>
void BlockAck::send_action(Station& station, const Body& body) {
  const Interface& interface = station.interface();
  ieee80211::MacHeader header;
  header.fc = ieee80211::Subtype::kAction;
  header.address1 = station.address();
  header.address2 = interface.address();
  header.address3 = cfg80211::is_ap(interface.type()) ? interface.address()
                                                      : interface.links().at(0).config.bssid;
  Octets frame;
  Writer writer(frame);
  header.emit(writer);
  body.emit(writer);
  stack_.management_tx_path().send(station.interface(), frame);
}

template void BlockAck::send_action(Station&, const ieee80211::AddbaResponse&);

void BlockAck::send_delba(Station& station, uint8_t tid, bool initiator, uint16_t reason) {
  send_action(station, ieee80211::Delba{.initiator = initiator, .tid = tid, .reason = reason});
}

}  // namespace airloom::mac80211
