// SAE's bodies and one end's run: round trips, hostile input, and exchanges that must not succeed.
#include "sme/sae.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace airloom::sme {
namespace {

const MacAddress kA{{2, 0, 0, 0, 0, 1}}, kB{{2, 0, 0, 0, 0, 2}};

class SaeTest : public testing::TestWithParam<bool> {
 protected:
  bool hash_to_element() const { return GetParam(); }
  SaeCommitBody commit_body() const {
    SaeCommitBody body{.group = 19, .token = Octets(32, 7)};
    body.scalar = Octets(32, 1);
    body.element = Octets(64, 2);
    if (hash_to_element()) body.rejected_groups = {20, 0, 21, 0};
    return body;
  }
  SaeExchange begin(const MacAddress& own, const MacAddress& peer, Octets password = {'x'}) {
    passwords.push_back(
        std::make_unique<SaePassword>(Octets{'s'}, std::move(password), std::vector<uint16_t>{19}));
    return *SaeExchange::begin(*passwords.back(), rng, own, peer,
                               {.hash_to_element = hash_to_element()});
  }
  Result<void> take_commit(SaeExchange& at, const SaeExchange& from) {
    return at.on_commit(TRY(SaeCommitBody::parse(from.commit(), group, hash_to_element())));
  }

  const crypto::SaeGroup group = *crypto::SaeGroup::create(19);
  std::vector<std::unique_ptr<SaePassword>> passwords;
  SeededRng rng{1};
};

TEST_P(SaeTest, CommitRoundTripsAndMayBeCutAnywhere) {
  const SaeCommitBody body = commit_body();
  const Octets octets = body.emit(hash_to_element());
  const auto parsed = SaeCommitBody::parse(octets, group, hash_to_element());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->emit(hash_to_element()), octets);
  EXPECT_EQ(parsed->token, body.token);
  EXPECT_EQ(parsed->scalar, body.scalar);
  EXPECT_EQ(parsed->rejected_groups, body.rejected_groups);
  for (size_t size = 0; size < octets.size(); ++size) {
    const auto cut = SaeCommitBody::parse(std::span(octets).first(size), group, hash_to_element());
    EXPECT_EQ(cut.has_value(), size >= 2 + 32 + 64) << size;
  }
}

TEST_P(SaeTest, TokenRequestRoundTripsAndNeedsAToken) {
  const SaeTokenRequest request{19, Octets(32, 9)};
  const Octets octets = request.emit(hash_to_element());
  EXPECT_EQ(SaeTokenRequest::parse(octets, hash_to_element())->token, request.token);
  for (size_t size = 0; size < 3; ++size)
    EXPECT_FALSE(SaeTokenRequest::parse(std::span(octets).first(std::min<size_t>(size, 2)),
                                        hash_to_element()));
}

TEST_P(SaeTest, BothEndsSettleOnOneKey) {
  SaeExchange a = begin(kA, kB), b = begin(kB, kA);
  ASSERT_TRUE(take_commit(a, b) && take_commit(b, a));
  EXPECT_FALSE(a.is_accepted());
  ASSERT_TRUE(b.on_confirm(a.confirm()));
  ASSERT_TRUE(a.on_confirm(b.confirm()));
  EXPECT_TRUE(a.is_accepted() && b.is_accepted());
  EXPECT_EQ(a.keys().pmk, b.keys().pmk);
  EXPECT_EQ(a.keys().pmkid, b.keys().pmkid);
  EXPECT_NE(a.confirm(), a.confirm());  // each counts
}

TEST_P(SaeTest, AnotherPasswordFailsInTheConfirm) {
  SaeExchange a = begin(kA, kB), b = begin(kB, kA, {'y'});
  ASSERT_TRUE(take_commit(a, b) && take_commit(b, a));
  EXPECT_EQ(b.on_confirm(a.confirm()).error().code, Errc::kBadAuth);
  EXPECT_FALSE(b.is_accepted());
}

TEST_P(SaeTest, ReflectionAndEarlyConfirmAreRefused) {
  SaeExchange a = begin(kA, kB), b = begin(kB, kA);
  EXPECT_FALSE(take_commit(a, a));
  EXPECT_FALSE(a.on_confirm(Octets(34)));
  ASSERT_TRUE(take_commit(a, b));
  EXPECT_FALSE(a.on_confirm(a.confirm()));  // its own, thrown back
  EXPECT_FALSE(a.on_confirm({}));
  EXPECT_FALSE(a.is_accepted());
}

INSTANTIATE_TEST_SUITE_P(EachMethod, SaeTest, testing::Bool());

}  // namespace
}  // namespace airloom::sme
