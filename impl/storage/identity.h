// Which file it is, whatever its name, and which process wrote something: what a journal records,
// so that it is applied to its own files alone, and by those who can know that its writer is dead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "storage/file.h"
#include "storage/platform.h"

namespace swr {

struct Identity {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth = 0;  // nanoseconds since 1970; 0 where the file system does not keep it
  int64_t size = 0;
  uint32_t owner = 0;

  // Whether `found` is the file that this was taken of. Sizes change, and are not compared. The
  // device's number is compared only while the system runs that the identity was taken on: it can be
  // another one after a restart.
  bool is_of(const Identity& found, bool same_boot) const;
};

Identity identity_of(const File& file);
Identity identity_of(const system::Facts& facts);
// Of what has this name, a symbolic link itself; nothing if there is nothing.
std::optional<Identity> identity_at(const std::string& path);
// Whether the file of this identity, taken since the system started, has this name now.
bool is_named(const Identity& file, const std::string& name);

// 40 bytes: device, inode, birth, size, owner, and four that are zero.
inline constexpr size_t identity_bytes = 40;
void append(std::string& out, const Identity& identity);
Identity identity_from(std::span<const std::byte> bytes);

struct Author {
  uint32_t process = 0;
  std::string machine;  // its id and its name, with '@' between them
  std::string boot;     // a name for the time from one start of the system to the next

  static Author self();
  bool same_boot(const Author& other) const { return !boot.empty() && boot == other.boot; }
  bool same_machine(const Author& other) const {
    return same_boot(other) || (machine.size() > 1 && machine == other.machine);
  }
};

}  // namespace swr
