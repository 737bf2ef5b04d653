// New folders that get their names when they are complete, or not at all.
#include "storage/staged_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/staged_set.h"
#include "storage/sweep.h"
#include "storage/tree.h"
#include "storage_test.h"

namespace swr {
namespace {

const std::string folder = "trees", path = folder + "/x.zarr";

int set_up(void**) {
  fresh_folder(folder);
  return 0;
}

void put_tree(const std::string& which) {
  std::filesystem::create_directories(path + "/0");
  put(path + "/.zarray", which + " header");
  put(path + "/0/1", which + " chunk");
}

void write_tree(StagedTree& tree) {
  tree.files().put(".zarray", bytes_of("new header"));
  tree.files().put("0/0", bytes_of("new chunk"));
}

void expect_tree(const std::string& which, const std::string& chunk) {
  assert_string_equal(content(path + "/.zarray").c_str(), (which + " header").c_str());
  assert_string_equal(content(path + chunk).c_str(), (which + " chunk").c_str());
  assert_true(listing(folder) == std::vector({path, path + "/.zarray", path + "/0", path + chunk}));
}

void tree_before_its_commit_leaves_the_old_one(void**) {
  put_tree("old");
  StagedTree tree(path, {});
  write_tree(tree);
  assert_string_equal(content(path + "/.zarray").c_str(), "old header");
  assert_true(std::filesystem::exists(path + "/0/1"));
  assert_false(std::filesystem::exists(path + "/0/0"));
}

void tree_without_a_commit_leaves_nothing(void**) {
  put_tree("old");
  {
    StagedTree tree(path, {});
    write_tree(tree);
    assert_true(listing(folder).size() > 4);
  }
  expect_tree("old", "/0/1");
}

void tree_gets_a_free_name(void**) {
  for (const bool sync : {false, true}) {
    fresh_folder(folder);
    StagedTree tree(path, {.sync = sync});
    write_tree(tree);
    tree.commit();
    expect_tree("new", "/0/0");
    assert_int_equal(tree.bytes_written(), 19);
  }
}

void tree_replaces_an_old_one_with_all_that_is_in_it(void**) {
  for (const bool sync : {false, true}) {
    fresh_folder(folder);
    put_tree("old");
    StagedTree tree(path, {.sync = sync});
    write_tree(tree);
    tree.commit();
    expect_tree("new", "/0/0");
  }
}

void file_that_is_put_again_is_replaced(void**) {
  StagedTree tree(path, {});
  tree.files().put("a", bytes_of("a longer text"));
  tree.files().put("a", bytes_of("short"));
  assert_int_equal(tree.files().open("a").size(), 5);
  tree.commit();
  assert_string_equal(content(path + "/a").c_str(), "short");
}

void tree_that_must_be_new_finds_another_and_changes_nothing(void**) {
  StagedTree tree(path, {.must_be_new = true});
  write_tree(tree);
  put_tree("other");
  bool is_overtaken = false;
  try {
    tree.commit();
  } catch (const Overtaken&) {
    is_overtaken = true;
  }
  assert_true(is_overtaken);
  assert_string_equal(content(path + "/.zarray").c_str(), "other header");
  assert_int_equal(status_of([] { StagedTree(path, {.must_be_new = true}); }), SWR_ERROR_EXISTS);
}

void file_is_never_replaced_by_a_tree(void**) {
  put(path, "the user's");
  assert_int_equal(status_of([] { StagedTree(path, {}); }), SWR_ERROR_EXISTS);
  std::filesystem::remove(path);
  StagedTree tree(path, {});
  put(path, "the user's");
  assert_int_equal(status_of([&] { tree.commit(); }), SWR_ERROR_EXISTS);
  assert_string_equal(content(path).c_str(), "the user's");
}

void old_tree_is_asked_about_again_at_the_commit(void**) {
  int asked = 0;
  const auto check = [&asked] {
    ++asked;
    if (std::filesystem::exists(path + "/thesis.txt"))
      throw Error(SWR_ERROR_EXISTS, "holds other files");
  };
  put_tree("old");
  StagedTree tree(path, {.check_old = check});
  write_tree(tree);
  put(path + "/thesis.txt", "the user's");
  assert_int_equal(status_of([&] { tree.commit(); }), SWR_ERROR_EXISTS);
  assert_int_equal(asked, 2);
  assert_string_equal(content(path + "/thesis.txt").c_str(), "the user's");
  assert_string_equal(content(path + "/.zarray").c_str(), "old header");
}

void link_to_a_folder_stays_and_its_folder_is_replaced(void**) {
  needs_posix();
  std::filesystem::create_directories(folder + "/elsewhere/x.zarr");
  put(folder + "/elsewhere/x.zarr/.zarray", "old header");
  std::filesystem::create_directory_symlink("elsewhere/x.zarr", path);
  StagedTree tree(path, {});
  write_tree(tree);
  tree.commit();
  assert_true(std::filesystem::is_symlink(path));
  assert_string_equal(content(folder + "/elsewhere/x.zarr/.zarray").c_str(), "new header");
}

mode_t mode_of(const std::string& file) {
  struct stat facts;
  assert_int_equal(::stat(file.c_str(), &facts), 0);
  return facts.st_mode & 0777;
}

void tree_gets_the_permissions_of_the_one_that_it_replaces(void**) {
  needs_posix();
  put_tree("old");
  ::chmod(path.c_str(), 0750);
  ::chmod((path + "/.zarray").c_str(), 0640);
  StagedTree tree(path, {.attributes_from = path + "/.zarray"});
  write_tree(tree);
  tree.commit();
  assert_int_equal(mode_of(path), 0750);
  assert_int_equal(mode_of(path + "/0"), 0750);
  assert_int_equal(mode_of(path + "/0/0"), 0640);
}

// Ends in a child process after the action, as if it were killed.
template <typename Action>
void die_after(const Action& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  assert_int_equal(::waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void tree_of_a_dead_writer_is_swept_by_the_next_one(void**) {
  put_tree("old");
  die_after([] {
    auto* const tree = new StagedTree(path, {});  // never destroyed
    write_tree(*tree);
  });
  assert_true(listing(folder).size() > 4);
  StagedTree(path, {});
  expect_tree("old", "/0/1");
}

void tree_of_a_living_writer_is_not_swept(void**) {
  StagedTree tree(path, {});
  write_tree(tree);
  sweep(path);
  tree.commit();
  expect_tree("new", "/0/0");
}

void removal_follows_no_link(void**) {
  needs_posix();
  std::filesystem::create_directories(folder + "/kept");
  put(folder + "/kept/file", "the user's");
  put_tree("old");
  std::filesystem::create_directory_symlink("../kept", path + "/link");
  std::filesystem::create_symlink("../kept/file", path + "/0/link");
  assert_true(static_cast<bool>(remove_tree(path)));
  assert_true(listing(folder) == std::vector({folder + "/kept", folder + "/kept/file"}));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(tree_before_its_commit_leaves_the_old_one, set_up),
      cmocka_unit_test_setup(tree_without_a_commit_leaves_nothing, set_up),
      cmocka_unit_test_setup(tree_gets_a_free_name, set_up),
      cmocka_unit_test_setup(tree_replaces_an_old_one_with_all_that_is_in_it, set_up),
      cmocka_unit_test_setup(file_that_is_put_again_is_replaced, set_up),
      cmocka_unit_test_setup(tree_that_must_be_new_finds_another_and_changes_nothing, set_up),
      cmocka_unit_test_setup(file_is_never_replaced_by_a_tree, set_up),
      cmocka_unit_test_setup(old_tree_is_asked_about_again_at_the_commit, set_up),
      cmocka_unit_test_setup(link_to_a_folder_stays_and_its_folder_is_replaced, set_up),
      cmocka_unit_test_setup(tree_gets_the_permissions_of_the_one_that_it_replaces, set_up),
      cmocka_unit_test_setup(tree_of_a_dead_writer_is_swept_by_the_next_one, set_up),
      cmocka_unit_test_setup(tree_of_a_living_writer_is_not_swept, set_up),
      cmocka_unit_test_setup(removal_follows_no_link, set_up),
  };
  return cmocka_run_group_tests_name("staged_tree", tests, nullptr, nullptr);
}
