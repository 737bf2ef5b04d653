#include "fault_plan.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "children.h"
#include "moments.h"
#include "storage/storage_test.h"

namespace swr::faulty {

std::atomic<bool> unnamed_files{true};
std::atomic<bool> exchanges{true};
std::atomic<bool> pinned_folders{false};
std::string machine = "id@machine", boot = "boot";

namespace {

std::mutex mutex;
Plan current;
int64_t counted = 0;
int64_t written = 0;
bool struck = false;
bool rest_of_write_fails = false;
bool follows = false;
bool follows_changes = false;
std::vector<uint64_t> stacks;  // of the recorded calls

// The files that stand for others, and the originals' identities.
using Node = std::pair<uint64_t, uint64_t>;  // inode and birth
std::map<Node, Node> originals;

std::map<Node, Looks> looks;

// The action of another process before a call.
std::function<void()> others_act;
int64_t calls_until_others_act = 0;

void let_others_act() {
  std::function<void()> act;
  {
    const std::lock_guard lock(mutex);
    if (calls_until_others_act == 0 || --calls_until_others_act > 0) return;
    act = std::exchange(others_act, nullptr);
  }
  act();
}

// Whether calls of this kind can change the disk; some kinds do only sometimes.
bool is_change(Call kind) {
  switch (kind) {
    case Call::any:
    case Call::open:
    case Call::close:
    case Call::pread:
    case Call::fsync:
    case Call::duplicate:
    case Call::facts:
    case Call::may:
    case Call::xattr:
    case Call::lock: return false;
    default: return true;
  }
}

}  // namespace

void count(int64_t Looks::*what, system::Result known, const system::Facts& facts) {
  const std::lock_guard lock(mutex);
  if (!known || !current.counts_looks) return;
  ++(looks[{facts.device, facts.inode}].*what);
}

system::Result as_original(system::Result known, system::Facts& facts) {
  if (!known) return known;
  const std::lock_guard lock(mutex);
  const auto original = originals.find({facts.inode, static_cast<uint64_t>(facts.birth)});
  if (original == originals.end()) return known;
  facts.inode = original->second.first;
  facts.birth = static_cast<int64_t>(original->second.second);
  return known;
}

void forget(const system::Facts& made) {
  const std::lock_guard lock(mutex);
  originals.erase({made.inode, static_cast<uint64_t>(made.birth)});
}

bool strikes(Call kind, bool changes) {
  let_others_act();
  const std::lock_guard lock(mutex);
  if (kind == Call::pwrite && rest_of_write_fails) {
    rest_of_write_fails = false;
    errno = current.error;
    return true;
  }
  if (current.kind != Call::any && current.kind != kind) return false;
  ++counted;
  if (follows) stacks.push_back(changes || !follows_changes ? call_stack() : 0);
  const bool now =
      current.at > 0 && (counted == current.at || (current.lasting && counted > current.at));
  if (!now) return false;
  if (current.die && !(current.halve && kind == Call::pwrite)) die();
  struck = true;
  errno = current.error;
  return true;
}

bool strikes(Call kind) {
  return strikes(kind, is_change(kind));
}

bool halves(size_t bytes) {
  const std::lock_guard lock(mutex);
  if (current.die && bytes <= 1) die();
  rest_of_write_fails = current.halve && bytes > 1;
  return rest_of_write_fails;
}

void die_after_half() {
  const std::lock_guard lock(mutex);
  if (current.die && rest_of_write_fails) die();
}

void count_written(int64_t bytes) {
  const std::lock_guard lock(mutex);
  written += bytes;
}

system::Facts facts_of(const std::string& path) {
  system::Facts facts;
  const auto known = real_facts(path.c_str(), system::Links::no_follow, facts);
  if (!as_original(known, facts)) std::abort();  // tests query only existing files
  return facts;
}

void stand_for(const std::string& stands, const system::Facts& original) {
  system::Facts now;  // as they are: its number may be that of a file that is gone
  if (!real_facts(stands.c_str(), system::Links::no_follow, now)) std::abort();
  const std::lock_guard lock(mutex);
  originals[{now.inode, static_cast<uint64_t>(now.birth)}] = {
      original.inode, static_cast<uint64_t>(original.birth)};
}

void forget_copies() {
  const std::lock_guard lock(mutex);
  originals.clear();
}

void copy_folder(const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
  stand_for(to, facts_of(from));
  for (const auto& entry : fs::recursive_directory_iterator(from))
    stand_for((to / entry.path().lexically_relative(from)).string(),
              facts_of(entry.path().string()));
}

void set_author(const std::string& name, const std::string& running) {
  machine = name;
  boot = running;
}

void plan(const Plan& plan) {
  const std::lock_guard lock(mutex);
  current = plan;
  counted = 0;
  written = 0;
  looks.clear();
  struck = false;
  rest_of_write_fails = false;
}

void before_call(int64_t number, const std::function<void()>& act) {
  const std::lock_guard lock(mutex);
  calls_until_others_act = number;
  others_act = act;
}

bool others_have_acted() {
  const std::lock_guard lock(mutex);
  return calls_until_others_act == 0;
}

namespace {

std::vector<uint64_t> follow(Call kind, bool changes, const std::function<void()>& act) {
  plan({.kind = kind});
  follows = true;
  follows_changes = changes;
  act();
  follows = false;
  plan({});
  return std::exchange(stacks, {});
}

}  // namespace

std::vector<uint64_t> follow(Call kind, const std::function<void()>& act) {
  return follow(kind, false, act);
}

std::vector<uint64_t> follow_changes(const std::function<void()>& act) {
  return follow(Call::any, true, act);
}

void set_exchange(bool there) {
  exchanges = there;
}

void set_pinned_folders(bool are_pinned) {
  pinned_folders = are_pinned;
}

void set_unnamed_files(bool there) {
  unnamed_files = there;
}

bool has_struck() {
  const std::lock_guard lock(mutex);
  return struck;
}

bool fails_under(const Plan& how, const std::function<void()>& act, const std::string& what) {
  plan(how);
  bool failed = false;
  try {
    act();
  } catch (const Error&) {
    failed = true;
  }
  const bool is_for_a_reason = has_struck();
  plan({});
  if (failed && !is_for_a_reason) fail_msg("%s: failed for no reason", what.c_str());
  return failed;
}

int64_t calls() {
  const std::lock_guard lock(mutex);
  return counted;
}

int64_t bytes_written() {
  const std::lock_guard lock(mutex);
  return written;
}

bool takes_its_turn(int64_t part, int64_t parts) {
  const char* const seed = std::getenv("SWR_TEST_SEED");
  return !seed || (part + std::strtoll(seed, nullptr, 10)) % parts == 0;
}

Looks looks_at(const std::string& path) {
  system::Facts facts;
  if (!real_facts(path.c_str(), system::Links::follow, facts)) return {};
  const std::lock_guard lock(mutex);
  return looks[{facts.device, facts.inode}];
}

}  // namespace swr::faulty
