#include "daemon/status_report.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cfg80211/commands.h"
#include "daemon/lab_runner.h"
#include "daemon/server.h"

namespace airloom::daemon {
namespace {

using nlohmann::json;

std::string as_text(const Octets& ssid) {
  return {ssid.begin(), ssid.end()};
}

const char* state_of(const cfg80211::Wdev& wdev) {
  using State = cfg80211::Wdev::Connection::State;
  if (!wdev.is_running()) return "down";
  if (wdev.access_point) return "beaconing";
  switch (wdev.connection.state) {
    case State::kIdle:
      return "up";
    case State::kAssociating:
      return "associating";
    case State::kConnected:
      return "connected";
  }
  return "up";
}

json describe(cfg80211::Wdev& wdev) {
  json entry{{"name", wdev.name()},
             {"type", cfg80211::to_string(wdev.type())},
             {"address", wdev.address().to_string()},
             {"state", state_of(wdev)}};
  if (wdev.access_point) {
    entry["ssid"] = as_text(wdev.access_point->ssid);
    size_t stations = 0;
    while (cfg80211::dump_station(wdev, stations)) ++stations;
    entry["stations"] = stations;
  } else if (!wdev.connection.ssid.empty()) {
    entry["ssid"] = as_text(wdev.connection.ssid);
  }
  if (const auto channel = wdev.wiphy().ops().get_channel(wdev, 0))
    entry["frequency"] = channel->primary_mhz;
  return entry;
}

/// A tunnel's end: whether its session stands, the round trip in microseconds, and the counts that
/// occurred.
json describe(tunnel::Ac& ac) {
  json counts = json::object();
  for (size_t i = 0; i < tunnel::kCountCount; ++i) {
    const auto what = static_cast<tunnel::Count>(i);
    if (const uint64_t count = ac.counters().of(what)) counts[std::string(to_string(what))] = count;
  }
  return {{"joined", ac.is_joined()},
          {"round_trip_us", ac.round_trip() / std::chrono::microseconds(1)},
          {"counts", std::move(counts)}};
}

/// Why frames went no further on a radio: the reasons that occurred, with their counts.
json describe(const mac80211::Drops& drops) {
  json reasons = json::object();
  for (size_t i = 0; i < static_cast<size_t>(mac80211::Drop::kCount); ++i) {
    const auto reason = static_cast<mac80211::Drop>(i);
    if (const uint64_t count = drops.of(reason)) reasons[std::string(to_string(reason))] = count;
  }
  return reasons;
}

json describe(HostRuntime& host) {
  json radios = json::array();
  for (const auto& [number, radio] : host.host().all_radios()) {
    const cfg80211::Wiphy* wiphy = radio->wiphy;
    json interfaces = json::array();
    for (const auto& [id, wdev] : wiphy->wdevs()) interfaces.push_back(describe(*wdev));
    radios.push_back({{"name", wiphy->name()},
                      {"address", wiphy->permanent_address().to_string()},
                      {"interfaces", std::move(interfaces)},
                      // Of a radio with firmware the host knows nothing.
                      {"drops", radio->stack ? describe(radio->stack->drops()) : json::object()}});
    if (radio->tunnel) radios.back()["tunnel"] = describe(radio->tunnel->ac());
  }
  return {{"name", host.name()}, {"radios", std::move(radios)}, {"refused", host.refused_frames()}};
}

}  // namespace

std::string status_report(Server& server) {
  json report{{"pid", ::getpid()}, {"runtime_dir", server.runtime_dir()}};
  report["hosts"] = json::array();
  for (const auto& [name, host] : server.hosts()) report["hosts"].push_back(describe(*host));
  report["programs"] = json::array();
  for (const auto& program : server.lab().programs()) {
    json entry{{"host", program->host}, {"run", program->run}, {"log", program->log_path}};
    if (program->status) {
      entry["status"] = *program->status;
    } else {
      entry["pid"] = program->pid;
    }
    report["programs"].push_back(std::move(entry));
  }
  report["air"] = json::array();
  for (const auto& row : server.air().rows())
    report["air"].push_back({{"kind", row.kind}, {"frames", row.frames}, {"octets", row.octets}});
  // Names of people's making need not be UTF-8.
  return report.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace airloom::daemon
