// A small tree of files that this process answers for: a FUSE mount whose every look-up, read and
// write is a call to a FileTree. Nothing is cached, so what is seen is what is true now.
// [fuse_channel.h]
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fuse_channel.h"

namespace airloom::platform {

/// What a tree says of itself. Paths have no slash at either end; the root is "".
class FileTree {
 public:
  struct Entry {
    std::string name;
    bool is_directory = false;
    uint16_t permissions = 0444;
  };
  virtual ~FileTree() = default;
  /// None: there is no such path.
  virtual std::optional<Entry> find(const std::string& path) = 0;
  virtual std::vector<Entry> list(const std::string& path) = 0;
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual Result<void> write(const std::string& path, const std::string& text) = 0;
};

class FileServer final : private FuseHandler {
 public:
  /// Opens /dev/fuse; mount it with mount_options().
  /// @error kNoDevice, kPermission  it cannot be had here: the text says why.
  static Result<FileServer> open(FileTree& tree);

  int fd() const { return channel_.fd(); }
  /// The data of mount(2) for type "fuse".
  std::string mount_options() const;
  /// Answers every request that waits, without blocking.
  void serve() { channel_.serve(*this); }

 private:
  FileServer(FuseChannel channel, FileTree& tree) : channel_(std::move(channel)), tree_(&tree) {}
  std::optional<FuseReply> handle(const FuseRequest& request) override;
  FuseReply look_up(const FuseRequest& request);
  FuseReply attributes(const FuseRequest& request);
  FuseReply open_file(const FuseRequest& request);
  FuseReply read_file(const FuseRequest& request);
  FuseReply write_file(const FuseRequest& request);
  FuseReply read_directory(const FuseRequest& request);
  /// The path of a node that was looked up.
  std::string path_of(const FuseRequest& request) const;
  uint64_t node_of(const std::string& path);

  FuseChannel channel_;
  FileTree* tree_;
  std::map<uint64_t, std::string> paths_{{1, ""}};  // by node; the root is node 1
  std::map<std::string, uint64_t> nodes_{{"", 1}};
  uint64_t last_node_ = 1;
  std::map<uint64_t, std::string> opened_;  // by handle: what the file said when it was opened
  uint64_t last_handle_ = 0;
};

}  // namespace airloom::platform
