// Shows every transmission of a world's air to a capture, on the interface of the radio that sent
// it, with what no radio could know as a comment: who decoded it, how strongly and how far above
// the noise, who dropped it then and why, and which repetition it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capture/air_capture.h"
#include "lab/world.h"
#include "medium/medium.h"

namespace airloom::lab {

/// Which part of the air is recorded; empty: all of it.
struct AirSelection {
  std::string host;   ///< sent or decoded by a radio of this host
  std::string radio;  ///< the same of one radio, "host/phy0" or "phy0" of any host
};

class AirRecorder final : public medium::Observer, private DropObserver {
 public:
  /// Both outlive the recorder.
  AirRecorder(World& world, capture::PcapngWriter& writer, AirSelection selection = {});
  ~AirRecorder() override;
  AirRecorder(const AirRecorder&) = delete;
  AirRecorder& operator=(const AirRecorder&) = delete;

  bool sees_reactions() const override { return true; }  // to say who dropped it
  void on_end(const medium::Transmission& transmission, std::span<const Decoder> decoders) override;
  uint64_t frames() const { return capture_.frames(); }

 private:
  /// What is kept of a radio that sends.
  struct Sender {
    std::optional<capture::AirCapture::InterfaceId> interface;
    // The last frame, by which a repetition is known.
    uint16_t sequence = 0;
    MacAddress receiver;
    uint8_t retries = 0;
    // Most frames of a radio are heard alike: their description, once made, serves the next.
    std::vector<Decoder> decoders;
    std::string heard_by;
  };
  void on_drop(medium::ReceiverId radio, mac80211::Drop reason) override;
  bool is_selected(medium::ReceiverId radio) const;
  bool is_selected(const medium::Transmission& transmission,
                   std::span<const Decoder> decoders) const;
  static void count_retries(Sender& sender, const medium::Transmission& transmission);
  void describe(Sender& sender, std::span<const Decoder> decoders);

  World& world_;
  const AirSelection selection_;
  capture::AirCapture capture_;
  std::map<medium::ReceiverId, Sender> senders_;
  capture::FrameMeta meta_;  // of the frame in hand; kept for its capacity
  /// What was dropped since the last frame ended: receivers judge a frame just before that.
  std::vector<std::pair<medium::ReceiverId, mac80211::Drop>> drops_;
};

}  // namespace airloom::lab
