// Whole writes, one call of which fails: the old files or the new ones remain, no other files, and
// the writer can be used again.
#include <algorithm>

#include "children.h"
#include "faulty_system.h"
#include "moments.h"
#include "sanitized.h"
#include "storage/storage_test.h"
#include "writes.h"

namespace swr {
namespace {

using faulty::Call;
using faulty::Moments;
using faulty::Plan;
using writes::Files;
using writes::files_in;
using writes::Write;

// Made at the first call. Not initialised as a local static, because a failing check leaves the
// initialisation by longjmp().
const std::vector<Write>& all_writes(bool sync) {
  static std::vector<Write> lists[2];
  auto& list = lists[sync ? 1 : 0];
  if (list.empty()) list = writes::in_turn(sync);
  return list;
}

void check_files(const std::string& what, const Files& found, const Files& expected) {
  if (found == expected) return;
  for (const auto& [name, bytes] : found) {
    const auto same = expected.find(name);
    const char* state = same == expected.end()  ? "should not be there"
                        : same->second != bytes ? "has the wrong bytes"
                                                : "is right";
    print_error("%s %s\n", name.c_str(), state);
  }
  fail_msg("%s: the folder should have these %zu files as they are there", what.c_str(),
           expected.size());
}

// Recovers what a failed write has left.
void settle(const Write& write) {
  int32_t recovered = 0;
  const swr_status status = swr_recover(("work/" + write.file).c_str(), &recovered);
  if (status != SWR_OK) fail_msg("%s: it cannot be recovered", write.name.c_str());
}

class Writer {
 public:
  Writer() : writer_(swr_writer_create()) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { swr_writer_destroy(writer_); }
  swr_writer* get() const { return writer_; }
  const char* message() const { return swr_writer_message(writer_); }

 private:
  swr_writer* writer_;
};

void check_used_again(const std::string& what, const Write& write, const Writer& writer) {
  if (write.run(writer.get()) != SWR_OK)
    fail_msg("%s: the writer cannot be used again: %s", what.c_str(), writer.message());
  check_files(what + ", written again", files_in("work"), write.after);
}

// Programs with a sanitizer, and calls of wine, are slow: they try fewer moments.
constexpr int64_t thinning = SANITIZED ? 16 : faulty::calls_are_cheap ? 6 : 200;

// The numbers of the calls of this kind that will fail.
std::vector<int64_t> moments_of(const Write& write, Call kind, Moments& moments) {
  write.set_up();
  const Writer writer;
  return moments.choose(faulty::follow(kind, [&] { write.run(writer.get()); }));
}

// Runs the write once for each chosen call, which fails.
void strike(const Write& write, Plan plan, Moments& moments) {
  const size_t files = faulty::open_files();
  for (const int64_t at : moments_of(write, plan.kind, moments)) {
    plan.at = at;
    const std::string what = text(write.name, ", call ", plan.at,
                                  plan.halve ? " (half a write)" : "", ", errno ", plan.error);
    write.set_up();
    const Writer writer;
    faulty::plan(plan);
    const swr_status status = write.run(writer.get());
    const bool struck = faulty::has_struck();
    faulty::plan({});
    if (status == SWR_OK) {
      settle(write);
      check_files(what, files_in("work"), write.after);
    } else {
      if (!struck) fail_msg("%s: failed for no reason: %s", what.c_str(), writer.message());
      if (status != SWR_ERROR_IO)
        fail_msg("%s: %s: %s", what.c_str(), swr_status_name(status), writer.message());
      check_files(what, files_in("work"), write.before);
      check_used_again(what, write, writer);
    }
  }
  if (faulty::open_files() != files) fail_msg("%s: files stay open", write.name.c_str());
}

// Counts data, header, undo journals and scratch files.
void a_write_counts_every_byte_that_goes_to_a_file(void**) {
  for (const bool sync : {false, true}) {
    for (const Write& write : all_writes(sync)) {
      write.set_up();
      const Writer writer;
      faulty::plan({});
      if (write.run(writer.get()) != SWR_OK)
        fail_msg("%s: %s", write.name.c_str(), writer.message());
      int64_t counted = 0;
      assert_int_equal(swr_get_statistics(writer.get(), SWR_STATISTIC_BYTES_OUT, &counted), SWR_OK);
      if (counted != faulty::bytes_written()) {
        fail_msg("%s: %lld bytes are counted, %lld were written", write.name.c_str(),
                 static_cast<long long>(counted), static_cast<long long>(faulty::bytes_written()));
      }
    }
  }
}

#ifndef _WIN32
// The writer closes its own files in time.
void a_folder_that_open_files_pin_is_replaced(void**) {
  int64_t replaced = 0;
  faulty::set_exchange(false);
  for (const Write& write : writes::all(false)) {
    if (!write.file.ends_with(".zarr")) continue;
    write.set_up();
    const Writer writer;
    faulty::set_pinned_folders(true);
    const swr_status status = write.run(writer.get());
    faulty::set_pinned_folders(false);
    if (status != SWR_OK) fail_msg("%s: %s", write.name.c_str(), writer.message());
    check_files(write.name, files_in("work"), write.after);
    replaced += !write.before.empty();
  }
  faulty::set_exchange(true);
  assert_true(replaced > 2);
}
#endif

void a_write_whose_nth_call_fails_leaves_the_old_files(void**) {
  Moments moments(thinning);
  for (const Write& write : all_writes(false)) strike(write, {.error = EIO}, moments);
}

void a_write_with_sync_whose_nth_call_fails_leaves_the_old_files(void**) {
  Moments moments(thinning);
  for (const Write& write : all_writes(true)) strike(write, {.error = ENOSPC}, moments);
}

void a_write_that_fits_the_disk_by_half_leaves_the_old_files(void**) {
  Moments moments(thinning);
  for (const Write& write : all_writes(false))
    strike(write, {.kind = Call::pwrite, .error = ENOSPC, .halve = true}, moments);
}

void a_write_that_is_interrupted_continues(void**) {
  Moments moments(4 * thinning);
  for (const Write& write : all_writes(true)) {
    for (const Call kind : {Call::pread, Call::pwrite, Call::fsync, Call::ftruncate}) {
      for (const int64_t at : moments_of(write, kind, moments)) {
        write.set_up();
        const Writer writer;
        faulty::plan({.at = at, .kind = kind, .error = EINTR});
        const swr_status status = write.run(writer.get());
        faulty::plan({});
        if (status != SWR_OK) fail_msg("%s: %s", write.name.c_str(), writer.message());
        check_files(write.name, files_in("work"), write.after);
      }
    }
  }
}

void a_write_on_a_disk_that_is_gone_is_recovered_when_it_is_back(void**) {
  Moments moments(2 * thinning);
  for (const Write& write : all_writes(true)) {
    for (const int64_t at : moments_of(write, Call::any, moments)) {
      const std::string what = text(write.name, ", all calls from ", at, " on");
      write.set_up();
      const Writer writer;
      faulty::plan({.at = at, .lasting = true});
      const swr_status status = write.run(writer.get());
      faulty::plan({});
      settle(write);
      const Files left = files_in("work");
      if (left != write.before && left != write.after) check_files(what, left, write.before);
      if (status == SWR_OK) check_files(what, left, write.after);
      settle(write);
      check_files(what + ", recovered twice", files_in("work"), left);
      const Writer next;
      if (left == write.before && write.run(next.get()) != SWR_OK)
        fail_msg("%s: cannot be written again: %s", what.c_str(), next.message());
    }
  }
}

bool has_journal(const Files& files) {
  return std::ranges::any_of(
      files, [](const auto& file) { return file.first.find(".swr-undo") != std::string::npos; });
}

// Whether all old files are there unchanged, perhaps with a journal.
bool are_old(const Write& write, const Files& found) {
  return std::ranges::all_of(write.before, [&](const auto& file) {
    const auto same = found.find(file.first);
    return same != found.end() && same->second == file.second;
  });
}

// A full file system that copies on write refuses every write, even of unchanged bytes. Unchanged
// bytes are not written, and files that are too long are truncated first; the message names what
// could not be rolled back.
void a_write_on_a_disk_that_stays_full_is_rolled_back_or_says_how(void**) {
  int half_changed = 0;
  Moments moments(thinning);
  for (const Write& write : all_writes(false)) {
    for (const int64_t at : moments_of(write, Call::pwrite, moments)) {
      const std::string what = text(write.name, ", a disk that is full from write ", at, " on");
      write.set_up();
      const Writer writer;
      faulty::plan({.at = at, .kind = Call::pwrite, .error = ENOSPC, .lasting = true});
      const swr_status status = write.run(writer.get());
      faulty::plan({});
      const Files left = files_in("work");
      if (status == SWR_OK) continue;
      if (status != SWR_ERROR_IO) fail_msg("%s: %s", what.c_str(), writer.message());
      if (left != write.before) {
        ++half_changed;
        if (!has_journal(left) || are_old(write, left))
          fail_msg("%s: old files, and litter", what.c_str());
        for (const auto& [name, bytes] : write.before) {
          if (left.at(name).size() > bytes.size()) fail_msg("%s: too long", what.c_str());
        }
        const std::string message = writer.message();
        if (message.find("swr recover") == std::string::npos ||
            message.find(".swr-undo") == std::string::npos)
          fail_msg("%s: does not say what to do: %s", what.c_str(), message.c_str());
      }
      settle(write);
      check_files(what + ", recovered", files_in("work"), write.before);
    }
  }
  // Nothing that is in the place of an old file is written to, in folders.
  const bool are_folders = std::ranges::all_of(
      all_writes(false), [](const Write& write) { return write.file.ends_with(".zarr"); });
  assert_true(half_changed > 0 || are_folders);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  return run_in_memory(
      "failing calls",
      {
          cmocka_unit_test(a_write_counts_every_byte_that_goes_to_a_file),
#ifndef _WIN32
          cmocka_unit_test(a_folder_that_open_files_pin_is_replaced),
#endif
          cmocka_unit_test(a_write_whose_nth_call_fails_leaves_the_old_files),
          cmocka_unit_test(a_write_with_sync_whose_nth_call_fails_leaves_the_old_files),
          cmocka_unit_test(a_write_that_fits_the_disk_by_half_leaves_the_old_files),
          cmocka_unit_test(a_write_on_a_disk_that_stays_full_is_rolled_back_or_says_how),
          cmocka_unit_test(a_write_that_is_interrupted_continues),
          cmocka_unit_test(a_write_on_a_disk_that_is_gone_is_recovered_when_it_is_back),
      });
}
