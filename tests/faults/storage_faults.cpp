// Staged sets and in-place changes on a disk that fails: call by call, by death, and by power
// failure.
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "base/error.h"
#include "faulty_system.h"
#include "moments.h"
#include "sanitized.h"
#include "storage/in_place.h"
#include "storage/staged_set.h"
#include "storage/storage_test.h"
#include "storage/sweep.h"

namespace swr {
namespace {

using faulty::Call;
using faulty::Moments;
using faulty::Plan;

// An image of two files, and a third one that can be in its way or hold the data of another
// encoding.
struct Pair {
  std::string header, data, other;
  bool operator==(const Pair&) const = default;
};

const Pair old_pair{pattern(300, 1), pattern(5000, 2), ""};
const Pair new_pair{pattern(310, 3), pattern(4000, 4), ""};
const std::string header_name = "/x.mhd", data_name = "/x.raw", other_name = "/x.zraw";

// All that may be there; anything else is litter.
std::vector<std::string> names_of(const Pair& files, const std::string& folder) {
  std::vector<std::string> names;
  if (!files.header.empty()) names.push_back(folder + header_name);
  if (!files.data.empty()) names.push_back(folder + data_name);
  if (!files.other.empty()) names.push_back(folder + other_name);
  return names;
}

Pair pair_in(const std::string& folder) {
  return {content(folder + header_name), content(folder + data_name), content(folder + other_name)};
}

// A way to change the pair in "work", and the states of the folder before and after.
struct Subject {
  std::string name;
  bool has_old;
  std::function<void()> act;
  Pair after;

  void set_up() const {
    fresh_folder("work");
    if (!has_old) return;
    put("work" + header_name, old_pair.header);
    put("work" + data_name, old_pair.data);
  }

  const Pair& before() const {
    static const Pair none;
    return has_old ? old_pair : none;
  }
};

void stage(bool sync, bool must_be_new) {
  StagedSet set({.sync = sync});
  const StagedSet::Creation how{.must_be_new = must_be_new};
  set.create("work" + data_name, how).write_at(0, bytes_of(new_pair.data));
  set.scratch("work" + data_name).write_at(0, bytes_of("between"));
  set.create("work" + header_name, how).write_at(0, bytes_of(new_pair.header));
  set.commit();
}

// The data comes to lie in a file of another name, or in none of its own.
void stage_and_retire(bool sync, bool detached) {
  StagedSet set({.sync = sync});
  if (detached) {
    set.create("work" + other_name, {.must_be_new = true, .attributes_from = "work" + data_name})
        .write_at(0, bytes_of(new_pair.data));
  }
  set.create("work" + header_name).write_at(0, bytes_of(new_pair.header));
  set.retire("work" + data_name);
  set.commit();
}

void stage_single(bool sync) {
  StagedSet set({.sync = sync});
  set.create("work" + data_name).write_at(0, bytes_of(new_pair.data));
  set.commit();
}

// Rows here and there, one over another, an end that is cut off and one that is added.
void change_in_place(const InPlace::Options& options) {
  InPlace change("work" + header_name, options);
  const int data = change.add("work" + data_name), header = change.add("work" + header_name);
  std::vector<InPlace::Change> rows;
  for (int64_t row = 0; row < 20; ++row)
    rows.push_back(
        {data, row * 200, bytes_of(new_pair.data).subspan(static_cast<size_t>(row) * 10, 10)});
  change.write(rows);
  change.write(data, 1005, bytes_of(new_pair.data).first(700));
  change.resize(data, 4200);
  change.write(data, 4100, bytes_of(new_pair.data).first(1700));
  change.write(header, 290, bytes_of(new_pair.header).first(20));
  change.commit();
}

Pair after(const std::function<void()>& act, bool has_old) {
  Subject{"", has_old, {}, {}}.set_up();
  faulty::plan({});
  act();
  return pair_in("work");
}

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  const auto add = [&](const std::string& name, bool has_old, const std::function<void()>& act) {
    all.push_back({name, has_old, act, after(act, has_old)});
  };
  for (const bool sync : {false, true}) {
    const std::string how = sync ? " with sync" : "";
    add("replacing" + how, true, [=] { stage(sync, false); });
    add("creating" + how, false, [=] { stage(sync, false); });
    add("creating what must not exist" + how, false, [=] { stage(sync, true); });
    add("moving the data" + how, true, [=] { stage_and_retire(sync, true); });
    add("moving the data into the header" + how, true, [=] { stage_and_retire(sync, false); });
    add("replacing one" + how, true, [=] { stage_single(sync); });
    add("changing" + how, true,
        [=] { change_in_place({.rollback = true, .sync = sync, .erase = false}); });
    add("changing and erasing" + how, true,
        [=] { change_in_place({.rollback = true, .sync = sync, .erase = true}); });
  }
  return all;
}

void settle(const std::string& folder) {
  recover(folder + header_name, false);
  recover(folder + data_name, false);
  sweep(folder + header_name);
}

void check_same(const std::string& what, const Pair& found, const Pair& expected) {
  if (!(found == expected)) fail_msg("%s: the files are not what they should be", what.c_str());
}

void check_names(const std::string& what, const Pair& files, const std::string& folder) {
  const auto expected = names_of(files, folder), found = listing(folder);
  if (found == expected) return;
  for (const auto& name : found) print_error("%s\n", name.c_str());
  fail_msg("%s: the folder should have %zu names, not these", what.c_str(), expected.size());
}

// With a sanitizer, which is slow, fewer moments are tried.
constexpr int64_t thinning = SANITIZED ? 8 : 1;

std::vector<uint64_t> stacks_of(const Subject& subject, Call kind) {
  subject.set_up();
  return faulty::follow(kind, subject.act);
}

// Of the calls before which a death, or the end of the disk, leaves other files.
std::vector<uint64_t> changes_of(const Subject& subject) {
  subject.set_up();
  return faulty::follow_changes(subject.act);
}

// One failing call: an error and the old files, or none and the new ones.
void run_with(const Subject& subject, Plan plan, Moments& moments) {
  for (const int64_t at : moments.choose(stacks_of(subject, plan.kind))) {
    plan.at = at;
    const std::string what = text(subject.name, ", call ", plan.at,
                                  plan.halve ? " (half a write)" : "", ", errno ", plan.error);
    subject.set_up();
    faulty::plan(plan);
    bool failed = false;
    try {
      subject.act();
    } catch (const Error&) {
      failed = true;
    }
    const bool struck = faulty::has_struck();
    faulty::plan({});
    if (failed) {
      if (!struck) fail_msg("%s: failed for no reason", what.c_str());
      check_same(what, pair_in("work"), subject.before());
      check_names(what, subject.before(), "work");
    } else {
      settle("work");
      check_same(what, pair_in("work"), subject.after);
      check_names(what, subject.after, "work");
    }
  }
}

void any_change_whose_nth_call_fails_leaves_old_files(void**) {
  for (const int error : {EIO, ENOSPC, EPERM}) {
    Moments moments(thinning);
    for (const Subject& subject : subjects()) run_with(subject, {.error = error}, moments);
  }
  Moments moments(thinning);
  for (const Subject& subject : subjects())
    run_with(subject, {.kind = Call::pwrite, .error = ENOSPC, .halve = true}, moments);
}

// A signal, or a write of which a part is done, is no failure.
void any_change_whose_nth_call_is_interrupted_goes_on(void**) {
  Moments moments(thinning);
  for (const Subject& subject : subjects()) {
    for (const Call kind : {Call::pread, Call::pwrite, Call::fsync, Call::ftruncate}) {
      for (const int64_t at : moments.choose(stacks_of(subject, kind))) {
        subject.set_up();
        faulty::plan({.at = at, .kind = kind, .error = EINTR});
        subject.act();
        faulty::plan({});
        check_same(subject.name, pair_in("work"), subject.after);
      }
    }
  }
}

bool is_old_or_new(const Subject& subject, const Pair& found) {
  return found == subject.before() || found == subject.after;
}

void check_recovered(const std::string& what, const Subject& subject, const std::string& folder) {
  const Pair found = pair_in(folder);
  if (!is_old_or_new(subject, found))
    fail_msg("%s: neither the old nor the new files", what.c_str());
  check_names(what, found, folder);
  const auto names = listing(folder);
  assert_int_equal(recover(folder + header_name, false), 0);
  assert_true(pair_in(folder) == found && listing(folder) == names);
}

// Runs `act` on a disk that is gone from the given call on, which leaves what death there leaves.
void stop(const std::function<void()>& act, int64_t at) {
  faulty::plan({.at = at, .lasting = true});
  try {
    act();
  } catch (const Error&) {
  }
  faulty::plan({});
}

// Runs `act` in a child that dies at the given call, with all its locks.
void kill_at(const std::function<void()>& act, int64_t at) {
  const pid_t child = ::fork();
  if (child == 0) {
    faulty::plan({.at = at, .die = true});
    try {
      act();
    } catch (...) {
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
}

// What cannot be rolled back is left to the recovery.
void any_change_on_a_disk_that_is_gone_is_recovered_later(void**) {
  Moments moments(thinning);
  for (const Subject& subject : subjects()) {
    for (const int64_t at : moments.choose(stacks_of(subject, Call::any))) {
      subject.set_up();
      stop(subject.act, at);
      settle("work");
      check_recovered(text(subject.name, ", all calls from ", at, " on"), subject, "work");
    }
  }
}

void any_change_that_dies_is_recovered(void**) {
  Moments moments(2 * thinning);  // a child costs a hundred times what a call does
  for (const Subject& subject : subjects()) {
    for (const int64_t at : moments.choose(changes_of(subject))) {
      subject.set_up();
      kill_at(subject.act, at);
      // Another header may name the same data.
      if (subject.name.starts_with("replacing with") || subject.name == "replacing") {
        recover("work" + data_name, false);
        assert_true(is_old_or_new(subject, pair_in("work")));
      }
      settle("work");
      check_recovered(text(subject.name, ", dead at call ", at), subject, "work");
    }
  }
}

// Bytes that are there already need no write, which a full disk that shares blocks would refuse.
void change_that_reached_no_file_is_rolled_back_without_a_write(void**) {
  for (int64_t at = 1;; ++at) {
    Subject{"", true, {}, {}}.set_up();
    faulty::plan({.at = at, .kind = Call::pwrite, .error = ENOSPC, .lasting = true});
    const swr_status status = status_of([] {
      InPlace change("work" + header_name, {});
      change.write(change.add("work" + data_name), 0, bytes_of(new_pair.data).first(100));
      change.commit();
    });
    const bool struck = faulty::has_struck();
    faulty::plan({});
    // From here on the new bytes are in the file.
    if (!struck || content("work" + data_name) != old_pair.data) {
      assert_true(at > 3);
      break;
    }
    assert_int_equal(status, SWR_ERROR_IO);
    check_same("nothing was written", pair_in("work"), old_pair);
    check_names("nothing was written", old_pair, "work");
  }
}

// On a full disk what the file grew by is the space that the old bytes may need.
void recovery_cuts_off_what_is_too_long_before_it_writes(void**) {
  Subject{"", true, {}, {}}.set_up();
  const auto grow = [] {
    InPlace change("work" + header_name, {});
    const int data = change.add("work" + data_name);
    change.write(data, 0, bytes_of(new_pair.data).first(100));
    change.write(data, 4900, bytes_of(new_pair.data).first(1000));
    ::_exit(0);
  };
  kill_at(grow, INT64_MAX);
  assert_int_equal(content("work" + data_name).size(), 5900);
  const pid_t child = ::fork();
  if (child == 0) {
    faulty::plan({.at = 1, .kind = Call::pwrite, .die = true});
    recover("work" + header_name, false);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  const std::string data = content("work" + data_name);
  assert_int_equal(data.size(), old_pair.data.size());
  assert_true(data.substr(0, 100) == new_pair.data.substr(0, 100));
  settle("work");
  check_same("after that", pair_in("work"), old_pair);
}

// Recovery is struck itself, at each of its calls: by one that fails, and by the end of the disk.
void recovery_that_is_interrupted_is_done_again(void**) {
  Moments moments(1), recoveries(4 * thinning), ends(2 * thinning);
  const auto act = [] { settle("work"); };
  const auto again = [] { faulty::copy_folder("dead", "work"); };
  for (const Subject& subject : subjects()) {
    for (const int64_t at : moments.choose(changes_of(subject))) {
      subject.set_up();
      stop(subject.act, at);
      faulty::copy_folder("work", "dead");
      for (const int64_t n : ends.choose(faulty::follow_changes(act))) {
        again();
        stop(act, n);
        settle("work");
        check_recovered(
            text(subject.name, ", all calls from ", at, " on, recovery ended by call ", n), subject,
            "work");
      }
      again();
      for (const int64_t n : recoveries.choose(faulty::follow(Call::any, act))) {
        const std::string what =
            text(subject.name, ", all calls from ", at, " on, recovery struck at call ", n);
        again();
        faulty::plan({.at = n});
        try {
          settle("work");
        } catch (const Error&) {
        }
        faulty::plan({});
        settle("work");
        check_recovered(what, subject, "work");
      }
    }
  }
}

// The disk keeps any part of what was not flushed. The promise is kept by changes with sync alone.
void power_failure_at_any_step_is_recovered(void**) {
  std::mt19937 random(20240229);
  for (const Subject& subject : subjects()) {
    if (subject.name.find("with sync") == std::string::npos) continue;
    subject.set_up();
    faulty::record("work");
    subject.act();
    const int64_t steps = faulty::steps();
    assert_true(steps > 4);
    for (int64_t step = 0; step <= steps; ++step) {
      for (int round = 0; round < 24; ++round) {
        const std::string what = text(subject.name, ", power failed after ", step, " of ", steps,
                                      " steps, round ", round);
        const unsigned odds =
            round == 0   ? 0
            : round == 1 ? 8
                         : 1 + static_cast<unsigned>(round) % 7;  // of 8: none, all, and in between
        const auto chance = [&] { return random() % 8 < odds; };
        if (!faulty::leave(step, chance, "left")) continue;
        settle("left");
        check_recovered(what, subject, "left");
        if (step == steps)
          check_same(what + ": what was complete is lost", pair_in("left"), subject.after);
      }
    }
    faulty::stop_recording();
  }
}

// The power fails again while the old bytes are written back.
void power_failure_in_recovery_is_recovered(void**) {
  std::mt19937 random(7);
  const auto chance = [&] { return random() % 2 == 0; };
  Moments moments(SANITIZED ? 2 : 1);
  for (const Subject& subject : subjects()) {
    if (subject.name.find("with sync") == std::string::npos) continue;
    for (const int64_t at : moments.choose(changes_of(subject))) {
      subject.set_up();
      stop(subject.act, at);
      faulty::record("work");
      settle("work");
      for (int64_t step = 0; step <= faulty::steps(); ++step) {
        if (!faulty::leave(step, chance, "left")) continue;
        settle("left");
        check_recovered(text(subject.name, ", all calls from ", at, " on, power failed after step ",
                             step, " of the recovery"),
                        subject, "left");
      }
      faulty::stop_recording();
    }
  }
}

// The simulation itself: without sync it does find what is lost.
void power_failure_without_sync_can_lose_the_change(void**) {
  Subject subject{
      "", true, [] { change_in_place({.rollback = true, .sync = false, .erase = false}); }, {}};
  subject.set_up();
  faulty::record("work");
  subject.act();
  std::mt19937 random(3);
  int broken = 0;
  for (int round = 0; round < 50; ++round) {
    faulty::leave(
        faulty::steps(), [&] { return random() % 2 == 0; }, "left");
    broken += pair_in("left") == old_pair ? 0 : 1;
  }
  faulty::stop_recording();
  assert_true(broken > 0);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const MemoryFolder home;
  const CMUnitTest tests[] = {
      cmocka_unit_test(any_change_whose_nth_call_fails_leaves_old_files),
      cmocka_unit_test(any_change_whose_nth_call_is_interrupted_goes_on),
      cmocka_unit_test(any_change_on_a_disk_that_is_gone_is_recovered_later),
      cmocka_unit_test(any_change_that_dies_is_recovered),
      cmocka_unit_test(change_that_reached_no_file_is_rolled_back_without_a_write),
      cmocka_unit_test(recovery_cuts_off_what_is_too_long_before_it_writes),
      cmocka_unit_test(recovery_that_is_interrupted_is_done_again),
      cmocka_unit_test(power_failure_at_any_step_is_recovered),
      cmocka_unit_test(power_failure_in_recovery_is_recovered),
      cmocka_unit_test(power_failure_without_sync_can_lose_the_change),
  };
  const int failed = cmocka_run_group_tests_name("files without names", tests, nullptr, nullptr);
  // Network file systems have none: new files then have staging names from the beginning.
  faulty::set_nameless_files(false);
  return failed + cmocka_run_group_tests_name("staging names", tests, nullptr, nullptr);
}
