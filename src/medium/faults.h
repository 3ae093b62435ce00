// An air with faults, for tests: receptions are lost, doubled, late, or come again much later, each
// with its own probability. Everything is drawn from the one generator given, so a seed repeats it.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "medium/propagation.h"

namespace airloom::medium {

/// Probabilities in thousandths of receptions.
struct Faults {
  unsigned loss = 0;
  unsigned duplication = 0;  ///< heard twice in a row, as when an ACK was lost
  unsigned delay = 0;        ///< answered in time, but handed up behind later frames
  unsigned replay = 0;       ///< heard once more, as from a recording
  Duration delay_max = std::chrono::milliseconds(5);
  Duration replay_max = std::chrono::milliseconds(500);
};

class FaultyPropagation final : public PropagationModel {
 public:
  FaultyPropagation(Rng& rng, const Faults& faults) : faults(faults), rng_(rng) {}

  bool is_ideal() const override { return false; }
  Duration airtime(size_t octets, const Rate& rate) const override;
  std::optional<int> decode(const Transmission& transmission, ReceiverId receiver) override;
  std::optional<Damaged> damage(const Transmission& transmission, ReceiverId receiver) override;
  Fate fate(const Transmission& transmission, ReceiverId receiver) override;

  Faults faults;  ///< may change while the world runs

 private:
  bool happens(unsigned thousandths);
  Duration some(Duration limit);

  Rng& rng_;
};

}  // namespace airloom::medium
