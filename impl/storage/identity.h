// Identifies a file independently of its name, and the process that wrote something. A journal
// records both, so that it is applied to its own files only, and only by a process that can know
// that the writer is dead.
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
  int64_t birth = 0;  // nanoseconds since 1970; 0 if the file system does not record it
  int64_t size = 0;
  uint32_t owner = 0;

  // Whether `found` is the file of which this identity was taken. The size is not compared, because
  // it changes. The device number is compared only with `same_boot` (the identity was taken since
  // the last system start), because it may change at a restart.
  bool is_of(const Identity& found, bool same_boot) const;
};

Identity identity_of(const File& file);
Identity identity_of(const system::Facts& facts);
// The identity of the file or symbolic link of this name; nothing if there is none.
std::optional<Identity> identity_at(const std::string& path);
// Whether this file has this name now. Requires: the identity was taken since the last system
// start.
bool is_named(const Identity& file, const std::string& name);

// 40 bytes: device, inode, birth, size, owner, and four zero bytes.
inline constexpr size_t identity_bytes = 40;
void append(std::string& out, const Identity& identity);
Identity identity_from(std::span<const std::byte> bytes);

struct Author {
  uint32_t process = 0;
  std::string machine;  // "id@name"
  std::string boot;     // an identifier of the time since the last system start

  static Author self();
  bool same_boot(const Author& other) const { return !boot.empty() && boot == other.boot; }
  bool same_machine(const Author& other) const {
    return same_boot(other) || (machine.size() > 1 && machine == other.machine);
  }
};

}  // namespace swr
