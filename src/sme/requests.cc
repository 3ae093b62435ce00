#include "sme/requests.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <utility>

#include "ieee80211/ethernet.h"
#include "netlink/native.h"

namespace airloom::sme {

void put_station_flags(netlink::MessageWriter& writer, StationFlags flags) {
  Octets octets;
  netlink::append(octets, flags.mask);  // struct nl80211_sta_flag_update
  netlink::append(octets, flags.set);
  writer.bytes(NL80211_ATTR_STA_FLAGS2, octets);
}

void put_pairwise_key(netlink::MessageWriter& writer, uint32_t ifindex, const MacAddress& peer,
                      std::span<const uint8_t> tk, ieee80211::SuiteSelector cipher) {
  writer.u32(NL80211_ATTR_IFINDEX, ifindex).mac(NL80211_ATTR_MAC, peer);
  const auto key = writer.nest(NL80211_ATTR_KEY);
  writer.bytes(NL80211_KEY_DATA, tk).u32(NL80211_KEY_CIPHER, cipher).u8(NL80211_KEY_IDX, 0);
}

void put_group_key(netlink::MessageWriter& writer, uint32_t ifindex, const GroupKey& key,
                   ieee80211::SuiteSelector cipher) {
  constexpr size_t kSequenceSize = 6;
  writer.u32(NL80211_ATTR_IFINDEX, ifindex);
  const auto nest = writer.nest(NL80211_ATTR_KEY);
  writer.bytes(NL80211_KEY_DATA, key.key).u32(NL80211_KEY_CIPHER, cipher);
  writer.bytes(NL80211_KEY_SEQ, std::span(key.rsc).first(kSequenceSize));
  writer.u8(NL80211_KEY_IDX, key.id);
}

void put_default_group_key(netlink::MessageWriter& writer, uint32_t ifindex, uint8_t id) {
  writer.u32(NL80211_ATTR_IFINDEX, ifindex);
  const auto key = writer.nest(NL80211_ATTR_KEY);
  writer.u8(NL80211_KEY_IDX, id);
  if (id >= 6) return writer.flag(NL80211_KEY_DEFAULT_BEACON), void();
  if (id >= 4) return writer.flag(NL80211_KEY_DEFAULT_MGMT), void();
  writer.flag(NL80211_KEY_DEFAULT);
  const auto types = writer.nest(NL80211_KEY_DEFAULT_TYPES);
  writer.flag(NL80211_KEY_DEFAULT_TYPE_MULTICAST);
}

void put_control_port_frame(netlink::MessageWriter& writer, uint32_t ifindex,
                            const MacAddress& peer, std::span<const uint8_t> eapol, bool encrypt) {
  writer.u32(NL80211_ATTR_IFINDEX, ifindex);
  writer.u16(NL80211_ATTR_CONTROL_PORT_ETHERTYPE, ieee80211::ethertype::kEapol);
  writer.mac(NL80211_ATTR_MAC, peer).bytes(NL80211_ATTR_FRAME, eapol);
  writer.flag_if(!encrypt, NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT);
}

void put_control_port(netlink::MessageWriter& writer) {
  writer.flag(NL80211_ATTR_CONTROL_PORT_OVER_NL80211).flag(NL80211_ATTR_SOCKET_OWNER);
  writer.u16(NL80211_ATTR_CONTROL_PORT_ETHERTYPE, ieee80211::ethertype::kEapol);
  writer.flag(NL80211_ATTR_CONTROL_PORT_NO_PREAUTH);
}

void put_frame_registration(netlink::MessageWriter& writer, uint32_t ifindex,
                            ieee80211::Subtype subtype, std::span<const uint8_t> match) {
  writer.u32(NL80211_ATTR_IFINDEX, ifindex);
  writer.u16(NL80211_ATTR_FRAME_TYPE, static_cast<uint8_t>(subtype));
  writer.bytes(NL80211_ATTR_FRAME_MATCH, match);
}

void put_crypto(netlink::MessageWriter& writer, const ieee80211::RsnElement& rsn) {
  Octets akms, pairwise;
  for (const auto suite : rsn.akms) netlink::append(akms, suite);
  for (const auto suite : rsn.pairwise) netlink::append(pairwise, suite);
  writer.u32(NL80211_ATTR_WPA_VERSIONS, NL80211_WPA_VERSION_2);
  writer.bytes(NL80211_ATTR_AKM_SUITES, akms);
  writer.bytes(NL80211_ATTR_CIPHER_SUITES_PAIRWISE, pairwise);
  writer.u32(NL80211_ATTR_CIPHER_SUITE_GROUP, rsn.group);
}

bool has_feature(const Reply& wiphy, unsigned feature) {
  for (const Reply::Data& data : wiphy.data) {
    const auto features = data.attributes().bytes(NL80211_ATTR_EXT_FEATURES);
    if (features && feature / 8 < features->size() &&
        ((*features)[feature / 8] >> feature % 8 & 1) != 0)
      return true;
  }
  return false;
}

bool has_cipher(const Reply& wiphy, ieee80211::SuiteSelector cipher) {
  Octets wanted;
  netlink::append(wanted, cipher);
  for (const Reply::Data& data : wiphy.data) {
    const auto suites = data.attributes().bytes(NL80211_ATTR_CIPHER_SUITES);
    for (size_t at = 0; suites && at + wanted.size() <= suites->size(); at += wanted.size())
      if (std::ranges::equal(suites->subspan(at, wanted.size()), wanted)) return true;
  }
  return false;
}

RequestChain& RequestChain::then(std::string name, uint8_t command, ClientPort::Fill fill,
                                 OnReply on_reply, ClientPort::Kind kind) {
  steps_.push_back({std::move(name), command, std::move(fill), std::move(on_reply), {}, kind});
  return *this;
}

RequestChain& RequestChain::attempt(std::string name, uint8_t command, ClientPort::Fill fill) {
  steps_.push_back({std::move(name), command, std::move(fill)});
  steps_.back().must_succeed = false;
  return *this;
}

RequestChain& RequestChain::then(std::string name, std::function<Result<void>()> action) {
  steps_.push_back({.name = std::move(name), .action = std::move(action)});
  return *this;
}

void RequestChain::run(Finished finished) {
  finished_ = std::move(finished);
  next();
}

void RequestChain::next() {
  if (steps_.empty()) return finish({});
  Step step = std::move(steps_.front());
  steps_.pop_front();
  const auto with_name = [name = step.name](Error error) {
    error.text = error.text.empty() ? name : name + ": " + error.text;
    return std::unexpected(std::move(error));
  };
  if (step.action) {
    auto outcome = step.action();
    return outcome ? next() : finish(with_name(outcome.error()));
  }
  const bool must_succeed = step.must_succeed;
  auto on_answer = [this, with_name, must_succeed,
                    on_reply = std::move(step.on_reply)](Result<Reply> reply) {
    if (!reply) return must_succeed ? finish(with_name(reply.error())) : next();
    auto outcome = on_reply ? on_reply(*reply) : Result<void>{};
    return outcome ? next() : finish(with_name(outcome.error()));
  };
  port_.request(step.command, step.fill, std::move(on_answer), step.kind);
}

void RequestChain::finish(Result<void> outcome) {
  steps_.clear();
  if (finished_) std::exchange(finished_, {})(std::move(outcome));
}

}  // namespace airloom::sme
