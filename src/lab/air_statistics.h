// Counts what the air carried: frames and octets by kind of frame, for people to read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "medium/medium.h"

namespace airloom::lab {

class AirStatistics final : public medium::Observer {
 public:
  explicit AirStatistics(medium::Medium& medium) : medium_(medium) { medium_.add_observer(*this); }
  ~AirStatistics() override { medium_.remove_observer(*this); }
  AirStatistics(const AirStatistics&) = delete;
  AirStatistics& operator=(const AirStatistics&) = delete;

  struct Row {
    std::string kind;  ///< "Beacon", "QoS Data, protected"
    uint64_t frames = 0, octets = 0;
  };
  /// In the order of frame types and subtypes.
  std::vector<Row> rows() const;

  void on_end(const medium::Transmission& transmission, std::span<const Decoder> decoders) override;

 private:
  struct Count {
    uint64_t frames = 0, octets = 0;
  };
  medium::Medium& medium_;
  std::map<uint16_t, Count> counts_;  // by type and subtype, and the protected bit
};

/// The standard's name of a frame, with ", protected" where its Frame Control says so.
std::string frame_kind(std::span<const uint8_t> frame);

}  // namespace airloom::lab
