#include "platform/sysfs_tree.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <utility>

namespace airloom::platform {
namespace fs = std::filesystem;
namespace {

constexpr const char* kCardClass = "class/mac80211_hwsim";
constexpr const char* kCards = "devices/virtual/mac80211_hwsim";
constexpr const char* kDriver = "bus/platform/drivers/mac80211_hwsim";

// A name becomes one path component or nothing: it may come from a program.
Result<void> check_component(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    return fail(Errc::kInvalid, "not a device name: " + name);
  return {};
}

Result<void> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(Errc::kIo, fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

Result<void> make_link(const fs::path& path, const std::string& target) {
  std::error_code error;
  fs::remove(path, error);
  fs::create_symlink(target, path, error);
  if (error) return fail(Errc::kIo, fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

Result<void> write_file(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::trunc);
  file << content;
  if (!file.flush()) return fail(Errc::kIo, "cannot write " + path.string());
  return {};
}

/// An attribute that nobody may write, as the kernel's show.
Result<void> write_attribute(const fs::path& path, const std::string& content) {
  constexpr auto kReaders = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  std::error_code error;
  fs::remove(path, error);  // its owner could not write it either
  if (!error) TRY(write_file(path, content));
  if (!error) fs::permissions(path, kReaders, error);
  if (error) return fail(Errc::kIo, fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

Result<void> remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(Errc::kIo, fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

std::string card_of(uint32_t radio) {
  return "hwsim" + std::to_string(radio);
}

/// The device that stands for the card.
Result<void> add_card(const fs::path& base, const std::string& card) {
  const fs::path directory = base / kCards / card;
  TRY(make_directories(directory / "ieee80211"));
  TRY(write_file(directory / "uevent", "DRIVER=mac80211_hwsim\n"));
  TRY(make_link(directory / "driver", fmt::format("../../../../{}", kDriver)));
  TRY(make_link(directory / "subsystem", fmt::format("../../../../{}", kCardClass)));
  return make_link(base / kCardClass / card, fmt::format("../../{}/{}", kCards, card));
}

Result<void> link_class(const fs::path& base, const std::string& card, const std::string& wiphy) {
  return make_link(base / "class/ieee80211" / wiphy,
                   fmt::format("../../{}/{}/ieee80211/{}", kCards, card, wiphy));
}

std::string rfkill_name(uint32_t index) {
  return "rfkill" + std::to_string(index);
}

Result<void> link_rfkill(const fs::path& base, const std::string& parent, const std::string& wiphy,
                         const std::string& name) {
  TRY(make_link(base / parent / name / "device", "../../" + wiphy));
  return make_link(base / "class/rfkill" / name, fmt::format("../../{}/{}", parent, name));
}

// Always as long as before: a reader may have the file open.
Result<void> write_rfkill_state(const fs::path& directory, bool blocked) {
  TRY(write_file(directory / "soft", blocked ? "1\n" : "0\n"));
  return write_file(directory / "state", blocked ? "0\n" : "1\n");
}

}  // namespace

Result<SysfsTree> SysfsTree::create(std::string root) {
  const fs::path base(root);
  for (const char* folder : {"class/ieee80211", "class/rfkill", kCardClass, kCards,
                             "devices/virtual/net", kDriver, "kernel/debug"})
    TRY(make_directories(base / folder));
  return SysfsTree(std::move(root));
}

SysfsTree::~SysfsTree() {
  if (!root_.empty()) (void)remove_tree(root_);
}

Result<void> SysfsTree::add_wiphy(const SysfsWiphy& wiphy) {
  TRY(check_component(wiphy.name));
  const fs::path base(root_);
  const std::string card = card_of(wiphy.radio);
  TRY(add_card(base, card));
  std::string addresses;
  for (const MacAddress& address : wiphy.addresses) addresses += address.to_string() + "\n";
  const fs::path directory = base / kCards / card / "ieee80211" / wiphy.name;
  TRY(make_directories(directory));
  TRY(write_attribute(directory / "index", std::to_string(wiphy.index) + "\n"));
  TRY(write_attribute(directory / "name", wiphy.name + "\n"));
  TRY(write_attribute(directory / "macaddress", addresses.substr(0, addresses.find('\n') + 1)));
  TRY(write_attribute(directory / "address_mask", "00:00:00:00:00:00\n"));
  TRY(write_attribute(directory / "addresses", addresses));
  TRY(write_file(directory / "uevent", ""));
  TRY(make_link(directory / "device", "../../../" + card));
  TRY(make_link(directory / "subsystem", "../../../../../../class/ieee80211"));
  TRY(link_class(base, card, wiphy.name));
  radios_[wiphy.name] = wiphy.radio;
  on_changed();
  return {};
}

Result<void> SysfsTree::remove_wiphy(const std::string& name) {
  const auto found = radios_.find(name);
  if (found == radios_.end()) return fail(Errc::kNotFound, "no wiphy " + name);
  const fs::path base(root_);
  const std::string card = card_of(found->second);
  radios_.erase(found);
  TRY(remove_tree(base / "class/ieee80211" / name));
  TRY(remove_tree(base / kCardClass / card));
  TRY(remove_tree(base / kCards / card));
  on_changed();
  return {};
}

Result<void> SysfsTree::rename_wiphy(const std::string& from, const std::string& to) {
  TRY(check_component(to));
  auto found = radios_.extract(from);
  if (found.empty()) return fail(Errc::kNotFound, "no wiphy " + from);
  const fs::path base(root_);
  const std::string card = card_of(found.mapped());
  const fs::path wiphys = base / kCards / card / "ieee80211";
  found.key() = to;
  radios_.insert(std::move(found));
  std::error_code error;
  fs::rename(wiphys / from, wiphys / to, error);
  if (error)
    return fail(Errc::kIo, fmt::format("{}: {}", (wiphys / from).string(), error.message()));
  TRY(write_attribute(wiphys / to / "name", to + "\n"));
  for (const auto& entry : fs::directory_iterator(wiphys / to)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("rfkill"))
      TRY(link_rfkill(base, fmt::format("{}/{}/ieee80211/{}", kCards, card, to), to, name));
  }
  TRY(remove_tree(base / "class/ieee80211" / from));
  TRY(link_class(base, card, to));
  on_changed();
  return {};
}

Result<void> SysfsTree::add_interface(const std::string& name, const std::string& wiphy) {
  TRY(check_component(name));
  const auto found = radios_.find(wiphy);
  if (found == radios_.end()) return fail(Errc::kNotFound, "no wiphy " + wiphy);
  const fs::path directory = fs::path(root_) / "devices/virtual/net" / name;
  const std::string card = "../../mac80211_hwsim/" + card_of(found->second);
  TRY(make_directories(directory));
  TRY(make_link(directory / "device", card));
  TRY(make_link(directory / "phy80211", card + "/ieee80211/" + wiphy));
  on_changed();
  return {};
}

Result<void> SysfsTree::add_rfkill(uint32_t index, const std::string& wiphy, bool blocked) {
  const auto found = radios_.find(wiphy);
  if (found == radios_.end()) return fail(Errc::kNotFound, "no wiphy " + wiphy);
  const fs::path base(root_);
  const std::string name = rfkill_name(index);
  const std::string parent =
      fmt::format("{}/{}/ieee80211/{}", kCards, card_of(found->second), wiphy);
  const fs::path directory = base / parent / name;
  TRY(make_directories(directory));
  for (const auto& [file, content] : {std::pair<const char*, std::string>{"name", wiphy},
                                      {"type", "wlan"},
                                      {"index", std::to_string(index)},
                                      {"hard", "0"},
                                      {"persistent", "0"}})
    TRY(write_file(directory / file, content + "\n"));
  TRY(write_file(
      directory / "uevent",
      fmt::format("RFKILL_NAME={}\nRFKILL_TYPE=wlan\nRFKILL_STATE={}\n", wiphy, blocked ? 0 : 1)));
  TRY(write_rfkill_state(directory, blocked));
  TRY(make_link(directory / "subsystem", "../../../../../../../class/rfkill"));
  TRY(link_rfkill(base, parent, wiphy, name));
  on_changed();
  return {};
}

Result<void> SysfsTree::set_rfkill(uint32_t index, bool blocked) {
  TRY(write_rfkill_state(fs::path(root_) / "class/rfkill" / rfkill_name(index), blocked));
  on_changed();
  return {};
}

Result<void> SysfsTree::remove_rfkill(uint32_t index) {
  const fs::path link = fs::path(root_) / "class/rfkill" / rfkill_name(index);
  std::error_code error;
  const fs::path device = fs::canonical(link, error);
  if (!error) TRY(remove_tree(device));
  TRY(remove_tree(link));
  on_changed();
  return {};
}

Result<void> SysfsTree::remove_interface(const std::string& name) {
  TRY(check_component(name));
  TRY(remove_tree(fs::path(root_) / "devices/virtual/net" / name));
  on_changed();
  return {};
}

Result<void> SysfsTree::show_address(const std::string& name,
                                     const std::optional<MacAddress>& address) {
  TRY(check_component(name));
  const fs::path file = fs::path(root_) / "devices/virtual/net" / name / "address";
  TRY(address ? write_file(file, address->to_string() + "\n") : remove_tree(file));
  on_changed();
  return {};
}

}  // namespace airloom::platform
