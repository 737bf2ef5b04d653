// What storage asks of the system: every call that it makes. platform_<system>.cpp makes them; a
// test can link another file in its place, whose n-th call fails or whose writes are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace swr::system {

// How a call ended: well, or why not.
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

// Whether the reason says that nothing has the name. Others say that the system cannot tell.
inline bool means_absent(std::errc reason) {
  return reason == std::errc::no_such_file_or_directory || reason == std::errc::not_a_directory;
}
// Whether the reason says that the user may not do this, though others may.
inline bool means_forbidden(std::errc reason) {
  return reason == std::errc::permission_denied || reason == std::errc::operation_not_permitted;
}
// Whether the user has used up the space that he may use: std::errc has no word for it.
bool means_quota_exceeded(std::errc reason);

inline constexpr size_t longest_name = 255;   // bytes of a name in a folder
inline constexpr size_t longest_path = 4095;  // bytes of a path

// An open file or folder. Whoever opens one closes it.
enum class Handle : intptr_t { none = -1 };

enum class Access { read, change };
// What becomes of a path whose last name is a symbolic link: it stands for what it points to, or
// for itself, which cannot be opened (std::errc::too_many_symbolic_link_levels).
enum class Links { follow, no_follow };

// The `mode` of a new file or folder is nine bits, as POSIX has them. Opening never waits, whatever
// has the name. No handle is one that a program prints to.
ResultOf<Handle> open_existing(const char* path, Access access, Links links);
ResultOf<Handle> open_folder(const char* path, Links links);
// For reading and writing. std::errc::file_exists if something has the name.
ResultOf<Handle> create_new(const char* path, uint32_t mode);
// A file without a name, for reading and writing, which publish() can give one; it is gone with its
// last handle. Fails where the file system, or an old kernel, has no such files.
ResultOf<Handle> create_nameless(const char* folder, uint32_t mode);
Result close(Handle file);
ResultOf<Handle> duplicate(Handle file);  // another handle of the same open file

// The number of bytes, which can be less than was asked for.
ResultOf<size_t> read(Handle file, void* buffer, size_t bytes, int64_t offset);
ResultOf<size_t> write(Handle file, const void* buffer, size_t bytes, int64_t offset);
// The same, on its way to the disk at once and out of the cache when it is there, where the system
// knows how: for what flush() will wait for anyway.
ResultOf<size_t> write_through(Handle file, const void* buffer, size_t bytes, int64_t offset);
Result flush(Handle file);           // data and size, to the disk
Result flush_folder(Handle folder);  // its entries; well too where they are never held back
Result resize(Handle file, int64_t size);
// Gets the space of the range. std::errc::operation_not_supported, function_not_supported or
// invalid_argument where the file system cannot.
Result reserve(Handle file, int64_t offset, int64_t bytes);
// The range will be read: advice, no failure.
void will_need(Handle file, int64_t offset, int64_t bytes);

// What the system knows of a file, whatever its name. Times are nanoseconds since 1970.
struct Facts {
  enum class Kind : uint8_t { file, folder, link, other };
  Kind kind = Kind::other;
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth = 0;  // 0 where the file system does not keep it
  int64_t modified = 0;
  int64_t changed = 0;
  int64_t size = 0;
  uint32_t mode = 0;  // permissions, as POSIX has them
  uint32_t owner = 0;
  uint32_t group = 0;
  uint32_t links = 0;
};
Result facts(Handle file, Facts& found);
// Links::no_follow: of a symbolic link itself.
Result facts(const char* path, Links links, Facts& found);

// What a symbolic link points to: the number of its bytes, which have no end. Of what is no link the
// reason is std::errc::invalid_argument.
ResultOf<size_t> read_link(const char* path, char* buffer, size_t bytes);

// A folder that is held: what is done in it by the calls that end in _in is done in this very
// folder, whatever its path leads to meanwhile. `name` is that of an entry, without a slash.
// Links::no_follow: no part of the path may be a symbolic link (std::errc::not_a_directory).
ResultOf<Handle> hold_folder(const char* path, Links links);
ResultOf<Handle> open_in(Handle folder, const char* name, Access access);  // no symbolic link
Result facts_in(Handle folder, const char* name, Facts& found);            // of a link itself
Result replace_in(Handle folder, const char* from, const char* to);
Result rename_new_in(Handle folder, const char* from, const char* to);
Result remove_in(Handle folder, const char* name);

// Whether the effective user may do that.
enum class Wish { change_file, add_to_folder };
Result may(const char* path, Wish wish);

// Gives a nameless file a name that nothing has.
Result publish(Handle file, const char* to);
// Renames; what has the name `to` loses it.
Result replace(const char* from, const char* to);
// Renames; std::errc::file_exists if something has the name `to`.
Result rename_new(const char* from, const char* to);
Result add_name(const char* of, const char* further);  // a second name of one file
Result remove(const char* path);
Result make_folder(const char* path, uint32_t mode);
Result remove_folder(const char* path);  // an empty one
// Gives `take` each name in the folder but "." and "..". What it throws comes through.
Result list(const char* folder, void (*take)(void* user, const char* name), void* user);

inline constexpr auto keep_as_it_is = static_cast<uint32_t>(-1);  // of owner or group
Result set_mode(Handle file, uint32_t mode);
Result set_owner(Handle file, uint32_t owner, uint32_t group);
// Extended attributes, access control lists among them. With no room (`bytes` is 0) they tell how
// much it takes; std::errc::result_out_of_range if there is some, and too little.
ResultOf<size_t> attribute_names(const char* path, char* names, size_t bytes);
ResultOf<size_t> attribute(const char* path, const char* name, void* value, size_t bytes);
ResultOf<size_t> attribute(Handle file, const char* name, void* value, size_t bytes);
Result set_attribute(Handle file, const char* name, const void* value, size_t bytes);
Result remove_attribute(Handle file, const char* name);

// Locks one byte of an open file, against other open files of any process. If another one holds it
// and `wait` is false, the reason is std::errc::resource_unavailable_try_again or
// permission_denied. The lock ends with the last handle of the open file.
enum class Lock { none, shared, exclusive };
Result lock(Handle file, Lock kind, int64_t byte, bool wait);
// Whether another open file holds a lock of the byte.
ResultOf<bool> is_locked(Handle file, int64_t byte);

// Random bytes that nobody can foresee; 256 of them at most.
Result fill_random(std::span<unsigned char> bytes);

// Who runs: names of the machine and of its running system, each a string of its own, at most
// `bytes` with its end; empty if the system does not say.
void machine_name(char* name, size_t bytes);
void boot_name(char* name, size_t bytes);
uint32_t process();
uint32_t effective_user();

}  // namespace swr::system
