#include "lab/memory_netdev.h"

#include <fmt/core.h>

namespace airloom::lab {

MemoryNetdev::MemoryNetdev(MemoryNetdevFactory& factory, uint32_t ifindex,
                           const cfg80211::NetdevSpec& spec, std::string name,
                           cfg80211::NetdevClient& client)
    : factory_(factory),
      ifindex_(ifindex),
      name_(std::move(name)),
      address_(spec.address),
      name_space_(spec.name_space),
      link_layer_(spec.link_layer),
      client_(client),
      flush_timer_(factory.scheduler(), [this] { flush(); }) {
  factory_.netdevs_.emplace(ifindex_, this);
  factory_.by_name_.emplace(name_, this);
}

MemoryNetdev::~MemoryNetdev() {
  factory_.netdevs_.erase(ifindex_);
  factory_.by_name_.erase(name_);
  factory_.taken_below_.clear();
}

Result<void> MemoryNetdev::set_up(bool up) {
  if (up == up_) return {};
  if (up) {
    TRY(client_.on_up());
    up_ = true;
    return {};
  }
  up_ = false;
  queue_.clear();
  client_.on_down();
  return {};
}

void MemoryNetdev::send(FrameBuffer frame) {
  if (!up_ || queue_.size() >= kQueueMax) return;
  queue_.push_back(std::move(frame));
  if (!paused_ && !flush_timer_.is_armed()) flush_timer_.arm(Duration{0});
}

void MemoryNetdev::flush() {
  if (paused_ || !up_ || queue_.empty()) return;
  // Frames that come while these are taken gather in the other vector; both keep their memory.
  std::swap(burst_, queue_);
  client_.on_transmit(burst_);
  burst_.clear();
}

void MemoryNetdev::pause_transmit(bool paused) {
  paused_ = paused;
  if (!paused && !queue_.empty()) flush_timer_.arm(Duration{0});
}

Result<void> MemoryNetdev::set_address(const MacAddress& address) {
  address_ = address;
  return {};
}

Result<void> MemoryNetdev::set_link_layer(cfg80211::LinkLayer layer) {
  if (up_) return fail(Errc::kBusy);
  link_layer_ = layer;
  return {};
}

Result<void> MemoryNetdev::move_to(uint32_t name_space) {
  name_space_ = name_space;
  return {};
}

void MemoryNetdev::receive(FrameBuffer frame) {
  if (up_ && on_receive) on_receive(std::move(frame));
}

Result<std::string> MemoryNetdevFactory::free_name(const std::string& pattern) {
  const size_t at = pattern.find("%d");
  if (at == std::string::npos) {
    if (find(pattern) != nullptr) return fail(Errc::kExists);
    return pattern;
  }
  for (int& n = taken_below_[pattern];; ++n) {
    auto name = pattern.substr(0, at) + std::to_string(n) + pattern.substr(at + 2);
    if (find(name) == nullptr) return name;
  }
}

Result<std::unique_ptr<cfg80211::Netdev>> MemoryNetdevFactory::create(
    const cfg80211::NetdevSpec& spec, cfg80211::NetdevClient& client) {
  auto name = TRY(free_name(spec.name));
  return std::make_unique<MemoryNetdev>(*this, ++last_ifindex_, spec, std::move(name), client);
}

MemoryNetdev* MemoryNetdevFactory::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

MemoryNetdev* MemoryNetdevFactory::find(uint32_t ifindex) const {
  const auto found = netdevs_.find(ifindex);
  return found == netdevs_.end() ? nullptr : found->second;
}

}  // namespace airloom::lab
