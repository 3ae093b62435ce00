// Authentication. [802.11-2020 11.3.4]
#include <algorithm>
#include <utility>

#include "cfg80211/driver_events.h"
#include "ieee80211/management.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/status_code.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/radio_stack.h"
#include "mac80211/station_elements.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::AuthAlgorithm;

constexpr uint8_t kTriesMax = 3;
constexpr auto kAnswerTime = std::chrono::milliseconds(200);
constexpr auto kSaeAnswerTime = std::chrono::seconds(2);
/// How long an authenticated station waits for userspace to associate.
constexpr auto kAssociationWait = std::chrono::seconds(5);

std::optional<AuthAlgorithm> algorithm_of(cfg80211::AuthType type) {
  using cfg80211::AuthType;
  switch (type) {
    case AuthType::kOpenSystem:
      return AuthAlgorithm::kOpenSystem;
    case AuthType::kSharedKey:
      return AuthAlgorithm::kSharedKey;
    case AuthType::kFt:
      return AuthAlgorithm::kFastBssTransition;
    case AuthType::kNetworkEap:
      return AuthAlgorithm::kNetworkEap;
    case AuthType::kSae:
      return AuthAlgorithm::kSae;
    case AuthType::kFilsSk:
      return AuthAlgorithm::kFils;
    case AuthType::kFilsSkPfs:
      return AuthAlgorithm::kFilsPfs;
    case AuthType::kFilsPk:
      return AuthAlgorithm::kFilsPublicKey;
    case AuthType::kAutomatic:
      return std::nullopt;
  }
  return std::nullopt;
}

/// SAE and FILS hand down their body from the transaction number on.
bool has_own_body(AuthAlgorithm algorithm) {
  return algorithm == AuthAlgorithm::kSae || algorithm == AuthAlgorithm::kFils ||
         algorithm == AuthAlgorithm::kFilsPfs || algorithm == AuthAlgorithm::kFilsPublicKey;
}

/// The frame encrypted under the WEP key of a shared key authentication.
Result<Octets> protect_with_wep(FramePool& pool, const Octets& frame,
                                const cfg80211::AuthenticateRequest& request) {
  const uint32_t cipher =
      request.key.size() == 5 ? ieee80211::cipher::kWep40 : ieee80211::cipher::kWep104;
  const auto key = TRY(
      Key::create(request.key_index, /*pairwise=*/false, {.key = request.key, .cipher = cipher}));
  FrameBuffer buffer = pool.from(frame);
  TRY(protect(*key, buffer));
  return Octets(buffer.octets().begin(), buffer.octets().end());
}

}  // namespace

Result<void> StationMlme::authenticate(const cfg80211::AuthenticateRequest& request) {
  const auto algorithm = algorithm_of(request.type);
  if (!algorithm) return fail(Errc::kUnsupported);
  if (std::holds_alternative<Associating>(state_)) return fail(Errc::kBusy);
  const cfg80211::Bss* bss = find_bss(request.bss);
  if (bss == nullptr) return fail(Errc::kNotFound);
  auto* before = std::get_if<Authenticating>(&state_);
  if (std::holds_alternative<Associated>(state_)) {
    // Roaming: the old association ends here, as the kernel has it. Its AP is not told: it learns
    // from the new one, or notices.
    const auto farewell =
        leave_frame(ieee80211::Subtype::kDeauthentication, bssid_, {.bssid = bssid_, .reason = 1});
    end_association({});
    cfg80211::tx_mlme_frame(wdev(), farewell, false);
  } else if (before != nullptr && before->ap != request.bssid) {
    state_ = Idle{};
    forget_peer();
  }
  TRY(prepare(request.bssid, *bss, {.ht = true, .vht = true, .he = true}));
  uint16_t transaction = 1;
  if (has_own_body(*algorithm) && request.auth_data.size() >= 2)
    transaction = static_cast<uint16_t>(request.auth_data[0] | request.auth_data[1] << 8);
  state_ = Authenticating{
      .ap = request.bssid, .bss = request.bss, .request = request, .transaction = transaction};
  send_authentication();
  return {};
}

void StationMlme::send_authentication() {
  auto& state = std::get<Authenticating>(state_);
  if (state.tries == kTriesMax) {
    const MacAddress ap = state.ap;
    interface_.log().info("authentication with {} timed out", ap.to_string());
    wdev().wiphy().bss_table().unlink(state.bss);
    state_ = Idle{};
    forget_peer();
    return cfg80211::authentication_timed_out(wdev(), ap);
  }
  ++state.tries;
  const AuthAlgorithm algorithm = *algorithm_of(state.request.type);
  const bool shared_key = algorithm == AuthAlgorithm::kSharedKey;
  const Octets challenge = shared_key ? std::exchange(state.request.auth_data, {}) : Octets();
  if (shared_key) state.transaction = challenge.empty() ? 1 : 3;  // lost: ask for another one
  Octets frame = management_header(ieee80211::Subtype::kAuthentication, state.ap,
                                   interface_.address(), state.ap);
  Writer writer(frame);
  writer.le16(static_cast<uint16_t>(algorithm));
  if (has_own_body(algorithm)) {
    writer.bytes(state.request.auth_data);
  } else {
    writer.le16(state.transaction).le16(0);
  }
  writer.bytes(challenge.empty() ? state.request.elements : challenge);
  if (!challenge.empty()) {
    auto encrypted = protect_with_wep(stack_.pool(), frame, state.request);
    if (encrypted) frame = std::move(*encrypted);
  }
  ManagementTxOptions options;
  options.on_status = [this](const TxStatus& status) { on_authentication_status(status); };
  timer_.arm(algorithm == AuthAlgorithm::kSae ? Duration(kSaeAnswerTime) : Duration(kAnswerTime));
  stack_.management_tx_path().send(interface_, frame, std::move(options));
}

void StationMlme::on_authentication_status(const TxStatus& status) {
  auto* state = std::get_if<Authenticating>(&state_);
  // Not heard: try again at once. Heard: its answer has the time it was given.
  if (state != nullptr && !state->done && !state->answered && !status.acked)
    timer_.arm(Duration{0});
}

void StationMlme::on_authentication(const RxFrame& frame) {
  auto* state = std::get_if<Authenticating>(&state_);
  if (state == nullptr || state->done || frame.view.address2() != state->ap) return;
  const auto body = ieee80211::AuthenticationBody::parse(Reader(frame.view.body()));
  if (!body) return;
  const AuthAlgorithm algorithm = *algorithm_of(state->request.type);
  const bool is_sae = algorithm == AuthAlgorithm::kSae;
  const bool shared_key = algorithm == AuthAlgorithm::kSharedKey;
  const auto expected = static_cast<uint16_t>(is_sae ? state->transaction : state->transaction + 1);
  // SAE peers send commit and confirm as they please: userspace sorts them out.
  if (body->algorithm != algorithm || (!is_sae && body->transaction != expected)) return;
  if (shared_key && body->transaction == 2 && body->status == 0) {
    // Userspace hears of the fourth frame alone. [802.11-2020 12.3.3.3]
    state->request.auth_data.assign(body->data.begin(), body->data.end());
    --state->tries;
    return send_authentication();
  }
  constexpr uint16_t kAntiCloggingTokenRequired = 76, kSaeHashToElement = 126, kSaePk = 127;
  const bool goes_on =
      is_sae &&
      (body->status == kAntiCloggingTokenRequired ||
       (body->transaction == 1 &&
        (body->status == 0 || body->status == kSaeHashToElement || body->status == kSaePk)));
  if (goes_on) {
    state->answered = true;
    timer_.arm(kAssociationWait);
  } else if (body->status != 0) {
    interface_.log().info("{} denied authentication, status {}", state->ap.to_string(),
                          body->status);
    state_ = Idle{};
    forget_peer();
  } else {
    // An SAE exchange is done only when we have sent our own confirm, too.
    state->done = !is_sae || state->transaction == 2;
    state->answered = true;
    timer_.arm(kAssociationWait);
    if (state->done)
      stack_.stations().move(*stack_.stations().find(interface_, state->ap),
                             StationState::kAuthenticated);
  }
  cfg80211::rx_mlme_frame(wdev(), frame.view.octets());
}

}  // namespace airloom::mac80211
