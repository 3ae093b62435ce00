// A scripted nl80211: answers each request with success, unless a test says otherwise, and keeps
// what was asked. Answers come from the event queue, as a real port's do.
#pragma once

#include <linux/nl80211.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/event_queue.h"
#include "sme/client_port.h"
#include "sme/netlink_transport.h"

namespace airloom::sme {

class FakePort final : public ClientPort {
 public:
  struct Request {
    uint8_t command;
    Octets octets;  // the attributes
    netlink::AttributeTable attributes() const {
      return netlink::AttributeTable(netlink::AttributeRange(octets));
    }
    /// A copy of an attribute's payload; empty if it is absent.
    Octets bytes(uint16_t type) const {
      const auto found = attributes().bytes(type);
      return found ? Octets(found->begin(), found->end()) : Octets{};
    }
  };
  using Answer = std::function<Result<Reply>(const Request&)>;

  explicit FakePort(EventQueue& queue) : queue_(queue) {}

  void open(std::vector<std::string>, OnEvent on_event, std::function<void()> on_lost,
            std::function<void(Result<void>)> done) override {
    on_event_ = std::move(on_event);
    lose_events = std::move(on_lost);
    queue_.post([done = std::move(done)] { done({}); });
  }

  void request(uint8_t command, const Fill& fill, Done done, Kind) override {
    netlink::MessageWriter writer({}, {});
    if (fill) fill(writer);
    Octets octets = std::move(writer).finish();
    octets.erase(octets.begin(), octets.begin() + 20);
    requests.push_back({command, std::move(octets)});
    const auto answer = answers.find(command);
    Result<Reply> reply = answer == answers.end() ? Reply{} : answer->second(requests.back());
    queue_.post([done = std::move(done), reply = std::move(reply)] {
      if (done) done(reply);
    });
  }

  /// Delivers an event whose attributes `fill` writes.
  void event(uint8_t command, const Fill& fill) {
    netlink::MessageWriter writer({}, {});
    fill(writer);
    Octets octets = std::move(writer).finish();
    octets.erase(octets.begin(), octets.begin() + 20);
    if (on_event_) on_event_({command, netlink::AttributeTable(netlink::AttributeRange(octets))});
  }
  static Reply data(uint8_t command, const Fill& fill) {
    netlink::MessageWriter writer({}, {});
    fill(writer);
    Octets octets = std::move(writer).finish();
    octets.erase(octets.begin(), octets.begin() + 20);
    Reply reply;
    reply.data.push_back({command, std::move(octets)});
    return reply;
  }

  /// The requests of that command, oldest first.
  std::vector<Request> all(uint8_t command) const {
    std::vector<Request> found;
    for (const Request& request : requests)
      if (request.command == command) found.push_back(request);
    return found;
  }
  Request last(uint8_t command) const {
    const auto found = all(command);
    return found.empty() ? Request{} : found.back();
  }
  std::vector<int> commands() const {
    std::vector<int> found;
    for (const Request& request : requests) found.push_back(request.command);
    return found;
  }

  std::vector<Request> requests;
  std::map<uint8_t, Answer> answers;
  std::function<void()> lose_events;

 private:
  EventQueue& queue_;
  OnEvent on_event_;
};

class FakeLink final : public LinkPort {
 public:
  Result<void> set_up(bool up) override {
    if (refuse) return fail(Errc::kBusy);
    is_up = up;
    return {};
  }
  void set_operstate(OperState state) override { operstate = state; }

  bool refuse = false;
  bool is_up = false;
  OperState operstate = OperState::kDormant;
};

}  // namespace airloom::sme
