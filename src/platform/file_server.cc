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

constexpr uint32_t kMaxWrite = 4096;
constexpr size_t kBuffer = FUSE_MIN_READ_BUFFER + kMaxWrite;
constexpr uint32_t kSpokenMinor = 31;  // of the protocol: what is used here is older

template <typename T>
T read_struct(std::span<const uint8_t> octets) {
  T value{};
  std::memcpy(&value, octets.data(), std::min(octets.size(), sizeof value));
  return value;
}

template <typename T>
void append_struct(std::vector<uint8_t>& out, const T& value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <typename T>
std::vector<uint8_t> octets_of(const T& value) {
  std::vector<uint8_t> out;
  append_struct(out, value);
  return out;
}

int error_number(Errc code) {
  switch (code) {
    case Errc::kNotFound:
      return ENOENT;
    case Errc::kPermission:
      return EACCES;
    case Errc::kUnsupported:
      return EOPNOTSUPP;
    case Errc::kNetDown:
      return ENETDOWN;
    case Errc::kBusy:
      return EBUSY;
    case Errc::kUnsupportedMode:
      return ENOSYS;
    default:
      return EINVAL;
  }
}

fuse_attr attributes_of(uint64_t node, const FileTree::Entry& entry) {
  fuse_attr out{};
  out.ino = node;
  out.mode = entry.permissions | (entry.is_directory ? S_IFDIR : S_IFREG);
  out.nlink = entry.is_directory ? 2 : 1;
  out.blksize = kMaxWrite;
  return out;
}

std::string join(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

}  // namespace

struct FileServer::Request {
  fuse_in_header header;
  std::span<const uint8_t> body;
  std::string path;  // of the node
};

Result<FileServer> FileServer::open(FileTree& tree) {
  UniqueFd fd(::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::unexpected(os_error(errno, "/dev/fuse"));
  return FileServer(std::move(fd), tree);
}

std::string FileServer::mount_options() const {
  return fmt::format("fd={},rootmode=40755,user_id=0,group_id=0,allow_other,default_permissions",
                     fd_.get());
}

void FileServer::serve() {
  std::array<uint8_t, kBuffer> buffer;
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < static_cast<ssize_t>(sizeof(fuse_in_header))) {
      if (got < 0 && (errno == EINTR || errno == ENOENT)) continue;  // taken back meanwhile
      return;
    }
    answer(std::span(buffer).first(static_cast<size_t>(got)));
  }
}

void FileServer::answer(std::span<const uint8_t> message) {
  Request request{
      read_struct<fuse_in_header>(message), message.subspan(sizeof(fuse_in_header)), {}};
  const auto known = paths_.find(request.header.nodeid);
  if (known != paths_.end()) request.path = known->second;
  auto reply = handle(request);
  if (!reply) return;
  fuse_out_header header{};
  header.unique = request.header.unique;
  if (!*reply) header.error = -error_number(reply->error().code);
  const std::vector<uint8_t> body = *reply ? std::move(**reply) : std::vector<uint8_t>();
  header.len = static_cast<uint32_t>(sizeof header + body.size());
  std::vector<uint8_t> out = octets_of(header);
  out.insert(out.end(), body.begin(), body.end());
  (void)!::write(fd_.get(), out.data(), out.size());  // whoever asked may be gone
}

/// None: a request that is not answered.
std::optional<FileServer::Reply> FileServer::handle(const Request& request) {
  switch (request.header.opcode) {
    case FUSE_INIT:
      return initialise(request);
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
      opened_.erase(read_struct<fuse_release_in>(request.body).fh);
      return std::vector<uint8_t>();
    case FUSE_OPENDIR:
      return octets_of(fuse_open_out{});
    case FUSE_READDIR:
      return read_directory(request);
    case FUSE_FLUSH:
    case FUSE_RELEASEDIR:
      return std::vector<uint8_t>();
    case FUSE_STATFS:
      return octets_of(fuse_statfs_out{});
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      return std::nullopt;
    default:
      return fail(Errc::kUnsupportedMode);
  }
}

FileServer::Reply FileServer::initialise(const Request& request) {
  const auto in = read_struct<fuse_init_in>(request.body);
  fuse_init_out out{};
  out.major = FUSE_KERNEL_VERSION;
  out.minor = std::min<uint32_t>(in.minor, kSpokenMinor);
  out.max_write = kMaxWrite;
  out.max_background = 1;
  out.time_gran = 1;
  return octets_of(out);
}

uint64_t FileServer::node_of(const std::string& path) {
  const auto [at, added] = nodes_.try_emplace(path, last_node_ + 1);
  if (added) paths_.emplace(++last_node_, path);
  return at->second;
}

FileServer::Reply FileServer::look_up(const Request& request) {
  const auto end = std::find(request.body.begin(), request.body.end(), 0);
  const std::string path = join(request.path, std::string(request.body.begin(), end));
  const auto entry = tree_->find(path);
  if (!entry) return fail(Errc::kNotFound);
  fuse_entry_out out{};
  out.nodeid = node_of(path);
  out.attr = attributes_of(out.nodeid, *entry);
  return octets_of(out);
}

FileServer::Reply FileServer::attributes(const Request& request) {
  const auto entry = tree_->find(request.path);
  if (!entry) return fail(Errc::kNotFound);
  fuse_attr_out out{};
  out.attr = attributes_of(request.header.nodeid, *entry);
  return octets_of(out);
}

FileServer::Reply FileServer::open_file(const Request& request) {
  const auto in = read_struct<fuse_open_in>(request.body);
  std::string content;
  if ((in.flags & O_ACCMODE) != O_WRONLY) content = TRY(tree_->read(request.path));
  fuse_open_out out{};
  out.fh = ++last_handle_;
  out.open_flags = FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE;
  opened_.emplace(out.fh, std::move(content));
  return octets_of(out);
}

FileServer::Reply FileServer::read_file(const Request& request) {
  const auto in = read_struct<fuse_read_in>(request.body);
  const auto opened = opened_.find(in.fh);
  if (opened == opened_.end()) return fail(Errc::kInvalid);
  const std::string& content = opened->second;
  const size_t from = std::min<size_t>(in.offset, content.size());
  const size_t size = std::min<size_t>(in.size, content.size() - from);
  const auto at = content.begin() + static_cast<std::ptrdiff_t>(from);
  return std::vector<uint8_t>(at, at + static_cast<std::ptrdiff_t>(size));
}

FileServer::Reply FileServer::write_file(const Request& request) {
  const auto in = read_struct<fuse_write_in>(request.body);
  if (request.body.size() < sizeof in) return fail(Errc::kInvalid);
  const auto text = request.body.subspan(sizeof in);
  TRY(tree_->write(request.path, std::string(text.begin(), text.end())));
  fuse_write_out out{};
  out.size = static_cast<uint32_t>(text.size());
  return octets_of(out);
}

FileServer::Reply FileServer::read_directory(const Request& request) {
  const auto in = read_struct<fuse_read_in>(request.body);
  std::vector<FileTree::Entry> entries{{".", true}, {"..", true}};
  for (auto& entry : tree_->list(request.path)) entries.push_back(std::move(entry));
  std::vector<uint8_t> out;
  for (size_t i = in.offset; i < entries.size(); ++i) {
    const FileTree::Entry& entry = entries[i];
    const size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + entry.name.size());
    if (out.size() + size > in.size) break;
    const size_t begin = out.size();
    struct {
      uint64_t node, next;
      uint32_t name_size, type;
    } head{i < 2 ? request.header.nodeid : node_of(join(request.path, entry.name)), i + 1,
           static_cast<uint32_t>(entry.name.size()), entry.is_directory ? 4u : 8u};
    append_struct(out, head);
    out.insert(out.end(), entry.name.begin(), entry.name.end());
    out.resize(begin + size);
  }
  return out;
}

}  // namespace airloom::platform
