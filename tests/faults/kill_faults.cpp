// Whole writes whose process is killed, before the calls that change what is on the disk and in the
// middle of writes to a file. Whoever comes next through the public interface finds the old files
// or the new ones, exactly, and nothing else in the folder.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "faulty_system.h"
#include "moments.h"
#include "storage/storage_test.h"
#include "writes.h"

namespace swr {
namespace {

using writes::Files;
using writes::files_in;
using writes::Write;

bool has_nameless_files = true;

// Kills the write at its n-th call, if it makes so many.
void kill_at(const Write& write, const faulty::Plan& plan) {
  const pid_t child = ::fork();
  if (child == 0) {
    faulty::plan(plan);
    swr_writer* const writer = swr_writer_create();
    const swr_status status = write.run(writer);
    ::_exit(status == SWR_OK ? 1 : 2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
    fail_msg("%s: the child ended with %d", write.name.c_str(), status);
}

// Who comes first after the death.
enum class Door { recovery, reader, writer };

void recover(const std::string& what, const std::string& path) {
  const swr_status status = swr_recover(path.c_str(), nullptr);
  if (status != SWR_OK && status != SWR_ERROR_NOT_FOUND)
    fail_msg("%s: swr_recover: %s", what.c_str(), swr_status_name(status));
}

// Whether there was a file.
bool open_and_verify(const std::string& what, const std::string& path) {
  swr_reader* const reader = swr_reader_create();
  swr_status status = swr_reader_open(reader, path.c_str());
  const bool is_there = status != SWR_ERROR_NOT_FOUND;
  if (is_there && status == SWR_OK) status = swr_reader_verify(reader);
  if (is_there && status != SWR_OK) fail_msg("%s: %s", what.c_str(), swr_reader_message(reader));
  swr_reader_destroy(reader);
  return is_there;
}

void write_again(const std::string& what, const Write& write) {
  swr_writer* const writer = swr_writer_create();
  if (write.run(writer) != SWR_OK)
    fail_msg("%s: cannot be written again: %s", what.c_str(), swr_writer_message(writer));
  swr_writer_destroy(writer);
  write.check("work/" + write.file);
  // A paste into what is pasted already may compress to other bytes.
  const Files found = files_in("work");
  if (!std::ranges::equal(found, write.after, {}, &Files::value_type::first,
                          &Files::value_type::first))
    fail_msg("%s: not the new files alone", what.c_str());
}

void check_old_or_new(const std::string& what, const Write& write, const Files& found) {
  if (found == write.before || found == write.after) return;
  for (const auto& [name, bytes] : found)
    print_error("%s, %zu bytes\n", name.c_str(), bytes.size());
  fail_msg("%s: neither the old nor the new files", what.c_str());
}

// A recovery that has nothing to do says so, and touches nothing.
void check_second_recovery(const std::string& what, const Write& write) {
  const Files found = files_in("work");
  struct stat before {};
  struct stat after {};
  const std::string path = "work/" + write.file;
  const bool is_there = ::stat(path.c_str(), &before) == 0;
  int32_t recovered = 0;
  const swr_status status = swr_recover(path.c_str(), &recovered);
  if (status != (is_there ? SWR_OK : status) || recovered != 0)
    fail_msg("%s: the second recovery had something to do", what.c_str());
  if (files_in("work") != found)
    fail_msg("%s: the second recovery changed something", what.c_str());
  if (!is_there) return;
  assert_int_equal(::stat(path.c_str(), &after), 0);
  if (after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
      after.st_mtim.tv_nsec != before.st_mtim.tv_nsec || after.st_ino != before.st_ino)
    fail_msg("%s: the second recovery has touched the file", what.c_str());
}

void come_next(const std::string& what, const Write& write, Door door) {
  const std::string path = "work/" + write.file;
  if (door == Door::writer) {
    write_again(what, write);
  } else {
    // Where there is no file yet, a reader has nothing to open; what is left of it is for a
    // recovery. Readers remove no temporary files.
    const bool is_open = door == Door::reader && open_and_verify(what, path);
    if (!is_open || !has_nameless_files) recover(what, path);
    check_old_or_new(what, write, files_in("work"));
    open_and_verify(what, path);
  }
  check_second_recovery(what, write);
}

// The call stacks of the moments to die at; the writer ends before the first child begins.
std::vector<uint64_t> stacks_of(const Write& write, const faulty::Plan& plan) {
  write.set_up();
  swr_writer* const writer = swr_writer_create();
  const auto run = [&] { write.run(writer); };
  const auto stacks = plan.halve ? faulty::follow(plan.kind, run) : faulty::follow_changes(run);
  swr_writer_destroy(writer);
  return stacks;
}

// A child costs a hundred times what a call does. The door is another one for each moment.
void kill_everywhere(const std::vector<Write>& all, faulty::Plan plan) {
  faulty::Moments moments(2);
  int64_t deaths = 0;
  plan.die = true;
  for (const Write& write : all) {
    for (const int64_t at : moments.choose(stacks_of(write, plan))) {
      plan.at = at;
      const auto door = static_cast<Door>(deaths++ % 3);
      write.set_up();
      kill_at(write, plan);
      const std::string what = text(write.name, ", killed ", plan.halve ? "in" : "before", " call ",
                                    plan.at, ", door ", static_cast<int>(door));
      come_next(what, write, door);
    }
  }
}

void a_write_that_is_killed_is_the_old_or_the_new_one(void**) {
  kill_everywhere(writes::all(false), {});
}

void a_write_with_sync_that_is_killed_is_the_old_or_the_new_one(void**) {
  kill_everywhere(writes::all(true), {});
}

void a_write_that_is_killed_in_the_middle_of_a_call_is_the_old_or_the_new_one(void**) {
  kill_everywhere(writes::all(false), {.kind = faulty::Call::pwrite, .halve = true});
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const MemoryFolder home;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_write_that_is_killed_is_the_old_or_the_new_one),
      cmocka_unit_test(a_write_with_sync_that_is_killed_is_the_old_or_the_new_one),
      cmocka_unit_test(a_write_that_is_killed_in_the_middle_of_a_call_is_the_old_or_the_new_one),
  };
  const int failed = cmocka_run_group_tests_name("files without names", tests, nullptr, nullptr);
  // Network file systems have none: new files then have temporary names from the beginning.
  has_nameless_files = false;
  faulty::set_nameless_files(false);
  const CMUnitTest one[] = {
      cmocka_unit_test(a_write_that_is_killed_is_the_old_or_the_new_one),
  };
  return failed + cmocka_run_group_tests_name("temporary names", one, nullptr, nullptr);
}
