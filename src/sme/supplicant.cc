#include "sme/supplicant.h"

namespace airloom::sme {

namespace {

using ieee80211::ReasonCode;

using State = Supplicant::State;

Step<State> discard(const State& state, std::string why) {
  return {state, {}, std::move(why)};
}

bool is_used(uint64_t counter, const std::optional<Supplicant::Established>& keys) {
  return keys && counter <= keys->last_counter;
}

}  // namespace

Step<State> Supplicant::on(const State& state, const Event& event) const {
  const Received& received = std::get<Received>(event);
  auto parsed = UnverifiedKeyFrame::parse(received.octets);
  if (!parsed) return discard(state, "malformed: " + parsed.error().text);
  const UnverifiedKeyFrame& frame = *parsed;
  // [802.11-2020 12.7.2 b 1]: the version goes with the AKM.
  if (frame.info().version() != config_.profile.descriptor_version)
    return discard(state, "descriptor version");
  const bool is_message1 = frame.info().kind() == message::kPairwise1;
  const bool is_message3 = frame.info().kind() == message::kPairwise3;

  if (std::holds_alternative<AwaitMessage1>(state)) {
    if (!is_message1) return discard(state, "message 1 is awaited");
    return message1(state, std::nullopt, frame, received);
  }
  if (const auto* established = std::get_if<Established>(&state)) {
    if (is_message1) return message1(state, *established, frame, received);
    return under_ptk(*established, frame, received);
  }
  if (const auto* waiting = std::get_if<AwaitMessage3>(&state)) {
    if (is_message1) return message1(state, waiting->previous, frame, received);
    if (is_message3 && frame.nonce() == waiting->anonce) return message3(*waiting, frame, received);
    // [802.11-2020 12.7.6.4 a]: message 3 must bring the ANonce of message 1.
    if (!waiting->previous) return discard(state, is_message3 ? "ANonce" : "not message 3");
    Step<State> step = under_ptk(*waiting->previous, frame, received);
    AwaitMessage3 next = *waiting;
    next.previous = std::get<Established>(step.state);
    step.state = next;
    return step;
  }
  return discard(state, "failed");
}

/// Message 1. [802.11-2020 12.7.6.2]
Step<State> Supplicant::message1(const State& state, std::optional<Established> previous,
                                 const UnverifiedKeyFrame& frame, const Received& event) const {
  // a): its replay counter must be new under the PTK in force.
  if (is_used(frame.replay_counter(), previous)) return discard(state, "replay counter");
  // b): a new SNonce, and the PTK; a repeated message 1 gets the same answer.
  AwaitMessage3 next{frame.nonce(), event.fresh_nonce, {}, std::move(previous)};
  const auto* waiting = std::get_if<AwaitMessage3>(&state);
  if (waiting && waiting->anonce == next.anonce) next.snonce = waiting->snonce;
  next.ptk = derive_ptk(config_.profile, temporal_key_size(config_.pairwise_cipher),
                        {.pmk = config_.pmk,
                         .authenticator = config_.authenticator,
                         .supplicant = config_.supplicant,
                         .anonce = next.anonce,
                         .snonce = next.snonce});
  SendFrame message2 = answer(
      message::kPairwise2, frame, next.ptk, event.encrypted, next.snonce,
      KeyData{.rsn_element = config_.own_rsn_element, .rsnx_element = config_.own_rsnx_element}
          .emit({}));
  return {std::move(next), {std::move(message2)}, {}};
}

/// Message 3. [802.11-2020 12.7.6.4]
Step<State> Supplicant::message3(const AwaitMessage3& state, const UnverifiedKeyFrame& frame,
                                 const Received& event) const {
  // a): its replay counter must be new.
  if (is_used(frame.replay_counter(), state.previous)) return discard(state, "replay counter");
  // b): the MIC; else discard.
  const auto data = open(frame, state.ptk);
  if (!data) return discard(state, "message 3: " + data.error().text);
  // c): the RSN element must be bitwise that of the Beacon or Probe Response.
  if (data->rsn_element != config_.ap_rsn_element || data->rsnx_element != config_.ap_rsnx_element)
    return {Failed{}, {Fail{ReasonCode::kHandshakeElementMismatch}}, {}};
  // d), e): answer in the clear, then the keys, then data.
  Established next{state.anonce, state.ptk, frame.replay_counter(), data->keys};
  Step<State> step{
      next,
      {answer(message::kPairwise4, frame, state.ptk, event.encrypted), InstallPtk{state.ptk.tk}},
      {}};
  for (const GroupKey* key : next.keys.all()) step.actions.push_back(InstallGroupKey{*key});
  step.actions.push_back(Authorise{});
  return step;
}

Step<State> Supplicant::under_ptk(Established state, const UnverifiedKeyFrame& frame,
                                  const Received& event) const {
  const bool is_message3 = frame.info().kind() == message::kPairwise3;
  const bool is_group1 = frame.info().kind() == message::kGroup1;
  if (!is_message3 && !is_group1) return discard(state, "not a message to a supplicant");
  // [802.11-2020 12.7.6.4 a, 12.7.7.2 a]: its replay counter must be new.
  if (frame.replay_counter() <= state.last_counter) return discard(state, "replay counter");
  // [802.11-2020 12.7.6.4 a]
  if (is_message3 && frame.nonce() != state.anonce) return discard(state, "ANonce");
  // [802.11-2020 12.7.6.4 b, 12.7.7.2 b]: the MIC; else discard.
  const auto data = open(frame, state.ptk);
  if (!data) return discard(state, data.error().text);

  state.last_counter = frame.replay_counter();
  Step<State> step{state, {}, {}};
  if (is_group1) {
    GroupKeys& keys = std::get<Established>(step.state).keys;
    keys.gtk = data->keys.gtk;
    if (data->keys.igtk) keys.igtk = data->keys.igtk;  // what it leaves out stays in use
    if (data->keys.bigtk) keys.bigtk = data->keys.bigtk;
    for (const GroupKey* key : data->keys.all()) {
      const GroupKey* old = state.keys.find(key->id);
      if (!old || old->key != key->key) step.actions.push_back(InstallGroupKey{*key});
    }
  }
  step.actions.push_back(answer(is_group1 ? message::kGroup2 : message::kPairwise4, frame,
                                state.ptk, event.encrypted));
  return step;
}

Result<Supplicant::Opened> Supplicant::open(const UnverifiedKeyFrame& frame, const Ptk& ptk) const {
  const VerifiedKeyFrame verified = TRY(frame.verify_mic(config_.profile, ptk.kck));
  const Octets octets = TRY(verified.key_data(ptk.kek));
  KeyData data = TRY(KeyData::parse(octets));
  // The group cipher needs its key. [802.11-2020 12.7.6.4]
  if (!data.group_key) return fail(Errc::kMalformed, "no group key");
  Opened opened{
      std::move(data.rsn_element), std::move(data.rsnx_element), {*std::move(data.group_key)}};
  opened.keys.gtk.rsc = verified.frame().rsc;
  if (!config_.group_management) return opened;
  opened.keys.igtk = std::move(data.igtk);
  if (config_.beacon_protection) opened.keys.bigtk = std::move(data.bigtk);
  const size_t size = management_key_size(*config_.group_management);
  for (const auto& key : {opened.keys.igtk, opened.keys.bigtk})
    if (key && key->key.size() != size) return fail(Errc::kMalformed, "IGTK or BIGTK length");
  return opened;
}

SendFrame Supplicant::answer(uint16_t kind, const UnverifiedKeyFrame& to, const Ptk& ptk,
                             bool encrypt, const Nonce& nonce, Octets key_data) const {
  KeyFrame frame;
  frame.eapol_version = config_.eapol_version;
  frame.info.bits = static_cast<uint16_t>(kind | config_.profile.descriptor_version);
  frame.replay_counter = to.replay_counter();
  frame.nonce = nonce;
  frame.key_data = std::move(key_data);
  return {frame.emit(config_.profile, ptk.kck), encrypt};
}

}  // namespace airloom::sme
