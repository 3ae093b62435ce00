// The asynchronous nl80211 client port: requests with answers, events, groups by name. Everything
// the SME does goes through it. ClientPort is the interface; Nl80211Client is the one that speaks
// netlink, over any transport. [nl80211.h] [genetlink.h CTRL_CMD_GETFAMILY]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "netlink/client.h"
#include "netlink/message.h"
#include "sme/netlink_transport.h"

namespace airloom::sme {

/// What a request brought: its data messages (several for a dump), and the ack's cookie.
struct Reply {
  struct Data {
    uint8_t command = 0;
    Octets octets;  // the attributes
    netlink::AttributeTable attributes() const {
      return netlink::AttributeTable(netlink::AttributeRange(octets));
    }
  };
  std::vector<Data> data;
  std::optional<uint64_t> cookie;
};

/// A message nobody asked for; its attributes are valid during the call.
struct Nl80211Event {
  uint8_t command = 0;
  netlink::AttributeTable attributes;
};

class ClientPort {
 public:
  /// Writes a request's attributes.
  using Fill = std::function<void(netlink::MessageWriter&)>;
  /// Called once per request: when its answer came, or at once if it could not be sent. An error
  /// has the server's words.
  using Done = std::function<void(Result<Reply>)>;
  using OnEvent = std::function<void(const Nl80211Event&)>;
  enum class Kind : uint8_t { kDo, kDump };

  virtual ~ClientPort() = default;
  /// Finds nl80211 and joins the named groups; comes before any request.
  /// @param on_lost  events may have been lost.
  virtual void open(std::vector<std::string> groups, OnEvent on_event,
                    std::function<void()> on_lost, std::function<void(Result<void>)> done) = 0;
  /// Sends a request; requests are served in their order. `fill` runs before this returns.
  virtual void request(uint8_t command, const Fill& fill, Done done, Kind kind = Kind::kDo) = 0;
};

class Nl80211Client final : public ClientPort, private NetlinkTransport::Receiver {
 public:
  explicit Nl80211Client(NetlinkTransport& transport);
  ~Nl80211Client() override;
  Nl80211Client(const Nl80211Client&) = delete;
  Nl80211Client& operator=(const Nl80211Client&) = delete;

  void open(std::vector<std::string> groups, OnEvent on_event, std::function<void()> on_lost,
            std::function<void(Result<void>)> done) override;
  /// Before open() is done it fails at once with kNotConnected.
  void request(uint8_t command, const Fill& fill, Done done, Kind kind) override;

 private:
  struct Pending {
    Done done;
    Reply reply;
  };
  void on_datagram(std::span<const uint8_t> datagram) override;
  void on_overrun() override;
  void on_message(const netlink::Message& message);
  void on_reply(uint32_t sequence, const netlink::Message& message);
  void finish(uint32_t sequence, Result<void> outcome);
  Result<void> join_groups();
  void send(Octets message, uint32_t sequence, Done done);

  NetlinkTransport& transport_;
  OnEvent on_event_;
  std::function<void()> on_lost_;
  std::vector<std::string> groups_;
  std::optional<netlink::FamilyIds> family_;
  uint32_t last_sequence_ = 0;
  std::map<uint32_t, Pending> pending_;  // by sequence number
};

}  // namespace airloom::sme
