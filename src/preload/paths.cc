// Paths below /sys where interfaces are emulated: what the daemon shows of a host's radios and
// interfaces lies in a folder of its own, and stands in for /sys where it has something.
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/channel.h"
#include "preload/exports.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

constexpr size_t kPathMax = 4096;

Behind<int(const char*, int, mode_t)> real_open("open");
Behind<int(int, const char*, int, mode_t)> real_openat("openat");
Behind<FILE*(const char*, const char*)> real_fopen("fopen");
Behind<int(const char*, int)> real_access("access");
Behind<int(const char*, struct stat*)> real_stat("stat");
Behind<int(const char*, struct stat*)> real_lstat("lstat");
Behind<int(int, const char*, struct stat*, int)> real_fstatat("fstatat");
Behind<ssize_t(const char*, char*, size_t)> real_readlink("readlink");
Behind<ssize_t(int, const char*, char*, size_t)> real_readlinkat("readlinkat");
Behind<DIR*(const char*)> real_opendir("opendir");
Behind<char*(const char*, char*)> real_realpath("realpath");

bool begins_with(const char* text, const char* start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/// A path as given, or what stands in for it.
class Place {
 public:
  explicit Place(const char* path) : path_(path) {
    if (!settings.emulated || path == nullptr || !begins_with(path, "/sys/")) return;
    const char* below = path + strlen("/sys");
    if (!begins_with(below, "/class/") && !begins_with(below, "/devices/virtual/")) return;
    const size_t root = strlen(settings.sysfs);
    const size_t rest = strlen(below) + 1;
    if (root + rest > sizeof instead_) return;
    memcpy(instead_, settings.sysfs, root);
    memcpy(instead_ + root, below, rest);
    struct stat status;
    if (syscall(SYS_newfstatat, AT_FDCWD, instead_, &status, AT_SYMLINK_NOFOLLOW) == 0)
      path_ = instead_;
  }
  const char* path() const { return path_; }

 private:
  const char* path_;
  char instead_[kPathMax];
};

mode_t mode_of(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int my_open(const char* path, int flags, ...) IN_FRONT_OF(open);
int my_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return real_open(Place(path).path(), flags, mode);
}
int my_open64(const char* path, int flags, ...) IN_FRONT_OF(open64);
int my_open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return real_open(Place(path).path(), flags | O_LARGEFILE, mode);
}
int my_openat(int at, const char* path, int flags, ...) IN_FRONT_OF(openat);
int my_openat(int at, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return real_openat(at, Place(path).path(), flags, mode);
}
int my_openat64(int at, const char* path, int flags, ...) IN_FRONT_OF(openat64);
int my_openat64(int at, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return real_openat(at, Place(path).path(), flags | O_LARGEFILE, mode);
}
// What glibc's headers make of open() without a mode.
int my_open_2(const char* path, int flags) IN_FRONT_OF(__open_2);
int my_open_2(const char* path, int flags) {
  return real_open(Place(path).path(), flags, 0);
}
int my_open64_2(const char* path, int flags) IN_FRONT_OF(__open64_2);
int my_open64_2(const char* path, int flags) {
  return real_open(Place(path).path(), flags | O_LARGEFILE, 0);
}

FILE* my_fopen(const char* path, const char* mode) IN_FRONT_OF(fopen);
FILE* my_fopen(const char* path, const char* mode) {
  return real_fopen(Place(path).path(), mode);
}
FILE* my_fopen64(const char* path, const char* mode) IN_FRONT_OF(fopen64);
FILE* my_fopen64(const char* path, const char* mode) {
  return real_fopen(Place(path).path(), mode);
}

int my_access(const char* path, int mode) IN_FRONT_OF(access);
int my_access(const char* path, int mode) {
  return real_access(Place(path).path(), mode);
}

// On 64-bit machines struct stat64 is struct stat.
int my_stat(const char* path, struct stat* status) IN_FRONT_OF(stat);
int my_stat(const char* path, struct stat* status) {
  return real_stat(Place(path).path(), status);
}
int my_stat64(const char* path, struct stat* status) IN_FRONT_OF(stat64);
int my_stat64(const char* path, struct stat* status) {
  return real_stat(Place(path).path(), status);
}
int my_lstat(const char* path, struct stat* status) IN_FRONT_OF(lstat);
int my_lstat(const char* path, struct stat* status) {
  return real_lstat(Place(path).path(), status);
}
int my_lstat64(const char* path, struct stat* status) IN_FRONT_OF(lstat64);
int my_lstat64(const char* path, struct stat* status) {
  return real_lstat(Place(path).path(), status);
}
int my_fstatat(int at, const char* path, struct stat* status, int flags) IN_FRONT_OF(fstatat);
int my_fstatat(int at, const char* path, struct stat* status, int flags) {
  return real_fstatat(at, Place(path).path(), status, flags);
}
int my_fstatat64(int at, const char* path, struct stat* status, int flags) IN_FRONT_OF(fstatat64);
int my_fstatat64(int at, const char* path, struct stat* status, int flags) {
  return real_fstatat(at, Place(path).path(), status, flags);
}

ssize_t my_readlink(const char* path, char* into, size_t size) IN_FRONT_OF(readlink);
ssize_t my_readlink(const char* path, char* into, size_t size) {
  return real_readlink(Place(path).path(), into, size);
}
ssize_t my_readlink_chk(const char* path, char* into, size_t size, size_t room)
    IN_FRONT_OF(__readlink_chk);
ssize_t my_readlink_chk(const char* path, char* into, size_t size, size_t room) {
  if (size > room) __builtin_trap();
  return real_readlink(Place(path).path(), into, size);
}
ssize_t my_readlinkat(int at, const char* path, char* into, size_t size) IN_FRONT_OF(readlinkat);
ssize_t my_readlinkat(int at, const char* path, char* into, size_t size) {
  return real_readlinkat(at, Place(path).path(), into, size);
}

DIR* my_opendir(const char* path) IN_FRONT_OF(opendir);
DIR* my_opendir(const char* path) {
  return real_opendir(Place(path).path());
}

char* my_realpath(const char* path, char* into) IN_FRONT_OF(realpath);
char* my_realpath(const char* path, char* into) {
  return real_realpath(Place(path).path(), into);
}

}  // extern "C"

}  // namespace airloom::preload
