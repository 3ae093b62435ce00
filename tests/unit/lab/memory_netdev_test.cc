#include "lab/memory_netdev.h"

#include <gtest/gtest.h>

#include "base/event_queue.h"

namespace airloom::lab {
namespace {

class Client final : public cfg80211::NetdevClient {
 public:
  Result<void> on_up() override {
    if (refuses) return fail(Errc::kBusy);
    ++ups;
    return {};
  }
  void on_down() override { ++downs; }
  Result<void> on_address_change(const MacAddress&) override { return {}; }
  void on_renamed() override {}
  void on_transmit(std::span<FrameBuffer> burst) override { bursts.push_back(burst.size()); }

  bool refuses = false;
  int ups = 0, downs = 0;
  std::vector<size_t> bursts;
};

class MemoryNetdevTest : public testing::Test {
 protected:
  std::unique_ptr<cfg80211::Netdev> create(const std::string& name) {
    auto made = factory_.create({.name = name}, client_);
    return made ? std::move(*made) : nullptr;
  }
  FrameBuffer frame() { return pool_.allocate(60); }

  EventQueue queue_;
  FramePool pool_;
  MemoryNetdevFactory factory_{queue_};
  Client client_;
};

TEST_F(MemoryNetdevTest, TakesTheFirstFreeNameOfAPattern) {
  const auto first = create("wlan%d");
  auto second = create("wlan%d");
  EXPECT_EQ(first->name(), "wlan0");
  EXPECT_EQ(second->name(), "wlan1");
  EXPECT_NE(first->ifindex(), second->ifindex());
  EXPECT_EQ(create("wlan0"), nullptr);
  second.reset();
  EXPECT_EQ(factory_.find("wlan1"), nullptr);
  EXPECT_EQ(create("wlan%d")->name(), "wlan1");
}

TEST_F(MemoryNetdevTest, StaysDownIfTheDriverRefuses) {
  const auto made = create("wlan0");
  client_.refuses = true;
  EXPECT_FALSE(factory_.find("wlan0")->set_up(true));
  EXPECT_FALSE(made->is_up());
  EXPECT_EQ(client_.downs, 0);
}

TEST_F(MemoryNetdevTest, HandsFramesOverInOneBurstAndWaitsWhilePaused) {
  const auto made = create("wlan0");
  MemoryNetdev& netdev = *factory_.find("wlan0");
  netdev.send(frame());  // lost: down
  ASSERT_TRUE(netdev.set_up(true));
  netdev.send(frame());
  netdev.send(frame());
  EXPECT_TRUE(client_.bursts.empty());  // never from within send()
  queue_.run_for(Duration{0});
  EXPECT_EQ(client_.bursts, (std::vector<size_t>{2}));
  made->pause_transmit(true);
  netdev.send(frame());
  queue_.run_for(std::chrono::seconds(1));
  EXPECT_EQ(client_.bursts.size(), 1u);
  made->pause_transmit(false);
  queue_.run_for(Duration{0});
  EXPECT_EQ(client_.bursts, (std::vector<size_t>{2, 1}));
}

TEST_F(MemoryNetdevTest, DropsWhatItReceivesWhileDown) {
  const auto made = create("wlan0");
  MemoryNetdev& netdev = *factory_.find("wlan0");
  int received = 0;
  netdev.on_receive = [&](FrameBuffer) { ++received; };
  made->receive(frame());
  ASSERT_TRUE(netdev.set_up(true));
  made->receive(frame());
  EXPECT_EQ(received, 1);
}

}  // namespace
}  // namespace airloom::lab
