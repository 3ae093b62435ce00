#include "lab/lab_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <vector>

#include "lab/toml.h"

namespace airloom::lab {

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 32 || text[0] == '.' || text[0] == '-') return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

namespace {

constexpr uint32_t kRadiosMax = 64;

// hostapd's and wpa_supplicant's words.
constexpr std::pair<std::string_view, uint32_t> kAkmWords[] = {
    {"WPA-PSK", ieee80211::akm::kPsk},
    {"WPA-PSK-SHA256", ieee80211::akm::kPskSha256},
    {"SAE", ieee80211::akm::kSae}};
constexpr std::pair<std::string_view, uint32_t> kPairwiseWords[] = {
    {"CCMP", ieee80211::cipher::kCcmp128},
    {"CCMP-256", ieee80211::cipher::kCcmp256},
    {"GCMP", ieee80211::cipher::kGcmp128},
    {"GCMP-256", ieee80211::cipher::kGcmp256}};
constexpr std::pair<std::string_view, uint32_t> kGroupManagementWords[] = {
    {"AES-128-CMAC", ieee80211::cipher::kBipCmac128},
    {"BIP-CMAC-256", ieee80211::cipher::kBipCmac256},
    {"BIP-GMAC-128", ieee80211::cipher::kBipGmac128},
    {"BIP-GMAC-256", ieee80211::cipher::kBipGmac256}};

/// A whole text as a number of at most `max`, in at most `digits_max` digits.
bool is_number(std::string_view text, int base, unsigned max, size_t digits_max) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc() && rest == end && text.size() <= digits_max && value <= max;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at != std::string_view::npos;) {
    const size_t end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
    at = end == std::string_view::npos ? end : end + 1;
  }
  return parts;
}

bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           return is_number(part, 10, 255, 3);
         });
}

/// Groups of hexadecimal digits, with at most one "::" for those left out. [RFC 4291 2.2]
bool is_ipv6(std::string_view text) {
  const size_t gap = text.find("::");
  const auto count = [](std::string_view groups) -> std::optional<size_t> {
    if (groups.empty()) return 0;
    const auto parts = split(groups, ':');
    for (const auto part : parts)
      if (!is_number(part, 16, 0xffff, 4)) return std::nullopt;
    return parts.size();
  };
  if (gap == std::string_view::npos) return count(text) == 8u;
  const auto before = count(text.substr(0, gap));
  const auto after = count(text.substr(gap + 2));
  return before && after && *before + *after < 8;
}

/// Whether a text is like 10.0.0.1/24 or fd00::1/64.
bool is_address_with_prefix(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 2) return false;
  return (is_ipv4(parts[0]) && is_number(parts[1], 10, 32, 2)) ||
         (is_ipv6(parts[0]) && is_number(parts[1], 10, 128, 3));
}

/// Reads a lab file's tables; every error says file, line and key.
class LabReader {
 public:
  explicit LabReader(std::string_view name) : name_(name) {}

  Result<LabFile> read(const toml::table& root) {
    TRY(only_keys(root, "", {"seed", "first_radio", "host"}));
    LabFile lab;
    if (const auto* seed = root.get("seed"))
      lab.seed = static_cast<uint64_t>(TRY(integer(*seed, "seed", 0, INT64_MAX)));
    if (const auto* first = root.get("first_radio"))
      lab.first_radio =
          static_cast<uint16_t>(TRY(integer(*first, "first_radio", 0, UINT16_MAX - kRadiosMax)));
    const auto* hosts = root.get_as<toml::table>("host");
    if (hosts == nullptr) return fail(Errc::kInvalid, fmt::format("{}: no [host.NAME]", name_));
    for (const auto& [key, node] : *hosts)
      lab.hosts.push_back(TRY(host(std::string(key.str()), node)));
    std::sort(lab.hosts.begin(), lab.hosts.end(), [&](const HostEntry& a, const HostEntry& b) {
      return line_of(*hosts->get(a.name)) < line_of(*hosts->get(b.name));
    });
    return lab;
  }

 private:
  static uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

  std::unexpected<Error> error(const toml::node& at, std::string what) const {
    return fail(Errc::kInvalid, fmt::format("{}:{}: {}", name_, line_of(at), what));
  }

  Result<void> only_keys(const toml::table& table, std::string_view where,
                         std::initializer_list<std::string_view> known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      return error(node, fmt::format("unknown key '{}{}'; known here: {}", where, key.str(),
                                     fmt::join(known, ", ")));
    }
    return {};
  }

  Result<int64_t> integer(const toml::node& node, std::string_view key, int64_t min,
                          int64_t max) const {
    const auto value = node.value_exact<int64_t>();
    if (!value || *value < min || *value > max)
      return error(node, fmt::format("'{}' is a whole number from {} to {}", key, min, max));
    return *value;
  }

  Result<std::string> text(const toml::node& node, std::string_view key, size_t min,
                           size_t max) const {
    const auto value = node.value_exact<std::string>();
    if (!value || value->size() < min || value->size() > max)
      return error(node, fmt::format("'{}' is a text of {} to {} octets", key, min, max));
    return *value;
  }

  /// A table that must be there under a key, as [host.X.key].
  Result<const toml::table*> table(const toml::node& node, std::string_view key) const {
    if (const auto* found = node.as_table()) return found;
    return error(node, fmt::format("'{}' is a table", key));
  }

  Result<HostEntry> host(std::string name, const toml::node& node) const {
    if (!is_host_name(name))
      return error(node,
                   fmt::format("'{}' cannot name a host: letters, digits, '-', '_', '.'", name));
    const toml::table& keys = *TRY(table(node, name));
    TRY(only_keys(keys, "host." + name + ".",
                  {"radios", "driver", "beacon_protection", "tx_queues", "address", "program",
                   "access_point", "station"}));
    HostEntry entry{.name = std::move(name)};
    if (const auto* radios = keys.get("radios"))
      entry.radios = static_cast<uint32_t>(TRY(integer(*radios, "radios", 0, kRadiosMax)));
    if (const auto* driver = keys.get("driver")) entry.driver = TRY(radio_driver(*driver));
    if (const auto* side = keys.get("beacon_protection"))
      entry.traits.beacon_protection = TRY(beacon_protection(*side));
    if (const auto* queues = keys.get("tx_queues"))
      entry.traits.tx_queues = TRY(boolean(*queues, "tx_queues"));
    if (entry.traits.tx_queues && entry.driver == RadioDriver::kFullmac)
      return error(node, "tx_queues are of radios without firmware: driver = \"hwsim\"");
    if (const auto* node = keys.get("address")) entry.address = TRY(address(*node));
    if (const auto* programs = keys.get("program")) entry.programs = TRY(this->programs(*programs));
    if (const auto* ap = keys.get("access_point")) entry.access_point = TRY(access_point(*ap));
    if (const auto* station = keys.get("station")) entry.station = TRY(this->station(*station));
    TRY(check_wlan0(entry, node));
    return entry;
  }

  Result<hwsim::BeaconProtection> beacon_protection(const toml::node& node) const {
    const auto value = node.value_exact<std::string_view>();
    if (value == "client") return hwsim::BeaconProtection::kStation;
    if (value == "none") return hwsim::BeaconProtection::kNone;
    return error(node, "'beacon_protection' is \"client\" or \"none\"");
  }

  Result<RadioDriver> radio_driver(const toml::node& node) const {
    const auto value = node.value_exact<std::string_view>();
    if (value == "hwsim") return RadioDriver::kHwsim;
    if (value == "fullmac") return RadioDriver::kFullmac;
    return error(node, "'driver' is \"hwsim\" or \"fullmac\"");
  }

  Result<std::string> address(const toml::node& node) const {
    auto value = TRY(text(node, "address", 1, 64));
    if (!is_address_with_prefix(value))
      return error(node, fmt::format("'{}' is no address with a prefix length, as 10.0.0.1/24 or "
                                     "fd00::1/64",
                                     value));
    return value;
  }

  /// The address, and airloom's own access point or station, are wlan0's.
  Result<void> check_wlan0(const HostEntry& entry, const toml::node& node) const {
    if (entry.access_point && entry.station)
      return error(node, "a host is an access_point or a station, not both");
    if (entry.driver == RadioDriver::kFullmac && (entry.access_point || entry.station))
      return error(node,
                   "airloom's own access_point and station need radios without firmware: driver = "
                   "\"hwsim\", or hostapd and wpa_supplicant as programs");
    if (entry.radios == 0 && (entry.access_point || entry.station || !entry.address.empty()))
      return error(node,
                   "a host without radios has no wlan0 for an address, an access_point or a "
                   "station");
    return {};
  }

  Result<std::vector<ProgramEntry>> programs(const toml::node& node) const {
    const auto* list = node.as_array();
    if (list == nullptr) return error(node, "programs are written as [[host.NAME.program]] tables");
    std::vector<ProgramEntry> entries;
    for (const auto& item : *list) {
      const toml::table& keys = *TRY(table(item, "program"));
      TRY(only_keys(keys, "program.", {"run", "ready"}));
      const auto* run = keys.get_as<toml::array>("run");
      if (run == nullptr || run->empty())
        return error(item, "a program needs run = [\"NAME\", \"ARGUMENT\", ...]");
      ProgramEntry entry;
      for (const auto& word : *run) entry.run.push_back(TRY(text(word, "run", 0, 4096)));
      if (const auto* ready = keys.get("ready")) entry.ready = TRY(text(*ready, "ready", 1, 256));
      entries.push_back(std::move(entry));
    }
    return entries;
  }

  Result<std::string> passphrase(const toml::table& keys) const {
    const auto* node = keys.get("passphrase");
    if (node == nullptr) return std::string();
    return text(*node, "passphrase", 8, 63);
  }

  Result<std::string> ssid(const toml::node& at, const toml::table& keys) const {
    const auto* node = keys.get("ssid");
    if (node == nullptr) return error(at, "an ssid is missing");
    return text(*node, "ssid", 1, 32);
  }

  Result<bool> boolean(const toml::node& node, std::string_view key) const {
    const auto value = node.value_exact<bool>();
    if (!value) return error(node, fmt::format("'{}' is true or false", key));
    return *value;
  }

  /// The value that goes with one of some words.
  template <size_t N>
  Result<uint32_t> word(const toml::node& node, std::string_view key,
                        const std::pair<std::string_view, uint32_t> (&known)[N]) const {
    const auto value = node.value_exact<std::string>();
    std::string words;
    for (const auto& [name, number] : known) {
      if (value == name) return number;
      words += (words.empty() ? "" : ", ") + std::string(name);
    }
    return error(node, fmt::format("'{}' is one of {}", key, words));
  }

  /// A list of suites, of which there is at least one.
  template <size_t N>
  Result<std::vector<uint32_t>> suites(
      const toml::node& node, const char* key,
      const std::pair<std::string_view, uint32_t> (&words)[N]) const {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty())
      return error(node, fmt::format("'{}' is a list, as [\"{}\"]", key, words[0].first));
    std::vector<uint32_t> found;
    for (const auto& entry : *list) found.push_back(TRY(word(entry, key, words)));
    return found;
  }

  Result<std::vector<uint16_t>> sae_groups(const toml::node& node) const {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty()) return error(node, "'sae_groups' is a list, as [19, 20]");
    std::vector<uint16_t> groups;
    for (const auto& group : *list)
      groups.push_back(static_cast<uint16_t>(TRY(integer(group, "sae_groups", 19, 21))));
    return groups;
  }

  /// What both ends of a protected network can be told.
  Result<sme::Security> security(const toml::node& at, const toml::table& keys) const {
    sme::Security security;
    if (const auto* pmf = keys.get("ieee80211w"))
      security.pmf = static_cast<sme::Pmf>(TRY(integer(*pmf, "ieee80211w", 0, 2)));
    if (const auto* beacons = keys.get("beacon_prot"))
      security.beacon_protection = TRY(boolean(*beacons, "beacon_prot"));
    if (const auto* cipher = keys.get("group_mgmt_cipher"))
      security.group_management = TRY(word(*cipher, "group_mgmt_cipher", kGroupManagementWords));
    if (security.beacon_protection && security.pmf == sme::Pmf::kOff)
      return error(at, "'beacon_prot' needs 'ieee80211w' to be 1 or 2");
    if (const auto* pwe = keys.get("sae_pwe"))
      security.sae_pwe = static_cast<sme::SaePwe>(TRY(integer(*pwe, "sae_pwe", 0, 2)));
    if (const auto* groups = keys.get("sae_groups")) security.sae_groups = TRY(sae_groups(*groups));
    if (const auto* akms = keys.get("key_mgmt"))
      security.akms = TRY(suites(*akms, "key_mgmt", kAkmWords));
    if (const auto* ciphers = keys.get("pairwise"))
      security.pairwise = TRY(suites(*ciphers, "pairwise", kPairwiseWords));
    return security;
  }

  Result<AccessPointEntry> access_point(const toml::node& node) const {
    const toml::table& keys = *TRY(table(node, "access_point"));
    TRY(only_keys(keys, "access_point.",
                  {"ssid", "passphrase", "frequency", "hidden", "key_mgmt", "pairwise", "sae_pwe",
                   "sae_groups", "ieee80211w", "group_mgmt_cipher", "beacon_prot"}));
    AccessPointEntry entry{.ssid = TRY(ssid(node, keys)), .passphrase = TRY(passphrase(keys))};
    entry.security = TRY(security(node, keys));
    if (const auto* mhz = keys.get("frequency"))
      entry.mhz = static_cast<uint32_t>(TRY(integer(*mhz, "frequency", 2412, 7125)));
    if (const auto* hidden = keys.get("hidden")) entry.hidden = TRY(boolean(*hidden, "hidden"));
    return entry;
  }

  Result<StationEntry> station(const toml::node& node) const {
    const toml::table& keys = *TRY(table(node, "station"));
    TRY(only_keys(keys, "station.",
                  {"ssid", "passphrase", "scan", "key_mgmt", "pairwise", "sae_pwe", "sae_groups",
                   "ieee80211w", "beacon_prot"}));
    StationEntry entry{.ssid = TRY(ssid(node, keys)), .passphrase = TRY(passphrase(keys))};
    entry.security = TRY(security(node, keys));
    const auto* scan = keys.get("scan");
    if (scan == nullptr) return entry;
    const auto* list = scan->as_array();
    if (list == nullptr) return error(*scan, "'scan' is a list of frequencies in MHz");
    for (const auto& mhz : *list)
      entry.scan_mhz.push_back(static_cast<uint32_t>(TRY(integer(mhz, "scan", 2412, 7125))));
    return entry;
  }

  std::string_view name_;
};

}  // namespace

Result<LabFile> LabFile::parse(std::string_view text, std::string_view name) {
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) {
    const auto& error = parsed.error();
    return fail(Errc::kMalformed,
                fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
  return LabReader(name).read(parsed.table());
}

}  // namespace airloom::lab
