#include "storage/identity.h"

#include "base/byte_order.h"
#include "base/error.h"
#include "storage/platform.h"

namespace swr {

// Inode numbers are given again. Where births are known they tell two files of one number apart;
// elsewhere the device and the owner help.
bool Identity::is_of(const Identity& found, bool same_boot) const {
  if (inode != found.inode || birth != found.birth) return false;
  return birth != 0 || (owner == found.owner && (device == found.device || !same_boot));
}

Identity identity_of(const system::Facts& facts) {
  return {.device = facts.device,
          .inode = facts.inode,
          .birth = facts.birth,
          .size = facts.size,
          .owner = facts.owner};
}

Identity identity_of(const File& file) {
  return identity_of(file.facts());
}

std::optional<Identity> identity_at(const std::string& path) {
  const auto facts = facts_if_there(path, system::Links::no_follow);
  if (!facts) return std::nullopt;
  return identity_of(*facts);
}

bool is_named(const Identity& file, const std::string& name) {
  const auto there = identity_at(name);
  return there && file.is_of(*there, true);
}

void append(std::string& out, const Identity& identity) {
  std::byte bytes[identity_bytes] = {};
  store(bytes, identity.device);
  store(bytes + 8, identity.inode);
  store(bytes + 16, identity.birth);
  store(bytes + 24, identity.size);
  store(bytes + 32, identity.owner);
  out.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

Identity identity_from(std::span<const std::byte> bytes) {
  if (bytes.size() < identity_bytes)
    fail(SWR_ERROR_CORRUPT, "the identity of a file has ", bytes.size(), " bytes");
  return {.device = load<uint64_t>(bytes.data()),
          .inode = load<uint64_t>(bytes.data() + 8),
          .birth = load<int64_t>(bytes.data() + 16),
          .size = load<int64_t>(bytes.data() + 24),
          .owner = load<uint32_t>(bytes.data() + 32)};
}

Author Author::self() {
  char machine[512], boot[64];
  system::machine_name(machine, sizeof machine);
  system::boot_name(boot, sizeof boot);
  return {system::process(), machine, boot};
}

}  // namespace swr
