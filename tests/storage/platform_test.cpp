// The promises of platform.h, on whichever system this is.
#include "storage/platform.h"

#include <filesystem>

#include "storage_test.h"

namespace swr::system {
namespace {

constexpr int64_t lock_byte = int64_t{1} << 62;
constexpr bool is_windows = std::filesystem::path::preferred_separator == '\\';

// A new file of one letter.
Handle made(const char* path, const char* letter) {
  const auto file = create_new(path, 0600);
  assert_true(file.reason == std::errc{});
  assert_int_equal(write(file.value, letter, 1, 0).value, 1);
  return file.value;
}

char letter_of(Handle file) {
  char letter = '?';
  assert_int_equal(read(file, &letter, 1, 0).value, 1);
  return letter;
}

char letter_at(const char* path) {
  const auto file = open_existing(path, Access::read, Links::follow);
  if (!file) return '-';
  const char letter = letter_of(file.value);
  assert_true(static_cast<bool>(close(file.value)));
  return letter;
}

uint64_t number_of(Handle file) {
  Facts found;
  assert_true(static_cast<bool>(facts(file, found)));
  return found.inode;
}

std::vector<std::string> entries(const char* folder) {
  std::vector<std::string> names;
  const auto take = [](void* user, const char* name) {
    static_cast<std::vector<std::string>*>(user)->emplace_back(name);
  };
  assert_true(static_cast<bool>(list(folder, take, &names)));
  std::ranges::sort(names);
  return names;
}

void name_is_given_once(void**) {
  fresh_folder("names");
  const Handle first = made("names/a", "a"), second = made("names/b", "b");
  assert_true(create_new("names/a", 0600).reason == std::errc::file_exists);
  assert_true(rename_new("names/b", "names/a").reason == std::errc::file_exists);
  assert_true(static_cast<bool>(rename_new("names/b", "names/\u00e4\u4e2d")));
  assert_true(entries("names") == (std::vector<std::string>{"a", "\u00e4\u4e2d"}));
  assert_true(static_cast<bool>(close(first)) && static_cast<bool>(close(second)));
}

void open_file_can_be_replaced_and_removed(void**) {
  fresh_folder("replaced");
  const Handle old = made("replaced/a", "o"), next = made("replaced/b", "n");
  const uint64_t number = number_of(next);
  assert_true(static_cast<bool>(replace("replaced/b", "replaced/a")));
  assert_int_equal(letter_of(old), 'o');
  assert_int_equal(letter_at("replaced/a"), 'n');
  assert_true(number_of(next) == number);
  assert_true(static_cast<bool>(close(old)));
  assert_true(entries("replaced") == std::vector<std::string>{"a"});
  assert_true(static_cast<bool>(system::remove("replaced/a")));
  assert_int_equal(letter_of(next), 'n');
  assert_int_equal(letter_at("replaced/a"), '-');
  assert_true(static_cast<bool>(close(next)));
  assert_true(static_cast<bool>(remove_folder("replaced")));
}

void unnamed_file_gets_a_name_or_disappears(void**) {
  fresh_folder("unnamed");
  const auto file = create_unnamed("unnamed", 0600);
  if (!file) return skip();  // this file system has none
  assert_int_equal(write(file.value, "u", 1, 0).value, 1);
  const auto again = duplicate(file.value);
  assert_true(static_cast<bool>(again) && static_cast<bool>(close(file.value)));
  const Handle other = made("unnamed/taken", "t");
  assert_true(publish(again.value, "unnamed/taken").reason == std::errc::file_exists);
  assert_true(static_cast<bool>(publish(again.value, "unnamed/free")));
  assert_int_equal(letter_at("unnamed/free"), 'u');
  assert_int_equal(letter_at("unnamed/taken"), 't');
  assert_true(static_cast<bool>(close(again.value)) && static_cast<bool>(close(other)));
  const auto lost = create_unnamed("unnamed", 0600);
  assert_true(static_cast<bool>(lost) && static_cast<bool>(close(lost.value)));
  assert_true(entries("unnamed") == (std::vector<std::string>{"free", "taken"}));
}

// A process that dies between two calls of the system leaves such a file, on Windows.
void what_dead_processes_left_is_removed_unless_it_is_open(void**) {
  fresh_folder("swept");
  const Handle living = made("swept/.swr-unnamed-aaaaaaaaaa", "l");
  for (const char* name : {".swr-unnamed-bbbbbbbbbb", ".swr-unnamed-short", ".x.swr-cccccccccc"})
    assert_true(static_cast<bool>(close(made(text("swept/", name).c_str(), "d"))));
  sweep_unnamed("swept");
  std::vector<std::string> left{".swr-unnamed-aaaaaaaaaa"};
  if (!is_windows) left.emplace_back(".swr-unnamed-bbbbbbbbbb");
  left.insert(left.end(), {".swr-unnamed-short", ".x.swr-cccccccccc"});
  assert_true(entries("swept") == left);
  assert_int_equal(letter_at("swept/.swr-unnamed-aaaaaaaaaa"), 'l');
  assert_true(static_cast<bool>(close(living)));
  sweep_unnamed("swept");
  if (is_windows) left.erase(left.begin());
  assert_true(entries("swept") == left);
  sweep_unnamed("there is no such folder");
}

void further_name_is_of_the_same_file(void**) {
  fresh_folder("further");
  const Handle file = made("further/a", "a");
  const auto linked = add_name("further/a", "further/b");
  if (linked.reason == std::errc::operation_not_supported) return skip();
  assert_true(static_cast<bool>(linked));
  assert_true(add_name("further/a", "further/b").reason == std::errc::file_exists);
  Facts found;
  assert_true(static_cast<bool>(facts("further/b", Links::no_follow, found)));
  assert_true(found.inode == number_of(file) && found.links == 2);
  assert_true(static_cast<bool>(replace("further/b", "further/a")));  // does nothing
  assert_true(entries("further") == (std::vector<std::string>{"a", "b"}));
  assert_true(static_cast<bool>(close(file)));
}

void held_folder_has_its_entries(void**) {
  fresh_folder("held");
  assert_true(static_cast<bool>(close(made("held/a", "a"))));
  const auto folder = hold_folder("held", Links::no_follow);
  assert_true(static_cast<bool>(folder));
  Facts found;
  assert_true(static_cast<bool>(facts_in(folder.value, "a", found)));
  assert_true(means_absent(facts_in(folder.value, "b", found).reason));
  assert_true(static_cast<bool>(rename_new_in(folder.value, "a", "b")));
  const auto file = open_in(folder.value, "b", Access::change);
  assert_true(static_cast<bool>(file));
  assert_int_equal(letter_of(file.value), 'a');
  assert_true(static_cast<bool>(close(file.value)));
  assert_true(static_cast<bool>(close(made("held/c", "c"))));
  assert_true(static_cast<bool>(replace_in(folder.value, "c", "b")));
  assert_int_equal(letter_at("held/b"), 'c');
  assert_true(static_cast<bool>(remove_in(folder.value, "b")));
  assert_true(entries("held").empty());
  assert_true(static_cast<bool>(close(folder.value)));
}

void lock_ends_with_the_last_handle(void**) {
  fresh_folder("locks");
  const Handle one = made("locks/a", "a");
  const auto two = open_existing("locks/a", Access::change, Links::follow);
  const auto is_taken = [&](Lock kind) {
    const auto done = lock(two.value, kind, lock_byte, false);
    return done.reason == std::errc::resource_unavailable_try_again ||
           done.reason == std::errc::permission_denied;
  };
  assert_true(static_cast<bool>(lock(one, Lock::exclusive, lock_byte, false)));
  assert_true(is_taken(Lock::shared) && is_locked(two.value, lock_byte).value);
  assert_int_equal(letter_of(two.value), 'a');
  assert_true(static_cast<bool>(lock(one, Lock::shared, lock_byte, false)));
  assert_false(is_taken(Lock::shared));
  assert_true(static_cast<bool>(lock(two.value, Lock::none, lock_byte, false)));
  assert_true(static_cast<bool>(lock(one, Lock::exclusive, lock_byte, false)));
  const auto again = duplicate(one);
  assert_true(static_cast<bool>(again) && static_cast<bool>(close(one)));
  assert_true(is_taken(Lock::exclusive));
  assert_true(static_cast<bool>(close(again.value)));
  assert_false(is_locked(two.value, lock_byte).value);
  assert_false(is_taken(Lock::exclusive));
  assert_true(static_cast<bool>(close(two.value)));
}

void what_cannot_be_opened_says_why(void**) {
  fresh_folder("wrong");
  const auto why = [](const char* path) {
    return open_existing(path, Access::change, Links::follow).reason;
  };
  assert_true(means_absent(why("wrong/none")) && means_absent(why("wrong/none/none")));
  assert_true(why("wrong") == std::errc::is_a_directory);
  assert_true(make_folder("wrong", 0700).reason == std::errc::file_exists);
  assert_true(means_absent(system::remove("wrong/none").reason));
  if (!is_windows) return;
  // Devices, streams of a file, names in another encoding: never a file of another name.
  for (const char* path : {"NUL", "wrong/a:b", "wrong/C:a", "wrong/\xff"})
    assert_true(create_new(path, 0600).reason == std::errc::invalid_argument);
  assert_true(entries("wrong").empty());
}

void size_can_grow_and_shrink(void**) {
  fresh_folder("sizes");
  const Handle file = made("sizes/a", "a");
  Facts found;
  for (const int64_t size : {int64_t{5} << 30, int64_t{3}}) {
    assert_true(static_cast<bool>(resize(file, size)) && static_cast<bool>(facts(file, found)));
    assert_true(found.size == size);
  }
  if (reserve(file, 0, 70000)) {
    assert_true(static_cast<bool>(facts(file, found)));
    assert_int_equal(found.size, 70000);
  }
  assert_int_equal(letter_of(file), 'a');
  const auto folder = open_folder("sizes", Links::no_follow);
  assert_true(static_cast<bool>(folder) && static_cast<bool>(flush(file)));
  assert_true(static_cast<bool>(flush_folder(folder.value)));
  assert_true(static_cast<bool>(close(folder.value)) && static_cast<bool>(close(file)));
}

}  // namespace
}  // namespace swr::system

int main() {
  using namespace swr::system;
  const CMUnitTest tests[] = {
      cmocka_unit_test(name_is_given_once),
      cmocka_unit_test(open_file_can_be_replaced_and_removed),
      cmocka_unit_test(unnamed_file_gets_a_name_or_disappears),
      cmocka_unit_test(what_dead_processes_left_is_removed_unless_it_is_open),
      cmocka_unit_test(further_name_is_of_the_same_file),
      cmocka_unit_test(held_folder_has_its_entries),
      cmocka_unit_test(lock_ends_with_the_last_handle),
      cmocka_unit_test(what_cannot_be_opened_says_why),
      cmocka_unit_test(size_can_grow_and_shrink),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
