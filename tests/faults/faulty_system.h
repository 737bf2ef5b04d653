// A storage/platform.h whose calls fail when a test says so, linked in place of the real one
// (swr_add_fault_test in CMakeLists.txt).
//
// Failure modes. All calls of the process count, on any thread:
//
//   faulty::plan({.at = n, .error = ENOSPC});  the n-th call from now on fails once, with this
//                                              errno
//   ... what is tested ...
//   const bool met = faulty::has_struck();     false: there were fewer than n calls, so the loop
//                                              over n ends
//   faulty::plan({});                          no further call fails
//
//   .kind = Call::pwrite     only calls of this kind count
//   .halve = true            a write first writes half of its bytes; writing the rest fails
//   .lasting = true          all calls from the n-th on fail: a disk that is gone
//   .die = true              the process ends before the n-th call, as if killed (for use in a
//                            child); with .halve in the middle of the call, if it is a write
//
// A failing call has no effect, except close(), which does close. Calls that only read (facts(),
// listing a folder) count too.
//
// Power failure: from record(folder) to stop_recording(), all changes of files and folders in
// `folder` are recorded. leave(step, chance, into) then makes, in a new folder, what a disk might
// hold if the power had failed after that many steps: of all that was not flushed by an fsync() of
// its file (for names: of its folder), each 512 bytes, each size and each name is kept or lost as
// `chance` says. It returns false, and makes nothing, if it has made the same result before in this
// recording; the result after the last step counts separately.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/platform.h"

namespace swr::faulty {

enum class Call {
  any,
  open,
  close,
  pread,
  pwrite,
  fsync,
  ftruncate,
  fallocate,
  rename,
  rename_new,
  exchange,
  link,
  unlink,
  mkdir,
  rmdir,
  fchmod,
  fchown,
  duplicate,
  facts,
  may,
  xattr,
  lock
};

struct Plan {
  int64_t at = 0;  // counted from 1; 0: nothing fails
  Call kind = Call::any;
  int error = EIO;
  bool halve = false;
  bool lasting = false;
  bool die = false;
  bool counts_looks = false;  // for looks_at()
};

void plan(const Plan& plan);
// Runs `act` without failures. Returns the call stack of each call of this kind, in order (see
// moments.h).
std::vector<uint64_t> follow(Call kind, const std::function<void()>& act);
// The same for calls of every kind, with 0 for those that do not change the disk: dying before such
// a call leaves the same as dying before the next change.
std::vector<uint64_t> follow_changes(const std::function<void()>& act);
// Makes facts() report for the file `stands` what it reported for `original`, which may be gone: a
// copied folder stands for the same disk at another time.
void stand_for(const std::string& stands, const system::Facts& original);
system::Facts facts_of(const std::string& path);
// Copies a folder; every file of the copy stands for its original.
void copy_folder(const std::string& from, const std::string& to);
// No file stands for another one any more. For tests that make files themselves: where files have
// no time of birth, a new file can have the number of one that is gone.
void forget_copies();
// Sets the names of the machine and of its running system.
void set_author(const std::string& machine, const std::string& boot);
// Whether the file system supports unnamed files; most do, network file systems do not.
void set_unnamed_files(bool there);
// Whether the system can exchange names; not all file systems support that.
void set_exchange(bool there);
// Whether a folder cannot be renamed while this process has a file in it open, as on Windows.
void set_pinned_folders(bool are_pinned);
// Runs `act` once before the call with this number, counted from now, of any kind: the action of
// another process.
void before_call(int64_t number, const std::function<void()>& act);
bool others_have_acted();  // false: there were fewer calls
bool has_struck();
// Acts under the plan, and ends it. Whether the act failed; the test fails, and says `what`, if it
// did though no call was made to fail.
bool fails_under(const Plan& plan, const std::function<void()>& act, const std::string& what);
int64_t calls();          // of the plan's kind, since plan()
int64_t bytes_written();  // by all calls since plan()

// Whether this commit tries the part with this number, from 0 on, of so many parts: without
// SWR_TEST_SEED in the environment it tries all.
bool takes_its_turn(int64_t part, int64_t parts);

// How often the file that has this name now was opened since plan(), and how often its attributes
// were queried, by name or handle. Requires: counts_looks was set in the plan.
struct Looks {
  int64_t opened = 0, looked_at = 0;
};
Looks looks_at(const std::string& path);

void record(const std::string& folder);
int64_t steps();  // recorded so far
bool leave(int64_t step, const std::function<bool()>& chance, const std::string& into);
void stop_recording();

}  // namespace swr::faulty
