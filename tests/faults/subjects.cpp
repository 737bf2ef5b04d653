#include "subjects.h"

#include "faulty_system.h"
#include "storage/staged_set.h"
#include "storage/sweep.h"
#include "storage/undo.h"
#include "storage/unnamed_file.h"

namespace swr::faulty {

namespace {

// All names that may be there.
std::vector<std::string> names_of(const Pair& files, const std::string& folder) {
  std::vector<std::string> names;
  if (!files.header.empty()) names.push_back(folder + header_name);
  if (!files.data.empty()) names.push_back(folder + data_name);
  if (!files.other.empty()) names.push_back(folder + other_name);
  return names;
}

}  // namespace

Pair pair_in(const std::string& folder) {
  return {content(folder + header_name), content(folder + data_name), content(folder + other_name)};
}

void Subject::set_up() const {
  forget_copies();
  fresh_folder("work");
  if (!has_old) return;
  put("work" + header_name, old_pair.header);
  put("work" + data_name, old_pair.data);
}

const Pair& Subject::before() const {
  static const Pair none;
  return has_old ? old_pair : none;
}

namespace {

void stage(bool sync, bool must_be_new) {
  StagedSet set({.sync = sync});
  const StagedSet::Creation how{.must_be_new = must_be_new};
  set.create("work" + data_name, how).write_at(0, bytes_of(new_pair.data));
  make_scratch_file("work" + data_name).write_at(0, bytes_of("between"));
  set.create("work" + header_name, how).write_at(0, bytes_of(new_pair.header));
  set.commit();
}

// Moves the data to a file with another name, or into the header.
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

}  // namespace

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

std::vector<Subject> untried_subjects() {
  std::vector<Subject> all;
  const auto add = [&](const std::string& name, bool has_old, const std::function<void()>& act) {
    all.push_back({name, has_old, act, {}});
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

std::vector<Subject> subjects() {
  std::vector<Subject> all = untried_subjects();
  for (Subject& subject : all) {
    subject.set_up();
    plan({});
    subject.act();
    subject.after = pair_in("work");
  }
  return all;
}

void settle(const std::string& folder) {
  swr::recover(folder + header_name, false);
  swr::recover(folder + data_name, false);
  swr::sweep(folder + header_name);
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

}  // namespace swr::faulty
