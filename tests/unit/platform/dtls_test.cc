// Two associations and whatever the test does to the datagrams between them.
#include "platform/dtls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace airloom::platform {
namespace {

using State = DtlsAssociation::State;

const Octets kKey(32, 7), kOtherKey(32, 8);
const Octets kAddress{1, 2, 3};

class Dtls : public testing::Test {
 protected:
  void begin(const Octets& client_key, const Octets& server_key) {
    client_context = std::move(*DtlsContext::create(DtlsRole::kClient, {.key = client_key}));
    server_context = std::move(*DtlsContext::create(DtlsRole::kServer, {.key = server_key}));
    client = client_context->connect(1200, into(to_server));
    client->poke();
  }
  static DtlsContext::Send into(std::deque<Octets>& road) {
    return [&road](std::span<const uint8_t> octets) {
      EXPECT_LE(octets.size(), 1200u);
      road.emplace_back(octets.begin(), octets.end());
    };
  }
  /// Delivers all there is to deliver.
  void deliver() {
    const auto take = [this](std::span<const uint8_t> octets) {
      received.emplace_back(octets.begin(), octets.end());
    };
    while (!to_server.empty() || !to_client.empty()) {
      if (!to_client.empty()) {
        const Octets datagram = std::exchange(to_client.front(), {});
        to_client.pop_front();
        client->receive(datagram, take);
        continue;
      }
      last_to_server = to_server.front();
      to_server.pop_front();
      if (server) {
        brought = server->receive(last_to_server, take);
      } else {
        ++first_messages;
        server = server_context->accept(kAddress, last_to_server, 1200, into(to_client));
      }
    }
  }

  std::unique_ptr<DtlsContext> client_context, server_context;
  std::unique_ptr<DtlsAssociation> client, server;
  std::deque<Octets> to_client, to_server;
  std::vector<Octets> received;
  Octets last_to_server;
  int first_messages = 0;
  bool brought = false;
};

TEST_F(Dtls, CarriesOctetsOnceTheKeysAreEqual) {
  begin(kKey, kKey);
  deliver();
  ASSERT_EQ(client->state(), State::kSecured);
  ASSERT_EQ(server->state(), State::kSecured);
  EXPECT_EQ(first_messages, 2);  // the second with the cookie
  const Octets words{'o', 'c', 't', 'e', 't', 's'};
  EXPECT_TRUE(client->send(words));
  EXPECT_EQ(to_server.size(), 1u);
  EXPECT_EQ(std::ranges::search(to_server[0], words).size(), 0u);
  deliver();
  EXPECT_TRUE(server->send(words));
  deliver();
  EXPECT_EQ(received, (std::vector<Octets>{words, words}));
}

TEST_F(Dtls, KeepsOutWhoHasAnotherKey) {
  begin(kKey, kOtherKey);
  deliver();
  EXPECT_NE(client->state(), State::kSecured);
  ASSERT_TRUE(server);
  EXPECT_NE(server->state(), State::kSecured);
  EXPECT_FALSE(client->send(Octets{1}));
  EXPECT_TRUE(received.empty());
}

TEST_F(Dtls, TakesNothingTwiceAndNothingForged) {
  begin(kKey, kKey);
  deliver();
  client->send(Octets{1});
  deliver();
  EXPECT_TRUE(brought);
  const Octets once = last_to_server;
  to_server.push_back(once);
  deliver();
  EXPECT_FALSE(brought);
  for (size_t at = 13; at < once.size(); ++at) {
    Octets forged = once;
    forged[at] ^= 0x40;
    to_server.push_back(forged);
    deliver();
    EXPECT_FALSE(brought);
  }
  EXPECT_EQ(received.size(), 1u);
  EXPECT_EQ(server->state(), State::kSecured);
}

TEST_F(Dtls, KeepsNothingOfWhoDoesNotProveItsAddress) {
  begin(kKey, kKey);
  const Octets hello = to_server.front();
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(server_context->accept(kAddress, hello, 1200, into(to_client)));
  EXPECT_EQ(to_client.size(), 100u);
  EXPECT_LE(to_client.front().size(), hello.size()) << "nobody is flooded by way of us";
  // The cookie of one address is none of another's.
  client->receive(to_client.front(), [](auto) {});
  const Octets with_cookie = to_server.back();
  EXPECT_FALSE(server_context->accept(Octets{9}, with_cookie, 1200, into(to_client)));
  EXPECT_TRUE(server_context->accept(kAddress, with_cookie, 1200, into(to_client)));
}

TEST_F(Dtls, HandshakesThatBeginBetweenEachOtherAreEachTheirOwn) {
  begin(kKey, kKey);
  struct Other {
    std::deque<Octets> to_server, to_client;
    std::unique_ptr<DtlsAssociation> client, server;
  } other;
  other.client = client_context->connect(1200, into(other.to_server));
  other.client->poke();
  const Octets address{4, 5, 6};
  const auto accept_other = [&] {
    const Octets datagram = std::exchange(other.to_server.front(), {});
    other.to_server.pop_front();
    return server_context->accept(address, datagram, 1200, into(other.to_client));
  };
  const auto nothing = [](std::span<const uint8_t>) {};
  EXPECT_FALSE(accept_other());
  deliver();  // the first one's, from its beginning to its end
  EXPECT_EQ(client->state(), State::kSecured);
  EXPECT_EQ(server->state(), State::kSecured);
  ASSERT_EQ(other.to_client.size(), 1u);
  other.client->receive(other.to_client.front(), nothing);
  other.to_client.clear();
  other.server = accept_other();
  ASSERT_TRUE(other.server);
  while (!other.to_client.empty() || !other.to_server.empty()) {
    for (const Octets& datagram : std::exchange(other.to_client, {}))
      other.client->receive(datagram, nothing);
    for (const Octets& datagram : std::exchange(other.to_server, {}))
      other.server->receive(datagram, nothing);
  }
  EXPECT_EQ(other.client->state(), State::kSecured);
  EXPECT_EQ(other.server->state(), State::kSecured);
}

TEST_F(Dtls, TellsThatThePeerHasLeft) {
  begin(kKey, kKey);
  deliver();
  client->close();
  deliver();
  EXPECT_EQ(server->state(), State::kBroken);
  EXPECT_EQ(server->failure(), "the peer has left");
}

TEST(DtlsCredentials, ThatCannotBeUsedAreRefusedWithTheReason) {
  const auto brief = DtlsContext::create(DtlsRole::kClient, {.key = Octets(15, 1)});
  ASSERT_FALSE(brief);
  EXPECT_NE(brief.error().text.find("16 to 256"), std::string::npos);
  const auto missing = DtlsContext::create(
      DtlsRole::kServer, {.certificate = "/nonexistent.pem", .private_key = "k", .authority = "a"});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find("/nonexistent.pem"), std::string::npos);
}

}  // namespace
}  // namespace airloom::platform
