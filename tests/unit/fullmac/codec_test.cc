// Messages between host and firmware: what is written is read again, and nothing else is.
#include <gtest/gtest.h>

#include "fullmac/messages.h"

namespace airloom::fullmac {
namespace {

const MacAddress kMac{{2, 0, 0, 0, 7, 0}};

cfg80211::ConnectRequest connect_request() {
  cfg80211::ConnectRequest request;
  request.bssid = kMac;
  request.mhz = 2412;
  request.ssid = {'n', 'e', 't'};
  request.elements = {48, 2, 1, 0};
  request.privacy = request.use_mfp = true;
  request.crypto.wpa_versions = 2;
  request.crypto.pairwise_ciphers = {0x000fac04, 0x000fac0a};
  request.crypto.control_port_over_nl80211 = true;
  return request;
}

template <typename M>
Octets encoded(const M& message) {
  Octets octets;
  encode(octets, message);
  return octets;
}

TEST(Header, ReadsWhatItWrote) {
  const Header header{
      .kind = Kind::kConfirmation, .code = 0x1234, .interface = 7, .sequence = 0xfffe};
  Octets octets;
  Writer writer(octets);
  header.emit(writer);
  EXPECT_EQ(octets.size(), kHeaderLength);
  octets.push_back(9);
  Reader reader(octets);
  EXPECT_EQ(Header::parse(reader), header);
  EXPECT_EQ(reader.remaining(), 1u);
}

TEST(Header, RefusesOtherVersionsKindsAndLengths) {
  Octets octets;
  Writer writer(octets);
  Header{.kind = Kind::kData}.emit(writer);
  const auto code_of = [](Octets changed) {
    Reader reader(changed);
    const auto header = Header::parse(reader);
    return header ? std::optional<Errc>() : header.error().code;
  };
  EXPECT_EQ(code_of(octets), std::nullopt);
  Octets other = octets;
  other[0] = kVersion + 1;
  EXPECT_EQ(code_of(other), Errc::kUnsupported);
  other = octets;
  other[1] = 4;
  EXPECT_EQ(code_of(other), Errc::kMalformed);
  octets.pop_back();
  EXPECT_EQ(code_of(octets), Errc::kTruncated);
}

TEST(Codec, RequestsSurviveTheTrip) {
  const Octets octets = encoded(Connect{.request = connect_request()});
  const auto read = decode<Connect>(Reader(octets));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->request.bssid, kMac);
  EXPECT_EQ(read->request.ssid, connect_request().ssid);
  EXPECT_EQ(read->request.crypto.pairwise_ciphers, connect_request().crypto.pairwise_ciphers);
  EXPECT_TRUE(read->request.crypto.control_port_over_nl80211);
  EXPECT_EQ(encoded(*read), octets);
}

TEST(Codec, AScheduledScanSurvivesTheTrip) {
  StartSchedScan start;
  start.request.scan.ssids = {{'n', 'e', 't'}, {}};
  auto& set = start.request.match_sets.emplace_back();
  set.bssid = kMac;
  set.band_rssi_dbm[1] = -70;
  start.request.plans = {{.interval_s = 10, .rounds = 3}, {.interval_s = 60}};
  start.request.delay_s = 5;
  start.request.id = 7;
  const Octets octets = encoded(start);
  const auto read = decode<StartSchedScan>(Reader(octets));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->request.match_sets[0].bssid, kMac);
  EXPECT_EQ(read->request.match_sets[0].band_rssi_dbm, set.band_rssi_dbm);
  EXPECT_EQ(read->request.plans[0].rounds, 3u);
  EXPECT_EQ(encoded(*read), octets);
}

TEST(Codec, EventsSurviveTheTrip) {
  StationRemoved removed{.mac = kMac};
  removed.info.signal_dbm = -42;
  removed.info.tx_rate = {.kind = cfg80211::RateInfo::Kind::kVht, .mcs = 9, .nss = 2};
  removed.info.tids.resize(17);
  removed.info.association_elements = {0, 0};
  const Octets octets = encoded(removed);
  const auto read = decode<StationRemoved>(Reader(octets));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->info.signal_dbm, -42);
  EXPECT_EQ(read->info.tx_rate, removed.info.tx_rate);
  EXPECT_EQ(read->info.tids.size(), 17u);
  EXPECT_EQ(encoded(*read), octets);
}

TEST(Codec, NoPrefixAndNoMoreThanTheWholeParses) {
  Octets octets = encoded(Connect{.request = connect_request()});
  for (size_t size = 0; size < octets.size(); ++size)
    EXPECT_FALSE(decode<Connect>(Reader(std::span(octets).first(size)))) << size;
  octets.push_back(0);
  EXPECT_FALSE(decode<Connect>(Reader(octets)));
}

TEST(Codec, RefusesWhatNoValueHas) {
  // A truth value of 2, an enumerator past the last, a list longer than what is left.
  EXPECT_FALSE(decode<ScanDone>(Reader(Octets{2})));
  Octets octets = encoded(ChangeInterface{.type = InterfaceType::kNan});
  EXPECT_TRUE(decode<ChangeInterface>(Reader(octets)));
  octets[0] = 13;
  EXPECT_FALSE(decode<ChangeInterface>(Reader(octets)));
  octets = encoded(AddKey{});
  EXPECT_FALSE(decode<Scan>(Reader(Octets{0xff, 0xff, 1, 2, 3})));
}

TEST(Data, IsWrappedInPlaceWhereThereIsRoom) {
  FramePool pool;
  const Octets ethernet(60, 5);
  FrameBuffer frame = pool.from(ethernet);
  const auto blocks = pool.blocks_created();
  FrameBuffer message = wrap_data(std::move(frame), 0x0302);
  EXPECT_EQ(pool.blocks_created(), blocks);
  Reader reader(message.octets());
  EXPECT_EQ(Header::parse(reader), (Header{.kind = Kind::kData, .interface = 0x0302}));
  EXPECT_TRUE(std::equal(ethernet.begin(), ethernet.end(), reader.rest().begin()));
  // One that somebody else holds, or without headroom, is copied.
  FrameBuffer shared = pool.from(ethernet);
  const FrameBuffer other = shared;
  EXPECT_EQ(wrap_data(std::move(shared), 1).size(), ethernet.size() + kHeaderLength);
  EXPECT_EQ(other.size(), ethernet.size());
  EXPECT_EQ(wrap_data(pool.from(ethernet, 0), 1).size(), ethernet.size() + kHeaderLength);
}

}  // namespace
}  // namespace airloom::fullmac
