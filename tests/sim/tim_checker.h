// Whether the TIM of an access point's beacons tells sleeping stations the truth, judged from
// outside. A frame that waits for a station while a beacon goes out must be announced in it; a
// station that was promised frames, and wakes or polls for them, must get some. What was handed to
// the access point the workload says, what was sent the air, which frame it was the keys.
// It judges only while the air has been good for a while: on a bad one the two ends may differ
// about who sleeps. [802.11-2020 11.2.3]
#pragma once

#include <optional>
#include <string>

#include "ieee80211/management.h"
#include "ieee80211/tim_element.h"
#include "sim/checkers.h"
#include "sim/port_checker.h"

namespace airloom::lab {

/// The frame of a test within a protected MPDU, if it is one and the keys open it.
inline std::optional<TestFrame> test_frame_in(const KeyLog& keys, std::span<const uint8_t> mpdu) {
  const auto view = ieee80211::FrameView::of(mpdu);
  for (const LoggedKey& key : keys.of(view->address2(), view->address1())) {
    const auto clear = open(key, mpdu);
    if (!clear || clear->size() < 8) continue;
    // Back to an Ethernet frame, which is what a TestFrame parses: addresses, then the type.
    Octets ethernet(12, 0);
    ethernet.insert(ethernet.end(), clear->begin() + 6, clear->end());
    return TestFrame::parse(ethernet);
  }
  return std::nullopt;
}

class TimChecker final : public medium::Observer {
 public:
  TimChecker(World& world, const KeyLog& keys, const PortChecker& ports)
      : world_(world), keys_(keys), ports_(ports) {
    world_.medium().add_observer(*this);
  }
  ~TimChecker() override { world_.medium().remove_observer(*this); }

  /// @param number  its sender's number in test frames.
  void watch_access_point(const MacAddress& address, medium::ReceiverId radio, uint8_t number) {
    access_points_[address] = {radio, number};
  }
  /// The air changes; a good one counts as such from a while later.
  void on_air(bool good) { good_since_ = good ? std::optional(now()) : std::nullopt; }
  /// A frame of its own goes into an access point's interface.
  void on_handed(const MacAddress& ap, const MacAddress& station, const TestFrame& frame) {
    peers_[{ap, station}].handed[{frame.priority, frame.number}] = now();
  }

  void on_begin(const medium::Transmission& transmission) override {
    const auto view = ieee80211::FrameView::of(transmission.frame.octets());
    if (!view || !view->has_address2()) return;
    if (access_points_.contains(view->address2())) on_access_point(*view);
  }
  /// What a station says counts only if its access point has heard it.
  void on_end(const medium::Transmission& transmission,
              std::span<const Decoder> decoders) override {
    const auto view = ieee80211::FrameView::of(transmission.frame.octets());
    if (!view || !view->has_address2()) return;
    const auto ap = access_points_.find(view->address1());
    if (ap != access_points_.end() &&
        std::ranges::count(decoders, ap->second.radio, &Decoder::receiver) == 1)
      on_station(*view);
  }

  std::string faults() {
    for (auto& [pair, peer] : peers_) settle(pair, peer);
    return faults_;
  }
  /// How many promises and waiting frames it has judged.
  size_t judged() const { return judged_; }

 private:
  static constexpr Duration kGoodFor = std::chrono::seconds(1);
  static constexpr Duration kMargin = std::chrono::milliseconds(10);
  static constexpr Duration kAnswer = std::chrono::milliseconds(200);
  using Pair = std::pair<MacAddress, MacAddress>;  // an access point and a station

  struct Peer {
    uint16_t aid = 0;
    std::optional<TimePoint> asleep_since;
    std::map<std::pair<uint8_t, uint32_t>, TimePoint> handed;  // by priority and number
    struct Announced {
      TimePoint at;
      bool has_frames = false;
    };
    std::optional<Announced> last_beacon;
    std::optional<TimePoint> promised_until;  // the station has asked; it gets a frame by then
  };

  TimePoint now() const { return world_.ports().scheduler->now(); }
  bool judges() const { return good_since_ && now() - *good_since_ > kGoodFor; }

  void on_access_point(const ieee80211::FrameView& view) {
    const auto fc = view.fc();
    if (fc.is_beacon()) return on_beacon(view);
    if (view.address1().is_group()) return;
    const Pair pair{view.address2(), view.address1()};
    Peer& peer = peers_[pair];
    if (fc.is(ieee80211::Subtype::kAssociationResponse) ||
        fc.is(ieee80211::Subtype::kReassociationResponse)) {
      const auto body = ieee80211::AssociationResponseBody::parse(view.body());
      if (body && body->status == 0) peer = {.aid = body->aid()};
    } else if (fc.is(ieee80211::Subtype::kDeauthentication) ||
               fc.is(ieee80211::Subtype::kDisassociation)) {
      peer = {};
    } else if (fc.is_data() && fc.has_data()) {
      peer.promised_until.reset();
      if (peer.asleep_since && judges() && fc.is_protected()) on_data(pair, peer, view);
    }
  }
  /// A data frame for a station that slept when it was handed in, and did so at the last beacon.
  void on_data(const Pair& pair, const Peer& peer, const ieee80211::FrameView& view) {
    if (!peer.last_beacon || *peer.asleep_since > peer.last_beacon->at) return;
    const auto frame = test_frame_in(keys_, view.octets());
    if (!frame || frame->sender != access_points_.at(pair.first).number) return;
    const auto handed = peer.handed.find({frame->priority, frame->number});
    if (handed == peer.handed.end()) return;
    const TimePoint since = handed->second;
    if (since < *peer.asleep_since + kMargin || since + kMargin > peer.last_beacon->at) return;
    ++judged_;
    if (!peer.last_beacon->has_frames) note(pair, "hides a frame from a sleeping station");
  }
  void on_beacon(const ieee80211::FrameView& view) {
    const auto body = ieee80211::BeaconBody::parse(view.body());
    const auto tim = body ? ieee80211::find_element<ieee80211::TimElement>(body->elements)
                          : std::optional<ieee80211::TimElement>();
    for (auto& [pair, peer] : peers_) {
      if (pair.first != view.address2() || peer.aid == 0) continue;
      settle(pair, peer);
      peer.last_beacon = Peer::Announced{now(), tim && tim->has(peer.aid)};
    }
  }
  void on_station(const ieee80211::FrameView& view) {
    const Pair pair{view.address1(), view.address2()};
    Peer& peer = peers_[pair];
    const auto fc = view.fc();
    if (fc.is(ieee80211::Subtype::kPsPoll)) return asks(pair, peer);
    if (fc.is(ieee80211::Subtype::kAuthentication) ||
        fc.is(ieee80211::Subtype::kDeauthentication) ||
        fc.is(ieee80211::Subtype::kDisassociation)) {
      peer = {};
    } else if (fc.is_data()) {
      if (fc.power_management()) {
        if (!peer.asleep_since) peer.asleep_since = now();
      } else if (peer.asleep_since) {
        asks(pair, peer);
        peer.asleep_since.reset();
      }
    }
  }
  /// The station wakes, or polls: what the last beacon promised is due.
  void asks(const Pair& pair, Peer& peer) {
    if (!judges() || !ports_.is_authorised(pair.first, pair.second)) return;
    if (!peer.last_beacon || !peer.last_beacon->has_frames || !peer.asleep_since) return;
    if (*peer.asleep_since + kMargin > peer.last_beacon->at) return;
    peer.last_beacon->has_frames = false;  // asked for once
    peer.promised_until = now() + kAnswer;
    ++judged_;
  }
  void settle(const Pair& pair, Peer& peer) {
    if (!peer.promised_until || now() < *peer.promised_until) return;
    peer.promised_until.reset();
    if (judges() && ports_.is_authorised(pair.first, pair.second))
      note(pair, "announces frames that it does not have");
  }
  void note(const Pair& pair, const std::string& what) {
    faults_ += std::to_string(now().us()) + ": the access point " + pair.first.to_string() + " " +
               what + " " + pair.second.to_string() + "\n";
  }

  World& world_;
  const KeyLog& keys_;
  const PortChecker& ports_;
  struct AccessPoint {
    medium::ReceiverId radio = 0;
    uint8_t number = 0;
  };
  std::map<MacAddress, AccessPoint> access_points_;
  std::map<Pair, Peer> peers_;
  std::optional<TimePoint> good_since_ = TimePoint{};
  std::string faults_;
  size_t judged_ = 0;
};

}  // namespace airloom::lab
