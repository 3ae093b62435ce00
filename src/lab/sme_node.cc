#include "lab/sme_node.h"

#include <fmt/core.h>

namespace airloom::lab {
namespace {

Octets octets_of(const std::string& text) {
  return {text.begin(), text.end()};
}

template <typename Entry>
std::optional<sme::Security> security_of(World& world, const Entry& entry) {
  if (entry.passphrase.empty()) return std::nullopt;
  sme::Security security = entry.security;
  security.psk = world.psk(entry.passphrase, entry.ssid);
  security.sae_password = octets_of(entry.passphrase);
  return security;
}

}  // namespace

SmeNode::SmeNode(World& world, WorldHost& host, sme::LinkPort& link, Report report)
    : ports_{.scheduler = &host.clock(),
             .rng = world.ports().rng,
             .link = &link,
             .log = host.host().log().child("sme")},
      report_(std::move(report)),
      transport_(host.clock(), host.bus()) {}

SmeNode::SmeNode(World& world, WorldHost& host, sme::LinkPort& link, uint32_t ifindex,
                 const AccessPointEntry& entry, Report report)
    : SmeNode(world, host, link, std::move(report)) {
  sme::AccessPointConfig config;
  config.ifindex = ifindex;
  config.ssid = octets_of(entry.ssid);
  config.channel_mhz = entry.mhz;
  config.security = security_of(world, entry);
  config.hidden = entry.hidden;
  sme::AccessPointObserver& observer = *this;
  access_point_ = std::make_unique<sme::AccessPoint>(
      std::move(config), ports_, std::make_unique<sme::Nl80211Client>(transport_), observer);
}

SmeNode::SmeNode(World& world, WorldHost& host, sme::LinkPort& link, uint32_t ifindex,
                 const StationEntry& entry, Report report)
    : SmeNode(world, host, link, std::move(report)) {
  sme::StationConfig config;
  config.ifindex = ifindex;
  config.ssid = octets_of(entry.ssid);
  config.security = security_of(world, entry);
  config.scan_mhz = entry.scan_mhz;
  sme::StationObserver& observer = *this;
  station_ = std::make_unique<sme::Station>(
      std::move(config), ports_, std::make_unique<sme::Nl80211Client>(transport_), observer);
}

void SmeNode::start() {
  failure_.reset();
  if (access_point_) access_point_->start();
  if (station_) station_->start();
}

void SmeNode::stop() {
  up_ = false;
  if (access_point_) access_point_->stop();
  if (station_) station_->stop();
}

void SmeNode::on_started() {
  up_ = true;
  report_("access point started");
}

void SmeNode::on_failed(const Error& error) {
  up_ = false;
  failure_ = error;
  report_(fmt::format("failed: {} ({})", error.text, to_string(error.code)));
}

void SmeNode::on_station_joined(const MacAddress& station) {
  report_("station " + station.to_string() + " joined");
}

void SmeNode::on_station_left(const MacAddress& station) {
  report_("station " + station.to_string() + " left");
}

void SmeNode::on_connected(const sme::Bss& bss) {
  up_ = true;
  report_("connected to " + bss.bssid.to_string());
}

void SmeNode::on_disconnected(ieee80211::ReasonCode reason) {
  up_ = false;
  report_(fmt::format("disconnected, reason {}", static_cast<unsigned>(reason)));
}

void SmeNode::on_wrong_key() {
  report_("the passphrase seems to be wrong");
}

}  // namespace airloom::lab
