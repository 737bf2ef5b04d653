// How many system calls answering questions and changing an image takes.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "faulty_system.h"
#include "formats/format.h"
#include "storage/storage_test.h"
#include "swr/swr.h"
#include "writes.h"

namespace swr {
namespace {

using faulty::Call;

template <typename Act>
int64_t calls_of(Call kind, const Act& act) {
  faulty::plan({.kind = kind});
  act();
  return faulty::calls();
}

void assert_ok(swr_writer* writer, swr_status status) {
  if (status != SWR_OK) fail_msg("%s: %s", swr_status_name(status), swr_writer_message(writer));
}

void ask_everything(swr_writer* writer) {
  swr_method method;
  int64_t number = 0, read = 0, written = 0;
  swr_region region;
  swr_component component;
  int32_t components = 0;
  assert_ok(writer, swr_get_method(writer, &method, &read, &written));
  assert_ok(writer, swr_get_piece_count(writer, &number));
  assert_ok(writer, swr_get_piece_bytes(writer, &number));
  assert_ok(writer, swr_get_memory_need(writer, &number));
  assert_ok(writer, swr_get_pulled_type(writer, &component, &components));
  assert_ok(writer, swr_get_actual_divisions(writer, 3, &number));
  assert_ok(writer, swr_get_split_region(writer, 0, 3, &region));
}

// File times advance in ticks: a second change within the same tick would not show.
void let_times_pass() {
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

// Of images that can be updated.
std::vector<writes::Write> updates() {
  std::vector<writes::Write> found;
  for (writes::Write& write : writes::all(false)) {
    const bool can_change = format_by_suffix(write.file)->capabilities & SWR_CAN_PASTE;
    if (!write.before.empty() && can_change) found.push_back(std::move(write));
  }
  return found;
}

swr_writer* updater(const std::string& path) {
  swr_writer* const writer = swr_writer_create();
  assert_ok(writer, swr_set_path(writer, path.c_str()));
  assert_ok(writer, swr_set_existing(writer, SWR_EXISTING_UPDATE));
  return writer;
}

void questions_after_the_first_open_no_file(void**) {
  for (const writes::Write& write : updates()) {
    write.set_up();
    let_times_pass();
    swr_writer* const writer = updater("work/" + write.file);
    ask_everything(writer);
    if (const int64_t opened = calls_of(Call::open, [&] { ask_everything(writer); }); opened > 0)
      fail_msg("%s: %d files were opened", write.name.c_str(), static_cast<int>(opened));
    assert_ok(writer, swr_set_threads(writer, 2));
    assert_true(calls_of(Call::open, [&] { ask_everything(writer); }) > 0);
    swr_writer_destroy(writer);
  }
}

int64_t piece_count(swr_writer* writer) {
  int64_t count = 0;
  assert_ok(writer, swr_get_piece_count(writer, &count));
  return count;
}

swr_method method_of(swr_writer* writer) {
  swr_method method = SWR_METHOD_FORCE_INT32;
  assert_ok(writer, swr_get_method(writer, &method, nullptr, nullptr));
  return method;
}

// Files that are created, changed and removed between two questions.
void answers_are_those_of_the_files_that_are_there(void**) {
  const auto all = updates();
  writes::put_files("work", {});
  for (const writes::Write& write : all) {
    for (const bool waits : {false, true}) {
      const std::string path = "work/" + write.file;
      writes::put_files("work", {});
      swr_writer* const writer = updater(path);
      swr_method method;
      const swr_region region{3, 0, {0, 0, 0}, {4, 4, 4}};
      assert_ok(writer, swr_set_image_region(writer, &region));
      assert_ok(writer, swr_set_pixel_type(writer, SWR_INT16, 1, SWR_KIND_SCALAR));
      assert_int_equal(method_of(writer), SWR_METHOD_CREATE);
      if (waits) let_times_pass();
      assert_int_equal(method_of(writer), SWR_METHOD_CREATE);
      write.set_up();
      // The image is there now, and of another size.
      assert_int_equal(swr_get_method(writer, &method, nullptr, nullptr), SWR_ERROR_MISMATCH);
      assert_ok(writer, swr_set_image_region(writer, nullptr));
      assert_true(method_of(writer) != SWR_METHOD_CREATE);
      if (waits) let_times_pass();
      assert_true(method_of(writer) != SWR_METHOD_CREATE);
      assert_ok(writer, swr_set_divisions(writer, 2));
      assert_int_equal(piece_count(writer), 2);
      writes::put_files("work", {});
      assert_int_equal(swr_get_method(writer, &method, nullptr, nullptr), SWR_ERROR_ARGUMENT);
      swr_writer_destroy(writer);
    }
  }
}

// Files that are changed in place: the same inode has the name afterwards.
using Inodes = std::map<std::string, uint64_t>;

Inodes inodes_in(const std::string& folder) {
  Inodes inodes;
  for (const auto& [name, bytes] : writes::files_in(folder))
    inodes[name] = faulty::facts_of(text(folder, '/', name)).inode;
  return inodes;
}

void expect_one_open(const writes::Write& write, const std::string& path) {
  write.set_up();
  const Inodes before = inodes_in("work");
  swr_writer* const writer = swr_writer_create();
  faulty::plan({.counts_looks = true});
  assert_ok(writer, write.act(writer, path));
  for (const auto& [name, inode] : inodes_in("work")) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != inode) continue;
    const faulty::Looks looks = faulty::looks_at("work/" + name);
    if (looks.opened > 1 || looks.looked_at > 2) {
      fail_msg("%s, to %s: %s was opened %d times, and looked at %d times", write.name.c_str(),
               path.c_str(), name.c_str(), static_cast<int>(looks.opened),
               static_cast<int>(looks.looked_at));
    }
  }
  swr_writer_destroy(writer);
}

bool is_change_in_place(const writes::Write& write) {
  return std::ranges::any_of(std::array{": paste", ": extend", ": splice", ": put into"},
                             [&](const char* kind) { return write.name.ends_with(kind); }) ||
         write.name.ends_with(": paste as sole writer");
}

bool has_chunks(const Format& format) {
  return format.form != form_of_linear_pixels;
}

void a_write_opens_each_file_once_and_looks_at_it_twice_at_most(void**) {
  std::set<const Format*> seen;
  for (const writes::Write& write : updates()) {
    const Format* const format = format_by_suffix(write.file);
    if (!is_change_in_place(write) || has_chunks(*format)) continue;
    seen.insert(format);
    expect_one_open(write, "work/" + write.file);
    // Users may name the data file of a pair.
    if (write.before.contains("x.img")) expect_one_open(write, "work/x.img");
  }
  for (const Format* format : all_formats()) {
    if ((format->capabilities & SWR_CAN_PASTE) && !has_chunks(*format) && !seen.contains(format))
      fail_msg("no write changes a file of %s", std::string(format->name).c_str());
  }
}

// More files than are held open at a time.
void plan_of_a_change_opens_each_of_many_data_files_once(void**) {
  constexpr int count = 40;
  const auto name = [](int number) { return text("slice", number, ".raw"); };
  std::string list = "ElementDataFile = LIST\n";
  writes::Files files;
  for (int i = 0; i < count; ++i) {
    list += name(i) + '\n';
    files[name(i)] = std::string(12, static_cast<char>(i));
  }
  files["x.mhd"] =
      "ObjectType = Image\nNDims = 3\nDimSize = 4 3 40\nElementType = MET_UCHAR\n" + list;
  writes::put_files("work", files);
  swr_writer* const writer = updater("work/x.mhd");
  const swr_region part{3, 0, {1, 1, 5}, {2, 1, 30}};
  assert_ok(writer, swr_set_paste_region(writer, &part));
  faulty::plan({.counts_looks = true});
  assert_int_equal(method_of(writer), SWR_METHOD_IN_PLACE);
  for (int i = 0; i < count; ++i) {
    const int64_t opened = faulty::looks_at("work/" + name(i)).opened;
    if (opened != 1) fail_msg("%s was opened %d times", name(i).c_str(), static_cast<int>(opened));
  }
  swr_writer_destroy(writer);
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::questions_after_the_first_open_no_file),
      cmocka_unit_test(swr::answers_are_those_of_the_files_that_are_there),
      cmocka_unit_test(swr::a_write_opens_each_file_once_and_looks_at_it_twice_at_most),
      cmocka_unit_test(swr::plan_of_a_change_opens_each_of_many_data_files_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
