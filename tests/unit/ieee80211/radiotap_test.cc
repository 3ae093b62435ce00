#include "ieee80211/radiotap.h"

#include <gtest/gtest.h>

#include "air_captures.h"
#include "base/rng.h"

namespace airloom::ieee80211 {
namespace {

RadiotapHeader full_header() {
  RadiotapHeader header;
  header.tsft_us = 0x0102030405060708;
  header.flags = radiotap_flag::kShortPreamble;
  header.rate_500kbps = 22;
  header.channel = {2412, radiotap_channel::k2GHz | radiotap_channel::kCck};
  header.signal_dbm = int8_t{-30};
  header.noise_dbm = int8_t{-95};
  header.tx_power_dbm = int8_t{20};
  header.antenna = 1;
  header.rx_flags = 0;
  header.tx_flags = radiotap_tx::kNoAck;
  header.data_retries = 3;
  header.mcs = {7, 5, 15};
  header.ampdu = {77, RadiotapAmpdu::kLastKnown, 0, 0};
  header.vht = {.known = 0x44, .flags = 4, .bandwidth = 4, .mcs_nss = {0x92, 0, 0, 0}};
  header.timestamp = {.timestamp = 1, .accuracy = 2, .unit_and_position = 3, .flags = 4};
  header.he = RadiotapHe{{1, 2, 3, 4, 5, 6}};
  return header;
}

TEST(Radiotap, EveryFieldRoundTripsBehindAnyOther) {
  SeededRng rng(5);
  for (int round = 0; round < 500; ++round) {
    RadiotapHeader header = full_header();
    if (rng.below(2)) header.tsft_us.reset();
    if (rng.below(2)) header.flags.reset();
    if (rng.below(2)) header.rate_500kbps.reset();
    if (rng.below(2)) header.channel.reset();
    if (rng.below(2)) header.antenna.reset();
    if (rng.below(2)) header.tx_flags.reset();
    if (rng.below(2)) header.mcs.reset();
    if (rng.below(2)) header.ampdu.reset();
    if (rng.below(2)) header.timestamp.reset();
    Octets octets = {1, 2, 3};  // alignment counts from the header, not from the buffer
    Writer writer(octets);
    header.emit(writer);
    writer.u8(0xd4);
    Reader reader{std::span<const uint8_t>(octets).subspan(3)};
    const auto parsed = RadiotapHeader::parse(reader);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, header);
    EXPECT_EQ(reader.remaining(), 1u);
  }
}

TEST(Radiotap, TruncationIsAnErrorAtEveryLength) {
  const Octets octets = emitted(full_header());
  for (size_t length = 0; length < octets.size(); ++length) {
    Octets cut(octets.begin(), octets.begin() + static_cast<long>(length));
    Reader honest(cut);
    EXPECT_FALSE(RadiotapHeader::parse(honest));
    if (length < 8) continue;
    cut[2] = static_cast<uint8_t>(length);  // a header that claims to end here
    Reader lying(cut);
    EXPECT_FALSE(RadiotapHeader::parse(lying)) << length;
  }
}

TEST(Radiotap, MorePresenceWordsArePassedOver) {
  // Flags; then a vendor namespace, then the radiotap namespace again.
  const Octets octets = {0,    0,    20,   0,                                   // version, length
                         0x02, 0,    0,    0xc0, 0x01, 0, 0, 0xa0, 0, 0, 0, 0,  // three words
                         0x10, 0xaa, 0xbb, 0xcc};
  Reader reader(octets);
  const auto header = RadiotapHeader::parse(reader);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->fcs_at_end());
  EXPECT_TRUE(reader.at_end());
}

TEST(Radiotap, AnEndlessChainOfPresenceWordsEndsWithTheHeader) {
  Octets octets(64, 0xff);
  octets[0] = octets[1] = 0;
  octets[2] = 64;
  octets[3] = 0;
  Reader reader(octets);
  EXPECT_FALSE(RadiotapHeader::parse(reader));
}

}  // namespace
}  // namespace airloom::ieee80211
