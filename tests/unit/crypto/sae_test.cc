// SAE's maths: the standard's vectors, both ends against each other in every group, and peers that
// cheat.
#include "crypto/sae.h"

#include <gtest/gtest.h>

#include "crypto/kdf.h"
#include "support/vector_file.h"

namespace airloom::crypto {
namespace {

using test::find_vector;

constexpr size_t kGroupField = 2;  // of a commit, before the scalar

const MacAddress kA{{2, 0, 0, 0, 0, 1}}, kB{{2, 0, 0, 0, 0, 2}};

test::Vector vector(const std::string& name) {
  return find_vector(test::read_vectors("crypto/sae.txt"), name);
}
Octets part(const Octets& octets, size_t at, size_t size) {
  return {octets.begin() + static_cast<long>(at), octets.begin() + static_cast<long>(at + size)};
}
Octets octets_of(std::string_view text) {
  return {text.begin(), text.end()};
}

void check_commit_and_keys(const test::Vector& v) {
  const auto group = *SaeGroup::create(19);
  SeededRng rng(1);
  const auto pwe = group.hunt(v.octets("password"), MacAddress::from(v.octets("address_a")),
                              MacAddress::from(v.octets("address_b")), rng);
  ASSERT_TRUE(pwe);
  const SaeCommit commit = group.commit(*pwe, v.octets("rand"), v.octets("mask"));
  const Octets expected = v.octets("commit"), peer = v.octets("peer_commit");
  EXPECT_EQ(commit.scalar, part(expected, kGroupField, 32));
  EXPECT_EQ(commit.element, part(expected, kGroupField + 32, 64));
  const Octets peer_scalar = part(peer, kGroupField, 32);
  const Octets peer_element = part(peer, kGroupField + 32, 64);
  const auto secret = group.shared_secret(*pwe, commit.rand, peer_scalar, peer_element);
  ASSERT_TRUE(secret);
  const auto keys = group.derive_keys(Hash::kSha256, *secret, {}, commit.scalar, peer_scalar);
  EXPECT_EQ(keys.kck, v.octets("kck"));
  EXPECT_EQ(Octets(keys.pmk.begin(), keys.pmk.end()), v.octets("pmk"));
  EXPECT_EQ(Octets(keys.pmkid.begin(), keys.pmkid.end()), v.octets("pmkid"));
  if (!v.has("confirm")) return;
  EXPECT_EQ(sae_confirm(Hash::kSha256, keys.kck, 1, commit.scalar, commit.element, peer_scalar,
                        peer_element),
            part(v.octets("confirm"), 2, 32));
  EXPECT_EQ(sae_confirm(Hash::kSha256, keys.kck, 1, peer_scalar, peer_element, commit.scalar,
                        commit.element),
            part(v.octets("peer_confirm"), 2, 32));
}

TEST(SaeVectors, CommitKeysAndConfirmByHuntingAndPecking) {
  check_commit_and_keys(vector("hunting and pecking"));
  check_commit_and_keys(vector("confirm"));
}

TEST(SaeVectors, HashToElement) {
  const auto v = vector("hash to element");
  const auto group = *SaeGroup::create(19);
  const Octets pt = group.derive_pt(v.octets("ssid"), v.octets("password"), v.octets("identifier"));
  EXPECT_EQ(group.hash_to_element(pt, MacAddress::from(v.octets("address_a")),
                                  MacAddress::from(v.octets("address_b"))),
            v.octets("pwe"));
}

class SaeGroups : public testing::TestWithParam<uint16_t> {
 protected:
  const SaeGroup group = *SaeGroup::create(GetParam());
  SeededRng rng{GetParam()};
  const Octets password = octets_of("correcthorsebattery"), ssid = octets_of("oracle");
};

TEST_P(SaeGroups, BothEndsAgreeByBothMethods) {
  const Octets pt = group.derive_pt(ssid, password);
  const Octets hunted = *group.hunt(password, kA, kB, rng);
  EXPECT_EQ(hunted, *group.hunt(password, kB, kA, rng));  // and whatever the dice say
  const Octets hashed = group.hash_to_element(pt, kA, kB);
  EXPECT_EQ(hashed, group.hash_to_element(pt, kB, kA));
  for (const Octets& pwe : {hunted, hashed}) {
    const SaeCommit a = group.commit(pwe, rng), b = group.commit(pwe, rng);
    EXPECT_EQ(a.scalar.size(), group.scalar_size());
    EXPECT_EQ(a.element.size(), group.element_size());
    const auto at_a = group.shared_secret(pwe, a.rand, b.scalar, b.element);
    const auto at_b = group.shared_secret(pwe, b.rand, a.scalar, a.element);
    ASSERT_TRUE(at_a && at_b);
    EXPECT_EQ(*at_a, *at_b);
    const SaeKeys keys = group.derive_keys(group.hash(), *at_a, {}, a.scalar, b.scalar);
    EXPECT_EQ(keys.kck, group.derive_keys(group.hash(), *at_a, {}, b.scalar, a.scalar).kck);
    EXPECT_EQ(keys.kck.size(), digest_size(group.hash()));
    const Octets rejected = {20, 0};
    EXPECT_NE(keys.kck, group.derive_keys(group.hash(), *at_a, rejected, a.scalar, b.scalar).kck);
  }
}

TEST_P(SaeGroups, AnotherPasswordOrPeerIsAnotherElement) {
  const Octets other = octets_of("incorrecthorse");
  EXPECT_NE(*group.hunt(password, kA, kB, rng), *group.hunt(other, kA, kB, rng));
  EXPECT_NE(*group.hunt(password, kA, kB, rng), *group.hunt(password, kA, kA, rng));
  const Octets pt = group.derive_pt(ssid, password);
  EXPECT_NE(pt, group.derive_pt(ssid, other));
  EXPECT_NE(pt, group.derive_pt(other, password));
  EXPECT_NE(group.hash_to_element(pt, kA, kB), group.hash_to_element(pt, kA, kA));
}

TEST_P(SaeGroups, CheatingPeersAreRefused) {
  const Octets pwe = *group.hunt(password, kA, kB, rng);
  const SaeCommit own = group.commit(pwe, rng), peer = group.commit(pwe, rng);
  const auto refuses = [&](const Octets& scalar, const Octets& element) {
    return !group.shared_secret(pwe, own.rand, scalar, element);
  };
  EXPECT_FALSE(refuses(peer.scalar, peer.element));
  Octets scalar(group.scalar_size());
  EXPECT_TRUE(refuses(scalar, peer.element));
  scalar.back() = 1;
  EXPECT_TRUE(refuses(scalar, peer.element));
  EXPECT_TRUE(refuses(Octets(group.scalar_size(), 0xff), peer.element));
  EXPECT_TRUE(refuses({}, peer.element));
  EXPECT_TRUE(refuses(peer.scalar, {}));
  EXPECT_TRUE(refuses(peer.scalar, Octets(group.element_size(), 0xff)));
  EXPECT_TRUE(refuses(peer.scalar, Octets(group.element_size(), 0)));
  Octets element = peer.element;
  element.back() ^= 1;
  EXPECT_TRUE(refuses(peer.scalar, element));
  // An element that takes the scalar back: the secret would be the point at infinity.
  const SaeCommit void_one = group.commit(pwe, peer.scalar, peer.scalar);
  EXPECT_TRUE(refuses(peer.scalar, void_one.element));
}

INSTANTIATE_TEST_SUITE_P(Each, SaeGroups, testing::Values(19, 20, 21));

TEST(SaeGroup, OthersAreUnsupported) {
  for (const uint16_t number : {0, 1, 15, 18, 22, 25, 65535})
    EXPECT_EQ(SaeGroup::create(number).error().code, Errc::kUnsupported);
}

}  // namespace
}  // namespace airloom::crypto
