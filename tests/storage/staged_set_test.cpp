// New files that get their names together or not at all.
#include "storage/staged_set.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/error.h"
#include "storage/in_place.h"
#include "storage/undo.h"
#include "storage/unnamed_file.h"
#include "storage_test.h"

namespace swr {
namespace {

const std::string folder = "staged";

std::string at(const std::string& name) {
  return folder + "/" + name;
}

int set_up(void**) {
  fresh_folder(folder);
  return 0;
}

mode_t mode_of(const std::string& path) {
  struct stat facts;
  assert_int_equal(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 0777;
}

void write_pair(StagedSet& set, std::string_view data, std::string_view header) {
  set.create(at("x.raw")).write_at(0, bytes_of(data));
  set.create(at("x.mhd")).write_at(0, bytes_of(header));
}

// Network file systems do not support them. On Windows they have names that others see.
bool has_unnamed_files() {
  const auto made = system::create_unnamed(folder.c_str(), 0600);
  if (made) static_cast<void>(system::close(made.value));
  return made && !is_windows();
}

void set_before_its_commit_changes_no_name(void**) {
  put(at("x.mhd"), "old");
  StagedSet set({});
  write_pair(set, "data", "header");
  assert_string_equal(content(at("x.mhd")).c_str(), "old");
  // A process that dies leaves nothing.
  if (has_unnamed_files()) assert_true(listing(folder) == std::vector({at("x.mhd")}));
  set.commit();
  assert_string_equal(content(at("x.mhd")).c_str(), "header");
  assert_string_equal(content(at("x.raw")).c_str(), "data");
  assert_true(set.bytes_written() > 10);  // and the journal of the two names
  assert_true(listing(folder) == std::vector({at("x.mhd"), at("x.raw")}));
}

void set_without_a_commit_leaves_nothing(void**) {
  put(at("x.mhd"), "old");
  {
    StagedSet set({});
    write_pair(set, "data", "header");
  }
  assert_true(listing(folder) == std::vector({at("x.mhd")}));
  assert_string_equal(content(at("x.mhd")).c_str(), "old");
}

void scratch_file_has_no_name(void**) {
  File scratch = make_scratch_file(at("x.mhd"));
  scratch.write_at(5, bytes_of("scratch"));
  std::string back(7, '?');
  scratch.read_at(5, std::as_writable_bytes(std::span(back)));
  assert_string_equal(back.c_str(), "scratch");
  assert_true(!has_unnamed_files() || listing(folder).empty());
}

void set_that_must_not_replace_finds_a_file_and_undoes_all(void**) {
  {
    StagedSet set({});
    set.create(at("x.raw"), {.must_be_new = true}).write_at(0, bytes_of("data"));
    set.create(at("x.mhd"), {.must_be_new = true}).write_at(0, bytes_of("header"));
    put(at("x.mhd"), "came meanwhile");
    assert_int_equal(status_of([&] { set.commit(); }), SWR_ERROR_EXISTS);
  }
  assert_true(listing(folder) == std::vector({at("x.mhd")}));
  assert_string_equal(content(at("x.mhd")).c_str(), "came meanwhile");
}

void file_that_must_be_new_is_refused_at_once_where_there_is_one(void**) {
  put(at("x.raw"), "the user's");
  StagedSet set({});
  std::string message;
  try {
    set.create(at("x.raw"), {.must_be_new = true});
  } catch (const Error& error) {
    assert_int_equal(error.status(), SWR_ERROR_EXISTS);
    message = error.what();
  }
  assert_non_null(std::strstr(message.c_str(), "x.raw"));
  assert_string_equal(content(at("x.raw")).c_str(), "the user's");
}

void retired_file_is_removed_by_the_commit(void**) {
  put(at("x.mhd"), "old");
  put(at("pixels.dat"), "old data");
  if (!is_windows()) std::filesystem::create_symlink("pixels.dat", at("link"));
  StagedSet set({});
  write_pair(set, "data", "header");
  set.retire(at("link"));
  set.retire(at("pixels.dat"));
  set.retire(at("x.raw"));
  set.retire(at("no such file"));
  assert_string_equal(content(at("pixels.dat")).c_str(), "old data");
  set.commit();
  assert_string_equal(content(at("x.mhd")).c_str(), "header");
  assert_string_equal(content(at("x.raw")).c_str(), "data");
  std::vector left = {at("x.mhd"), at("x.raw")};
  if (!is_windows()) left.insert(left.begin(), at("link"));
  assert_true(listing(folder) == left);
}

void retired_file_stays_without_a_commit(void**) {
  put(at("pixels.dat"), "old data");
  {
    StagedSet set({});
    set.create(at("x.mha"));
    set.retire(at("pixels.dat"));
  }
  assert_true(listing(folder) == std::vector({at("pixels.dat")}));
  {
    StagedSet set({});
    set.create(at("x.mha"), {.must_be_new = true});
    set.retire(at("pixels.dat"));
    put(at("x.mha"), "came meanwhile");
    assert_int_equal(status_of([&] { set.commit(); }), SWR_ERROR_EXISTS);
  }
  assert_true(listing(folder) == std::vector({at("pixels.dat"), at("x.mha")}));
  assert_string_equal(content(at("pixels.dat")).c_str(), "old data");
}

void retired_file_that_is_being_changed_is_refused(void**) {
  put(at("x.raw"), "old");
  InPlace change(at("x.raw"), {});
  change.write(change.add(at("x.raw")), 0, bytes_of("n"));
  StagedSet set({});
  set.create(at("x.mha"));
  assert_int_equal(status_of([&] { set.retire(at("x.raw")); }), SWR_ERROR_BUSY);
}

void set_with_a_folder_in_its_way_is_refused(void**) {
  std::filesystem::create_directory(at("x.mhd"));
  StagedSet set({});
  assert_int_equal(status_of([&] { set.create(at("x.mhd")); }), SWR_ERROR_UNSUPPORTED);
  assert_int_equal(status_of([&] { set.create(at("no/x.mhd")); }), SWR_ERROR_NOT_FOUND);
  set.create(at("y"));
  assert_int_equal(status_of([&] { set.create(at("y")); }), SWR_ERROR_ARGUMENT);
}

// A folder that is created before the second name is given.
void set_that_fails_at_its_second_name_undoes_the_first(void**) {
  put(at("x.raw"), "old data");
  {
    StagedSet set({});
    write_pair(set, "data", "header");
    std::filesystem::create_directory(at("x.mhd"));
    assert_int_equal(status_of([&] { set.commit(); }), SWR_ERROR_UNSUPPORTED);
  }
  assert_string_equal(content(at("x.raw")).c_str(), "old data");
  assert_true(listing(folder) == std::vector({at("x.mhd"), at("x.raw")}));
}

void link_stays_and_its_target_is_replaced(void**) {
  std::filesystem::create_directory(at("elsewhere"));
  put(at("elsewhere/real"), "old");
  assert_int_equal(::symlink("elsewhere/real", at("x").c_str()), 0);
  assert_int_equal(::symlink("elsewhere/new", at("y").c_str()), 0);
  StagedSet set({});
  set.create(at("x")).write_at(0, bytes_of("fresh"));
  set.create(at("y")).write_at(0, bytes_of("made"));
  set.commit();
  assert_true(std::filesystem::is_symlink(at("x")) && std::filesystem::is_symlink(at("y")));
  assert_string_equal(content(at("elsewhere/real")).c_str(), "fresh");
  assert_string_equal(content(at("elsewhere/new")).c_str(), "made");
}

void file_keeps_the_permissions_of_the_old_one(void**) {
  needs_posix();
  const mode_t mask = ::umask(027);
  put(at("private"), "old");
  assert_int_equal(::chmod(at("private").c_str(), 0666), 0);
  StagedSet set({});
  set.create(at("private"));
  set.create(at("new"));
  set.commit();
  ::umask(mask);
  assert_int_equal(mode_of(at("private")), 0666);
  assert_int_equal(mode_of(at("new")), 0640);
}

void file_that_follows_another_gets_its_permissions(void**) {
  needs_posix();
  const mode_t mask = ::umask(0);
  put(at("pixels.dat"), "old");
  assert_int_equal(::chmod(at("pixels.dat").c_str(), 0600), 0);
  StagedSet set({});
  set.create(at("x.raw"), {.attributes_from = at("pixels.dat")});
  set.commit();
  ::umask(mask);
  assert_int_equal(mode_of(at("x.raw")), 0600);
}

void names_as_long_as_can_be_are_staged_and_changed(void**) {
  needs_posix();  // with streams of C++ there are no long paths; see tools/names_test.c
  // 255 bytes, of characters of two and three bytes, so that a cut may split a character.
  std::string two, three;
  for (int i = 0; i < 127; ++i) two += "\xC3\xA4";
  for (int i = 0; i < 85; ++i) three += "\xE6\xBC\xA2";
  for (const std::string& name : {std::string(255, 'n'), two + "n", three}) {
    for (int round = 0; round < 2; ++round) {
      StagedSet set({});
      set.create(at(name)).write_at(0, bytes_of("first"));
      set.create(at("data")).write_at(0, bytes_of("data"));
      set.commit();
    }
    {
      InPlace change(at(name), {});
      change.write(change.add(at(name)), 0, bytes_of("other"));
      assert_true(has_journal(at(name)));
    }
    assert_string_equal(content(at(name)).c_str(), "first");
    assert_false(has_journal(at(name)));
  }
}

void replacing_a_file_that_is_being_changed_is_refused(void**) {
  put(at("x.raw"), "old");
  InPlace change(at("x.raw"), {});
  change.write(change.add(at("x.raw")), 0, bytes_of("n"));
  {
    StagedSet set({});
    assert_int_equal(status_of([&] { set.create(at("x.raw")); }), SWR_ERROR_BUSY);
  }
  change.commit();
  StagedSet set({});
  set.create(at("x.raw"));
  set.commit();
  assert_true(listing(folder) == std::vector({at("x.raw")}));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(set_before_its_commit_changes_no_name, set_up),
      cmocka_unit_test_setup(set_without_a_commit_leaves_nothing, set_up),
      cmocka_unit_test_setup(scratch_file_has_no_name, set_up),
      cmocka_unit_test_setup(set_that_must_not_replace_finds_a_file_and_undoes_all, set_up),
      cmocka_unit_test_setup(file_that_must_be_new_is_refused_at_once_where_there_is_one, set_up),
      cmocka_unit_test_setup(retired_file_is_removed_by_the_commit, set_up),
      cmocka_unit_test_setup(retired_file_stays_without_a_commit, set_up),
      cmocka_unit_test_setup(retired_file_that_is_being_changed_is_refused, set_up),
      cmocka_unit_test_setup(set_with_a_folder_in_its_way_is_refused, set_up),
      cmocka_unit_test_setup(set_that_fails_at_its_second_name_undoes_the_first, set_up),
      cmocka_unit_test_setup(link_stays_and_its_target_is_replaced, set_up),
      cmocka_unit_test_setup(file_keeps_the_permissions_of_the_old_one, set_up),
      cmocka_unit_test_setup(file_that_follows_another_gets_its_permissions, set_up),
      cmocka_unit_test_setup(names_as_long_as_can_be_are_staged_and_changed, set_up),
      cmocka_unit_test_setup(replacing_a_file_that_is_being_changed_is_refused, set_up),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
