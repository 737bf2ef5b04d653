// The journal of a paste that died, and what became of its files since: replaced, moved, truncated,
// copied, linked, on another machine, of another user. Through the public interface.
#include <signal.h>
#include <zlib.h>

#include <cstring>

#include "image_folder.h"

namespace swr {
namespace {

// A paste into the first four rows that is killed when they are written.
void die_in_a_paste(const std::string& path, bool outside = false) {
  const pid_t child = ::fork();
  if (child == 0) {
    const swr_region rows{2, 0, {0, 0}, {8, 4}};
    const std::string pixels(32, '\x9');
    swr_writer* w = swr_writer_create();
    swr_set_path(w, path.c_str());
    if (outside) swr_set_option(w, "detached.outside", "allow");
    swr_set_paste_region(w, &rows);
    if (swr_begin(w) == SWR_OK && swr_put(w, &rows, pixels.data(), 32) == SWR_OK) ::raise(SIGKILL);
    ::_exit(1);
  }
  int how = 0;
  assert_int_equal(::waitpid(child, &how, 0), child);
  assert_true(WIFSIGNALED(how));
}

bool is_half_changed(const std::string& path) {
  return content(path).find(std::string(32, '\x9') + std::string(32, '\x7')) != std::string::npos;
}

bool is_old(const std::string& path) {
  return content(path).find(std::string(64, '\x7')) != std::string::npos;
}

bool has_journal_of(const std::string& path) {
  return std::filesystem::exists(first_journal(path));
}

// The same file under a dead paste, as a fresh one.
void die_again(const std::string& path) {
  assert_int_equal(fresh_images(), 0);
  die_in_a_paste(path);
  assert_true(has_journal_of(path));
}

void paste_that_died_is_taken_back_by_whoever_comes(void**) {
  const std::vector<std::function<void()>> ways = {
      [] { assert_int_equal(read_image(image).status, SWR_OK); },
      [] { assert_int_equal(recover_image(image).status, SWR_OK); },
      [] { assert_int_equal(swr_recover(image.c_str(), nullptr), SWR_OK); },
      [] { assert_int_equal(run_recover(image), 0); },
      [] { assert_int_equal(write_image(image, SWR_EXISTING_UPDATE).status, SWR_OK); },
      [] { assert_int_equal(write_image(image, SWR_EXISTING_REPLACE).status, SWR_OK); }};
  for (const auto& way : ways) {
    die_again(image);
    assert_true(is_half_changed(image));
    way();
    assert_true(is_old(image) && !has_journal_of(image));
  }
}

void replaced_file_stays_as_it_is(void**) {
  for (const bool same_size : {true, false}) {
    die_again(image);
    put("elsewhere/good", same_size ? content(image) : content(image) + "more");
    std::filesystem::rename("elsewhere/good", image);
    const std::string good = content(image), journal = content(first_journal(image));
    for (const Result& result : {read_image(image), recover_image(image)}) {
      assert_int_equal(result.status, SWR_OK);
      assert_true(says(result, "another file") && says(result, "Remove the journal"));
    }
    assert_int_equal(run_recover(image), 0);
    assert_true(content("output").find("another file") != std::string::npos);
    assert_true(content(image) == good);
    assert_int_equal(write_image(image, SWR_EXISTING_UPDATE).status, SWR_OK);
    assert_int_equal(write_image(image, SWR_EXISTING_REPLACE).status, SWR_OK);
    assert_true(content(first_journal(image)) == journal);
  }
}

void moved_file_keeps_its_journal_waiting(void**) {
  for (const std::string& path : {image, data}) {
    die_again(path == data ? header : path);
    const std::string& named = path == data ? header : path;
    std::filesystem::rename(path, "elsewhere/moved");
    const std::string journal = content(first_journal(named));
    assert_int_equal(read_image(named).status, SWR_ERROR_NOT_FOUND);
    for (const Result& result : {recover_image(named), write_image(named, SWR_EXISTING_UPDATE),
                                 write_image(named, SWR_EXISTING_REPLACE)}) {
      assert_int_equal(result.status, SWR_ERROR_NOT_FOUND);
      assert_true(says(result, "Put the file back"));
    }
    assert_int_not_equal(run_recover(named), 0);
    assert_true(content("output").find("Put the file back") != std::string::npos);
    assert_true(is_half_changed("elsewhere/moved") && content(first_journal(named)) == journal);
    std::filesystem::rename("elsewhere/moved", path);
    assert_int_equal(run_recover(named), 0);
    assert_true(is_old(path) && !has_journal_of(named) && !has_journal_of(path));
  }
}

void truncated_file_is_not_filled_with_nothing(void**) {
  die_again(image);
  std::filesystem::resize_file(image, std::filesystem::file_size(image) - 10);
  const std::string cut = content(image);
  for (const Result& result :
       {read_image(image), recover_image(image), write_image(image, SWR_EXISTING_UPDATE)}) {
    assert_int_equal(result.status, SWR_ERROR_CORRUPT);
    assert_true(says(result, "swr-undo"));
  }
  assert_true(content(image) == cut && has_journal_of(image));
}

void copies_of_files_and_journals_are_left_alone(void**) {
  die_again(image);
  std::filesystem::create_directory("elsewhere/backup");
  for (const std::string& path : {image, first_journal(image)}) {
    const std::string name = std::filesystem::path(path).filename();
    assert_int_equal(std::system(("cp -a " + path + " elsewhere/backup/" + name).c_str()), 0);
  }
  const std::string copy = "elsewhere/backup/x.mha", half = content(copy);
  const Result result = read_image(copy);
  assert_int_equal(result.status, SWR_OK);
  assert_true(says(result, "copy of an undo journal"));
  assert_true(content(copy) == half && has_journal_of(copy));
  assert_int_equal(read_image(image).status, SWR_OK);
  assert_true(is_old(image));
  // Put back from the backup, journal and all, over what is good.
  const std::string good = content(image);
  std::filesystem::copy("elsewhere/backup/.x.mha.swr-undo", first_journal(image));
  assert_int_equal(read_image(image).status, SWR_OK);
  assert_true(content(image) == good);
  // Both as the backup has them.
  std::filesystem::remove_all("images");
  std::filesystem::rename("elsewhere/backup", "images");
  assert_int_equal(read_image(image).status, SWR_OK);
  assert_true(content(image) == half);
}

void moved_folder_takes_its_journals_along(void**) {
  for (const std::string& path : {image, header}) {
    die_again(path);
    // Also if a failure of the power took one of its names.
    if (path == header) std::filesystem::remove(first_journal(header));
    std::filesystem::rename("images", "elsewhere/images");
    std::filesystem::create_directory("images");
    assert_int_equal(read_image("elsewhere/" + path).status, SWR_OK);
    assert_true(is_old("elsewhere/" + (path == header ? data : path)));
    assert_int_equal(listing("elsewhere/images").size(), 4);
  }
}

// The name that the writer used is gone: the link's name knows nothing of the journal, verify says
// it.
void hard_link_is_not_changed_by_a_journal_of_its_other_name(void**) {
  die_again(image);
  const std::string second = "images/second.mha";
  std::filesystem::create_hard_link(image, second);
  put("elsewhere/good", content(image));
  std::filesystem::rename("elsewhere/good", image);
  const std::string half = content(second);
  assert_int_equal(read_image(image).status, SWR_OK);
  assert_true(content(second) == half);
  // Both names there: by the one that the writer used.
  die_again(image);
  std::filesystem::create_hard_link(image, second);
  assert_int_equal(read_image(image).status, SWR_OK);
  assert_true(is_old(second));
  const int whole = std::system((SWR_COMMAND " verify " + second + " >output 2>&1").c_str());
  assert_int_equal(whole, 0);
  assert_true(content("output").find("2 names") != std::string::npos);
}

// Another header of the same pixels, also in another folder, meets the journal.
void second_header_meets_the_journal(void**) {
  for (const std::string& second : {std::string("images/z.mhd"), std::string("images/deep/z.mhd"),
                                    std::string("elsewhere/z.mhd")}) {
    const std::string folder = std::filesystem::path(second).parent_path();
    const std::string away = folder + "/y.raw";
    assert_int_equal(fresh_images(), 0);
    std::filesystem::create_directories(folder);
    std::string head = content(header);
    put(second, head);
    if (away != data) {
      std::filesystem::rename(data, away);
      put(header, head.replace(head.find("y.raw"), 5, full(away)));
    }
    die_in_a_paste(header, true);
    assert_true(is_half_changed(away) && has_journal_of(header) && has_journal_of(away));
    const Result result = read_image(second);
    assert_int_equal(result.status, SWR_OK);
    assert_true(is_old(away));
    assert_false(has_journal_of(away));
    // By its own header, which may not change what is elsewhere.
    die_in_a_paste(header, true);
    const bool is_inside = second.starts_with("images");
    assert_int_equal(read_image(header).status, is_inside ? SWR_OK : SWR_ERROR_UNSUPPORTED);
    assert_true(is_inside ? is_old(away) : is_half_changed(away));
    assert_int_equal(run_recover("--outside " + header), 0);
    assert_true(is_old(away) && !has_journal_of(header) && !has_journal_of(away));
  }
}

// Makes the journal one of another machine, or of another start of this one.
void disguise(const std::string& path, bool machine, bool boot) {
  std::string journal = content(first_journal(path));
  const size_t words = 24 + 24 + 24 + 8 + 40 + 40;  // heads of the file, block, entry; identities
  const size_t second = journal.find('\0', words) + 1;
  if (machine) {
    journal[words] = journal[words] == 'x' ? 'y' : 'x';
    const size_t host = journal.find('@', words) + 1;
    journal.replace(host, 1, "Z");
  }
  if (boot) journal[second] = journal[second] == 'x' ? 'y' : 'x';
  const auto number = [&](size_t at) {
    uint32_t value;
    std::memcpy(&value, journal.data() + at, sizeof value);
    return value;
  };
  const uint32_t sum = static_cast<uint32_t>(
      crc32(number(8), reinterpret_cast<const Bytef*>(journal.data()) + 28, number(28) + 20));
  std::memcpy(journal.data() + 24, &sum, sizeof sum);
  put(first_journal(path), journal);
}

void journal_of_another_machine_is_left_to_it(void**) {
  die_again(image);
  disguise(image, true, true);
  for (const Result& result :
       {read_image(image), recover_image(image), write_image(image, SWR_EXISTING_UPDATE)}) {
    assert_int_equal(result.status, SWR_ERROR_BUSY);
    assert_true(says(result, "machine Z"));
  }
  assert_int_not_equal(run_recover(image), 0);
  assert_true(is_half_changed(image) && has_journal_of(image));
  assert_int_equal(run_recover("--other-machine " + image), 0);
  assert_true(is_old(image) && !has_journal_of(image));
}

void journal_from_before_a_restart_is_taken_back(void**) {
  die_again(image);
  disguise(image, false, true);
  assert_int_equal(read_image(image).status, SWR_OK);
  assert_true(is_old(image) && !has_journal_of(image));
}

// In a child that is another user for good.
template <typename Act>
Result as_user(uid_t user, const Act& act) {
  int ends[2];
  assert_int_equal(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(user) != 0 || ::setuid(user) != 0) ::_exit(99);
    const Result result = act();
    const ssize_t told = ::write(ends[1], result.message.data(), result.message.size());
    ::_exit(told < 0 ? 99 : result.status);
  }
  ::close(ends[1]);
  Result result{};
  char letters[1000];
  for (ssize_t got; (got = ::read(ends[0], letters, sizeof letters)) > 0;)
    result.message.append(letters, static_cast<size_t>(got));
  ::close(ends[0]);
  int how = 0;
  assert_int_equal(::waitpid(child, &how, 0), child);
  assert_true(WIFEXITED(how) && WEXITSTATUS(how) != 99);
  result.status = static_cast<swr_status>(WEXITSTATUS(how));
  return result;
}

void owner_takes_back_what_the_superuser_left(void**) {
  if (::geteuid() != 0) skip();
  constexpr uid_t owner = 65534, stranger = 65533;
  for (const std::string& path : {image, header}) {
    assert_int_equal(fresh_images(), 0);
    for (const std::string& owned : {std::string("images"), path, path == header ? data : path})
      assert_int_equal(::chown(owned.c_str(), owner, owner), 0);
    die_in_a_paste(path);
    // Who may read it, and change nothing, is told.
    const auto before = everything();
    const Result result = as_user(stranger, [&] { return read_image(path); });
    assert_int_equal(result.status, SWR_ERROR_IO);
    assert_true(says(result, "ermission"));
    assert_true(everything() == before && has_journal_of(path));
    assert_int_equal(as_user(owner, [&] { return read_image(path); }).status, SWR_OK);
    assert_true(is_old(path == header ? data : path) && !has_journal_of(path));
  }
}

void journal_of_another_user_is_refused(void**) {
  if (::geteuid() != 0) skip();
  constexpr uid_t owner = 65534, stranger = 65533;
  die_again(image);
  assert_int_equal(::chmod("images", 0777), 0);
  assert_int_equal(::chown(image.c_str(), owner, owner), 0);
  assert_int_equal(::chown(first_journal(image).c_str(), stranger, stranger), 0);
  assert_int_equal(::chmod(first_journal(image).c_str(), 0644), 0);
  const auto before = everything();
  for (const uid_t user : {owner, uid_t{0}}) {
    const auto check = [](const Result& result) {
      assert_int_equal(result.status, SWR_ERROR_IO);
      assert_true(says(result, "65533"));
    };
    check(as_user(user, [] { return read_image(image); }));
    check(as_user(user, [] { return recover_image(image); }));
    check(as_user(user, [] { return write_image(image, SWR_EXISTING_UPDATE); }));
  }
  assert_true(everything() == before && has_journal_of(image));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(paste_that_died_is_taken_back_by_whoever_comes),
      cmocka_unit_test(replaced_file_stays_as_it_is),
      cmocka_unit_test(moved_file_keeps_its_journal_waiting),
      cmocka_unit_test(truncated_file_is_not_filled_with_nothing),
      cmocka_unit_test(copies_of_files_and_journals_are_left_alone),
      cmocka_unit_test(moved_folder_takes_its_journals_along),
      cmocka_unit_test(hard_link_is_not_changed_by_a_journal_of_its_other_name),
      cmocka_unit_test(second_header_meets_the_journal),
      cmocka_unit_test(journal_of_another_machine_is_left_to_it),
      cmocka_unit_test(journal_from_before_a_restart_is_taken_back),
      cmocka_unit_test(owner_takes_back_what_the_superuser_left),
      cmocka_unit_test(journal_of_another_user_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
