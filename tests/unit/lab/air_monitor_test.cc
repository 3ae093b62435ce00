// hwsim0: what it shows of the air, and only while it is up.
#include "lab/air_monitor.h"

#include <gtest/gtest.h>

#include "ieee80211/radiotap.h"
#include "lab/simulation.h"

namespace airloom::lab {
namespace {

TEST(AirMonitor, ShowsTheAirWhileItIsUp) {
  Simulation simulation(1);
  SimulatedHost& ap = simulation.add_host("ap");
  MemoryNetdevFactory netdevs(simulation.queue());
  auto monitor = AirMonitor::create(simulation.world(), netdevs);
  ASSERT_TRUE(monitor);
  MemoryNetdev* hwsim0 = netdevs.find("hwsim0");
  ASSERT_NE(hwsim0, nullptr);
  EXPECT_EQ(hwsim0->address().to_string(), "12:00:00:00:00:00");
  EXPECT_TRUE(hwsim0->has_carrier());
  std::vector<Octets> seen;
  hwsim0->on_receive = [&](FrameBuffer frame) {
    seen.emplace_back(frame.octets().begin(), frame.octets().end());
  };
  ap.run(AccessPointEntry{.ssid = "x"});
  simulation.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(seen.empty());
  ASSERT_TRUE(hwsim0->set_up(true));
  simulation.run_for(std::chrono::seconds(1));
  ASSERT_GE(seen.size(), 9u);  // a beacon each 102.4 ms
  Reader reader(seen[0]);
  const auto header = ieee80211::RadiotapHeader::parse(reader);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->channel->mhz, 2412);
  EXPECT_EQ(header->rate_500kbps, 2);
  EXPECT_TRUE(header->tsft_us.has_value());
  EXPECT_EQ(seen[0][seen[0].size() - reader.remaining()], 0x80);  // a beacon
  ASSERT_TRUE(hwsim0->set_up(false));
  const size_t count = seen.size();
  simulation.run_for(std::chrono::seconds(1));
  EXPECT_EQ(seen.size(), count);
}

}  // namespace
}  // namespace airloom::lab
