// /sys/kernel/debug of a host: what mac80211 and mac80211_hwsim show there, read when it is asked
// for, and the simulated radio's knobs. [mac80211 debugfs.c, debugfs_{key,netdev,sta}.c]
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/world.h"
#include "platform/event_loop.h"
#include "platform/file_server.h"

namespace airloom::daemon {

class Debugfs final : public platform::FileTree {
 public:
  /// The host whose radios are shown; null: none yet.
  void set_host(lab::WorldHost* host) { host_ = host; }

  // platform::FileTree
  std::optional<Entry> find(const std::string& path) override;
  std::vector<Entry> list(const std::string& path) override;
  Result<std::string> read(const std::string& path) override;
  Result<void> write(const std::string& path, const std::string& text) override;

 private:
  using Parts = std::vector<std::string>;
  lab::Radio* find_radio(const std::string& name) const;
  std::vector<Entry> list_parts(const Parts& parts) const;
  Result<std::string> read_parts(lab::Radio& radio, const Parts& parts) const;

  lab::WorldHost* host_ = nullptr;
};

/// The same as a mount that programs see.
class DebugfsMount {
 public:
  /// Null where FUSE is not to be had; the log says so.
  static std::unique_ptr<DebugfsMount> create(const Log& log);
  /// Begins to answer. Only once it is mounted: before, its descriptor cannot be waited for.
  Result<void> start(platform::EventLoop& loop);

  /// What to mount at /sys/kernel/debug, as data of type "fuse".
  std::string options() const { return server_->mount_options(); }
  /// Whose radios it shows; null: nobody's.
  void show(lab::WorldHost* host) { tree_.set_host(host); }

 private:
  DebugfsMount() = default;
  Debugfs tree_;
  std::optional<platform::FileServer> server_;
  platform::EventLoop::Watch readable_;
};

}  // namespace airloom::daemon
