#include "storage/attributes.h"

#include <algorithm>

#include "base/byte_order.h"
#include "base/error.h"
#include "storage/platform.h"

namespace swr {

namespace {

constexpr const char* access_list_name = "system.posix_acl_access";
constexpr uint32_t access_list_version = 2;
constexpr size_t entry_bytes = 8;
constexpr uint16_t all_rights = 7;

// Whether the system or the file system refuses this, in general or to this process. All other
// reasons are failures.
bool is_refusal(std::errc reason) {
  switch (reason) {
    case std::errc::operation_not_permitted:
    case std::errc::permission_denied:
    case std::errc::invalid_argument:  // an owner that is unknown in this container
    case std::errc::no_message_available:
    case std::errc::function_not_supported:
    case std::errc::operation_not_supported:
    case std::errc::no_space_on_device:
    case std::errc::argument_list_too_long: return true;
    default: return system::means_quota_exceeded(reason);
  }
}

// Whether the reason says that the file has no access list.
bool there_is_none(std::errc reason) {
  return reason == std::errc::no_message_available ||
         reason == std::errc::operation_not_supported ||
         reason == std::errc::function_not_supported;
}

// Reads a value of unknown length. `ask` fills a buffer, or returns the value's size if it gets
// none. Returns nothing, and sets `reason`, if the system refuses.
template <typename Ask>
std::optional<std::string> value_of(const std::string& path, std::errc& reason, const Ask& ask) {
  while (true) {
    const auto bytes = ask(nullptr, 0);
    std::string value(bytes.value, '\0');
    const auto got = bytes.value > 0 ? ask(value.data(), value.size()) : bytes;
    if (got) {
      value.resize(got.value);
      return value;
    }
    reason = got.reason;
    if (is_refusal(reason)) return std::nullopt;
    if (reason != std::errc::result_out_of_range)
      SystemFailure(reason).fail(path, "read its extended attributes");
  }
}

// Attributes that depend on the file's content, or that the system manages, are not copied.
bool goes_along(const std::string& name) {
  if (name.starts_with("user.")) return true;
  return name.starts_with("security.") && name != "security.capability" && name != "security.ima" &&
         name != "security.evm";
}

std::vector<std::pair<std::string, std::string>> extended_at(const std::string& path) {
  std::vector<std::pair<std::string, std::string>> result;
  std::errc reason{};
  const auto names = value_of(path, reason, [&](char* buffer, size_t bytes) {
    return system::attribute_names(path.c_str(), buffer, bytes);
  });
  if (!names) return result;
  for (size_t at = 0; at < names->size();) {
    const std::string name = names->c_str() + at;
    at += name.size() + 1;
    if (!goes_along(name)) continue;
    auto value = value_of(path, reason, [&](char* buffer, size_t bytes) {
      return system::attribute(path.c_str(), name.c_str(), buffer, bytes);
    });
    if (value) result.emplace_back(name, std::move(*value));
  }
  return result;
}

// `ask` reads the system's list.
template <typename Ask>
AccessList access_list(const std::string& path, uint32_t mode, const Ask& ask) {
  std::errc reason{};
  const auto bytes = value_of(path, reason, ask);
  AccessList list = AccessList::from_mode(mode);
  if (!bytes && there_is_none(reason)) return list;
  if (const auto known =
          bytes ? AccessList::from_bytes(std::as_bytes(std::span(*bytes))) : std::nullopt)
    return *known;
  // If a file has a list, the group bits of its mode are the mask. Without knowing the list, it is
  // safe to use the owner's rights only.
  list.keep_owner_alone();
  return list;
}

bool try_to_give(const File& file, uint32_t owner, uint32_t group) {
  const auto done = system::set_owner(file.descriptor(), owner, group);
  if (!done && !is_refusal(done.reason))
    SystemFailure(done.reason).fail(file.path(), "keep its owner");
  return static_cast<bool>(done);
}

// Sets the owner and group of the file. If that is refused, removes from `list` the rights that
// other users would gain.
void give_owner(const File& file, const Attributes& attributes, AccessList& list) {
  const system::Facts facts = file.facts();
  const bool same_owner = facts.owner == attributes.owner;
  const bool same_group = facts.group == attributes.group;
  if (same_owner && same_group) return;
  if (try_to_give(file, attributes.owner, attributes.group)) return;
  if (!same_group && !try_to_give(file, system::keep_as_it_is, attributes.group))
    list.give_to_another_group();
  if (!same_owner) list.give_to_another_owner();
}

void give_mode(const File& file, uint32_t mode) {
  const auto done = system::set_mode(file.descriptor(), mode);
  if (!done) SystemFailure(done.reason).fail(file.path(), "keep its permissions");
}

}  // namespace

AccessList AccessList::from_mode(uint32_t mode) {
  AccessList list;
  list.entries_ = {{Tag::owner, static_cast<uint16_t>(mode >> 6 & all_rights)},
                   {Tag::group_of_file, static_cast<uint16_t>(mode >> 3 & all_rights)},
                   {Tag::others, static_cast<uint16_t>(mode & all_rights)}};
  return list;
}

// 4 bytes of version, then for each entry: tag and rights (2 bytes each) and id (4); little-endian.
std::optional<AccessList> AccessList::from_bytes(std::span<const std::byte> bytes) {
  constexpr size_t head = sizeof access_list_version;
  if (bytes.size() < head || (bytes.size() - head) % entry_bytes != 0 ||
      load<uint32_t>(bytes.data()) != access_list_version)
    return std::nullopt;
  AccessList list;
  for (size_t at = head; at < bytes.size(); at += entry_bytes) {
    list.entries_.push_back({static_cast<Tag>(load<uint16_t>(bytes.data() + at)),
                             load<uint16_t>(bytes.data() + at + 2),
                             load<uint32_t>(bytes.data() + at + 4)});
  }
  const auto count = [&](Tag tag) { return std::ranges::count(list.entries_, tag, &Entry::tag); };
  const bool needs_mask = list.entries_.size() > 3;
  if (count(Tag::owner) != 1 || count(Tag::group_of_file) != 1 || count(Tag::others) != 1 ||
      count(Tag::mask) != (needs_mask ? 1 : 0))
    return std::nullopt;
  return list;
}

std::vector<std::byte> AccessList::bytes() const {
  std::vector<std::byte> bytes(sizeof access_list_version + entries_.size() * entry_bytes);
  std::byte* at = bytes.data();
  store(at, access_list_version);
  at += sizeof access_list_version;
  for (const Entry& entry : entries_) {
    store(at, static_cast<uint16_t>(entry.tag));
    store(at + 2, entry.rights);
    store(at + 4, entry.id);
    at += entry_bytes;
  }
  return bytes;
}

const AccessList::Entry& AccessList::the(Tag tag) const {
  return *std::ranges::find(entries_, tag, &Entry::tag);
}

AccessList::Entry& AccessList::the(Tag tag) {
  return *std::ranges::find(entries_, tag, &Entry::tag);
}

uint16_t AccessList::mask() const {
  return is_mode() ? all_rights : the(Tag::mask).rights;
}

uint32_t AccessList::mode() const {
  const uint32_t group = is_mode() ? the(Tag::group_of_file).rights : mask();
  return uint32_t{the(Tag::owner).rights} << 6 | group << 3 | the(Tag::others).rights;
}

// The former owner is now one of the others, or has an entry.
void AccessList::give_to_another_owner() {
  const uint16_t most = the(Tag::owner).rights;
  for (Entry& entry : entries_) entry.rights &= most;
}

void AccessList::give_to_another_group() {
  uint16_t least = the(Tag::group_of_file).rights & the(Tag::others).rights & mask();
  the(Tag::others).rights = least;
  for (const Entry& entry : entries_) {
    if (entry.tag == Tag::group) least &= entry.rights;
  }
  the(Tag::group_of_file).rights = least;
}

void AccessList::keep_owner_alone() {
  *this = from_mode(uint32_t{the(Tag::owner).rights} << 6);
}

void AccessList::make_plain(bool others_may_write) {
  constexpr uint16_t reading = 4, reading_and_writing = 6;
  const uint16_t most = others_may_write ? reading_and_writing : reading;
  for (Entry& entry : entries_) entry.rights &= most;
  the(Tag::owner).rights = reading_and_writing;
}

void AccessList::narrow(const AccessList& other) {
  if (*this == other) return;
  if (is_mode() && other.is_mode()) {
    *this = from_mode(mode() & other.mode());
  } else {
    keep_owner_alone();
  }
}

namespace {

Attributes attributes_of(const std::string& path, const system::Facts& facts) {
  return {.owner = facts.owner,
          .group = facts.group,
          .access = access_list(path, facts.mode,
                                [&](char* buffer, size_t bytes) {
                                  return system::attribute(path.c_str(), access_list_name, buffer,
                                                           bytes);
                                }),
          .extended = extended_at(path)};
}

}  // namespace

std::optional<Attributes> attributes_at(const std::string& path) {
  const auto facts = regular_file(path);
  if (!facts) return std::nullopt;
  return attributes_of(path, *facts);
}

std::optional<Attributes> attributes_of_folder(const std::string& path) {
  const auto facts = facts_if_there(path, system::Links::follow);
  if (!facts || facts->kind != system::Facts::Kind::folder) return std::nullopt;
  return attributes_of(path, *facts);
}

Attributes access_of(const File& file) {
  const system::Facts facts = file.facts();
  return {.owner = facts.owner,
          .group = facts.group,
          .access = access_list(file.path(), facts.mode, [&](char* buffer, size_t bytes) {
            return system::attribute(file.descriptor(), access_list_name, buffer, bytes);
          })};
}

void give_access(const File& file, const Attributes& attributes) {
  AccessList list = attributes.access;
  give_owner(file, attributes, list);
  if (!list.is_mode()) {
    const auto bytes = list.bytes();
    const auto done =
        system::set_attribute(file.descriptor(), access_list_name, bytes.data(), bytes.size());
    if (done) return;
    if (!is_refusal(done.reason))
      SystemFailure(done.reason).fail(file.path(), "keep its access list");
    list.keep_owner_alone();
  }
  // Removes the default list that the file got from its folder.
  const auto removed = system::remove_attribute(file.descriptor(), access_list_name);
  if (!removed && !is_refusal(removed.reason))
    SystemFailure(removed.reason).fail(file.path(), "keep its permissions");
  give_mode(file, list.mode());
}

void give_attributes(const File& file, const Attributes& attributes) {
  give_access(file, attributes);
  for (const auto& [name, value] : attributes.extended) {
    const auto done =
        system::set_attribute(file.descriptor(), name.c_str(), value.data(), value.size());
    if (!done && !is_refusal(done.reason))
      SystemFailure(done.reason).fail(file.path(), "keep its attribute ", name);
  }
}

}  // namespace swr
