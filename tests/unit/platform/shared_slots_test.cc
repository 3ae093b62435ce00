// Two mappings of the same memory stand for the two processes.
#include "platform/shared_slots.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace airloom::platform {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using Octets = std::vector<uint8_t>;

class SharedSlotsTest : public testing::Test {
 protected:
  std::optional<uint32_t> put(const Octets& octets) {
    const auto slot = writer.take();
    if (slot) std::ranges::copy(octets, writer.room(*slot).begin());
    return slot;
  }

  SharedSlots writer = *SharedSlots::create();
  SharedSlots reader = *SharedSlots::open(UniqueFd(::dup(writer.fd())));
};

TEST_F(SharedSlotsTest, WhatIsPutIsSeen) {
  EXPECT_EQ(put(Octets{1, 2, 3}), 0u);
  EXPECT_EQ(put(Octets(SharedSlots::kSlot, 9)), 1u);
  EXPECT_THAT(reader.look(0, 3).value(), ElementsAre(1, 2, 3));
  EXPECT_THAT(reader.look(1, SharedSlots::kSlot).value(),
              ElementsAreArray(Octets(SharedSlots::kSlot, 9)));
}

TEST_F(SharedSlotsTest, TheFirstFreeSlotIsUsedAndNoMoreThanThereAre) {
  for (uint32_t i = 0; i < SharedSlots::kSlots; ++i) EXPECT_EQ(put(Octets{0}), i);
  EXPECT_EQ(put(Octets{0}), std::nullopt);
  reader.release(7);
  reader.release(3);
  EXPECT_EQ(put(Octets{0}), 3u);
  EXPECT_EQ(put(Octets{0}), 7u);
  EXPECT_EQ(put(Octets{0}), std::nullopt);
}

TEST_F(SharedSlotsTest, WhatIsNotThereIsRefused) {
  EXPECT_FALSE(reader.look(0, 1)) << "nothing was put";
  EXPECT_FALSE(reader.look(SharedSlots::kSlots, 1));
  ASSERT_TRUE(put(Octets{0}));
  EXPECT_FALSE(reader.look(0, SharedSlots::kSlot + 1));
}

TEST_F(SharedSlotsTest, TheReaderCannotCutTheMemory) {
  EXPECT_EQ(::ftruncate(reader.fd(), 0), -1);
  EXPECT_EQ(errno, EPERM);
}

TEST_F(SharedSlotsTest, OtherFilesAreNoSuchMemory) {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_FALSE(SharedSlots::open(std::move(null)));
}

}  // namespace
}  // namespace airloom::platform
