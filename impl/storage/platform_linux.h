// Translates between Linux and the types of platform.h, for platform_linux.cpp and the platform of
// the fault tests.
#pragma once

#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "storage/platform_posix.h"

#ifndef STATX_BASIC_STATS
#include <linux/stat.h>
#endif

namespace swr::system::on_linux {

using namespace on_posix;

// O_PATH: such a handle can only be used to name entries, and needs no right to list the folder.
inline constexpr int held_folder_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
inline constexpr int unnamed_flags = O_RDWR | O_TMPFILE | O_CLOEXEC;

// A path for an open file that has no name.
struct OpenFileName {
  char text[40];
  explicit OpenFileName(int fd) { ::snprintf(text, sizeof text, "/proc/self/fd/%d", fd); }
};

inline bool has_open_file_name(int fd) {
  struct stat facts;
  return ::stat(OpenFileName(fd).text, &facts) == 0;
}

inline int link_open(int fd, const char* to) {
  return ::linkat(AT_FDCWD, OpenFileName(fd).text, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

// Opens the path part by part, so that no part can be a symbolic link at the moment of its use.
inline int open_without_links(const char* path) {
  int folder = AT_FDCWD;
  bool from_root = path[0] == '/';
  do {
    path += ::strspn(path, "/");
    const size_t bytes = ::strcspn(path, "/");
    if (bytes == 0 && folder >= 0) return folder;
    // "/first" instead of "/": an emulator with a root of its own would open that root for "/".
    char part[longest_name + 2] = "/";
    const size_t begin = from_root ? 1 : 0;
    if (bytes <= longest_name) ::memcpy(part + begin, path, bytes);
    if (bytes == 0 && !from_root) part[0] = '.';
    if (bytes > longest_name) errno = ENAMETOOLONG;
    const int next =
        bytes > longest_name ? -1 : ::openat(folder, part, held_folder_flags | O_NOFOLLOW);
    const int reason = errno;
    if (folder >= 0) ::close(folder);
    errno = reason;
    folder = next;
    path += bytes;
    from_root = false;
  } while (folder >= 0);
  return -1;
}

inline int open_to_hold(const char* path, Links links) {
  return links == Links::follow ? ::open(path, held_folder_flags) : open_without_links(path);
}

// musl 1.2.3 has no functions for the next four calls.
inline int rename_new_at(int folder, const char* from, const char* to) {
  constexpr unsigned no_replace = 1;  // RENAME_NOREPLACE
  return static_cast<int>(::syscall(SYS_renameat2, folder, from, folder, to, no_replace));
}

inline int exchange_names(const char* one, const char* other) {
  constexpr unsigned both = 2;  // RENAME_EXCHANGE
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, both));
}

inline ssize_t write_vector(int fd, const iovec& vector, int64_t offset, int flags) {
  const long low = static_cast<long>(offset), high = static_cast<long>(offset >> 32);
  return ::syscall(SYS_pwritev2, fd, &vector, 1L, low, high, flags);
}

inline int ask_statx(int folder, const char* path, int flags, struct statx& told) {
  constexpr unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
#ifdef __GLIBC__
  return ::statx(folder, path, flags, wanted, &told);
#else
  return static_cast<int>(::syscall(SYS_statx, folder, path, flags, wanted, &told));
#endif
}

inline int64_t nanoseconds(const struct statx_timestamp& time) {
  // Unsigned, because a damaged file system may report any time.
  return static_cast<int64_t>(static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec);
}

// The kernel stamps files with this clock, which it sets at each of its ticks; they can be late.
inline int64_t coarse_time() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);  // there is such a clock since Linux 2.6.32
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// A file system that is on no device of this machine (major number 0)
// may be stamped by another one, with 100 ticks a second or more. Some file systems store whole
// seconds only, or even ones.
inline int64_t tick_of(uint32_t device_major, int64_t changed) {
  constexpr int64_t second = 1'000'000'000, of_other_machines = 20'000'000;
  if (changed % second == 0) return 2 * second;
  return device_major != 0 ? 0 : of_other_machines;
}

inline Result facts_from(int folder, const char* path, int flags, Facts& found) {
  struct statx told;
  if (ask_statx(folder, path, flags, told) != 0) return {last_reason()};
  found = {.kind = kind_of(told.stx_mode),
           .device = uint64_t{told.stx_dev_major} << 32 | told.stx_dev_minor,
           .inode = told.stx_ino,
           .birth = told.stx_mask & STATX_BTIME ? nanoseconds(told.stx_btime) : 0,
           .modified = nanoseconds(told.stx_mtime),
           .changed = nanoseconds(told.stx_ctime),
           .tick = tick_of(told.stx_dev_major, nanoseconds(told.stx_ctime)),
           .size = static_cast<int64_t>(told.stx_size),
           .mode = told.stx_mode & 07777U,
           .owner = told.stx_uid,
           .group = told.stx_gid,
           .links = told.stx_nlink};
  return {};
}

inline Result facts_of(int fd, Facts& found) {
  return facts_from(fd, "", AT_EMPTY_PATH, found);
}

inline Result facts_at(const char* path, Links links, Facts& found) {
  return facts_from(AT_FDCWD, path, links == Links::no_follow ? AT_SYMLINK_NOFOLLOW : 0, found);
}

inline Result facts_of_entry(int folder, const char* name, Facts& found) {
  return facts_from(folder, name, AT_SYMLINK_NOFOLLOW, found);
}

inline Result lock_byte(int fd, Lock kind, int64_t byte, bool wait) {
  struct flock range = one_byte(kind, byte);
  return result_of(::fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range));
}

inline ResultOf<bool> byte_is_locked(int fd, int64_t byte) {
  struct flock range = one_byte(Lock::exclusive, byte);
  if (::fcntl(fd, F_OFD_GETLK, &range) != 0) return {false, last_reason()};
  return {range.l_type != F_UNLCK};
}

}  // namespace swr::system::on_linux
