// Who may do what with a file that was replaced: the same as before, or less.
#include "storage/attributes.h"

#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <optional>
#include <random>

#include "base/byte_order.h"
#include "base/error.h"
#include "storage/in_place.h"
#include "storage/journal_names.h"
#include "storage/staged_set.h"
#include "storage_test.h"

namespace swr {
namespace {

constexpr const char* access_list = "system.posix_acl_access";
constexpr const char* default_list = "system.posix_acl_default";
constexpr uint32_t none = 0xFFFFFFFF;
constexpr uint32_t alice = 61001, bob = 61002, carol = 61003, lab = 62001, others_group = 62002;
enum Tag : uint16_t { owner = 1, user = 2, group_of_file = 4, group = 8, mask = 16, others = 32 };

struct Entry {
  uint16_t tag, rights;
  uint32_t id = none;
};
using List = std::vector<Entry>;

std::string bytes_of_list(const List& list) {
  std::string bytes(4 + list.size() * 8, '\0');
  auto* at = reinterpret_cast<std::byte*>(bytes.data());
  store(at, uint32_t{2});
  at += 4;
  for (const Entry& entry : list) {
    store(at, entry.tag);
    store(at + 2, entry.rights);
    store(at + 4, entry.id);
    at += 8;
  }
  return bytes;
}

const List private_but_for_bob{
    {owner, 6}, {user, 4, bob}, {group_of_file, 0}, {mask, 4}, {others, 0}};

std::string attribute(const std::string& path, const char* name) {
  char value[1024];
  const ssize_t bytes = ::getxattr(path.c_str(), name, value, sizeof value);
  return bytes >= 0 ? std::string(value, static_cast<size_t>(bytes)) : "none";
}

void set_attribute(const std::string& path, const char* name, const std::string& value) {
  if (::setxattr(path.c_str(), name, value.data(), value.size(), 0) != 0)
    fail_msg("%s: %s: errno %d", path.c_str(), name, errno);
}

struct stat facts_of(const std::string& path) {
  struct stat facts;
  assert_int_equal(::stat(path.c_str(), &facts), 0);
  return facts;
}

mode_t mode_of(const std::string& path) {
  return facts_of(path).st_mode & 07777;
}

// Where access lists and attributes of users are, or empty: tests run where the build is, and some
// systems have them only elsewhere.
std::string home;

std::string at(const std::string& name) {
  return home + "/" + name;
}

bool has_lists(const std::string& folder) {
  const std::string path = folder + "/probe";
  put(path, "");
  const std::string list = bytes_of_list(private_but_for_bob);
  const bool there = ::setxattr(path.c_str(), access_list, list.data(), list.size(), 0) == 0 &&
                     ::setxattr(path.c_str(), "user.swr", "1", 1, 0) == 0;
  std::filesystem::remove(path);
  return there;
}

int set_up(void**) {
  std::error_code ignored;
  for (const std::string& base : {std::string("."), std::string("/tmp"), std::string("/dev/shm")}) {
    char name[128];
    std::snprintf(name, sizeof name, "%s/swr-attributes-XXXXXX", base.c_str());
    if (!::mkdtemp(name)) continue;
    home = std::filesystem::absolute(name, ignored).string();
    std::filesystem::permissions(home, std::filesystem::perms::all);
    if (has_lists(home)) return 0;
    std::filesystem::remove_all(home);
  }
  print_error("no folder here has access lists: not in the build, not in /tmp, not in /dev/shm\n");
  return 1;
}

int start(void**) {
  for (const std::string& path : listing(home)) std::filesystem::remove(path);
  return 0;
}

int tear_down(void**) {
  std::filesystem::remove_all(home);
  return 0;
}

// Other users are there for root alone.
bool can_be_others() {
  if (::geteuid() == 0) return true;
  print_message("             not run: only root can act as other users\n");
  return false;
}

// Acts as this user in a child; what it returns.
int as(uint32_t user_id, std::vector<gid_t> groups, const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgroups(groups.size(), groups.data()) != 0 || ::setgid(groups[0]) != 0 ||
        ::setuid(user_id) != 0)
      ::_exit(99);
    ::umask(0);
    int result = 98;
    try {
      result = act();
    } catch (const std::exception& error) {
      print_error("%s\n", error.what());
    }
    ::_exit(result);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

bool can_read(uint32_t user_id, gid_t group_id, const std::string& path) {
  return as(user_id, {group_id}, [&] { return ::access(path.c_str(), R_OK) == 0 ? 1 : 0; }) == 1;
}

void replace(const std::string& path) {
  StagedSet set({});
  set.create(path).write_at(0, bytes_of("new"));
  set.commit();
}

void make(const std::string& path, mode_t mode, uint32_t owner_id, uint32_t group_id) {
  put(path, "old");
  assert_int_equal(::chown(path.c_str(), owner_id, group_id), 0);
  assert_int_equal(::chmod(path.c_str(), mode), 0);
}

void replaced_file_keeps_its_access_list(void**) {
  put(at("x"), "old");
  const std::string list = bytes_of_list(private_but_for_bob);
  set_attribute(at("x"), access_list, list);
  assert_int_equal(mode_of(at("x")), 0640);
  replace(at("x"));
  assert_string_equal(content(at("x")).c_str(), "new");
  assert_true(attribute(at("x"), access_list) == list);
  if (!can_be_others()) return;
  assert_true(can_read(bob, others_group, at("x")));
  assert_false(can_read(carol, facts_of(at("x")).st_gid, at("x")));
}

void replaced_file_keeps_the_attributes_of_users(void**) {
  put(at("x"), "old");
  set_attribute(at("x"), "user.origin", "scanner 7");
  set_attribute(at("x"), "user.empty", "");
  replace(at("x"));
  assert_string_equal(attribute(at("x"), "user.origin").c_str(), "scanner 7");
  assert_string_equal(attribute(at("x"), "user.empty").c_str(), "");
}

void replaced_file_keeps_its_owner_and_loses_special_bits(void**) {
  if (!can_be_others()) return;
  make(at("x"), 06640, alice, lab);
  replace(at("x"));
  const struct stat facts = facts_of(at("x"));
  assert_int_equal(facts.st_uid, alice);
  assert_int_equal(facts.st_gid, lab);
  assert_int_equal(facts.st_mode & 07777, 0640);
}

void replaced_file_gets_no_list_of_its_folder(void**) {
  put(at("x"), "old");
  assert_int_equal(::chmod(at("x").c_str(), 0600), 0);
  set_attribute(
      home, default_list,
      bytes_of_list({{owner, 7}, {user, 7, carol}, {group_of_file, 7}, {mask, 7}, {others, 7}}));
  replace(at("x"));
  const std::string list = attribute(at("x"), access_list);
  replace(at("new"));
  const std::string list_of_new = attribute(at("new"), access_list);
  ::removexattr(home.c_str(), default_list);
  assert_string_equal(list.c_str(), "none");
  assert_int_equal(mode_of(at("x")), 0600);
  // As with any program that makes a file there.
  assert_string_not_equal(list_of_new.c_str(), "none");
}

void colleague_of_the_same_group_keeps_the_group_s_rights(void**) {
  if (!can_be_others()) return;
  make(at("x"), 0664, alice, lab);
  assert_int_equal(as(bob, {others_group, lab}, [] { return replace(at("x")), 0; }), 0);
  const struct stat facts = facts_of(at("x"));
  assert_int_equal(facts.st_uid, bob);
  assert_int_equal(facts.st_gid, lab);
  assert_int_equal(facts.st_mode & 07777, 0664);
}

void stranger_who_replaces_a_file_gives_nobody_more_rights(void**) {
  if (!can_be_others()) return;
  make(at("x"), 0640, alice, lab);
  assert_int_equal(as(bob, {others_group}, [] { return replace(at("x")), 0; }), 0);
  assert_int_equal(mode_of(at("x")), 0600);
  assert_int_equal(facts_of(at("x")).st_gid, others_group);
  make(at("y"), 0604, alice, lab);
  assert_int_equal(as(bob, {others_group}, [] { return replace(at("y")), 0; }), 0);
  assert_int_equal(mode_of(at("y")), 0600);
  make(at("z"), 0644, alice, lab);
  assert_int_equal(as(bob, {others_group}, [] { return replace(at("z")), 0; }), 0);
  assert_int_equal(mode_of(at("z")), 0644);
}

void stranger_who_replaces_a_file_keeps_named_users_and_groups(void**) {
  if (!can_be_others()) return;
  make(at("x"), 0600, alice, alice);
  set_attribute(at("x"), access_list,
                bytes_of_list({{owner, 6},
                               {user, 4, carol},
                               {group_of_file, 6},
                               {group, 6, lab},
                               {mask, 6},
                               {others, 0}}));
  assert_int_equal(as(bob, {others_group, lab}, [] { return replace(at("x")), 0; }), 0);
  assert_true(attribute(at("x"), access_list) == bytes_of_list({{owner, 6},
                                                                {user, 4, carol},
                                                                {group_of_file, 0},
                                                                {group, 6, lab},
                                                                {mask, 6},
                                                                {others, 0}}));
  assert_true(can_read(carol, others_group, at("x")));
  assert_true(can_read(alice, lab, at("x")));
  assert_false(can_read(61009, others_group, at("x")));
}

void file_that_follows_another_gets_its_attributes(void**) {
  put(at("pixels.dat"), "old");
  const std::string list = bytes_of_list(private_but_for_bob);
  set_attribute(at("pixels.dat"), access_list, list);
  set_attribute(at("pixels.dat"), "user.origin", "scanner 7");
  StagedSet set({});
  set.create(at("x.zraw"), {.must_be_new = true, .attributes_from = at("pixels.dat")});
  set.create(at("x.mhd"));
  set.retire(at("pixels.dat"));
  set.commit();
  assert_true(attribute(at("x.zraw"), access_list) == list);
  assert_string_equal(attribute(at("x.zraw"), "user.origin").c_str(), "scanner 7");
  assert_string_equal(attribute(at("x.mhd"), access_list).c_str(), "none");
}

// Somebody, as the rights of a file see them.
struct Person {
  uint32_t id;
  std::vector<uint32_t> groups;
  bool is_in(uint32_t group_id) const {
    return std::ranges::find(groups, group_id) != groups.end();
  }
};

// The rights that the system gives to a person: the algorithm of acl(5), asked for each right
// alone.
uint16_t rights_of(const Person& who, const List& list, uint32_t owner_id, uint32_t group_id) {
  uint16_t limit = 7;
  for (const Entry& entry : list) {
    if (entry.tag == mask) limit = entry.rights;
  }
  const auto entry_of = [&](uint16_t tag) { return *std::ranges::find(list, tag, &Entry::tag); };
  if (who.id == owner_id) return entry_of(owner).rights;
  uint16_t of_groups = 0;
  bool is_in_one = false;
  for (const Entry& entry : list) {
    if (entry.tag == user && entry.id == who.id) return entry.rights & limit;
    const bool matches = (entry.tag == group_of_file && who.is_in(group_id)) ||
                         (entry.tag == group && who.is_in(entry.id));
    if (!matches) continue;
    is_in_one = true;
    of_groups |= entry.rights;
  }
  return is_in_one ? of_groups & limit : entry_of(others).rights;
}

List list_from(const std::string& bytes) {
  List list;
  const auto* at = reinterpret_cast<const std::byte*>(bytes.data());
  for (size_t i = 4; i < bytes.size(); i += 8)
    list.push_back(
        {load<uint16_t>(at + i), load<uint16_t>(at + i + 2), load<uint32_t>(at + i + 4)});
  return list;
}

// A journal has the old bytes of its file.
void journal_gets_the_access_list_of_its_file(void**) {
  put(at("x"), "old");
  const std::string list = bytes_of_list(private_but_for_bob);
  set_attribute(at("x"), access_list, list);
  InPlace change(at("x"), {});
  change.write(change.add(at("x")), 0, bytes_of("new"));
  const std::string journal = first_journal(at("x"));
  assert_true(attribute(journal, access_list) == list);
  if (!can_be_others()) return;
  assert_true(can_read(bob, others_group, journal));
  assert_false(can_read(carol, facts_of(at("x")).st_gid, journal));
}

void journal_gets_no_list_of_its_folder(void**) {
  put(at("x"), "old");
  assert_int_equal(::chmod(at("x").c_str(), 0640), 0);
  set_attribute(
      home, default_list,
      bytes_of_list({{owner, 7}, {user, 7, carol}, {group_of_file, 7}, {mask, 7}, {others, 7}}));
  {
    InPlace change(at("x"), {});
    change.write(change.add(at("x")), 0, bytes_of("new"));
    const std::string journal = first_journal(at("x"));
    assert_int_equal(mode_of(journal), 0640);
    assert_string_equal(attribute(journal, access_list).c_str(), "none");
    change.commit();
  }
  assert_int_equal(::removexattr(home.c_str(), default_list), 0);
}

// Of two files with different lists nobody else may read what the journal has.
void journal_of_two_files_is_for_those_who_may_read_both(void**) {
  put(at("x"), "old");
  put(at("y"), "old");
  set_attribute(at("x"), access_list, bytes_of_list(private_but_for_bob));
  assert_int_equal(::chmod(at("y").c_str(), 0644), 0);
  InPlace change(at("x"), {});
  change.write(change.add(at("x")), 0, bytes_of("new"));
  change.write(change.add(at("y")), 0, bytes_of("new"));
  const std::string journal = first_journal(at("x"));
  assert_int_equal(mode_of(journal), 0600);
  assert_string_equal(attribute(journal, access_list).c_str(), "none");
}

// Any list, any new owner and group, and everybody there can be.
void another_owner_or_group_gives_nobody_more_rights(void**) {
  std::mt19937 random(20240401);
  const auto any = [&] { return static_cast<uint16_t>(random() % 8); };
  int kept = 0;
  for (int round = 0; round < 4000; ++round) {
    List list{{owner, any()}};
    const bool is_long = random() % 4 != 0;
    for (const uint32_t id : {alice, bob, carol}) {
      if (is_long && random() % 2 == 0) list.push_back({user, any(), id});
    }
    list.push_back({group_of_file, any()});
    for (const uint32_t id : {alice, lab, others_group}) {
      if (is_long && random() % 2 == 0) list.push_back({group, any(), id});
    }
    if (list.size() > 2) list.push_back({mask, any()});
    list.push_back({others, any()});
    const std::string before = bytes_of_list(list);
    auto access = AccessList::from_bytes(bytes_of(before));
    assert_true(access.has_value());
    const bool other_owner = random() % 2 == 0, other_group = random() % 2 == 0;
    if (other_group) access->give_to_another_group();
    if (other_owner) access->give_to_another_owner();
    const auto stored = access->bytes();
    const std::string after(reinterpret_cast<const char*>(stored.data()), stored.size());
    if (!other_owner && !other_group) assert_true(after == before);
    const uint32_t new_owner = other_owner ? bob : alice;
    const uint32_t new_group = other_group ? others_group : lab;
    for (const uint32_t id : {alice, bob, carol, 61009U}) {
      for (unsigned set = 0; set < 8; ++set) {
        Person who{id, {}};
        if (set & 1) who.groups.push_back(alice);
        if (set & 2) who.groups.push_back(lab);
        if (set & 4) who.groups.push_back(others_group);
        if (id == new_owner) continue;
        const uint16_t had = rights_of(who, list, alice, lab);
        const uint16_t has = rights_of(who, list_from(after), new_owner, new_group);
        if ((has & ~had) != 0)
          fail_msg("round %d: %u in groups %u had %u and has %u", round, id, set, had, has);
        kept += has != 0;
      }
    }
  }
  assert_true(kept > 2000);
}

void bytes_that_are_no_access_list_are_not_taken_for_one(void**) {
  const std::string good = bytes_of_list(private_but_for_bob);
  assert_true(AccessList::from_bytes(bytes_of(good)).has_value());
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    assert_false(AccessList::from_bytes(bytes_of(good).first(bytes)).has_value());
  }
  const auto is_list = [](const List& list) {
    return AccessList::from_bytes(bytes_of(bytes_of_list(list))).has_value();
  };
  assert_false(is_list({{owner, 6}, {group_of_file, 0}, {group_of_file, 0}, {others, 0}}));
  assert_false(is_list({{owner, 6}, {user, 6, bob}, {group_of_file, 0}, {others, 0}}));
  assert_int_equal(AccessList::from_mode(0640).mode(), 0640);
  assert_int_equal(AccessList::from_bytes(bytes_of(good))->mode(), 0640);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(replaced_file_keeps_its_access_list, start),
      cmocka_unit_test_setup(replaced_file_keeps_the_attributes_of_users, start),
      cmocka_unit_test_setup(replaced_file_keeps_its_owner_and_loses_special_bits, start),
      cmocka_unit_test_setup(replaced_file_gets_no_list_of_its_folder, start),
      cmocka_unit_test_setup(colleague_of_the_same_group_keeps_the_group_s_rights, start),
      cmocka_unit_test_setup(stranger_who_replaces_a_file_gives_nobody_more_rights, start),
      cmocka_unit_test_setup(stranger_who_replaces_a_file_keeps_named_users_and_groups, start),
      cmocka_unit_test_setup(file_that_follows_another_gets_its_attributes, start),
      cmocka_unit_test_setup(journal_gets_the_access_list_of_its_file, start),
      cmocka_unit_test_setup(journal_gets_no_list_of_its_folder, start),
      cmocka_unit_test_setup(journal_of_two_files_is_for_those_who_may_read_both, start),
      cmocka_unit_test_setup(another_owner_or_group_gives_nobody_more_rights, start),
      cmocka_unit_test_setup(bytes_that_are_no_access_list_are_not_taken_for_one, start),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
