// Checkers of a world that runs: they watch from outside, and know nothing of what the workload
// intends. AirChecker looks at every transmission of the world's radios: each protected frame is
// under a key that its sender was given, no packet number is used twice under a key, whoever
// installs it how often, no data but EAPOL goes in clear, and no robust management frame between
// peers that protect them. DeliveryChecker looks at what a host receives: no frame twice, none out
// of order within its sender and priority, none damaged; frames to a group, which may wait for a
// DTIM, have an order of their own.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <tuple>

#include "ieee80211/ethernet.h"
#include "ieee80211/mac_header.h"
#include "lab/simulation.h"
#include "sim/key_log.h"
#include "sim/pmf_log.h"

namespace airloom::lab {

class AirChecker final : public medium::Observer {
 public:
  explicit AirChecker(World& world) : world_(world), keys_(world), pmf_(world) {
    world_.medium().add_observer(*this);
  }
  ~AirChecker() override { world_.medium().remove_observer(*this); }

  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    const auto view = ieee80211::FrameView::of(transmission.frame.octets());
    // A radio that no host has is an attacker's: it may send what it likes.
    if (!view || !view->has_address2() || world_.radio_name(transmission.sender).empty()) return;
    if (view->fc().is_protected())
      check_packet_number(*view);
    else if (view->fc().has_data() && view->fc().is_data())
      check_clear(*view);
    else if (view->is_robust_management())
      check_management(*view);
  }
  /// What was wrong so far, a line each.
  const std::string& faults() const { return faults_; }
  size_t protected_frames() const { return protected_; }
  /// Group-addressed robust management frames under an IGTK.
  size_t group_management_frames() const { return group_management_; }
  const KeyLog& keys() const { return keys_; }

 private:
  void check_packet_number(const ieee80211::FrameView& view) {
    if (view.body().size() < 8) return note(view, "has no security header");
    ++protected_;
    const uint64_t number = packet_number_of(view);
    const auto& known = keys_.of(view.address2(), view.address1());
    const auto key = std::find_if(known.rbegin(), known.rend(), [&](const LoggedKey& candidate) {
      return opens(candidate, view.octets());
    });
    if (key == known.rend()) return note(view, "is under no key that its sender was given");
    // A retry repeats its octets; anything else under the same number breaks the cipher.
    const Octets octets(view.body().begin(), view.body().end());
    const auto [found, fresh] = used_[{key->material, view.address2()}].emplace(number, octets);
    if (!fresh && found->second != octets)
      note(view, "uses packet number " + std::to_string(number) + " twice");
  }
  void check_clear(const ieee80211::FrameView& view) {
    const auto body = view.body();
    const bool eapol = body.size() >= 8 && body[6] == 0x88 && body[7] == 0x8e;
    if (!eapol) note(view, "is data in clear");
  }
  void check_management(const ieee80211::FrameView& view) {
    if (view.is_group_addressed()) return check_mic_element(view);
    if (pmf_.protects(view.address2(), view.address1()))
      note(view, "is a robust management frame in clear");
  }
  /// Before there is an IGTK such a frame has no element.
  void check_mic_element(const ieee80211::FrameView& view) {
    const auto& known = keys_.of(view.address2(), view.address1());
    Octets frame(view.octets().begin(), view.octets().end());
    bool has_igtk = false;
    for (auto key = known.rbegin(); key != known.rend(); ++key) {
      if ((key->index & ~1) != 4) continue;
      has_igtk = true;
      const auto number = mic_element_number(*key, frame);
      if (!number) continue;
      ++group_management_;
      frame[1] &= static_cast<uint8_t>(~(ieee80211::FrameControl::kRetry >> 8));
      // The MIC leaves out the sequence number: the same words said again are another frame.
      const auto [found, fresh] = used_[{key->material, view.address2()}].emplace(*number, frame);
      if (!fresh && found->second != frame)
        note(view, "uses packet number " + std::to_string(*number) + " twice");
      return;
    }
    if (has_igtk) note(view, "is under no management key that its sender was given");
  }
  void note(const ieee80211::FrameView& view, const std::string& what) {
    faults_ += std::to_string(world_.ports().scheduler->now().us()) + ": a frame from " +
               view.address2().to_string() + " " + what + "\n";
  }

  World& world_;
  KeyLog keys_;
  PmfLog pmf_;
  std::map<std::pair<Octets, MacAddress>, std::map<uint64_t, Octets>> used_;  // by key and sender
  std::string faults_;
  size_t protected_ = 0, group_management_ = 0;
};

/// Frames that hosts send each other: numbered per sender and priority, with a tag for the
/// priority and a filling that shows damage.
struct TestFrame {
  uint8_t sender = 0, priority = 0;
  uint32_t number = 0;
  size_t size = 0;  ///< of the filling

  static constexpr uint16_t kType = 0x88b5;  // for local experiments
  Octets to_ethernet(const MacAddress& to, const MacAddress& from) const {
    Octets frame;
    Writer writer(frame);
    ieee80211::EthernetHeader{to, from, ieee80211::ethertype::kVlan}.emit(writer);
    writer.be16(static_cast<uint16_t>(priority << 13)).be16(kType);
    writer.u8(sender).u8(priority).be16(static_cast<uint16_t>(size));
    writer.be16(static_cast<uint16_t>(number >> 16)).be16(static_cast<uint16_t>(number));
    for (size_t i = 0; i < size; ++i) writer.u8(filling(i));
    return frame;
  }
  static std::optional<TestFrame> parse(std::span<const uint8_t> ethernet) {
    if (ethernet.size() < 26 || ethernet[16] != kType >> 8 || ethernet[17] != (kType & 0xff))
      return std::nullopt;
    const auto body = ethernet.subspan(18);
    TestFrame frame{.sender = body[0], .priority = body[1]};
    frame.size = static_cast<size_t>(body[2] << 8 | body[3]);
    for (size_t i = 4; i < 8; ++i) frame.number = frame.number << 8 | body[i];
    if (body.size() != 8 + frame.size) return std::nullopt;
    for (size_t i = 0; i < frame.size; ++i)
      if (body[8 + i] != frame.filling(i)) return std::nullopt;
    return frame;
  }

 private:
  uint8_t filling(size_t i) const {
    return static_cast<uint8_t>(number * 31 + sender * 7 + priority + i);
  }
};

class DeliveryChecker {
 public:
  void on_frame(std::span<const uint8_t> ethernet) {
    const auto frame = TestFrame::parse(ethernet);
    if (!frame) {
      faults_ += "a frame is damaged\n";
      return;
    }
    const bool to_group = MacAddress::from(ethernet.first(6)).is_group();
    ++(to_group ? group_count_ : count_);
    auto& last = last_[{frame->sender, frame->priority, to_group}];
    if (frame->number <= last)
      faults_ += "number " + std::to_string(frame->number) + " of sender " +
                 std::to_string(frame->sender) + " priority " + std::to_string(frame->priority) +
                 " came after " + std::to_string(last) + "\n";
    last = std::max(last, frame->number);
  }
  const std::string& faults() const { return faults_; }
  /// Of frames to this host alone, and of those to a group.
  size_t count() const { return count_; }
  size_t group_count() const { return group_count_; }

 private:
  std::map<std::tuple<uint8_t, uint8_t, bool>, uint32_t> last_;
  std::string faults_;
  size_t count_ = 0, group_count_ = 0;
};

}  // namespace airloom::lab
