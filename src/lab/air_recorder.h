// Shows every transmission of a world's air to a capture, on the interface of the radio that sent
// it, with what no radio could know as a comment: who decoded it, and how strongly.
#pragma once

#include <map>

#include "capture/air_capture.h"
#include "lab/world.h"
#include "medium/medium.h"

namespace airloom::lab {

class AirRecorder final : public medium::Observer {
 public:
  /// Both outlive the recorder.
  AirRecorder(World& world, capture::PcapngWriter& writer);
  ~AirRecorder() override;
  AirRecorder(const AirRecorder&) = delete;
  AirRecorder& operator=(const AirRecorder&) = delete;

  void on_end(const medium::Transmission& transmission, std::span<const Decoder> decoders) override;
  uint64_t frames() const { return capture_.frames(); }

 private:
  capture::AirCapture::InterfaceId interface_of(medium::ReceiverId radio);

  World& world_;
  capture::AirCapture capture_;
  std::map<medium::ReceiverId, capture::AirCapture::InterfaceId> interfaces_;
};

}  // namespace airloom::lab
