#include "mac80211/rate_control.h"

#include <algorithm>
#include <array>
#include <optional>

#include "mac80211/airtime.h"
#include "mac80211/fragments.h"

namespace airloom::mac80211 {

namespace {

constexpr Duration kWindow = std::chrono::milliseconds(100);
constexpr uint32_t kOne = 4096;        // a probability of 1
constexpr uint32_t kOldWeight = 3;     // of 4: how much a window's average keeps of the past
constexpr uint64_t kSampleEvery = 10;  // one frame in ten tries another rate
// An average frame as the kernel has it: beside its octets an MCS costs a frame of nothing and an
// ACK at 6 Mb/s.
constexpr size_t kFrameOctets = 1200, kAckOctets = 14;
constexpr auto kMcsOverhead = std::chrono::microseconds(48 + 60);
constexpr uint8_t kVhtStreamsMax = 4, kVhtMcsMax = 9;  // the kernel's groups

class Minstrel final : public RateControl {
 public:
  explicit Minstrel(Rng& rng) : rng_(rng) { set_rates({}); }

  void set_rates(const SupportedRates& rates) override;
  RateChain choose(TimePoint now) override;
  void on_status(const TxStatus& status, TimePoint now) override;
  uint32_t expected_throughput_kbps() const override { return expected_kbps_; }

 private:
  struct Candidate {
    RateInfo rate;
    uint32_t bitrate_100kbps = 0;
    Duration airtime{1};                   // of an average frame
    uint32_t attempts = 0, successes = 0;  // in the running window
    uint32_t probability = 0;
    bool tried = false;
  };
  static uint32_t throughput_kbps(const Candidate& candidate);
  static size_t key(const RateInfo& rate);
  static Duration airtime_of(const RateInfo& rate, const RateInfo& ack);
  void add(const RateInfo& rate);
  void add_mcs(const SupportedRates& rates, bool short_gi);
  void close_window();
  void rank();
  size_t pick_sample();
  RateChain make_chain(std::optional<size_t> sample) const;

  Rng& rng_;
  static constexpr uint8_t kNoCandidate = 0xff;
  static constexpr size_t kLegacyKeys = 109;  // 0 to 54 Mb/s in steps of 500 kb/s
  std::vector<Candidate> candidates_;         // by bit rate, never empty
  std::array<uint8_t, 256> index_{};          // into candidates_, by key()
  size_t best_ = 0, second_ = 0, safest_ = 0;
  uint32_t expected_kbps_ = 0;  // of the best that has shown what it can do
  RateChain usual_{};           // of frames that try no other rate
  uint64_t frames_ = 0;
  TimePoint window_end_;
};

void Minstrel::add(const RateInfo& rate) {
  Candidate candidate{.rate = rate, .bitrate_100kbps = cfg80211::bitrate_100kbps(rate)};
  // Untried rates count as fair, so that the fastest is tried early and decays if it fails.
  candidate.probability = kOne * 3 / 4;
  candidates_.push_back(candidate);
}

/// Every VHT rate; without one, every HT rate.
void Minstrel::add_mcs(const SupportedRates& rates, bool short_gi) {
  const bool vht = std::any_of(rates.vht_mcs.begin(), rates.vht_mcs.end(),
                               [](uint16_t mcs_bits) { return mcs_bits != 0; });
  for (uint8_t mcs = 0; mcs < 32 && !vht; ++mcs) {
    if ((rates.ht_mcs >> mcs & 1) == 0) continue;
    add({.kind = RateInfo::Kind::kHt,
         .mcs = mcs,
         .width_mhz = std::min(rates.width_mhz, 40),
         .short_gi = short_gi});
  }
  for (uint8_t nss = 1; nss <= kVhtStreamsMax; ++nss)
    for (uint8_t mcs = 0; mcs <= kVhtMcsMax; ++mcs)
      if (rates.vht_mcs[nss - 1u] >> mcs & 1)
        add({.kind = RateInfo::Kind::kVht,
             .mcs = mcs,
             .nss = nss,
             .width_mhz = rates.width_mhz,
             .short_gi = short_gi});
}

void Minstrel::set_rates(const SupportedRates& rates) {
  candidates_.clear();
  for (const bool short_gi : {false, true})
    if (!short_gi || rates.short_gi) add_mcs(rates, short_gi);
  const bool has_mcs = !candidates_.empty();
  for (uint16_t legacy : rates.legacy_100kbps)
    if (!has_mcs || legacy == rates.legacy_100kbps.front()) add(RateInfo{.legacy_100kbps = legacy});
  if (candidates_.empty()) add(RateInfo{.legacy_100kbps = 10});
  const RateInfo ack{.legacy_100kbps = rates.legacy_100kbps.empty() ? uint16_t{10}
                                                                    : rates.legacy_100kbps.front()};
  for (Candidate& candidate : candidates_) candidate.airtime = airtime_of(candidate.rate, ack);
  std::stable_sort(
      candidates_.begin(), candidates_.end(),
      [](const Candidate& a, const Candidate& b) { return a.bitrate_100kbps < b.bitrate_100kbps; });
  index_.fill(kNoCandidate);
  for (size_t i = 0; i < candidates_.size(); ++i)
    index_[key(candidates_[i].rate)] = static_cast<uint8_t>(i);
  rank();
}

/// Where a rate stands in index_; all candidates have one width.
size_t Minstrel::key(const RateInfo& rate) {
  constexpr size_t kHtKeys = 64, kVhtKeys = size_t{kVhtStreamsMax} * (kVhtMcsMax + 1) * 2;
  switch (rate.kind) {
    case RateInfo::Kind::kHt:
      return (rate.mcs % 32u) * 2 + rate.short_gi;
    case RateInfo::Kind::kVht: {
      const size_t mcs = (rate.nss - 1u) * (kVhtMcsMax + 1) + rate.mcs;
      return kHtKeys + mcs * 2 % kVhtKeys + rate.short_gi;
    }
    default:
      return kHtKeys + kVhtKeys + std::min<size_t>(rate.legacy_100kbps / 5, kLegacyKeys - 1);
  }
}

Duration Minstrel::airtime_of(const RateInfo& rate, const RateInfo& ack) {
  if (rate.kind == RateInfo::Kind::kLegacy)
    return frame_airtime(kFrameOctets + kFcsOctets, rate) +
           frame_airtime(kAckOctets, ack, /*short_preamble=*/true);
  const uint32_t bitrate = std::max<uint32_t>(cfg80211::bitrate_100kbps(rate), 1);
  return kMcsOverhead + Duration(8 * kFrameOctets * 10'000 / bitrate);
}

/// In the kernel's steps: ten frames a second. A tenth of them is thought lost to collisions.
uint32_t Minstrel::throughput_kbps(const Candidate& candidate) {
  // Below one success in ten a rate is useless, whatever its speed.
  if (candidate.probability < kOne / 10 || candidate.bitrate_100kbps == 0) return 0;
  constexpr Duration kStep = std::chrono::milliseconds(100);
  const uint64_t likely = std::min(candidate.probability, kOne * 9 / 10);
  const auto frames = likely * static_cast<uint64_t>(kStep / candidate.airtime) / kOne;
  return static_cast<uint32_t>(frames * 10 * 8 * kFrameOctets / 1024);
}

void Minstrel::rank() {
  best_ = second_ = safest_ = 0;
  for (size_t i = 1; i < candidates_.size(); ++i) {
    if (throughput_kbps(candidates_[i]) > throughput_kbps(candidates_[best_])) {
      second_ = best_;
      best_ = i;
    } else if (throughput_kbps(candidates_[i]) > throughput_kbps(candidates_[second_])) {
      second_ = i;
    }
    // Of those that nearly always get through the fastest, but the slowest if in doubt.
    if (candidates_[i].tried && candidates_[i].probability >= kOne * 95 / 100) safest_ = i;
  }
  expected_kbps_ = 0;
  for (const Candidate& candidate : candidates_)
    if (candidate.tried) expected_kbps_ = std::max(expected_kbps_, throughput_kbps(candidate));
  usual_ = make_chain(std::nullopt);
}

void Minstrel::close_window() {
  for (Candidate& candidate : candidates_) {
    if (candidate.attempts == 0) continue;
    const uint32_t now =
        static_cast<uint32_t>(uint64_t{candidate.successes} * kOne / candidate.attempts);
    candidate.probability =
        candidate.tried ? (candidate.probability * kOldWeight + now) / (kOldWeight + 1) : now;
    candidate.tried = true;
    candidate.attempts = candidate.successes = 0;
  }
  // The best guess was none: halve the search instead of going down one rate a window.
  if (candidates_[best_].tried && candidates_[best_].probability < kOne / 10)
    for (size_t i = best_ / 2 + 1; i < candidates_.size(); ++i)
      if (!candidates_[i].tried) candidates_[i].probability = kOne / 8;
  rank();
}

size_t Minstrel::pick_sample() {
  // Slower rates than the best teach little; those above it, and a few below.
  const size_t low = best_ > 2 ? best_ - 2 : 0;
  return low + static_cast<size_t>(rng_.below(candidates_.size() - low));
}

/// @param sample  a rate to try once, before the best; none: the second best follows that
RateChain Minstrel::make_chain(std::optional<size_t> sample) const {
  RateChain chain{};
  size_t used = 0;
  auto push = [&](size_t index, uint8_t tries) {
    const RateInfo& rate = candidates_[index].rate;
    if (used > 0 && chain[used - 1].rate == rate) return;
    chain[used++] = RateAttempt{.rate = rate, .tries = tries};
  };
  if (sample) push(*sample, 1);
  push(best_, 2);
  if (!sample) push(second_, 2);
  push(safest_, 2);
  if (used < kRateChainMax) push(0, 4);
  return chain;
}

RateChain Minstrel::choose(TimePoint now) {
  if (now >= window_end_) {
    close_window();
    window_end_ = now + kWindow;
  }
  ++frames_;
  if (frames_ % kSampleEvery == 0 && candidates_.size() > 1) return make_chain(pick_sample());
  return usual_;
}

void Minstrel::on_status(const TxStatus& status, TimePoint) {
  if (status.no_ack) return;
  Candidate* last = nullptr;
  for (const RateAttempt& attempt : status.tried) {
    if (attempt.tries == 0) break;
    const uint8_t index = index_[key(attempt.rate)];
    if (index == kNoCandidate || !(candidates_[index].rate == attempt.rate)) continue;
    candidates_[index].attempts += attempt.tries;
    last = &candidates_[index];
  }
  if (last != nullptr && status.acked) ++last->successes;
}

}  // namespace

std::unique_ptr<RateControl> make_minstrel(Rng& rng) {
  return std::make_unique<Minstrel>(rng);
}

RateChain single_rate(uint16_t legacy_100kbps, bool no_ack) {
  RateChain chain{};
  chain[0] = RateAttempt{.rate = RateInfo{.legacy_100kbps = legacy_100kbps},
                         .tries = no_ack ? uint8_t{1} : kFrameTriesMax};
  return chain;
}

}  // namespace airloom::mac80211
