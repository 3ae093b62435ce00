// The 4-way and group key handshakes: against frames of real hostapd and wpa_supplicant, against
// each other over a bad link, and every state with every event.
#include <gtest/gtest.h>

#include <deque>

#include "sme/authenticator.h"
#include "sme/supplicant.h"
#include "support/vector_file.h"

namespace airloom::sme {
namespace {

using ieee80211::ReasonCode;
using test::find_vector;

constexpr size_t kEapolAt = 26 + 8;  // QoS Data header, LLC/SNAP

/// The traced connection: its keys, nonces and frames.
struct Trace {
  std::vector<test::Vector> vectors = test::read_vectors("linux-6.1/wpa2/connection.txt");
  test::Vector connection = find_vector(vectors, "connection");

  Octets octets(const std::string& key) const { return connection.octets(key); }
  Octets eapol(const std::string& name) const {
    const Octets mpdu = find_vector(vectors, name).octets("mpdu");
    return {mpdu.begin() + kEapolAt, mpdu.end()};
  }
  Nonce nonce_in(const std::string& name) const {
    return UnverifiedKeyFrame::parse(eapol(name))->nonce();
  }
  GroupKey gtk() const { return {octets("gtk_id")[0], octets("gtk"), {}}; }
  Octets station_rsn() const {
    const Octets frame = eapol("message 2");
    return {frame.begin() + 99, frame.end()};
  }
  Octets ap_rsn() const {
    Octets rsn = station_rsn();
    rsn[rsn.size() - 2] = 0x0c;  // hostapd announces 16 replay counters
    return rsn;
  }

  AuthenticatorConfig authenticator() const {
    return {.profile = *AkmProfile::of(ieee80211::akm::kPsk),
            .pmk = octets("psk"),
            .authenticator = MacAddress::from(octets("ap")),
            .supplicant = MacAddress::from(octets("sta")),
            .own_rsn_element = ap_rsn(),
            .station_rsn_element = station_rsn()};
  }
  SupplicantConfig supplicant() const {
    return {.profile = *AkmProfile::of(ieee80211::akm::kPsk),
            .pmk = octets("psk"),
            .authenticator = MacAddress::from(octets("ap")),
            .supplicant = MacAddress::from(octets("sta")),
            .own_rsn_element = station_rsn(),
            .ap_rsn_element = ap_rsn()};
  }
};

template <typename T, typename S>
std::vector<T> actions_of(const Step<S>& step) {
  std::vector<T> found;
  for (const Action& action : step.actions)
    if (const T* wanted = std::get_if<T>(&action)) found.push_back(*wanted);
  return found;
}

template <typename S>
Octets sent(const Step<S>& step) {
  const auto frames = actions_of<SendFrame>(step);
  return frames.size() == 1 ? frames[0].octets : Octets{};
}

// --- Against real frames ---

TEST(FourWayTrace, AuthenticatorSendsWhatHostapdSent) {
  const Trace trace;
  const Authenticator machine(trace.authenticator());
  auto step = machine.on(Authenticator::Idle{},
                         Authenticator::Start{trace.nonce_in("message 1"), {trace.gtk()}});
  EXPECT_EQ(sent(step), trace.eapol("message 1"));
  const Octets message2 = trace.eapol("message 2");
  step = machine.on(step.state, Authenticator::Received{message2});
  EXPECT_EQ(sent(step), trace.eapol("message 3"));
  const Octets message4 = trace.eapol("message 4");
  step = machine.on(step.state, Authenticator::Received{message4});
  ASSERT_EQ(actions_of<InstallPtk>(step).size(), 1u);
  EXPECT_EQ(actions_of<InstallPtk>(step)[0].tk, trace.octets("tk"));
  EXPECT_EQ(actions_of<Authorise>(step).size(), 1u);
  ASSERT_TRUE(std::holds_alternative<Authenticator::Established>(step.state));
  const auto& kept = std::get<Authenticator::Established>(step.state);
  EXPECT_TRUE(std::ranges::equal(kept.ptk.kek, trace.octets("kek")));
}

TEST(FourWayTrace, SupplicantSendsWhatWpaSupplicantSent) {
  const Trace trace;
  const Supplicant machine(trace.supplicant());
  const Octets message1 = trace.eapol("message 1");
  auto step = machine.on(Supplicant::AwaitMessage1{},
                         Supplicant::Received{message1, false, trace.nonce_in("message 2")});
  EXPECT_EQ(sent(step), trace.eapol("message 2"));
  const Octets message3 = trace.eapol("message 3");
  step = machine.on(step.state, Supplicant::Received{message3});
  EXPECT_EQ(sent(step), trace.eapol("message 4"));
  ASSERT_EQ(step.actions.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<SendFrame>(step.actions[0]));  // in the clear, before the key
  EXPECT_EQ(std::get<InstallPtk>(step.actions[1]).tk, trace.octets("tk"));
  EXPECT_EQ(std::get<InstallGroupKey>(step.actions[2]).key, trace.gtk());
  EXPECT_TRUE(std::holds_alternative<Authorise>(step.actions[3]));
}

TEST(FourWayTrace, EveryBitOfMessage3IsProtected) {
  const Trace trace;
  const Supplicant machine(trace.supplicant());
  const Octets message1 = trace.eapol("message 1");
  const auto waiting =
      machine.on(Supplicant::AwaitMessage1{},
                 Supplicant::Received{message1, false, trace.nonce_in("message 2")});
  const Octets good = trace.eapol("message 3");
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Octets forged = good;
    forged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    const auto step = machine.on(waiting.state, Supplicant::Received{forged});
    EXPECT_TRUE(step.actions.empty()) << "bit " << bit;
    EXPECT_FALSE(step.discarded.empty());
  }
  for (size_t size = 0; size < good.size(); ++size) {
    const auto step = machine.on(waiting.state, Supplicant::Received{std::span(good).first(size)});
    EXPECT_TRUE(step.actions.empty());
  }
}

// --- Against each other ---

Nonce nonce_of(uint8_t octet) {
  Nonce nonce;
  nonce.fill(octet);
  return nonce;
}

/// Both ends and a link that carries one frame each way at a time.
class Pair {
 public:
  explicit Pair(const Trace& trace) : Pair(trace.authenticator(), trace.supplicant()) {}
  Pair(AuthenticatorConfig a, SupplicantConfig s)
      : authenticator(std::move(a)), supplicant(std::move(s)) {}

  void start(GroupKey gtk) {
    to_authenticator_event(Authenticator::Start{nonce_of(0xa1), {std::move(gtk)}});
  }
  void to_authenticator_event(const Authenticator::Event& event) {
    auto step = authenticator.on(ap, event);
    ap = step.state;
    ap_discarded = step.discarded;
    for (const Action& action : step.actions) {
      if (const auto* frame = std::get_if<SendFrame>(&action))
        to_station.push_back(*frame);
      else if (const auto* failure = std::get_if<Fail>(&action))
        failed = failure->reason;
      else if (const auto* key = std::get_if<InstallPtk>(&action))
        ap_tks.push_back(key->tk);
      else if (std::holds_alternative<Authorise>(action))
        ++ap_authorised;
      else if (std::holds_alternative<ArmTimeout>(action))
        armed = true;
      else if (std::holds_alternative<CancelTimeout>(action))
        armed = false;
    }
  }
  void deliver_to_station(const SendFrame& frame) {
    auto step = supplicant.on(station,
                              Supplicant::Received{frame.octets, frame.encrypt, nonce_of(++fresh)});
    station = step.state;
    station_discarded = step.discarded;
    for (const Action& action : step.actions) {
      if (const auto* answer = std::get_if<SendFrame>(&action))
        to_ap.push_back(*answer);
      else if (const auto* failure = std::get_if<Fail>(&action))
        failed = failure->reason;
      else if (const auto* key = std::get_if<InstallPtk>(&action))
        station_tks.push_back(key->tk);
      else if (const auto* gtk = std::get_if<InstallGroupKey>(&action))
        gtks.push_back(gtk->key);
      else if (std::holds_alternative<Authorise>(action))
        ++station_authorised;
    }
  }
  SendFrame pop(std::deque<SendFrame>& queue) {
    SendFrame frame = queue.front();
    queue.pop_front();
    return frame;
  }
  bool station_step() {
    if (to_station.empty()) return false;
    deliver_to_station(pop(to_station));
    return true;
  }
  bool ap_step() {
    if (to_ap.empty()) return false;
    const SendFrame frame = pop(to_ap);
    to_authenticator_event(Authenticator::Received{frame.octets});
    return true;
  }
  void settle() {
    while (station_step() || ap_step()) {
    }
  }
  bool established() const {
    return std::holds_alternative<Authenticator::Established>(ap) &&
           std::holds_alternative<Supplicant::Established>(station);
  }

  Authenticator authenticator;
  Supplicant supplicant;
  Authenticator::State ap;
  Supplicant::State station;
  std::deque<SendFrame> to_station, to_ap;
  std::vector<Octets> ap_tks, station_tks;
  std::vector<GroupKey> gtks;
  std::string ap_discarded, station_discarded;
  std::optional<ReasonCode> failed;
  int ap_authorised = 0, station_authorised = 0;
  bool armed = false;
  uint8_t fresh = 0;
};

TEST(FourWay, EveryPatternOfLossEndsWithEqualKeysInstalledOnce) {
  const Trace trace;
  // Bit i of the pattern: the i-th frame on the link is lost.
  for (uint32_t pattern = 0; pattern < 256; ++pattern) {
    Pair pair(trace);
    pair.start(trace.gtk());
    uint32_t frame = 0;
    const auto lost = [&] { return frame < 8 && (pattern >> frame++ & 1); };
    for (int round = 0; round < 40 && !pair.failed; ++round) {
      if (!pair.to_station.empty()) {
        if (lost())
          pair.to_station.pop_front();
        else
          pair.station_step();
      } else if (!pair.to_ap.empty()) {
        if (lost())
          pair.to_ap.pop_front();
        else
          pair.ap_step();
      } else if (pair.armed) {
        pair.to_authenticator_event(Authenticator::TimedOut{});
      }
    }
    ASSERT_LE(pair.station_tks.size(), 1u) << pattern;
    ASSERT_LE(pair.gtks.size(), 1u) << pattern;
    ASSERT_LE(pair.ap_tks.size(), 1u) << pattern;
    if (pair.failed) {
      EXPECT_EQ(pair.failed, ReasonCode::kFourWayHandshakeTimeout);
      EXPECT_GE(std::popcount(pattern), 4);
    } else {
      ASSERT_TRUE(pair.established()) << pattern;
      EXPECT_EQ(pair.ap_tks, pair.station_tks) << pattern;
      EXPECT_EQ(pair.gtks.at(0), trace.gtk());
    }
  }
}

TEST(FourWay, WrongPskEndsInTimeoutAtTheAccessPoint) {
  const Trace trace;
  SupplicantConfig wrong = trace.supplicant();
  wrong.pmk[0] ^= 1;
  Pair pair(trace.authenticator(), wrong);
  pair.start(trace.gtk());
  pair.settle();
  EXPECT_EQ(pair.ap_discarded, "message 2: MIC");
  int timeouts = 0;
  while (!pair.failed) {
    pair.to_authenticator_event(Authenticator::TimedOut{});
    pair.settle();
    ++timeouts;
  }
  EXPECT_EQ(timeouts, 4);
  EXPECT_EQ(pair.failed, ReasonCode::kFourWayHandshakeTimeout);
  EXPECT_TRUE(std::holds_alternative<Supplicant::AwaitMessage3>(pair.station));
  EXPECT_TRUE(pair.station_tks.empty());
}

TEST(FourWay, RsnElementMismatchFailsAtTheEndThatSeesIt) {
  const Trace trace;
  AuthenticatorConfig downgraded = trace.authenticator();
  downgraded.station_rsn_element.back() ^= 1;
  Pair ap_sees(downgraded, trace.supplicant());
  ap_sees.start(trace.gtk());
  ap_sees.settle();
  EXPECT_EQ(ap_sees.failed, ReasonCode::kHandshakeElementMismatch);
  EXPECT_TRUE(std::holds_alternative<Authenticator::Failed>(ap_sees.ap));

  SupplicantConfig spoofed = trace.supplicant();
  spoofed.ap_rsn_element.back() ^= 1;
  Pair station_sees(trace.authenticator(), spoofed);
  station_sees.start(trace.gtk());
  station_sees.settle();
  EXPECT_EQ(station_sees.failed, ReasonCode::kHandshakeElementMismatch);
  EXPECT_TRUE(station_sees.station_tks.empty());
}

TEST(FourWay, RepeatedMessage3IsAnsweredAndInstallsNothing) {
  const Trace trace;
  Pair pair(trace);
  pair.start(trace.gtk());
  pair.station_step();
  pair.ap_step();
  const SendFrame message3 = pair.to_station.front();
  pair.station_step();
  pair.to_ap.clear();  // message 4 is lost
  pair.deliver_to_station(message3);
  EXPECT_EQ(pair.station_discarded, "replay counter");
  pair.to_authenticator_event(Authenticator::TimedOut{});  // a copy with a new counter
  pair.settle();
  EXPECT_TRUE(pair.established());
  EXPECT_EQ(pair.station_tks.size(), 1u);
  EXPECT_EQ(pair.gtks.size(), 1u);
}

TEST(FourWay, DuplicatedFramesChangeNothing) {
  const Trace trace;
  Pair pair(trace);
  pair.start(trace.gtk());
  while (!pair.to_station.empty() || !pair.to_ap.empty()) {
    if (!pair.to_station.empty()) {
      const SendFrame frame = pair.pop(pair.to_station);
      pair.deliver_to_station(frame);
      pair.deliver_to_station(frame);
    } else {
      const SendFrame frame = pair.pop(pair.to_ap);
      pair.to_authenticator_event(Authenticator::Received{frame.octets});
      pair.to_authenticator_event(Authenticator::Received{frame.octets});
    }
  }
  EXPECT_TRUE(pair.established());
  EXPECT_EQ(pair.station_tks.size(), 1u);
  EXPECT_EQ(pair.ap_tks, pair.station_tks);
  EXPECT_EQ(pair.ap_authorised, 1);
}

TEST(FourWay, ForgedMessage1DoesNotUnseatTheKeysInForce) {
  const Trace trace;
  Pair pair(trace);
  pair.start(trace.gtk());
  pair.settle();
  ASSERT_TRUE(pair.established());
  KeyFrame forged;
  forged.info.bits = message::kPairwise1 | 2;
  forged.replay_counter = 1000;
  forged.nonce = nonce_of(0xee);
  pair.deliver_to_station({forged.emit(trace.authenticator().profile, {}), false});
  pair.to_ap.clear();
  const GroupKey next{2, Octets(16, 0x77), {5}};
  pair.to_authenticator_event(Authenticator::NewGroupKeys{next});
  pair.settle();
  ASSERT_EQ(pair.gtks.size(), 2u);
  EXPECT_EQ(pair.gtks[1], next);
  EXPECT_TRUE(std::holds_alternative<Authenticator::Established>(pair.ap));
}

TEST(GroupHandshake, RekeysEncryptedAndSurvivesLoss) {
  const Trace trace;
  Pair pair(trace);
  pair.start(trace.gtk());
  pair.settle();
  const GroupKey next{2, Octets(16, 0x77), {5}};
  pair.to_authenticator_event(Authenticator::NewGroupKeys{next});
  ASSERT_EQ(pair.to_station.size(), 1u);
  EXPECT_TRUE(pair.to_station[0].encrypt);
  pair.station_step();
  EXPECT_TRUE(pair.to_ap.at(0).encrypt);
  pair.to_ap.clear();
  EXPECT_TRUE(pair.armed);
  pair.to_authenticator_event(Authenticator::TimedOut{});
  pair.settle();
  EXPECT_TRUE(pair.established());
  EXPECT_FALSE(pair.armed);
  ASSERT_EQ(pair.gtks.size(), 2u);  // the copy installed nothing
  EXPECT_EQ(pair.gtks[1], next);

  pair.to_authenticator_event(Authenticator::NewGroupKeys{trace.gtk()});
  for (int i = 0; i < 4; ++i) pair.to_authenticator_event(Authenticator::TimedOut{});
  EXPECT_EQ(pair.failed, ReasonCode::kGroupKeyHandshakeTimeout);
}

TEST(GroupHandshake, KeyChangedDuringThePairwiseHandshakeFollowsIt) {
  const Trace trace;
  Pair pair(trace);
  pair.start(trace.gtk());
  pair.station_step();
  pair.ap_step();  // message 3 is on its way with the old key
  const GroupKey next{2, Octets(16, 0x77), {}};
  pair.to_authenticator_event(Authenticator::NewGroupKeys{next});
  pair.settle();
  EXPECT_TRUE(pair.established());
  EXPECT_EQ(pair.gtks, (std::vector<GroupKey>{trace.gtk(), next}));
}

// --- Every state with every event ---

template <typename Variant, size_t... I>
std::vector<std::string> outcomes(const Authenticator& machine,
                                  const std::vector<Authenticator::State>& states,
                                  const Variant& event) {
  std::vector<std::string> rows;
  for (const auto& state : states) {
    const auto step = machine.on(state, event);
    rows.push_back(std::to_string(state.index()) + "->" + std::to_string(step.state.index()) +
                   (step.discarded.empty() ? "" : " -") + "/" +
                   std::to_string(step.actions.size()));
  }
  return rows;
}

TEST(AuthenticatorTable, EveryStateAndEvent) {
  const Trace trace;
  const Authenticator machine(trace.authenticator());
  const GroupKeys gtk{trace.gtk()};
  const Nonce nonce = trace.nonce_in("message 1");
  const Ptk ptk = derive_ptk(trace.authenticator().profile, 16,
                             {.pmk = trace.authenticator().pmk,
                              .authenticator = trace.authenticator().authenticator,
                              .supplicant = trace.authenticator().supplicant,
                              .anonce = nonce,
                              .snonce = trace.nonce_in("message 2")});
  const std::vector<Authenticator::State> states = {
      Authenticator::Idle{},
      Authenticator::AwaitMessage2{nonce, gtk, {1, 1}},
      Authenticator::AwaitMessage4{nonce, gtk, ptk, {2, 2}},
      Authenticator::Established{ptk, 2},
      Authenticator::AwaitGroupMessage2{ptk, gtk, {3, 3}},
      Authenticator::Failed{}};
  ASSERT_EQ(states.size(), std::variant_size_v<Authenticator::State>);
  KeyFrame group2;
  group2.info.bits = message::kGroup2 | 2;
  group2.replay_counter = 3;
  const Octets group2_octets = group2.emit(machine.config().profile, ptk.kck);
  const Octets message2 = trace.eapol("message 2"), message4 = trace.eapol("message 4");
  using A = Authenticator;
  using Rows = std::vector<std::string>;
  EXPECT_EQ(outcomes(machine, states, A::Event(A::Start{nonce, gtk})),
            (Rows{"0->1/2", "1->1 -/0", "2->2 -/0", "3->3 -/0", "4->4 -/0", "5->5 -/0"}));
  EXPECT_EQ(outcomes(machine, states, A::Event(A::Received{message2})),
            (Rows{"0->0 -/0", "1->2/2", "2->2 -/0", "3->3 -/0", "4->4 -/0", "5->5 -/0"}));
  EXPECT_EQ(outcomes(machine, states, A::Event(A::Received{message4})),
            (Rows{"0->0 -/0", "1->1 -/0", "2->3/3", "3->3 -/0", "4->4 -/0", "5->5 -/0"}));
  EXPECT_EQ(outcomes(machine, states, A::Event(A::Received{group2_octets})),
            (Rows{"0->0 -/0", "1->1 -/0", "2->2 -/0", "3->3 -/0", "4->3/1", "5->5 -/0"}));
  EXPECT_EQ(outcomes(machine, states, A::Event(A::Received{})),
            (Rows{"0->0 -/0", "1->1 -/0", "2->2 -/0", "3->3 -/0", "4->4 -/0", "5->5 -/0"}));
  EXPECT_EQ(outcomes(machine, states, A::Event(A::TimedOut{})),
            (Rows{"0->0 -/0", "1->1/2", "2->2/2", "3->3 -/0", "4->4/2", "5->5 -/0"}));
  EXPECT_EQ(outcomes(machine, states, A::Event(A::NewGroupKeys{gtk})),
            (Rows{"0->0 -/0", "1->1/0", "2->2/0", "3->4/2", "4->4/2", "5->5 -/0"}));
}

TEST(SupplicantTable, EveryStateAndMessage) {
  const Trace trace;
  const Supplicant machine(trace.supplicant());
  const Nonce anonce = trace.nonce_in("message 1"), snonce = trace.nonce_in("message 2");
  const auto& c = machine.config();
  const Ptk ptk = derive_ptk(c.profile, 16,
                             {.pmk = c.pmk,
                              .authenticator = c.authenticator,
                              .supplicant = c.supplicant,
                              .anonce = anonce,
                              .snonce = snonce});
  const Supplicant::Established keys{anonce, ptk, 1, {trace.gtk()}};
  const std::vector<Supplicant::State> states = {
      Supplicant::AwaitMessage1{}, keys, Supplicant::AwaitMessage3{anonce, snonce, ptk, {}},
      Supplicant::AwaitMessage3{nonce_of(1), snonce, ptk, keys}, Supplicant::Failed{}};
  KeyFrame group1;
  group1.info.bits = message::kGroup1 | 2;
  group1.replay_counter = 2;
  group1.key_data = KeyData{{}, GroupKey{2, Octets(16, 9), {}}}.emit(ptk.kek);
  KeyFrame message1;
  message1.info.bits = message::kPairwise1 | 2;
  message1.replay_counter = 2;
  message1.nonce = anonce;
  const Octets frames[] = {message1.emit(c.profile, {}), trace.eapol("message 3"),
                           group1.emit(c.profile, ptk.kck), trace.eapol("message 2"), Octets{}};
  // Per frame, per state: resulting kind of state and number of actions.
  using Row = std::vector<std::pair<size_t, size_t>>;
  constexpr size_t kWait1 = 0, kWait3 = 1, kDone = 2, kFailed = 3;
  const Row expected[] = {
      {{kWait3, 1}, {kWait3, 1}, {kWait3, 1}, {kWait3, 1}, {kFailed, 0}},
      {{kWait1, 0}, {kDone, 1}, {kDone, 4}, {kWait3, 1}, {kFailed, 0}},
      {{kWait1, 0}, {kDone, 2}, {kWait3, 0}, {kWait3, 2}, {kFailed, 0}},
      {{kWait1, 0}, {kDone, 0}, {kWait3, 0}, {kWait3, 0}, {kFailed, 0}},
      {{kWait1, 0}, {kDone, 0}, {kWait3, 0}, {kWait3, 0}, {kFailed, 0}},
  };
  const auto kind_of = [](const Supplicant::State& state) -> size_t {
    if (std::holds_alternative<Supplicant::AwaitMessage1>(state)) return kWait1;
    if (std::holds_alternative<Supplicant::AwaitMessage3>(state)) return kWait3;
    return std::holds_alternative<Supplicant::Established>(state) ? kDone : kFailed;
  };
  for (size_t f = 0; f < std::size(frames); ++f) {
    for (size_t s = 0; s < states.size(); ++s) {
      const auto step = machine.on(states[s], Supplicant::Received{frames[f], false, nonce_of(7)});
      EXPECT_EQ(kind_of(step.state), expected[f][s].first) << "frame " << f << " state " << s;
      EXPECT_EQ(step.actions.size(), expected[f][s].second) << "frame " << f << " state " << s;
    }
  }
}

TEST(KeyData, RoundTripAndHostileInput) {
  const Octets kek(16, 3);
  const KeyData data{{0x30, 2, 1, 0}, GroupKey{2, Octets(32, 8), {}}};
  KeyFrame frame;
  frame.info.bits = message::kPairwise3 | 2;
  frame.key_data = data.emit(kek);
  const AkmProfile profile;
  const auto parsed = UnverifiedKeyFrame::parse(frame.emit(profile, kek));
  ASSERT_TRUE(parsed);
  const auto verified = parsed->verify_mic(profile, kek);
  ASSERT_TRUE(verified);
  EXPECT_EQ(KeyData::parse(*verified->key_data(kek)), data);
  EXPECT_FALSE(verified->key_data(Octets(16, 4)));
  EXPECT_FALSE(KeyData::parse(Octets{0x30, 200, 1}));
  EXPECT_FALSE(KeyData::parse(Octets{0xdd, 6, 0, 0x0f, 0xac, 1, 0, 0}));  // GTK of no octets
  EXPECT_FALSE(KeyData::parse(Octets{0xdd, 5, 0, 0x0f, 0xac, 1, 1}));     // ends in the GTK KDE
  EXPECT_TRUE(KeyData::parse(Octets{0xdd, 4, 0, 0x50, 0xf2, 1, 0xdd, 0, 0}));  // vendor, padding
}

TEST(AkmProfile, Sha256AkmsUseKdfAndCmac) {
  Trace trace;
  for (auto akm : {ieee80211::akm::kPskSha256, ieee80211::akm::kSae}) {
    AuthenticatorConfig a = trace.authenticator();
    SupplicantConfig s = trace.supplicant();
    a.profile = s.profile = *AkmProfile::of(akm);
    Pair pair(a, s);
    pair.start(trace.gtk());
    pair.settle();
    EXPECT_TRUE(pair.established());
    EXPECT_EQ(pair.ap_tks, pair.station_tks);
  }
  EXPECT_FALSE(AkmProfile::of(ieee80211::akm::kSuiteB192));
}

}  // namespace
}  // namespace airloom::sme
