// Staged sets and in-place changes during failures of single calls, of the process and of the
// power.
#include <random>

#include "base/error.h"
#include "children.h"
#include "faulty_system.h"
#include "moments.h"
#include "sanitized.h"
#include "storage/storage_test.h"
#include "storage/undo.h"
#include "subjects.h"

namespace swr {
namespace {

using faulty::Call;
using faulty::change_in_place;
using faulty::check_names;
using faulty::check_same;
using faulty::data_name;
using faulty::header_name;
using faulty::Moments;
using faulty::new_pair;
using faulty::old_pair;
using faulty::Pair;
using faulty::pair_in;
using faulty::Plan;
using faulty::settle;
using faulty::Subject;
using faulty::subjects;

// wine has none that the library can use.
constexpr bool has_hard_links = std::filesystem::path::preferred_separator == '/';

// Programs with a sanitizer, and calls of wine, are slow: they try fewer moments.
constexpr int64_t thinning = SANITIZED ? 8 : faulty::calls_are_cheap ? 1 : 40;

std::vector<uint64_t> stacks_of(const Subject& subject, Call kind) {
  subject.set_up();
  return faulty::follow(kind, subject.act);
}

// The call stacks of the calls before which a death, or the end of the disk, leaves different
// files.
std::vector<uint64_t> changes_of(const Subject& subject) {
  subject.set_up();
  return faulty::follow_changes(subject.act);
}

// With one failing call there is either an error and the old files, or success and the new files.
void run_with(const Subject& subject, Plan plan, Moments& moments) {
  for (const int64_t at : moments.choose(stacks_of(subject, plan.kind))) {
    plan.at = at;
    const std::string what = text(subject.name, ", call ", plan.at,
                                  plan.halve ? " (half a write)" : "", ", errno ", plan.error);
    subject.set_up();
    if (faulty::fails_under(plan, subject.act, what)) {
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

// Neither a signal nor a partial write is a failure.
void any_change_whose_nth_call_is_interrupted_continues(void**) {
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

// Runs `act` on a disk that fails from the given call on. It leaves what a death at that call
// leaves.
void stop(const std::function<void()>& act, int64_t at) {
  faulty::plan({.at = at, .lasting = true});
  try {
    act();
  } catch (const Error&) {
  }
  faulty::plan({});
}

// Runs the subject in a child process that dies at the given call, with all its locks.
void kill_at(size_t subject, int64_t at) {
  faulty::run_child({"change", std::to_string(subject), std::to_string(at)});
}

// If the rollback fails too, a later recovery completes it.
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
  Moments moments(faulty::calls_are_cheap ? 2 * thinning : 16 * thinning);
  const auto all = subjects();
  for (size_t i = 0; i < all.size(); ++i) {
    const Subject& subject = all[i];
    for (const int64_t at : moments.choose(changes_of(subject))) {
      subject.set_up();
      kill_at(i, at);
      // Another header may name the same data file. Without hard links it has no journal.
      if (has_hard_links &&
          (subject.name.starts_with("replacing with") || subject.name == "replacing")) {
        recover("work" + data_name, false);
        assert_true(is_old_or_new(subject, pair_in("work")));
      }
      settle("work");
      check_recovered(text(subject.name, ", dead at call ", at), subject, "work");
    }
  }
}

// Bytes that are already in the file are not written: a full disk that shares blocks would refuse
// it.
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
    // From this call on the new bytes are in the file.
    if (!struck || content("work" + data_name) != old_pair.data) {
      assert_true(at > 3);
      break;
    }
    assert_int_equal(status, SWR_ERROR_IO);
    check_same("nothing was written", pair_in("work"), old_pair);
    check_names("nothing was written", old_pair, "work");
  }
}

// --- Children ---

// Changes a subject until the given call.
int change(size_t subject, int64_t at) {
  const auto all = faulty::untried_subjects();
  faulty::plan({.at = at, .die = true});
  try {
    all.at(subject).act();
  } catch (...) {
  }
  return 1;
}

int grow() {
  InPlace change("work" + header_name, {});
  const int data = change.add("work" + data_name);
  change.write(data, 0, bytes_of(new_pair.data).first(100));
  change.write(data, 4900, bytes_of(new_pair.data).first(1000));
  faulty::die();
}

int recover_until_a_write() {
  faulty::plan({.at = 1, .kind = Call::pwrite, .die = true});
  recover("work" + header_name, false);
  return 1;
}

int run(const std::vector<std::string>& words) {
  if (words[0] == "grow") return grow();
  if (words[0] == "recover") return recover_until_a_write();
  return change(std::stoul(words[1]), std::stoll(words[2]));
}

// On a full disk, the old bytes may need the space by which the file grew.
void recovery_cuts_off_what_is_too_long_before_it_writes(void**) {
  Subject{"", true, {}, {}}.set_up();
  faulty::run_child({"grow"});
  assert_int_equal(content("work" + data_name).size(), 5900);
  assert_int_equal(faulty::run_child({"recover"}), 0);
  const std::string data = content("work" + data_name);
  assert_int_equal(data.size(), old_pair.data.size());
  assert_true(data.substr(0, 100) == new_pair.data.substr(0, 100));
  settle("work");
  check_same("after that", pair_in("work"), old_pair);
}

// Each call of a recovery fails, alone or with all later ones.
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

#ifndef _WIN32  // its platform models no disk

// The disk keeps any part of what was not flushed. Only changes with sync guarantee recovery.
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
                         : 1 + static_cast<unsigned>(round) % 7;  // of 8: none, all, or some
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

// The power fails again while old bytes are written back.
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

// Tests the simulation: without sync it does lose data.
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

#endif

}  // namespace
}  // namespace swr

int main(int argc, char** argv) {
  using namespace swr;
  if (const auto code = faulty::act_as_child(argc, argv, run)) return *code;
  const std::initializer_list<CMUnitTest> tests = {
      cmocka_unit_test(any_change_whose_nth_call_fails_leaves_old_files),
      cmocka_unit_test(any_change_whose_nth_call_is_interrupted_continues),
      cmocka_unit_test(any_change_on_a_disk_that_is_gone_is_recovered_later),
      cmocka_unit_test(any_change_that_dies_is_recovered),
      cmocka_unit_test(change_that_reached_no_file_is_rolled_back_without_a_write),
      cmocka_unit_test(recovery_cuts_off_what_is_too_long_before_it_writes),
      cmocka_unit_test(recovery_that_is_interrupted_is_done_again),
#ifndef _WIN32
      cmocka_unit_test(power_failure_at_any_step_is_recovered),
      cmocka_unit_test(power_failure_in_recovery_is_recovered),
      cmocka_unit_test(power_failure_without_sync_can_lose_the_change),
#endif
  };
  // A call of wine costs too much for both in one commit.
  const auto runs = [](int64_t part) {
    return faulty::calls_are_cheap || faulty::takes_its_turn(part, 2);
  };
  const int failed = runs(0) ? run_in_memory("unnamed files", tests) : 0;
  // Network file systems do not support unnamed files: new files have staging names from the
  // beginning.
  faulty::set_unnamed_files(false);
  return failed + (runs(1) ? run_in_memory("staging names", tests) : 0);
}
