// Owner, group, access rights and extended attributes of a file: read from one file and given to
// the file that replaces it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/file.h"

namespace swr {

// A POSIX access control list. Rights are bits: 4 read, 2 write, 1 execute. A file without a list
// of its own has the three entries of its mode: owner, group, others.
class AccessList {
 public:
  enum class Tag : uint16_t {
    owner = 0x01,
    user = 0x02,
    group_of_file = 0x04,
    group = 0x08,
    mask = 0x10,  // upper limit for all entries but owner and others
    others = 0x20
  };
  struct Entry {
    Tag tag;
    uint16_t rights;
    uint32_t id = no_id;  // of the user or group
    bool operator==(const Entry&) const = default;
  };

  static AccessList from_mode(uint32_t mode);
  // Parses the system's format; nothing if the bytes are not a valid list.
  static std::optional<AccessList> from_bytes(std::span<const std::byte> bytes);

  bool is_mode() const { return entries_.size() == 3; }
  uint32_t mode() const;  // the nine permission bits
  std::vector<std::byte> bytes() const;

  // Adapt the list to a file that has another owner or another group, so that no user gains rights.
  // The members of the file's current group were among the others before, or had entries of their
  // own; the members of the former group are among the others now.
  void give_to_another_owner();
  void give_to_another_group();
  void keep_owner_alone();
  // The owner may read and write. All others keep their rights, except to execute and, unless
  // `others_may_write`, to write.
  void make_plain(bool others_may_write);
  // Removes the rights that `other`, of the same owner and group, does not give. If one of the two
  // is not a plain mode, only the owner keeps rights.
  void narrow(const AccessList& other);
  bool operator==(const AccessList&) const = default;

 private:
  static constexpr uint32_t no_id = 0xFFFFFFFF;

  Entry& the(Tag tag);
  const Entry& the(Tag tag) const;
  uint16_t mask() const;

  std::vector<Entry> entries_;
};

struct Attributes {
  uint32_t owner = 0;
  uint32_t group = 0;
  AccessList access;
  std::vector<std::pair<std::string, std::string>> extended{};  // names and values
  bool operator==(const Attributes&) const = default;
};

// The attributes of a regular file; nothing if no file has this name.
std::optional<Attributes> attributes_at(const std::string& path);
// The same of a folder.
std::optional<Attributes> attributes_of_folder(const std::string& path);
// Those of an open file, without extended attributes.
Attributes access_of(const File& file);
// Gives the file the owner, group and access rights, as far as the system permits. Otherwise the
// file gets fewer rights: no user gets one that `attributes` does not give. Requires: only the
// owner can open the file so far.
void give_access(const File& file, const Attributes& attributes);
// Calls give_access() and sets the extended attributes. Those that the file system refuses are left
// out.
void give_attributes(const File& file, const Attributes& attributes);

}  // namespace swr
