#include "daemon/raw_tap.h"

#include <fmt/format.h>

#include "cfg80211/commands.h"

namespace airloom::daemon {
namespace {

constexpr uint32_t kDltIeee80211 = 105, kDltRadiotap = 127;

Result<HostRuntime*> choose_host(Server& server, const std::string& name) {
  if (!name.empty()) {
    if (HostRuntime* host = server.find_host(name)) return host;
    return fail(Errc::kNotFound, fmt::format("there is no host '{}'", name));
  }
  if (server.hosts().size() == 1) return server.hosts().begin()->second.get();
  return fail(Errc::kInvalid, server.hosts().empty()
                                  ? "there is no host yet: airloom run --host NAME makes one"
                                  : "there are several hosts: say which with --host NAME");
}

Result<cfg80211::Wiphy*> choose_wiphy(HostRuntime& host, const std::string& name) {
  for (const auto& [index, wiphy] : host.host().host().wiphys())
    if (name.empty() || wiphy->name() == name) return wiphy.get();
  return fail(Errc::kNotFound, name.empty()
                                   ? fmt::format("host '{}' has no radio", host.name())
                                   : fmt::format("host '{}' has no radio '{}'", host.name(), name));
}

Error why_no_interface(const RawTapOptions& options, const Error& error) {
  if (error.code == Errc::kTooMany)
    return {Errc::kExists, fmt::format("the name '{}' is taken", options.name)};
  const std::string why = error.text.empty() ? to_string(error.code) : error.text;
  return {error.code, fmt::format("'{}' cannot be made: {}", options.name, why)};
}

}  // namespace

Result<std::unique_ptr<RawTap>> RawTap::open(Server& server, const RawTapOptions& options) {
  if (options.dlt != kDltIeee80211 && options.dlt != kDltRadiotap)
    return fail(Errc::kInvalid, "--dlt is 105 (802.11) or 127 (802.11 behind radiotap)");
  HostRuntime& host = *TRY(choose_host(server, options.host));
  cfg80211::Wiphy& wiphy = *TRY(choose_wiphy(host, options.radio));
  auto added = wiphy.add_interface({.name = options.name,
                                    .type = cfg80211::InterfaceType::kMonitor,
                                    .plain_monitor = options.dlt == kDltIeee80211});
  if (!added) return std::unexpected(why_no_interface(options, added.error()));
  std::unique_ptr<RawTap> tap(new RawTap(server, host.name(), wiphy.name(), (*added)->id()));
  TRY(tap->bring_up(options));
  return tap;
}

Result<void> RawTap::bring_up(const RawTapOptions& options) {
  HostRuntime& host = *server_.find_host(host_);
  TRY(host.set_up(options.name, true));
  host.drain();  // so that the radio knows
  if (options.mhz == 0) return {};
  cfg80211::Wiphy& wiphy = *find_wiphy();
  const auto channel =
      cfg80211::ChannelDefinition::from_type(options.mhz, ieee80211::ChannelType::kNoHt);
  auto set = cfg80211::set_channel(wiphy, wiphy.find_wdev(wdev_), channel);
  if (set) return {};
  if (set.error().code == Errc::kBusy)
    return fail(Errc::kBusy,
                fmt::format("{} is in use by another interface, which decides its channel: leave "
                            "--freq out, or take that down",
                            where()));
  return fail(Errc::kInvalid, fmt::format("{} has no channel at {} MHz", where(), options.mhz));
}

cfg80211::Wiphy* RawTap::find_wiphy() const {
  HostRuntime* host = server_.find_host(host_);
  if (host == nullptr) return nullptr;
  for (const auto& [index, wiphy] : host->host().host().wiphys())
    if (wiphy->find_wdev(wdev_) != nullptr) return wiphy.get();
  return nullptr;
}

RawTap::~RawTap() {
  if (cfg80211::Wiphy* wiphy = find_wiphy()) wiphy->remove_interface(*wiphy->find_wdev(wdev_));
}

}  // namespace airloom::daemon
