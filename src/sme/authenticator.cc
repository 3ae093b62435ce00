#include "sme/authenticator.h"

namespace airloom::sme {

namespace {

using ieee80211::ReasonCode;

using State = Authenticator::State;

Step<State> discard(const State& state, std::string why) {
  return {state, {}, std::move(why)};
}

/// The checks that every answer from the station must pass before its MIC is looked at.
Result<void> check_answer(const UnverifiedKeyFrame& frame, uint16_t kind, uint8_t version,
                          const Authenticator::Outstanding& sent) {
  // [802.11-2020 12.7.2 b 1]: the version goes with the AKM.
  if (frame.info().version() != version) return fail(Errc::kMalformed, "descriptor version");
  // [802.11-2020 12.7.6.3, 12.7.6.5, 12.7.7.3]: Key Information of the message.
  if (frame.info().kind() != kind) return fail(Errc::kInvalid, "not the awaited message");
  // [802.11-2020 12.7.6.3 a, 12.7.6.5 a, 12.7.7.3 a]: it answers a message that was sent.
  if (!sent.covers(frame.replay_counter())) return fail(Errc::kBadAuth, "replay counter");
  return {};
}

}  // namespace

struct Authenticator::Visitor {
  const Authenticator& self;
  const State& whole;

  Step<State> operator()(const Idle&, const Start& e) { return self.start(e); }
  Step<State> operator()(const auto&, const Start&) {
    return discard(whole, "a handshake has begun already");
  }

  Step<State> operator()(const Idle&, const Received&) { return discard(whole, "not begun"); }
  Step<State> operator()(const Established&, const Received&) {
    return discard(whole, "nothing was asked");
  }
  Step<State> operator()(const Failed&, const Received&) { return discard(whole, "failed"); }
  Step<State> operator()(const auto& s, const Received& e) {
    auto frame = UnverifiedKeyFrame::parse(e.octets);
    if (!frame) return discard(whole, "malformed: " + frame.error().text);
    return self.received(s, *frame);
  }

  Step<State> operator()(const AwaitMessage2& s, const TimedOut&) { return self.timed_out(s); }
  Step<State> operator()(const AwaitMessage4& s, const TimedOut&) { return self.timed_out(s); }
  Step<State> operator()(const AwaitGroupMessage2& s, const TimedOut&) { return self.timed_out(s); }
  Step<State> operator()(const auto&, const TimedOut&) { return discard(whole, "no timer"); }

  Step<State> operator()(AwaitMessage2 s, const NewGroupKeys& e) {
    s.keys = e.keys;
    return {s};
  }
  Step<State> operator()(AwaitMessage4 s, const NewGroupKeys& e) {
    s.keys = e.keys;
    s.keys_changed = true;
    return {s};
  }
  Step<State> operator()(const Established& s, const NewGroupKeys& e) {
    return self.begin_group_handshake(s.ptk, e.keys, s.last_counter + 1);
  }
  Step<State> operator()(const AwaitGroupMessage2& s, const NewGroupKeys& e) {
    return self.begin_group_handshake(s.ptk, e.keys, s.sent.last + 1);
  }
  Step<State> operator()(const auto&, const NewGroupKeys&) {
    return discard(whole, "no pairwise key");
  }
};

Step<State> Authenticator::on(const State& state, const Event& event) const {
  return std::visit(Visitor{*this, state}, state, event);
}

Step<State> Authenticator::start(const Start& event) const {
  constexpr uint64_t kFirstCounter = 1;
  AwaitMessage2 next{event.anonce, event.keys, {kFirstCounter, kFirstCounter}};
  return {next, {message1(event.anonce, kFirstCounter), ArmTimeout{config_.first_timeout}}, {}};
}

/// Message 2. [802.11-2020 12.7.6.3]
Step<State> Authenticator::received(const AwaitMessage2& state,
                                    const UnverifiedKeyFrame& frame) const {
  const auto answer =
      check_answer(frame, message::kPairwise2, config_.profile.descriptor_version, state.sent);
  if (!answer) return discard(state, answer.error().text);
  // b) 1): derive the PTK and verify the MIC; else discard, and let the timer end it.
  const Ptk ptk = derive_ptk(config_.profile, temporal_key_size(config_.pairwise_cipher),
                             {.pmk = config_.pmk,
                              .authenticator = config_.authenticator,
                              .supplicant = config_.supplicant,
                              .anonce = state.anonce,
                              .snonce = frame.nonce()});
  const auto verified = frame.verify_mic(config_.profile, ptk.kck);
  if (!verified) return discard(state, "message 2: MIC");
  const auto octets = verified->key_data(ptk.kek);
  const auto data = octets ? KeyData::parse(*octets) : std::unexpected(octets.error());
  if (!data) return discard(state, "message 2: key data");
  // b) 2): the element must be bitwise that of the (Re)Association Request.
  if (data->rsn_element != config_.station_rsn_element ||
      data->rsnx_element != config_.station_rsnx_element)
    return {Failed{}, {CancelTimeout{}, Fail{ReasonCode::kHandshakeElementMismatch}}, {}};
  const uint64_t counter = state.sent.last + 1;
  AwaitMessage4 next{state.anonce, state.keys, ptk, {counter, counter}, false};
  return {next,
          {message3(next.anonce, next.keys, ptk, counter), ArmTimeout{config_.first_timeout}},
          {}};
}

/// Message 4. [802.11-2020 12.7.6.5]
Step<State> Authenticator::received(const AwaitMessage4& state,
                                    const UnverifiedKeyFrame& frame) const {
  const auto answer =
      check_answer(frame, message::kPairwise4, config_.profile.descriptor_version, state.sent);
  if (!answer) return discard(state, answer.error().text);
  // b): the MIC; else discard.
  if (!frame.verify_mic(config_.profile, state.ptk.kck)) return discard(state, "message 4: MIC");
  Step<State> step{Established{state.ptk, state.sent.last},
                   {CancelTimeout{}, InstallPtk{state.ptk.tk}, Authorise{}},
                   {}};
  if (!state.keys_changed) return step;
  Step<State> group = begin_group_handshake(state.ptk, state.keys, state.sent.last + 1);
  step.state = group.state;
  step.actions.insert(step.actions.end(), group.actions.begin(), group.actions.end());
  return step;
}

/// Message 2 of the group key handshake. [802.11-2020 12.7.7.3]
Step<State> Authenticator::received(const AwaitGroupMessage2& state,
                                    const UnverifiedKeyFrame& frame) const {
  const auto answer =
      check_answer(frame, message::kGroup2, config_.profile.descriptor_version, state.sent);
  if (!answer) return discard(state, answer.error().text);
  // b): the MIC; else discard.
  if (!frame.verify_mic(config_.profile, state.ptk.kck))
    return discard(state, "group message 2: MIC");
  return {Established{state.ptk, state.sent.last}, {CancelTimeout{}}, {}};
}

Step<State> Authenticator::timed_out(AwaitMessage2 state) const {
  if (state.sent.copies() >= config_.attempts)
    return {Failed{}, {Fail{ReasonCode::kFourWayHandshakeTimeout}}, {}};
  ++state.sent.last;
  return {state, {message1(state.anonce, state.sent.last), ArmTimeout{config_.timeout}}, {}};
}

Step<State> Authenticator::timed_out(AwaitMessage4 state) const {
  if (state.sent.copies() >= config_.attempts)
    return {Failed{}, {Fail{ReasonCode::kFourWayHandshakeTimeout}}, {}};
  ++state.sent.last;
  return {
      state,
      {message3(state.anonce, state.keys, state.ptk, state.sent.last), ArmTimeout{config_.timeout}},
      {}};
}

Step<State> Authenticator::timed_out(AwaitGroupMessage2 state) const {
  if (state.sent.copies() >= config_.attempts)
    return {Failed{}, {Fail{ReasonCode::kGroupKeyHandshakeTimeout}}, {}};
  ++state.sent.last;
  return {state,
          {group_message1(state.keys, state.ptk, state.sent.last), ArmTimeout{config_.timeout}},
          {}};
}

Step<State> Authenticator::begin_group_handshake(const Ptk& ptk, const GroupKeys& keys,
                                                 uint64_t counter) const {
  return {AwaitGroupMessage2{ptk, keys, {counter, counter}},
          {group_message1(keys, ptk, counter), ArmTimeout{config_.first_timeout}},
          {}};
}

KeyInfo Authenticator::info(uint16_t flags) const {
  return {static_cast<uint16_t>(flags | config_.profile.descriptor_version)};
}

/// [802.11-2020 12.7.6.2]
SendFrame Authenticator::message1(const Nonce& anonce, uint64_t counter) const {
  KeyFrame frame;
  frame.eapol_version = config_.eapol_version;
  frame.info = info(message::kPairwise1);
  frame.key_length = static_cast<uint16_t>(temporal_key_size(config_.pairwise_cipher));
  frame.replay_counter = counter;
  frame.nonce = anonce;
  frame.key_data = KeyData{.pmkid = config_.pmkid}.emit({});
  return {frame.emit(config_.profile, {}), false};
}

/// [802.11-2020 12.7.6.4]
SendFrame Authenticator::message3(const Nonce& anonce, const GroupKeys& keys, const Ptk& ptk,
                                  uint64_t counter) const {
  KeyFrame frame;
  frame.eapol_version = config_.eapol_version;
  frame.info = info(message::kPairwise3);
  frame.key_length = static_cast<uint16_t>(temporal_key_size(config_.pairwise_cipher));
  frame.replay_counter = counter;
  frame.nonce = anonce;
  frame.rsc = keys.gtk.rsc;
  frame.key_data =
      KeyData{config_.own_rsn_element, keys.gtk, keys.igtk, keys.bigtk, config_.own_rsnx_element}
          .emit(ptk.kek);
  return {frame.emit(config_.profile, ptk.kck), false};
}

/// [802.11-2020 12.7.7.2]
SendFrame Authenticator::group_message1(const GroupKeys& keys, const Ptk& ptk,
                                        uint64_t counter) const {
  KeyFrame frame;
  frame.eapol_version = config_.eapol_version;
  frame.info = info(message::kGroup1);
  frame.replay_counter = counter;
  frame.rsc = keys.gtk.rsc;
  frame.key_data = KeyData{{}, keys.gtk, keys.igtk, keys.bigtk}.emit(ptk.kek);
  return {frame.emit(config_.profile, ptk.kck), true};
}

}  // namespace airloom::sme
