// Every call that storage makes to the operating system. platform_<system>.cpp implements them; a
// test can link another implementation, in which the n-th call fails or writes are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace swr::system {

// Success, or the reason of the failure.
struct [[nodiscard]] Result {
  std::errc reason{};
  explicit operator bool() const { return reason == std::errc{}; }
};
template <typename T>
struct [[nodiscard]] ResultOf {
  T value{};
  std::errc reason{};
  explicit operator bool() const { return reason == std::errc{}; }
};

// Whether the reason says that the name does not exist. For other reasons the system cannot tell.
inline bool means_absent(std::errc reason) {
  return reason == std::errc::no_such_file_or_directory || reason == std::errc::not_a_directory;
}
// Whether the reason says that this user lacks permission.
inline bool means_forbidden(std::errc reason) {
  return reason == std::errc::permission_denied || reason == std::errc::operation_not_permitted;
}
// Whether the user's disk quota is exceeded: std::errc has no value for that.
bool means_quota_exceeded(std::errc reason);

inline constexpr size_t longest_name = 255;   // bytes of a name in a folder
inline constexpr size_t longest_path = 4095;  // bytes of a path

// An open file or folder. The caller that opened it must close it.
enum class Handle : intptr_t { none = -1 };

enum class Access { read, change };
// How to treat a path whose last name is a symbolic link: follow the link, or act on the link
// itself, which cannot be opened (std::errc::too_many_symbolic_link_levels).
enum class Links { follow, no_follow };

// `mode`: the nine POSIX permission bits. Opening never blocks, whatever kind of file it is. No
// handle is that of a standard stream.
ResultOf<Handle> open_existing(const char* path, Access access, Links links);
ResultOf<Handle> open_folder(const char* path, Links links);
// Opens for reading and writing. std::errc::file_exists if the name exists.
ResultOf<Handle> create_new(const char* path, uint32_t mode);
// Creates a file without a name, for reading and writing. publish() can give it a name; otherwise
// it disappears with its last handle. Fails if the file system, or an old kernel, does not support
// it.
ResultOf<Handle> create_unnamed(const char* folder, uint32_t mode);
// Some systems give such files, and those that are removed while they are open, a name of the
// system's own. Removes what processes that died at the wrong moment left under such names, as far
// as it can.
void sweep_unnamed(const char* folder);
Result close(Handle file);
ResultOf<Handle> duplicate(Handle file);  // another handle of the same open file

// These return the number of bytes, which may be less than requested.
ResultOf<size_t> read(Handle file, void* buffer, size_t bytes, int64_t offset);
ResultOf<size_t> write(Handle file, const void* buffer, size_t bytes, int64_t offset);
// Like write(), but starts writing to the disk at once and drops the bytes from the cache
// afterwards, where the system supports that. For data that will be flushed anyway.
ResultOf<size_t> write_through(Handle file, const void* buffer, size_t bytes, int64_t offset);
Result flush(Handle file);           // data and size
Result flush_folder(Handle folder);  // its entries; succeeds also where entries are never cached
Result resize(Handle file, int64_t size);
// Allocates the disk space of the range. std::errc::operation_not_supported, function_not_supported
// or invalid_argument if the file system cannot.
Result reserve(Handle file, int64_t offset, int64_t bytes);
// Advises that the range will be read. Cannot fail.
void will_need(Handle file, int64_t offset, int64_t bytes);

// What the system knows about a file. Times are nanoseconds since 1970.
struct Facts {
  enum class Kind : uint8_t { file, folder, link, other };
  Kind kind = Kind::other;
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth = 0;  // 0 if the file system does not record it
  int64_t modified = 0;
  int64_t changed = 0;
  // A change at the time T of file_clock(), or later, sets `changed` to T - tick or later, in ns.
  int64_t tick = 0;
  int64_t size = 0;
  uint32_t mode = 0;  // POSIX permissions
  uint32_t owner = 0;
  uint32_t group = 0;
  uint32_t links = 0;
};
Result facts(Handle file, Facts& found);
// The clock with which this machine stamps files: nanoseconds since 1970, in ticks of some
// milliseconds.
int64_t file_clock();
// Links::no_follow: the facts about a symbolic link itself.
Result facts(const char* path, Links links, Facts& found);

// Reads the target of a symbolic link, which is not zero-terminated, and returns its length.
// std::errc::invalid_argument if the path is not a symbolic link.
ResultOf<size_t> read_link(const char* path, char* buffer, size_t bytes);
// The absolute path of an existing file or folder without symbolic links, "." and "..": not
// zero-terminated. Returns its length.
ResultOf<size_t> real_path(const char* path, char* buffer, size_t bytes);

// Opens a folder to act in it: the calls that end in _in act in this very folder, even if its path
// leads elsewhere meanwhile. `name` is an entry of the folder, without a slash. Links::no_follow:
// no part of the path may be a symbolic link (std::errc::not_a_directory).
ResultOf<Handle> hold_folder(const char* path, Links links);
// Fails for a symbolic link.
ResultOf<Handle> open_in(Handle folder, const char* name, Access access);
Result facts_in(Handle folder, const char* name, Facts& found);  // of a symbolic link itself
Result replace_in(Handle folder, const char* from, const char* to);
Result rename_new_in(Handle folder, const char* from, const char* to);
Result remove_in(Handle folder, const char* name);

// Whether the effective user has this permission.
enum class Wish { change_file, add_to_folder };
Result may(const char* path, Wish wish);

// Gives an unnamed file an unused name.
Result publish(Handle file, const char* to);
// Renames; replaces a file with the name `to`.
Result replace(const char* from, const char* to);
// Whether replace() takes one step for the existing file `to`, even if it is open. Elsewhere the
// process can die when neither file has the name.
bool replaces_at_once(const char* to);
// Renames; std::errc::file_exists if the name `to` exists.
Result rename_new(const char* from, const char* to);
// Gives each of two files or folders the name of the other, in one step.
// std::errc::function_not_supported, invalid_argument, operation_not_supported or not_supported
// where the system or the file system cannot.
Result exchange(const char* one, const char* other);
Result add_name(const char* of, const char* further);  // a hard link
Result remove(const char* path);
Result make_folder(const char* path, uint32_t mode);
Result remove_folder(const char* path);  // only if it is empty
// Calls `take` with each name in the folder except "." and "..". Exceptions of `take` pass through.
Result list(const char* folder, void (*take)(void* user, const char* name), void* user);

inline constexpr auto keep_as_it_is = static_cast<uint32_t>(-1);  // for owner or group
Result set_mode(Handle file, uint32_t mode);
Result set_owner(Handle file, uint32_t owner, uint32_t group);
// Extended attributes, including access control lists. If `bytes` is 0 they return the size of the
// value; std::errc::result_out_of_range if `bytes` is positive but too small.
ResultOf<size_t> attribute_names(const char* path, char* names, size_t bytes);
ResultOf<size_t> attribute(const char* path, const char* name, void* value, size_t bytes);
ResultOf<size_t> attribute(Handle file, const char* name, void* value, size_t bytes);
Result set_attribute(Handle file, const char* name, const void* value, size_t bytes);
Result remove_attribute(Handle file, const char* name);

// Locks one byte against all other open files, of any process. If another one holds a lock and
// `wait` is false, the reason is std::errc::resource_unavailable_try_again or permission_denied.
// The lock ends with the last handle of the open file.
enum class Lock { none, shared, exclusive };
Result lock(Handle file, Lock kind, int64_t byte, bool wait);
// Whether another open file holds a lock of the byte.
ResultOf<bool> is_locked(Handle file, int64_t byte);

// Fills with unpredictable random bytes; at most 256.
Result fill_random(std::span<unsigned char> bytes);

// Names of the machine and of its running system: strings of at most `bytes` bytes, including the
// zero byte; empty if the system does not tell.
void machine_name(char* name, size_t bytes);
void boot_name(char* name, size_t bytes);
uint32_t process();
uint32_t effective_user();

}  // namespace swr::system
