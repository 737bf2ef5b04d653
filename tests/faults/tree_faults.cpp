// Folders that are made as a whole, or whose files change, during failures of single calls, of the
// process and of the power: the old folder is there or the new one, and the next writer removes
// what is left.
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "base/error.h"
#include "faulty_system.h"
#include "moments.h"
#include "sanitized.h"
#include "storage/folder_change.h"
#include "storage/staged_tree.h"
#include "storage/storage_test.h"
#include "storage/sweep.h"
#include "storage/undo.h"

namespace swr {
namespace {

using faulty::Call;
using faulty::Moments;
using faulty::Plan;

const std::string name = "/x.zarr";

// All paths in a folder, with what the files hold.
std::vector<std::string> state_of(const std::string& folder) {
  std::vector<std::string> state;
  for (const std::string& path : listing(folder)) {
    const std::string held = std::filesystem::is_directory(path) ? "/" : ": " + content(path);
    state.push_back(path.substr(folder.size()) + held);
  }
  return state;
}

struct Subject {
  std::string what;
  bool has_old = false;
  bool sync = false;
  bool exchanges = true;
  bool changes = false;    // files of the old folder, instead of making a new one
  bool grows = false;      // the header changes too
  bool lengthens = false;  // a file gets longer
  bool puts = true;        // other files are new
  bool levels = false;     // the header is further down, and so is a second one

  void set_up() const {
    faulty::set_exchange(exchanges);
    fresh_folder("work");
    if (!has_old) return;
    std::filesystem::create_directories("work" + name + "/0/1");
    put("work" + name + "/.zarray", "old header");
    put("work" + name + "/0/1/2", "old chunk");
    put("work" + name + "/0/1/3", "other chunk");
    if (!levels) return;
    std::filesystem::create_directories("work" + name + "/1");
    put("work" + name + "/1/.zarray", "old level");
    put("work" + name + "/1/0", "old chunk of the level");
    put("work" + name + "/0/.zarray", "old array");
  }

  void act() const {
    if (changes) return change();
    StagedTree tree("work" + name, {.sync = sync});
    tree.files().put(".zarray", bytes_of("new header"));
    tree.files().put("0/1/0", bytes_of("new chunk"));
    tree.files().put("0/1/0", bytes_of("newer chunk"));
    tree.commit();
  }

  void change() const {
    if (levels) return change_levels();
    FolderChange change({.folder = "work" + name, .header = "work" + name + "/.zarray"},
                        {.sync = sync});
    if (lengthens) lengthen(change);
    if (puts) {
      change.files().put("0/1/2", bytes_of("new chunk"));
      change.files().put("0/1/7", bytes_of("further chunk"));
      change.files().put("0/4/0/0", bytes_of("chunk in new folders"));
    }
    if (grows) change.files().put(".zarray", bytes_of("new header"));
    change.commit();
  }

  void change_levels() const {
    const std::string folder = "work" + name;
    FolderChange change({.folder = folder,
                         .header = folder + "/0/.zarray",
                         .journal = folder + "/.zarray",
                         .further_headers = {folder + "/1/.zarray"}},
                        {.sync = sync});
    change.files().put("0/1/2", bytes_of("new chunk"));
    change.files().put("1/0", bytes_of("new chunk of the level"));
    if (lengthens) lengthen(change);
    if (grows) {
      change.files().put("1/2/0", bytes_of("further chunk of the level"));
      change.files().put("0/.zarray", bytes_of("new array"));
      change.files().put("1/.zarray", bytes_of("new level"));
    }
    change.commit();
  }

  static void lengthen(FolderChange& change) {
    const File old("work" + name + "/0/1/3", File::Mode::read);
    change.lengthen("0/1/3", old, [](File& longer) {
      longer.write_at(longer.size(), bytes_of(" and more"));
      longer.write_at(longer.size(), bytes_of(" of it"));
    });
  }

  std::vector<std::string> before() const {
    set_up();
    return state_of("work");
  }

  std::vector<std::string> after() const {
    if (levels) return after_levels();
    if (changes) {
      std::vector<std::string> all{
          name + "/",
          name + (grows ? "/.zarray: new header" : "/.zarray: old header"),
          name + "/0/",
          name + "/0/1/",
          name + (puts ? "/0/1/2: new chunk" : "/0/1/2: old chunk"),
          name + "/0/1/3: other chunk" + (lengthens ? " and more of it" : "")};
      if (puts) {
        for (const char* const more :
             {"/0/1/7: further chunk", "/0/4/", "/0/4/0/", "/0/4/0/0: chunk in new folders"})
          all.push_back(name + more);
      }
      return all;
    }
    return {name + "/", name + "/.zarray: new header", name + "/0/", name + "/0/1/",
            name + "/0/1/0: newer chunk"};
  }

  std::vector<std::string> after_levels() const {
    std::vector<std::string> state = {
        name + "/",
        name + "/.zarray: old header",
        name + "/0/",
        name + "/0/.zarray: " + (grows ? "new array" : "old array"),
        name + "/0/1/",
        name + "/0/1/2: new chunk",
        name + "/0/1/3: other chunk" + (lengthens ? " and more of it" : ""),
        name + "/1/",
        name + "/1/.zarray: " + (grows ? "new level" : "old level"),
        name + "/1/0: new chunk of the level"};
    if (grows) {
      state.push_back(name + "/1/2/");
      state.push_back(name + "/1/2/0: further chunk of the level");
    }
    return state;
  }
};

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const bool sync : {false, true}) {
    const std::string how = sync ? " with sync" : "";
    all.push_back({"creating" + how, false, sync});
    all.push_back({"replacing" + how, true, sync});
    all.push_back({"replacing without exchange" + how, true, sync, false});
    all.push_back({"pasting" + how, true, sync, true, true});
    all.push_back({"growing" + how, true, sync, true, true, true});
    all.push_back({"lengthening" + how, true, sync, true, true, false, true, false});
    all.push_back({"lengthening and pasting" + how, true, sync, true, true, false, true});
    all.push_back({"lengthening and growing" + how, true, sync, true, true, true, true});
    for (const bool grows : {false, true}) {
      const std::string what = grows ? "growing with levels" : "pasting with levels";
      all.push_back({what + how, true, sync, true, true, grows, grows, true, true});
    }
  }
  return all;
}

constexpr int64_t thinning = SANITIZED ? 8 : 1;

// What the next writer does.
void settle(const std::string& folder) {
  for (const std::string& path :
       {folder + name, folder + name + "/.zarray", folder + name + "/0/.zarray"}) {
    if (!std::filesystem::exists(folder_of(path))) continue;
    recover(path, false);
    sweep(path);
  }
}

void expect_one_of(const std::string& what, const std::vector<std::string>& found,
                   const std::vector<std::vector<std::string>>& possible) {
  if (std::ranges::find(possible, found) != possible.end()) return;
  for (const std::string& line : found) print_error("%s\n", line.c_str());
  fail_msg("%s: neither the old nor the new folder", what.c_str());
}

std::vector<uint64_t> changes_of(const Subject& subject) {
  subject.set_up();
  return faulty::follow_changes([&] { subject.act(); });
}

// With one failing call there is either an error and the old folder, or success and the new one.
void any_tree_whose_nth_call_fails_leaves_the_old_one(void**) {
  for (const int error : {EIO, ENOSPC, EPERM}) {
    Moments moments(thinning);
    for (const Subject& subject : subjects()) {
      const auto before = subject.before();
      for (const int64_t at : moments.choose(faulty::follow(Call::any, [&] { subject.act(); }))) {
        const std::string what = text(subject.what, ", call ", at, ", errno ", error);
        subject.set_up();
        const bool failed = faulty::fails_under(
            {.at = at, .error = error}, [&] { subject.act(); }, what);
        settle("work");
        expect_one_of(what, state_of("work"), {failed ? before : subject.after()});
      }
    }
  }
}

void stop(const Subject& subject, int64_t at) {
  faulty::plan({.at = at, .lasting = true});
  try {
    subject.act();
  } catch (const Error&) {
  }
  faulty::plan({});
}

void kill_at(const Subject& subject, int64_t at) {
  const pid_t child = ::fork();
  if (child == 0) {
    faulty::plan({.at = at, .die = true});
    try {
      subject.act();
    } catch (...) {
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
}

void any_tree_that_dies_is_swept(void**) {
  Moments moments(thinning);
  for (const Subject& subject : subjects()) {
    const auto before = subject.before();
    for (const int64_t at : moments.choose(changes_of(subject))) {
      const std::string what = text(subject.what, ", dead at call ", at);
      subject.set_up();
      kill_at(subject, at);
      settle("work");
      expect_one_of(what, state_of("work"), {before, subject.after()});
      // The disk is gone for the process itself, which lives on.
      subject.set_up();
      stop(subject, at);
      settle("work");
      expect_one_of(what + " on", state_of("work"), {before, subject.after()});
    }
  }
}

// A writer that was planned before reads no file of a change that did not happen.
void any_change_that_dies_is_undone_at_the_next_turn(void**) {
  Moments moments(thinning);
  for (const Subject& subject : subjects()) {
    if (!subject.changes || subject.sync) continue;
    const auto before = subject.before();
    for (const int64_t at : moments.choose(changes_of(subject))) {
      subject.set_up();
      OpenFiles files(File::Mode::change);
      FileLocks locks(files);
      const std::string folder = "work" + name, header = folder + "/.zarray";
      locks.take({{header, FileLocks::Mode::shared}});
      kill_at(subject, at);
      FolderChange({.folder = folder, .header = header}, {.locks = &locks}).take_turn();
      expect_one_of(text(subject.what, ", dead at call ", at), state_of("work"),
                    {before, subject.after()});
    }
  }
}

// The new folder has its name: nobody needs the old one.
void old_folder_that_cannot_be_removed_hinders_nobody(void**) {
  const Subject subject{"replacing without exchange", true, false, false};
  subject.set_up();
  faulty::plan({.at = 1, .kind = Call::rmdir, .lasting = true});
  subject.act();
  const Recovery found = recover_all("work" + name, {});
  assert_false(found.refusal.has_value());
  assert_int_equal(found.rolled_back, 0);
  assert_int_equal(found.notes.size(), 1);
  assert_true(found.notes[0].find("the image is whole") != std::string::npos);
  assert_true(content("work" + name + "/.zarray") == "new header");
  subject.act();  // it can be replaced, too
  faulty::plan({});
  settle("work");
  expect_one_of(subject.what, state_of("work"), {subject.after()});
}

// Windows renames no folder in which a file is open.
void old_folder_that_cannot_be_renamed_is_let_go(void**) {
  const Subject subject{"replacing without exchange", true, false, false};
  int times = 0;
  subject.set_up();
  StagedTree tree("work" + name, {.let_go = [&] { ++times; }});
  tree.files().put(".zarray", bytes_of("new header"));
  faulty::plan({.at = 1, .kind = Call::rename, .error = EACCES});
  tree.commit();
  faulty::plan({});
  assert_int_equal(times, 1);
  assert_true(content("work" + name + "/.zarray") == "new header");
}

// Only changes with sync guarantee recovery.
void power_failure_at_any_step_leaves_the_old_or_the_new_one(void**) {
  std::mt19937 random(20240229);
  for (const Subject& subject : subjects()) {
    if (!subject.sync) continue;
    const auto before = subject.before();
    faulty::record("work");
    subject.act();
    const int64_t steps = faulty::steps();
    assert_true(steps > 4);
    for (int64_t step = 0; step <= steps; ++step) {
      for (unsigned round = 0; round < 24; ++round) {
        const unsigned odds = round == 0 ? 0 : round == 1 ? 8 : 1 + round % 7;
        if (!faulty::leave(
                step, [&] { return random() % 8 < odds; }, "left"))
          continue;
        settle("left");
        const std::string what = text(subject.what, ", power failed after ", step, " of ", steps,
                                      " steps, round ", round);
        if (step == steps) {
          expect_one_of(what, state_of("left"), {subject.after()});
        } else {
          expect_one_of(what, state_of("left"), {before, subject.after()});
        }
      }
    }
    faulty::stop_recording();
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  return run_in_memory(
      "staged trees", {
                          cmocka_unit_test(any_tree_whose_nth_call_fails_leaves_the_old_one),
                          cmocka_unit_test(any_tree_that_dies_is_swept),
                          cmocka_unit_test(any_change_that_dies_is_undone_at_the_next_turn),
                          cmocka_unit_test(old_folder_that_cannot_be_removed_hinders_nobody),
                          cmocka_unit_test(old_folder_that_cannot_be_renamed_is_let_go),
                          cmocka_unit_test(power_failure_at_any_step_leaves_the_old_or_the_new_one),
                      });
}
