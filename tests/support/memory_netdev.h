// Netdevs in memory: a NetdevFactory for tests that need neither TAPs nor the host's stack.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cfg80211/netdev.h"

namespace airloom::test {

class MemoryNetdevs;

class MemoryNetdev final : public cfg80211::Netdev {
 public:
  MemoryNetdev(MemoryNetdevs& all, uint32_t ifindex, const cfg80211::NetdevSpec& spec,
               std::string name, cfg80211::NetdevClient& client)
      : all_(all),
        ifindex_(ifindex),
        name_(std::move(name)),
        address_(spec.address),
        name_space_(spec.name_space),
        link_layer_(spec.link_layer),
        client_(client) {}
  ~MemoryNetdev() override;

  uint32_t ifindex() const override { return ifindex_; }
  const std::string& name() const override { return name_; }
  MacAddress address() const override { return address_; }
  bool is_up() const override { return up_; }
  uint32_t name_space() const override { return name_space_; }
  void set_carrier(bool on) override { carrier_ = on; }
  Result<void> set_address(const MacAddress& address) override {
    address_ = address;
    return {};
  }
  Result<void> set_link_layer(cfg80211::LinkLayer layer) override {
    link_layer_ = layer;
    return {};
  }
  Result<void> move_to(uint32_t name_space) override {
    name_space_ = name_space;
    return {};
  }
  void receive(FrameBuffer frame) override { received.push_back(std::move(frame)); }
  void close() override {
    if (up_) down();
  }
  void pause_transmit(bool paused) override { paused_ = paused; }

  // The host's side.
  Result<void> up() {
    auto result = client_.on_up();
    up_ = result.has_value();
    return result;
  }
  void down() {
    up_ = false;
    client_.on_down();
  }
  Result<void> change_address(const MacAddress& address) {
    TRY(client_.on_address_change(address));
    return set_address(address);
  }
  void send(FrameBuffer frame) { client_.on_transmit({&frame, 1}); }
  bool carrier() const { return carrier_; }
  bool is_paused() const { return paused_; }
  cfg80211::LinkLayer link_layer() const { return link_layer_; }
  std::vector<FrameBuffer> received;

 private:
  MemoryNetdevs& all_;
  uint32_t ifindex_;
  std::string name_;
  MacAddress address_;
  uint32_t name_space_;
  cfg80211::LinkLayer link_layer_;
  cfg80211::NetdevClient& client_;
  bool up_ = false, carrier_ = false, paused_ = false;
};

/// Makes them, with interface indices from 3 on, and finds them by name.
class MemoryNetdevs final : public cfg80211::NetdevFactory {
 public:
  Result<std::unique_ptr<cfg80211::Netdev>> create(const cfg80211::NetdevSpec& spec,
                                                   cfg80211::NetdevClient& client) override {
    std::string name = spec.name;
    if (const size_t number = name.find("%d"); number != std::string::npos) {
      int n = 0;
      do {
        name = spec.name.substr(0, number) + std::to_string(n++) + spec.name.substr(number + 2);
      } while (by_name_.contains(name));
    }
    if (by_name_.contains(name)) return fail(Errc::kExists);
    auto netdev = std::make_unique<MemoryNetdev>(*this, next_ifindex_++, spec, name, client);
    by_name_[name] = netdev.get();
    return netdev;
  }
  MemoryNetdev& operator[](const std::string& name) { return *by_name_.at(name); }
  bool has(const std::string& name) const { return by_name_.contains(name); }

 private:
  friend class MemoryNetdev;
  std::map<std::string, MemoryNetdev*> by_name_;
  uint32_t next_ifindex_ = 3;
};

inline MemoryNetdev::~MemoryNetdev() {
  all_.by_name_.erase(name_);
}

}  // namespace airloom::test
