#include "platform/sysfs_tree.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <utility>

namespace airloom::platform {
namespace fs = std::filesystem;
namespace {

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

Result<void> remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(Errc::kIo, fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

}  // namespace

Result<SysfsTree> SysfsTree::create(std::string root) {
  const fs::path base(root);
  for (const char* folder : {"class/ieee80211", "devices/virtual/ieee80211", "devices/virtual/net",
                             "devices/virtual/airloom", "bus/airloom/drivers/airloom"})
    TRY(make_directories(base / folder));
  return SysfsTree(std::move(root));
}

SysfsTree::~SysfsTree() {
  if (!root_.empty()) (void)remove_tree(root_);
}

Result<void> SysfsTree::add_wiphy(const SysfsWiphy& wiphy) {
  TRY(check_component(wiphy.name));
  TRY(check_component(wiphy.device));
  const fs::path base(root_);
  const std::string address = wiphy.address.to_string() + "\n";
  const fs::path card =
      base / "devices/virtual/airloom" / (wiphy.device + std::to_string(wiphy.index));
  TRY(make_directories(card));
  TRY(make_link(card / "driver", "../../../../bus/airloom/drivers/airloom"));
  const fs::path directory = base / "devices/virtual/ieee80211" / wiphy.name;
  TRY(make_directories(directory));
  TRY(write_file(directory / "index", std::to_string(wiphy.index) + "\n"));
  TRY(write_file(directory / "name", wiphy.name + "\n"));
  TRY(write_file(directory / "macaddress", address));
  TRY(write_file(directory / "address_mask", "00:00:00:00:00:00\n"));
  TRY(write_file(directory / "addresses", address));
  TRY(make_link(directory / "device", "../../airloom/" + card.filename().string()));
  TRY(make_link(directory / "subsystem", "../../../../class/ieee80211"));
  return make_link(base / "class/ieee80211" / wiphy.name,
                   "../../devices/virtual/ieee80211/" + wiphy.name);
}

Result<void> SysfsTree::remove_wiphy(const std::string& name) {
  TRY(check_component(name));
  const fs::path base(root_);
  TRY(remove_tree(base / "class/ieee80211" / name));
  return remove_tree(base / "devices/virtual/ieee80211" / name);
}

Result<void> SysfsTree::add_interface(const std::string& name, const std::string& wiphy) {
  TRY(check_component(name));
  TRY(check_component(wiphy));
  const fs::path directory = fs::path(root_) / "devices/virtual/net" / name;
  TRY(make_directories(directory));
  return make_link(directory / "phy80211", "../../ieee80211/" + wiphy);
}

Result<void> SysfsTree::remove_interface(const std::string& name) {
  TRY(check_component(name));
  return remove_tree(fs::path(root_) / "devices/virtual/net" / name);
}

}  // namespace airloom::platform
