// Who may do what with a file, and what is attached to it: taken from one file, given to the one
// that replaces it.
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

// The classes of users of a POSIX access control list, with their rights: 4 read, 2 write, 1
// execute. A file without a list of its own has the three entries of its mode: owner, group, others.
class AccessList {
 public:
  enum class Tag : uint16_t {
    owner = 0x01,
    user = 0x02,
    group_of_file = 0x04,
    group = 0x08,
    mask = 0x10,  // the most that all but the owner and the others have
    others = 0x20
  };
  struct Entry {
    Tag tag;
    uint16_t rights;
    uint32_t id = no_id;  // of a user or a group
    bool operator==(const Entry&) const = default;
  };

  static AccessList from_mode(uint32_t mode);
  // As the system stores it; nothing if the bytes are not a list that is understood.
  static std::optional<AccessList> from_bytes(std::span<const std::byte> bytes);

  bool is_mode() const { return entries_.size() == 3; }
  uint32_t mode() const;  // the nine bits of it
  std::vector<std::byte> bytes() const;

  // Changes the list for a file whose owner or whose group is another one, so that nobody may do
  // more than before. Members of the group that is named by the file now were others, or had
  // entries of their own; members of the one before are others now.
  void give_to_another_owner();
  void give_to_another_group();
  void keep_owner_alone();
  // The owner may read and write, the others what they may, but for executing.
  void make_plain();
  // Takes the rights that `other`, of the same owner and group, does not give; where that is not
  // simple, all but the owner's.
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
};

// Of the regular file that has this name; nothing if there is none.
std::optional<Attributes> attributes_at(const std::string& path);
// Of an open file, without its extended attributes.
Attributes access_of(const File& file);
// Gives the file the owner, the group and the access rights, as far as the system lets this process
// do that. Where it does not, rights become fewer: nobody has one that `attributes` does not give.
// The file must be open to its owner alone before.
void give_access(const File& file, const Attributes& attributes);
// give_access(), and the extended attributes. Those that the file system does not take are left out.
void give_attributes(const File& file, const Attributes& attributes);

}  // namespace swr
