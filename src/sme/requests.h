// Parts of nl80211 requests that access point and station share, and a chain of requests that run
// one after another. [nl80211.h]
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "ieee80211/frame_control.h"
#include "ieee80211/rsn_element.h"
#include "sme/client_port.h"
#include "sme/keys.h"

namespace airloom::sme {

/// Station flags by number, as STA_FLAGS2 has them: which to change, and to what.
struct StationFlags {
  uint32_t mask = 0;
  uint32_t set = 0;
};
/// The bit of an NL80211_STA_FLAG_*.
constexpr uint32_t flag_bit(unsigned flag) {
  return 1u << flag;
}

void put_station_flags(netlink::MessageWriter& writer, StationFlags flags);
void put_pairwise_key(netlink::MessageWriter& writer, uint32_t ifindex, const MacAddress& peer,
                      std::span<const uint8_t> tk, ieee80211::SuiteSelector cipher);
void put_group_key(netlink::MessageWriter& writer, uint32_t ifindex, const GroupKey& key,
                   ieee80211::SuiteSelector cipher);
/// Makes a group key the one to send data, management frames or beacons with, by its id.
void put_default_group_key(netlink::MessageWriter& writer, uint32_t ifindex, uint8_t id);
/// An EAPOL frame for the control port.
void put_control_port_frame(netlink::MessageWriter& writer, uint32_t ifindex,
                            const MacAddress& peer, std::span<const uint8_t> eapol, bool encrypt);
/// The attributes that make EAPOL come and go over nl80211. [nl80211.h
/// NL80211_ATTR_CONTROL_PORT_OVER_NL80211]
void put_control_port(netlink::MessageWriter& writer);
/// Asks for frames that begin, behind the MAC header, with `match`.
void put_frame_registration(netlink::MessageWriter& writer, uint32_t ifindex,
                            ieee80211::Subtype subtype, std::span<const uint8_t> match = {});
/// What the ciphers and AKM of an RSN network are. [nl80211.h NL80211_ATTR_AKM_SUITES]
void put_crypto(netlink::MessageWriter& writer, const ieee80211::RsnElement& rsn);

/// What a dump of GET_WIPHY says of the radio. @param feature  an NL80211_EXT_FEATURE_*.
bool has_feature(const Reply& wiphy, unsigned feature);
bool has_cipher(const Reply& wiphy, ieee80211::SuiteSelector cipher);

/// Requests that run one after another, until the first that fails.
class RequestChain {
 public:
  using OnReply = std::function<Result<void>(const Reply&)>;
  using Finished = std::function<void(Result<void>)>;

  explicit RequestChain(ClientPort& port) : port_(port) {}
  RequestChain(const RequestChain&) = delete;
  RequestChain& operator=(const RequestChain&) = delete;

  /// Adds a request. @param name  for the error text.
  RequestChain& then(std::string name, uint8_t command, ClientPort::Fill fill,
                     OnReply on_reply = {}, ClientPort::Kind kind = ClientPort::Kind::kDo);
  /// Adds a request whose failure does not matter.
  RequestChain& attempt(std::string name, uint8_t command, ClientPort::Fill fill);
  /// Adds a step that is no request.
  RequestChain& then(std::string name, std::function<Result<void>()> action);
  /// Starts; the chain must live until `finished` ran.
  void run(Finished finished);
  bool is_running() const { return static_cast<bool>(finished_); }

 private:
  struct Step {
    std::string name;
    uint8_t command = 0;
    ClientPort::Fill fill;
    OnReply on_reply;
    std::function<Result<void>()> action;
    ClientPort::Kind kind = ClientPort::Kind::kDo;
    bool must_succeed = true;
  };
  void next();
  void finish(Result<void> outcome);

  ClientPort& port_;
  std::deque<Step> steps_;
  Finished finished_;
};

}  // namespace airloom::sme
