#include "platform/file_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "platform/os_error.h"

namespace airloom::platform {

namespace {

fuse_attr attributes_of(uint64_t node, const FileTree::Entry& entry) {
  fuse_attr out{};
  out.ino = node;
  out.mode = entry.permissions | (entry.is_directory ? S_IFDIR : S_IFREG);
  out.nlink = entry.is_directory ? 2 : 1;
  out.blksize = FuseChannel::kMaxWrite;
  return out;
}

std::string join(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

}  // namespace

Result<FileServer> FileServer::open(FileTree& tree) {
  return FileServer(TRY(FuseChannel::open()), tree);
}

std::string FileServer::mount_options() const {
  return channel_.mount_options(S_IFDIR | 0755);
}

std::string FileServer::path_of(const FuseRequest& request) const {
  const auto known = paths_.find(request.node);
  return known == paths_.end() ? std::string() : known->second;
}

std::optional<FuseReply> FileServer::handle(const FuseRequest& request) {
  switch (request.opcode) {
    case FUSE_LOOKUP:
      return look_up(request);
    case FUSE_GETATTR:
    case FUSE_SETATTR:  // what a shell's ">" does first: there is no length to cut
      return attributes(request);
    case FUSE_OPEN:
      return open_file(request);
    case FUSE_READ:
      return read_file(request);
    case FUSE_WRITE:
      return write_file(request);
    case FUSE_RELEASE:
      opened_.erase(request.as<fuse_release_in>().fh);
      return std::vector<uint8_t>();
    case FUSE_OPENDIR:
      return fuse_octets(fuse_open_out{});
    case FUSE_READDIR:
      return read_directory(request);
    case FUSE_FLUSH:
    case FUSE_RELEASEDIR:
      return std::vector<uint8_t>();
    case FUSE_STATFS:
      return fuse_octets(fuse_statfs_out{});
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      return std::nullopt;
    default:
      return fail(Errc::kUnsupportedMode);
  }
}

uint64_t FileServer::node_of(const std::string& path) {
  const auto [at, added] = nodes_.try_emplace(path, last_node_ + 1);
  if (added) paths_.emplace(++last_node_, path);
  return at->second;
}

FuseReply FileServer::look_up(const FuseRequest& request) {
  const auto end = std::find(request.body.begin(), request.body.end(), 0);
  const std::string path = join(path_of(request), std::string(request.body.begin(), end));
  const auto entry = tree_->find(path);
  if (!entry) return fail(Errc::kNotFound);
  fuse_entry_out out{};
  out.nodeid = node_of(path);
  out.attr = attributes_of(out.nodeid, *entry);
  return fuse_octets(out);
}

FuseReply FileServer::attributes(const FuseRequest& request) {
  const auto entry = tree_->find(path_of(request));
  if (!entry) return fail(Errc::kNotFound);
  fuse_attr_out out{};
  out.attr = attributes_of(request.node, *entry);
  return fuse_octets(out);
}

FuseReply FileServer::open_file(const FuseRequest& request) {
  const auto in = request.as<fuse_open_in>();
  std::string content;
  if ((in.flags & O_ACCMODE) != O_WRONLY) content = TRY(tree_->read(path_of(request)));
  fuse_open_out out{};
  out.fh = ++last_handle_;
  out.open_flags = FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE;
  opened_.emplace(out.fh, std::move(content));
  return fuse_octets(out);
}

FuseReply FileServer::read_file(const FuseRequest& request) {
  const auto in = request.as<fuse_read_in>();
  const auto opened = opened_.find(in.fh);
  if (opened == opened_.end()) return fail(Errc::kInvalid);
  const std::string& content = opened->second;
  const size_t from = std::min<size_t>(in.offset, content.size());
  const size_t size = std::min<size_t>(in.size, content.size() - from);
  const auto at = content.begin() + static_cast<std::ptrdiff_t>(from);
  return std::vector<uint8_t>(at, at + static_cast<std::ptrdiff_t>(size));
}

FuseReply FileServer::write_file(const FuseRequest& request) {
  const auto in = request.as<fuse_write_in>();
  if (request.body.size() < sizeof in) return fail(Errc::kInvalid);
  const auto text = request.body.subspan(sizeof in);
  TRY(tree_->write(path_of(request), std::string(text.begin(), text.end())));
  fuse_write_out out{};
  out.size = static_cast<uint32_t>(text.size());
  return fuse_octets(out);
}

FuseReply FileServer::read_directory(const FuseRequest& request) {
  const auto in = request.as<fuse_read_in>();
  std::vector<FileTree::Entry> entries{{".", true}, {"..", true}};
  for (auto& entry : tree_->list(path_of(request))) entries.push_back(std::move(entry));
  std::vector<uint8_t> out;
  for (size_t i = in.offset; i < entries.size(); ++i) {
    const FileTree::Entry& entry = entries[i];
    const size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + entry.name.size());
    if (out.size() + size > in.size) break;
    const size_t begin = out.size();
    struct {
      uint64_t node, next;
      uint32_t name_size, type;
    } head{i < 2 ? request.node : node_of(join(path_of(request), entry.name)), i + 1,
           static_cast<uint32_t>(entry.name.size()), entry.is_directory ? 4u : 8u};
    const auto octets = fuse_octets(head);
    out.insert(out.end(), octets.begin(), octets.end());
    out.insert(out.end(), entry.name.begin(), entry.name.end());
    out.resize(begin + size);
  }
  return out;
}

}  // namespace airloom::platform
