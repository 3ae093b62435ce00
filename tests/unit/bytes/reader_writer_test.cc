#include <gmock/gmock.h>

#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom {
namespace {

using testing::ElementsAre;

TEST(ReaderWriter, IntegersInBothOrders) {
  Octets octets;
  Writer writer(octets);
  writer.u8(1).le16(0x0203).be16(0x0405).le32(0x06070809).be32(0x0a0b0c0d);
  writer.le64(0x1112131415161718).be64(0x2122232425262728).mac(MacAddress::broadcast()).zeros(2);
  EXPECT_EQ(octets.size(), 1u + 2 + 2 + 4 + 4 + 8 + 8 + 6 + 2);
  EXPECT_EQ(octets[1], 3);
  EXPECT_EQ(octets[3], 4);
  Reader reader(octets);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.le16(), 0x0203);
  EXPECT_EQ(reader.be16(), 0x0405);
  EXPECT_EQ(reader.le32(), 0x06070809u);
  EXPECT_EQ(reader.be32(), 0x0a0b0c0du);
  EXPECT_EQ(reader.le64(), 0x1112131415161718u);
  EXPECT_EQ(reader.be64(), 0x2122232425262728u);
  EXPECT_EQ(reader.mac(), MacAddress::broadcast());
  EXPECT_TRUE(reader.skip(2));
  EXPECT_TRUE(reader.at_end());
}

TEST(Reader, AFailedReadStaysWhereItWas) {
  const Octets octets = {1, 2, 3};
  Reader reader(octets);
  ASSERT_TRUE(reader.u8());
  EXPECT_EQ(reader.le32().error().code, Errc::kTruncated);
  EXPECT_FALSE(reader.be64());
  EXPECT_FALSE(reader.mac());
  EXPECT_FALSE(reader.array<3>());
  EXPECT_FALSE(reader.take(3));
  EXPECT_FALSE(reader.take(SIZE_MAX));
  EXPECT_FALSE(reader.skip(3));
  EXPECT_EQ(reader.remaining(), 2u);
  EXPECT_THAT(reader.rest(), ElementsAre(2, 3));
  EXPECT_TRUE(reader.take(0));
  EXPECT_EQ(reader.le16(), 0x0302);
  EXPECT_FALSE(Reader().u8());
}

TEST(Writer, LengthsAreFilledInAtTheEndOfTheirScope) {
  Octets octets;
  Writer writer(octets);
  {
    auto outer = writer.length8();
    writer.u8(9);
    {
      auto inner = writer.length8();
      writer.zeros(2);
    }
  }
  writer.u8(5);
  EXPECT_THAT(octets, ElementsAre(4, 9, 2, 0, 0, 5));
}

}  // namespace
}  // namespace airloom
