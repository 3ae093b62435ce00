// Fragments: a peer's cache of incomplete MSDUs and MMPDUs, and the cutting of our own. The cache
// joins only what belongs together: one sequence number and TID, consecutive fragment numbers,
// and either all in clear or all under the same key with packet numbers that count up by one.
// [802.11-2020 10.4, 10.5, 12.5.3.4.4] (CVE-2020-24586, -24587, CVE-2020-26147)
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "bytes/frame_buffer.h"

namespace airloom::mac80211 {

class FragmentCache {
 public:
  /// How a fragment came.
  struct Protection {
    uint64_t key = 0;  ///< Key::serial(); 0: in clear
    uint64_t packet_number = 0;
  };
  enum class Outcome : uint8_t {
    kWaiting,
    kWhole,
    kNoBeginning,  ///< nothing waits for this one
    kMixed,        ///< something does, but under another key, packet number, or in clear
  };

  /// Takes a decrypted MPDU that is a fragment. On kWhole `mpdu` is all of it, with the header of
  /// the first fragment and no More Fragments bit.
  /// @param tid_index  which sequence number space: a TID, or kNonQosTid
  Outcome add(FrameBuffer& mpdu, size_t tid_index, Protection protection, TimePoint now);
  void clear();
  /// Unfinished ones.
  size_t size() const;

  /// What a receiver supports at once, and for how long after the first fragment.
  static constexpr size_t kEntries = 4;
  static constexpr Duration kLifetime = std::chrono::seconds(2);

 private:
  struct Entry {
    std::vector<FrameBuffer> parts;  // the first with its header; empty: free
    size_t tid_index = 0;
    uint16_t sequence = 0;
    uint8_t last = 0;
    Protection protection;
    TimePoint began;
  };
  Entry* find(const FrameBuffer& mpdu, size_t tid_index, TimePoint now);
  static FrameBuffer join(Entry& entry);

  std::array<Entry, kEntries> entries_;
  size_t next_ = 0;
};

/// Octets of FCS, which a fragmentation threshold counts.
constexpr size_t kFcsOctets = 4;

/// Cuts an unprotected MPDU with a sequence number into MPDUs of at most `threshold` octets, FCS
/// included and protection not, and appends them to `out`, in order. One that fits stays as it is.
void fragment_mpdu(FrameBuffer mpdu, uint32_t threshold, std::vector<FrameBuffer>& out);

}  // namespace airloom::mac80211
