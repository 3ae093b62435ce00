#include "daemon/debugfs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "mac80211/access_point.h"

namespace airloom::daemon {

namespace {

using Entry = platform::FileTree::Entry;
using mac80211::Interface;
using mac80211::Key;
using mac80211::RadioStack;
using mac80211::Station;

constexpr const char* kNetdev = "netdev:";

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// A file that is read only.
template <typename Of>
struct File {
  const char* name;
  std::string (*read)(Of&);
};

template <typename Of, size_t count>
std::vector<Entry> entries_of(const File<Of> (&files)[count]) {
  std::vector<Entry> entries;
  for (const auto& file : files) entries.push_back({file.name});
  return entries;
}

template <typename Of, size_t count>
Result<std::string> read_of(const File<Of> (&files)[count], Of& of, const std::string& name) {
  for (const auto& file : files)
    if (name == file.name) return file.read(of);
  return fail(Errc::kNotFound);
}

constexpr File<cfg80211::Wiphy> kWiphyFiles[] = {
    {"rts_threshold",
     [](cfg80211::Wiphy& wiphy) {
       return fmt::format("{}\n", static_cast<int32_t>(wiphy.rts_threshold));
     }},
    {"fragmentation_threshold",
     [](cfg80211::Wiphy& wiphy) {
       return fmt::format("{}\n", static_cast<int32_t>(wiphy.fragmentation_threshold));
     }},
    {"short_retry_limit",
     [](cfg80211::Wiphy& wiphy) { return fmt::format("{}\n", wiphy.retry_short); }},
    {"long_retry_limit",
     [](cfg80211::Wiphy& wiphy) { return fmt::format("{}\n", wiphy.retry_long); }},
};

/// A key, whose it is, and its number among the radio's.
struct ShownKey {
  const Key* key;
  const Interface* interface;
};

constexpr File<ShownKey> kKeyFiles[] = {
    {"algorithm",
     [](ShownKey& shown) {
       const uint32_t cipher = shown.key->cipher();
       return fmt::format("{:02x}-{:02x}-{:02x}:{}\n", cipher >> 24, cipher >> 16 & 0xff,
                          cipher >> 8 & 0xff, cipher & 0xff);
     }},
    {"keyidx", [](ShownKey& shown) { return fmt::format("{}\n", shown.key->index()); }},
    {"ifindex",
     [](ShownKey& shown) { return fmt::format("{}\n", shown.interface->wdev().name()); }},
    {"tx_spec", [](ShownKey& shown) { return fmt::format("{:012x}\n", shown.key->last_tx_pn()); }},
    {"rx_spec",
     [](ShownKey& shown) {
       std::string text;
       for (size_t i = 0; i < mac80211::kReplayCounters; ++i)
         text += fmt::format("{:012x}\n", shown.key->last_rx_pn(i));
       return text;
     }},
    {"replays", [](ShownKey& shown) { return fmt::format("{}\n", shown.key->replays); }},
    {"icverrors", [](ShownKey& shown) { return fmt::format("{}\n", shown.key->icv_errors); }},
};

constexpr File<const Station> kStationFiles[] = {
    {"aid", [](const Station& station) { return fmt::format("{}\n", station.aid); }},
    {"flags",
     [](const Station& station) {
       std::string text;
       if (station.state() >= mac80211::StationState::kAuthenticated) text += "AUTH\n";
       if (station.is_associated()) text += "ASSOC\n";
       if (station.sleeping) text += "PS_STA\n";
       if (station.is_authorized()) text += "AUTHORIZED\n";
       if (station.short_preamble) text += "SHORT_PREAMBLE\n";
       if (station.wme) text += "WME\n";
       if (station.mfp) text += "MFP\n";
       return text;
     }},
    {"num_ps_buf_frames",
     [](const Station& station) { return fmt::format("{}\n", station.queued()); }},
    {"rx_duplicates",
     [](const Station& station) { return fmt::format("{}\n", station.counters.rx_duplicates); }},
};

constexpr File<Interface> kInterfaceFiles[] = {
    {"txpower",
     [](Interface& interface) {
       return fmt::format("{}\n", interface.link().config.tx_power_dbm);
     }},
    {"state",
     [](Interface& interface) { return fmt::format("0x{}\n", interface.is_up() ? 1 : 0); }},
    {"aid", [](Interface& interface) { return fmt::format("{}\n", interface.link().config.aid); }},
    {"bssid",
     [](Interface& interface) { return interface.link().config.bssid.to_string() + "\n"; }},
};

/// The radio's keys in the order of the kernel's numbering: interface by interface, group first.
std::vector<ShownKey> keys_of(RadioStack& stack) {
  std::vector<ShownKey> keys;
  for (const auto& [id, interface] : stack.interfaces()) {
    auto add = [&](const mac80211::KeyRing& ring) {
      for (uint8_t slot = 0; slot < mac80211::kKeySlots; ++slot)
        if (const Key* key = ring.find(slot)) keys.push_back({key, interface.get()});
    };
    for (const auto& [link_id, link] : interface->links()) add(link.keys);
    for (const Station* station : stack.stations().of(*interface)) add(station->keys);
  }
  return keys;
}

Interface* find_interface(RadioStack& stack, const std::string& directory) {
  for (const auto& [id, interface] : stack.interfaces())
    if (directory == kNetdev + interface->wdev().name()) return interface.get();
  return nullptr;
}

const Station* find_station(RadioStack& stack, const Interface& interface,
                            const std::string& address) {
  for (const Station* station : stack.stations().of(interface))
    if (station->address().to_string() == address) return station;
  return nullptr;
}

std::optional<ShownKey> find_key(RadioStack& stack, const std::string& number) {
  const auto keys = keys_of(stack);
  for (size_t i = 0; i < keys.size(); ++i)
    if (number == std::to_string(i)) return keys[i];
  return std::nullopt;
}

// --- the simulated radio's knobs ---------------------------------------------------------------

/// What a debugfs number may look like: decimal, 0x..., with a newline or not.
Result<int64_t> parse_number(const std::string& text) {
  std::string_view digits(text);
  while (!digits.empty() && (digits.back() == '\n' || digits.back() == '\0'))
    digits.remove_suffix(1);
  int base = 10;
  if (digits.starts_with("0x")) {
    digits.remove_prefix(2);
    base = 16;
  }
  int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || digits.empty())
    return fail(Errc::kInvalid);
  return value;
}

/// A file with a number that is written too.
template <typename Of>
struct Knob {
  const char* name;
  uint16_t permissions;
  std::string (*read)(const Of&);  // null: it is only written
  Result<void> (*write)(Of&, int64_t);
};

constexpr Knob<hwsim::Device> kRadioKnobs[] = {
    {"ps", 0666,
     [](const hwsim::Device& device) {
       return fmt::format("{}\n", static_cast<int>(device.power_save()));
     },
     [](hwsim::Device& device, int64_t value) -> Result<void> {
       if (value < 0 || value > 3) return fail(Errc::kInvalid);
       return device.pretend_power_save(static_cast<hwsim::PowerSave>(value));
     }},
    {"group", 0666,
     [](const hwsim::Device& device) { return fmt::format("{:x}\n", device.groups()); },
     [](hwsim::Device& device, int64_t value) -> Result<void> {
       device.set_groups(static_cast<uint64_t>(value));
       return {};
     }},
    {"rx_rssi", 0666,
     [](const hwsim::Device& device) { return fmt::format("{}\n", device.rx_rssi_dbm()); },
     [](hwsim::Device& device, int64_t value) -> Result<void> {
       if (value >= 0 || value < -100) return fail(Errc::kInvalid);
       device.set_rx_rssi_dbm(static_cast<int>(value));
       return {};
     }},
    {"dfs_simulate_radar", 0222, nullptr,
     [](hwsim::Device& device, int64_t) -> Result<void> {
       device.simulate_radar();
       return {};
     }},
};

/// QoS Info's fields of a station, which says them when it associates next.
constexpr Knob<Interface> kStationKnobs[] = {
    {"uapsd_queues", 0600,
     [](const Interface& interface) { return fmt::format("{:#x}\n", interface.uapsd.queues); },
     [](Interface& interface, int64_t value) -> Result<void> {
       if (value < 0 || value > 0x0f) return fail(Errc::kRange);
       interface.uapsd.queues = static_cast<uint8_t>(value);
       return {};
     }},
    {"uapsd_max_sp_len", 0600,
     [](const Interface& interface) {
       return fmt::format("{:#x}\n", interface.uapsd.max_service_period);
     },
     [](Interface& interface, int64_t value) -> Result<void> {
       if (value < 0 || value > 0x03) return fail(Errc::kRange);
       interface.uapsd.max_service_period = static_cast<uint8_t>(value);
       return {};
     }},
};

template <typename Of, size_t count>
std::vector<Entry> entries_of(const Knob<Of> (&knobs)[count]) {
  std::vector<Entry> entries;
  for (const auto& knob : knobs) entries.push_back({knob.name, false, knob.permissions});
  return entries;
}

template <typename Of, size_t count>
const Knob<Of>* find_in(const Knob<Of> (&knobs)[count], const std::string& name) {
  for (const auto& knob : knobs)
    if (name == knob.name) return &knob;
  return nullptr;
}

const Knob<Interface>* find_station_knob(const Interface& interface, const std::string& name) {
  return cfg80211::is_station(interface.type()) ? find_in(kStationKnobs, name) : nullptr;
}

std::vector<Entry> list_interface(RadioStack& stack, const std::vector<std::string>& parts) {
  const Interface* interface = find_interface(stack, parts[2]);
  if (!interface) return {};
  if (parts.size() == 3) {
    auto entries = entries_of(kInterfaceFiles);
    if (cfg80211::is_station(interface->type()))
      std::ranges::move(entries_of(kStationKnobs), std::back_inserter(entries));
    entries.push_back({"stations", true, 0755});
    return entries;
  }
  if (parts[3] != "stations") return {};
  std::vector<Entry> entries;
  if (parts.size() == 4) {
    for (const Station* station : stack.stations().of(*interface))
      entries.push_back({station->address().to_string(), true, 0755});
  } else if (parts.size() == 5 && find_station(stack, *interface, parts[4])) {
    entries = entries_of(kStationFiles);
  }
  return entries;
}

std::vector<Entry> list_radio(lab::Radio& radio, const std::vector<std::string>& parts) {
  // What a radio with firmware has here is cfg80211's.
  if (!radio.stack) return parts.size() == 2 ? entries_of(kWiphyFiles) : std::vector<Entry>();
  RadioStack& stack = *radio.stack;
  std::vector<Entry> entries;
  if (parts.size() == 2) {
    entries = entries_of(kWiphyFiles);
    if (radio.device) entries.push_back({"hwsim", true, 0755});
    entries.push_back({"keys", true, 0755});
    for (const auto& [id, interface] : stack.interfaces())
      entries.push_back({kNetdev + interface->wdev().name(), true, 0755});
  } else if (parts[2] == "hwsim" && parts.size() == 3 && radio.device) {
    entries = entries_of(kRadioKnobs);
  } else if (parts[2] == "keys" && parts.size() == 3) {
    for (size_t i = 0; i < keys_of(stack).size(); ++i)
      entries.push_back({std::to_string(i), true, 0755});
  } else if (parts[2] == "keys" && parts.size() == 4 && find_key(stack, parts[3])) {
    entries = entries_of(kKeyFiles);
  } else if (parts[2].starts_with(kNetdev)) {
    entries = list_interface(stack, parts);
  }
  return entries;
}

}  // namespace

std::unique_ptr<DebugfsMount> DebugfsMount::create(const Log& log) {
  std::unique_ptr<DebugfsMount> mount(new DebugfsMount);
  auto server = platform::FileServer::open(mount->tree_);
  if (!server) {
    log.warn("no files of mac80211 in /sys/kernel/debug: {}", server.error().text);
    return nullptr;
  }
  mount->server_.emplace(std::move(*server));
  return mount;
}

Result<void> DebugfsMount::start(platform::EventLoop& loop) {
  readable_ = TRY(loop.on_readable(server_->fd(), [this] { server_->serve(); }));
  return {};
}

lab::Radio* Debugfs::find_radio(const std::string& name) const {
  if (!host_) return nullptr;
  for (const auto& [number, radio] : host_->all_radios())
    if (radio->wiphy->name() == name) return radio.get();
  return nullptr;
}

std::vector<Entry> Debugfs::list_parts(const Parts& parts) const {
  if (parts.empty()) return {{"ieee80211", true, 0755}};
  if (parts[0] != "ieee80211" || !host_) return {};
  if (parts.size() == 1) {
    std::vector<Entry> entries;
    for (const auto& [number, radio] : host_->all_radios())
      entries.push_back({radio->wiphy->name(), true, 0755});
    return entries;
  }
  lab::Radio* radio = find_radio(parts[1]);
  return radio ? list_radio(*radio, parts) : std::vector<Entry>();
}

std::vector<Entry> Debugfs::list(const std::string& path) {
  return list_parts(split(path));
}

std::optional<Entry> Debugfs::find(const std::string& path) {
  if (path.empty()) return Entry{"", true, 0755};
  Parts parts = split(path);
  const std::string name = parts.back();
  parts.pop_back();
  for (Entry& entry : list_parts(parts))
    if (entry.name == name) return std::move(entry);
  return std::nullopt;
}

Result<std::string> Debugfs::read(const std::string& path) {
  const Parts parts = split(path);
  lab::Radio* radio = parts.size() >= 3 ? find_radio(parts[1]) : nullptr;
  if (!radio) return fail(Errc::kNotFound);
  return read_parts(*radio, parts);
}

Result<std::string> Debugfs::read_parts(lab::Radio& radio, const Parts& parts) const {
  const std::string& name = parts.back();
  if (parts.size() == 3) return read_of(kWiphyFiles, *radio.wiphy, name);
  if (!radio.stack) return fail(Errc::kNotFound);
  RadioStack& stack = *radio.stack;
  if (parts[2] == "hwsim") {
    const auto* knob = parts.size() == 4 ? find_in(kRadioKnobs, name) : nullptr;
    if (!knob || !radio.device) return fail(Errc::kNotFound);
    if (!knob->read) return fail(Errc::kPermission);
    return knob->read(*radio.device);
  }
  if (parts[2] == "keys") {
    auto key = find_key(stack, parts[3]);
    if (!key || parts.size() != 5) return fail(Errc::kNotFound);
    return read_of(kKeyFiles, *key, name);
  }
  Interface* interface = find_interface(stack, parts[2]);
  if (!interface) return fail(Errc::kNotFound);
  if (parts.size() == 4) {
    const auto* knob = find_station_knob(*interface, name);
    return knob ? knob->read(*interface) : read_of(kInterfaceFiles, *interface, name);
  }
  const Station* station = parts.size() == 6 ? find_station(stack, *interface, parts[4]) : nullptr;
  if (!station) return fail(Errc::kNotFound);
  return read_of(kStationFiles, *station, name);
}

Result<void> Debugfs::write(const std::string& path, const std::string& text) {
  const Parts parts = split(path);
  lab::Radio* radio = parts.size() == 4 ? find_radio(parts[1]) : nullptr;
  if (!radio || !radio->stack) return fail(Errc::kPermission);
  if (parts[2] == "hwsim") {
    const auto* knob = find_in(kRadioKnobs, parts[3]);
    if (!knob || !radio->device) return fail(Errc::kPermission);
    return knob->write(*radio->device, TRY(parse_number(text)));
  }
  Interface* interface = find_interface(*radio->stack, parts[2]);
  const auto* knob = interface ? find_station_knob(*interface, parts[3]) : nullptr;
  if (!knob) return fail(Errc::kPermission);
  return knob->write(*interface, TRY(parse_number(text)));
}

}  // namespace airloom::daemon
