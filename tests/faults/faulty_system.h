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
// A call that fails has done nothing, but for close(), which does close. What reads only (facts(),
// the walk through a folder) counts too.
//
// The power failure: between record(folder) and the end, all that changes the files and folders in
// `folder` is kept as a list. leave(step, chance, into) then makes, in a new folder, what a disk
// might hold if the power had failed after so many of them: of all that was not flushed by an
// fsync() of its file (for names: of its folder) each piece of 512 bytes, each size and each name
// is there or not there as `chance` says. It is false, and makes nothing, if it has made the same
// before of this record; what is left after the last step is a case of its own.
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
  int64_t at = 0;  // from 1; 0: nothing fails
  Call kind = Call::any;
  int error = EIO;
  bool halve = false;
  bool lasting = false;
  bool die = false;
  bool counts_looks = false;  // for looks_at()
};

void plan(const Plan& plan);
// Runs `act`, in which nothing fails. Returns the call stack of each call of this kind, in the
// order of their numbers (see moments.h).
std::vector<uint64_t> follow(Call kind, const std::function<void()>& act);
// The same for calls of every kind, and 0 for those that change nothing on the disk: the death of
// the process before one of these leaves what its death before the next change leaves.
std::vector<uint64_t> follow_changes(const std::function<void()>& act);
// What facts() says of the file `stands` is what it said of `original`, which may be gone: a copied
// folder stands for the same disk at another time.
void stand_for(const std::string& stands, const system::Facts& original);
system::Facts facts_of(const std::string& path);
// Copies a folder; every file of the copy stands for its original.
void copy_folder(const std::string& from, const std::string& to);
// What the machine and its running system are called.
void set_author(const std::string& machine, const std::string& boot);
// Whether the file system has files without names, as most have and network file systems have not.
void set_nameless_files(bool there);
// Before the call of this number from now on, of any kind, somebody else does `act`, once.
void before_call(int64_t number, const std::function<void()>& act);
bool others_have_acted();  // false: there were fewer calls
bool has_struck();
int64_t calls();          // of the plan's kind, since plan()
int64_t bytes_written();  // by all calls since plan()

// How often the file that has this name now was opened since plan(), which has to ask for it, and
// how often it was looked at: by a name, or open.
struct Looks {
  int64_t opened = 0, looked_at = 0;
};
Looks looks_at(const std::string& path);

void record(const std::string& folder);
int64_t steps();  // recorded until now
bool leave(int64_t step, const std::function<bool()>& chance, const std::string& into);
void stop_recording();

}  // namespace swr::faulty
