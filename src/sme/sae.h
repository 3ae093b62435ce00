// SAE as frames carry it: the bodies of its Authentication frames, and one end's run of the
// exchange. Who sends what when, and what a failure leads to, is the access point's and the
// station's business. [802.11-2020 12.4.5, 12.4.7, 9.4.1.37 to 9.4.1.42]
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "base/rng.h"
#include "bytes/writer.h"
#include "crypto/sae.h"

namespace airloom::sme {

/// What follows the status code in a Commit.
struct SaeCommitBody {
  uint16_t group = 0;
  Octets token;  // anti-clogging; empty: none
  Octets scalar;
  Octets element;
  Octets rejected_groups;  // as on the air; empty: none

  /// The group that a Commit, or a refusal of one, names. @error kTruncated  none.
  static Result<uint16_t> parse_group(std::span<const uint8_t> body);
  /// @param hash_to_element  by the frame's status code; token and groups are then elements.
  /// @error kTruncated  it ends within a field.
  static Result<SaeCommitBody> parse(std::span<const uint8_t> body, const crypto::SaeGroup& group,
                                     bool hash_to_element);
  Octets emit(bool hash_to_element) const;
};

/// What follows the status code where a token is asked for.
struct SaeTokenRequest {
  uint16_t group = 0;
  Octets token;

  static Result<SaeTokenRequest> parse(std::span<const uint8_t> body, bool hash_to_element);
  Octets emit(bool hash_to_element) const;
};

/// A password in a network, with what need be computed only once.
class SaePassword {
 public:
  SaePassword(Octets ssid, Octets password, std::vector<uint16_t> groups);

  const std::vector<uint16_t>& groups() const { return numbers_; }
  /// Null: the group is not in use here.
  const crypto::SaeGroup* find_group(uint16_t number);
  /// @error kUnsupported  the group is not in use here.
  Result<Octets> password_element(uint16_t group, bool hash_to_element, const MacAddress& a,
                                  const MacAddress& b, Rng& rng);

 private:
  Octets ssid_, password_;
  std::vector<uint16_t> numbers_;
  std::map<uint16_t, crypto::SaeGroup> groups_;
  std::map<uint16_t, Octets> pts_;
};

/// One end's run.
class SaeExchange {
 public:
  struct Settings {
    uint16_t group = 19;
    bool hash_to_element = false;
    Octets rejected_groups{};  // that the peer has refused; as on the air
  };
  /// Draws a commit. @error kUnsupported  the group is not in use here.
  static Result<SaeExchange> begin(SaePassword& password, Rng& rng, const MacAddress& own,
                                   const MacAddress& peer, Settings settings);

  const Settings& settings() const { return settings_; }
  Octets commit(Octets token = {}) const;
  /// The peer's commit, which settles the keys.
  /// @error kInvalid  an honest peer sends none such.
  Result<void> on_commit(const SaeCommitBody& commit);
  bool has_peer_commit() const { return peer_.has_value(); }
  /// Whether that is the commit which has been taken.
  bool is_repeated(const SaeCommitBody& commit) const;

  /// A Confirm, once the peer's commit is there; each counts up.
  Octets confirm();
  /// @error kBadAuth  the peer does not know the password.
  Result<void> on_confirm(std::span<const uint8_t> body);
  /// The peer's confirm held: the keys count.
  bool is_accepted() const { return accepted_; }
  const crypto::SaeKeys& keys() const { return keys_; }

 private:
  SaeExchange(const crypto::SaeGroup& group, Settings settings, Octets pwe,
              crypto::SaeCommit commit)
      : group_(&group),
        settings_(std::move(settings)),
        pwe_(std::move(pwe)),
        own_(std::move(commit)) {}
  crypto::Hash hash() const;

  const crypto::SaeGroup* group_;  // of the SaePassword, which lives longer
  Settings settings_;
  Octets pwe_;
  crypto::SaeCommit own_;
  std::optional<SaeCommitBody> peer_;
  crypto::SaeKeys keys_;
  uint16_t send_confirm_ = 0;
  bool accepted_ = false;
};

}  // namespace airloom::sme
