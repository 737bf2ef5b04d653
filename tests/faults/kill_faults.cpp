// Whole writes whose process is killed before a call that changes the disk, or in the middle of a
// write to a file. The next access through the public interface finds exactly the old files or the
// new ones, and nothing else in the folder.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>

#include "children.h"
#include "faulty_system.h"
#include "moments.h"
#include "storage/storage_test.h"
#include "writes.h"

namespace swr {
namespace {

using writes::Files;
using writes::files_in;
using writes::Write;

// On Windows a file without a name has one of the system's, which a death at the wrong moment
// leaves.
bool leaves_no_new_files = faulty::calls_are_cheap;

// The writes, of which each child makes the one with a number.
struct Writes {
  bool sync;
  std::vector<Write> all;
};

std::vector<std::string> words_for(const Writes& writes, size_t number, const faulty::Plan& plan) {
  return {writes.sync ? "sync" : "usual", std::to_string(number), plan.halve ? "in" : "before",
          std::to_string(plan.at)};
}

// A process that dies between two calls of Windows which are one of ours leaves such a file.
void leave_new_file() {
  if (!faulty::calls_are_cheap) put("work/.swr-unnamed-aaaaaaaaaa", "");
}

// Kills the write at its n-th call, if it makes that many.
void kill_at(const Writes& writes, size_t number, const faulty::Plan& plan) {
  const int code = faulty::run_child(words_for(writes, number, plan));
  if (code > 1) fail_msg("%s: the child ended with %d", writes.all[number].name.c_str(), code);
}

// In the child. Returns 1 if the write made fewer calls, 2 if it failed.
int write_until_death(const std::vector<std::string>& words) {
  const auto all = writes::untried(words.at(0) == "sync");
  faulty::Plan plan{.at = std::stoll(words.at(3)), .die = true};
  if (words.at(2) == "in") {
    plan.kind = faulty::Call::pwrite;
    plan.halve = true;
  }
  faulty::plan(plan);
  swr_writer* const writer = swr_writer_create();
  const swr_status status = all.at(std::stoul(words.at(1))).run(writer);
  swr_writer_destroy(writer);
  return status == SWR_OK ? 1 : 2;
}

// The kind of the first access after the death.
enum class Door { recovery, reader, writer };

void recover(const std::string& what, const std::string& path) {
  const swr_status status = swr_recover(path.c_str(), nullptr);
  if (status != SWR_OK && status != SWR_ERROR_NOT_FOUND)
    fail_msg("%s: swr_recover: %s", what.c_str(), swr_status_name(status));
}

// Returns whether there was a file.
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
  // A second paste of the same pixels may compress to other bytes.
  const Files found = files_in("work");
  if (!std::ranges::equal(found, write.after, {}, &Files::value_type::first,
                          &Files::value_type::first))
    fail_msg("%s: not the new files alone", what.c_str());
}

void check_old_or_new(const std::string& what, const Write& write, const Files& found) {
  if (found == write.before || found == write.after) return;
  for (const auto& [name, bytes] : found)
    print_error("%s\n", text(name, ", ", bytes.size(), " bytes").c_str());
  fail_msg("%s: neither the old nor the new files", what.c_str());
}

// A recovery that finds nothing reports 0 and changes nothing.
void check_second_recovery(const std::string& what, const Write& write) {
  const Files found = files_in("work");
  const std::string path = "work/" + write.file;
  const bool is_there = std::filesystem::exists(path);
  system::Facts before, after;
  if (is_there) before = faulty::facts_of(path);
  int32_t recovered = 0;
  const swr_status status = swr_recover(path.c_str(), &recovered);
  if (status != (is_there ? SWR_OK : status) || recovered != 0)
    fail_msg("%s: the second recovery had something to do", what.c_str());
  if (files_in("work") != found)
    fail_msg("%s: the second recovery changed something", what.c_str());
  if (!is_there) return;
  after = faulty::facts_of(path);
  if (after.modified != before.modified || after.inode != before.inode)
    fail_msg("%s: the second recovery has touched the file", what.c_str());
}

void come_next(const std::string& what, const Write& write, Door door) {
  leave_new_file();
  const std::string path = "work/" + write.file;
  if (door == Door::writer) {
    write_again(what, write);
  } else {
    // If there is no file yet, a reader cannot open it, and recovery has to remove what is left.
    // Readers do not remove temporary files.
    const bool is_open = door == Door::reader && open_and_verify(what, path);
    if (door == Door::reader && !write.before.empty() && !is_open)
      fail_msg("%s: a reader finds neither the old nor the new image", what.c_str());
    const bool has_temporary = !leaves_no_new_files || path.ends_with(".zarr");
    if (!is_open || has_temporary) recover(what, path);
    check_old_or_new(what, write, files_in("work"));
    open_and_verify(what, path);
  }
  check_second_recovery(what, write);
}

// The call stacks of the possible moments of death. The writer is destroyed before the first child
// is forked.
std::vector<uint64_t> stacks_of(const Write& write, const faulty::Plan& plan) {
  write.set_up();
  swr_writer* const writer = swr_writer_create();
  const auto run = [&] { write.run(writer); };
  const auto stacks = plan.halve ? faulty::follow(plan.kind, run) : faulty::follow_changes(run);
  swr_writer_destroy(writer);
  return stacks;
}

// A child process costs a hundred times as much as a call, so each moment is tried with one kind of
// access, in turn.
void kill_everywhere(bool sync, faulty::Plan plan) {
  const Writes writes{sync, writes::in_turn(sync)};
  faulty::Moments moments(faulty::calls_are_cheap ? 2 : 40);
  int64_t deaths = 0;
  plan.die = true;
  for (size_t i = 0; i < writes.all.size(); ++i) {
    const Write& write = writes.all[i];
    for (const int64_t at : moments.choose(stacks_of(write, plan))) {
      plan.at = at;
      const auto door = static_cast<Door>(deaths++ % 3);
      write.set_up();
      kill_at(writes, i, plan);
      const std::string what = text(write.name, ", killed ", plan.halve ? "in" : "before", " call ",
                                    plan.at, ", door ", static_cast<int>(door));
      come_next(what, write, door);
    }
  }
}

void a_write_that_is_killed_is_the_old_or_the_new_one(void**) {
  kill_everywhere(false, {});
}

void a_write_with_sync_that_is_killed_is_the_old_or_the_new_one(void**) {
  kill_everywhere(true, {});
}

void a_write_that_is_killed_in_the_middle_of_a_call_is_the_old_or_the_new_one(void**) {
  kill_everywhere(false, {.kind = faulty::Call::pwrite, .halve = true});
}

// Killed from outside, at a time that the test does not choose exactly.
void a_write_that_is_killed_at_any_time_is_the_old_or_the_new_one(void**) {
  using Clock = std::chrono::steady_clock;
  const Writes writes{false, writes::in_turn(false)};
  std::mt19937 random(17);
  int deaths = 0;
  for (size_t i = 0; i < writes.all.size(); ++i) {
    const Write& write = writes.all[i];
    const auto words = words_for(writes, i, {.at = INT64_MAX});
    write.set_up();
    const auto begin = Clock::now();
    assert_int_equal(faulty::run_child(words), 1);
    const auto whole =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
    for (int round = 0; round < 2; ++round) {
      write.set_up();
      // The process takes some of the time to begin.
      const auto life = whole / 4 + static_cast<int64_t>(random()) % whole;
      deaths += faulty::run_and_kill_child(words, std::chrono::microseconds(life)) < 0 ? 1 : 0;
      come_next(text(write.name, ", killed after ", life, " of ", whole, " us"), write,
                static_cast<Door>((i + round) % 3));
    }
  }
  assert_true(deaths > 0);
}

}  // namespace
}  // namespace swr

int main(int argc, char** argv) {
  using namespace swr;
  if (const auto code = faulty::act_as_child(argc, argv, write_until_death)) return *code;
  const int failed = run_in_memory(
      "unnamed files",
      {
          cmocka_unit_test(a_write_that_is_killed_is_the_old_or_the_new_one),
          cmocka_unit_test(a_write_with_sync_that_is_killed_is_the_old_or_the_new_one),
          cmocka_unit_test(
              a_write_that_is_killed_in_the_middle_of_a_call_is_the_old_or_the_new_one),
          cmocka_unit_test(a_write_that_is_killed_at_any_time_is_the_old_or_the_new_one),
      });
  // Network file systems do not support unnamed files: new files have temporary names from the
  // beginning.
  leaves_no_new_files = false;
  faulty::set_unnamed_files(false);
  return failed +
         run_in_memory("temporary names",
                       {cmocka_unit_test(a_write_that_is_killed_is_the_old_or_the_new_one)});
}
