// Addresses as people write them, and datagrams over loopback.
#include "platform/udp_socket.h"

#include <gtest/gtest.h>

namespace airloom::platform {
namespace {

TEST(Endpoint, IsReadAsPeopleWriteIt) {
  const struct {
    const char* text;
    const char* shown;
    bool loopback;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1:5246", false},
      {"192.0.2.1:99", "192.0.2.1:99", false},
      {"[2001:db8::1]:99", "[2001:db8::1]:99", false},
      {"::1", "[::1]:5246", true},
      {"127.8.0.1", "127.8.0.1:5246", true},
      {"[::]", "[::]:5246", false},
      {"::ffff:127.0.0.1", "[::ffff:127.0.0.1]:5246", true},
  };
  for (const auto& row : rows) {
    const auto endpoint = Endpoint::resolve(row.text, 5246);
    ASSERT_TRUE(endpoint) << row.text;
    EXPECT_EQ(endpoint->to_string(), row.shown);
    EXPECT_EQ(endpoint->is_loopback(), row.loopback) << row.text;
  }
  for (const char* text : {"192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x"})
    EXPECT_FALSE(Endpoint::resolve(text, 1)) << text;
}

TEST(Endpoint, ComparesByHostAndPort) {
  const auto a = *Endpoint::resolve("192.0.2.1:1", 0), b = *Endpoint::resolve("192.0.2.1:2", 0);
  EXPECT_FALSE(a == b);
  EXPECT_EQ(a.host_hash(), b.host_hash());
  EXPECT_NE(a.hash(), b.hash());
  EXPECT_TRUE(a.with_port(2) == b);
}

TEST(UdpSocket, CarriesDatagramsBothWays) {
  auto server = UdpSocket::bind(Endpoint::resolve("127.0.0.1", 1)->with_port(0));
  ASSERT_TRUE(server);
  auto client = UdpSocket::connect(*server->local());
  ASSERT_TRUE(client);
  EXPECT_GT(*client->path_mtu(), 1000u);
  const Octets head{1, 2}, body{3, 4, 5};
  client->send(body, nullptr, head);
  Octets got;
  Endpoint from;
  server->receive([&](const Endpoint& sender, std::span<const uint8_t> datagram) {
    from = sender;
    got.assign(datagram.begin(), datagram.end());
  });
  EXPECT_EQ(got, (Octets{1, 2, 3, 4, 5}));
  EXPECT_TRUE(from == *client->local());
  server->send(body, &from);
  client->receive([&](const Endpoint&, std::span<const uint8_t> datagram) {
    got.assign(datagram.begin(), datagram.end());
  });
  EXPECT_EQ(got, body);
  EXPECT_FALSE(client->receive([](const Endpoint&, auto) { FAIL() << "nothing waits"; }));
}

}  // namespace
}  // namespace airloom::platform
