// Shows every transmission of a world's air to a capture, on the interface of the radio that sent
// it, with what no radio could know as a comment: who decoded it, how strongly and how far above
// the noise, who dropped it then and why, and which repetition it is. Frames stay in bursts: they
// are recorded when their receivers have dealt with all of them.
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

  bool includes(const std::string& radio_name) const;
  /// @error kNotFound  it asks for a radio, and none that is there now is included.
  Result<void> check(const World& world) const;
};

class AirRecorder final : public medium::Observer, private DropObserver {
 public:
  /// Both outlive the recorder.
  AirRecorder(World& world, capture::PcapngWriter& writer, AirSelection selection = {});
  ~AirRecorder() override;
  AirRecorder(const AirRecorder&) = delete;
  AirRecorder& operator=(const AirRecorder&) = delete;

  void on_all_ended(std::span<const Ended> burst) override;
  uint64_t frames() const { return capture_.frames(); }

 private:
  /// What frames of a sender had in common that were recorded alike.
  struct Likeness {
    medium::Channel channel;
    medium::Rate rate;
    int power_dbm = 0;
    uint8_t retries = 0;
    bool in_ampdu = false, last_of_ampdu = false;
    std::vector<Decoder> decoders;
    std::optional<capture::Caption> caption;  // none: they are not selected
  };
  /// What is kept of a radio that sends.
  struct Sender {
    std::optional<capture::AirCapture::InterfaceId> interface;
    // The last frame, by which a repetition is known.
    uint16_t sequence = 0;
    MacAddress receiver;
    uint8_t retries = 0;
    std::vector<Likeness> likenesses;  // kLikenessesMax at most
    size_t oldest = 0;                 // of them, if there are so many
  };
  struct Dropped {
    medium::ReceiverId radio;
    medium::TransmissionId transmission;
    mac80211::Drop reason;
  };
  static constexpr size_t kLikenessesMax = 8;

  void on_drop(medium::ReceiverId radio, medium::TransmissionId transmission,
               mac80211::Drop reason) override;
  void record(const Ended& ended);
  bool is_selected(const Ended& ended) const;
  static void count_retries(Sender& sender, const medium::Transmission& transmission);
  Likeness& find_likeness(Sender& sender, const Ended& ended);
  Likeness make_likeness(Sender& sender, const Ended& ended);
  std::string heard_by(std::span<const Decoder> decoders) const;

  World& world_;
  const AirSelection selection_;
  capture::AirCapture capture_;
  std::map<medium::ReceiverId, Sender> senders_;
  std::vector<Dropped> drops_;  // since the last burst ended: of its frames, or of older ones
};

}  // namespace airloom::lab
