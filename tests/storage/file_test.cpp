// Positioned files: complete reads and writes, and paths that are no regular files.
#include "storage/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "storage_test.h"

namespace swr {
namespace {

void file_read_past_its_end_is_corrupt(void**) {
  put("short", "0123456789");
  const File file("short", File::Mode::read);
  std::string into(4, '?');
  const auto out = std::as_writable_bytes(std::span(into));
  file.read_at(6, out);
  assert_string_equal(into.c_str(), "6789");
  assert_int_equal(file.read_some(8, out), 2);
  assert_int_equal(file.read_some(20, out), 0);
  assert_int_equal(status_of([&] { file.read_at(7, out); }), SWR_ERROR_CORRUPT);
  assert_int_equal(status_of([&] { file.read_at(-1, out); }), SWR_ERROR_CORRUPT);
  assert_int_equal(status_of([&] { file.read_at(INT64_MAX, out); }), SWR_ERROR_CORRUPT);
}

void file_opened_in_the_wrong_way_says_why(void**) {
  fresh_folder("folder");
  put("there", "");
  ::unlink("pipe");
  assert_int_equal(::mkfifo("pipe", 0600), 0);
  assert_int_equal(status_of([] { File("missing", File::Mode::read); }), SWR_ERROR_NOT_FOUND);
  assert_int_equal(status_of([] { File("missing", File::Mode::change); }), SWR_ERROR_NOT_FOUND);
  assert_int_equal(status_of([] { File("there", File::Mode::create_new); }), SWR_ERROR_EXISTS);
  assert_int_equal(status_of([] { File("folder", File::Mode::read); }), SWR_ERROR_UNSUPPORTED);
  assert_int_equal(status_of([] { File("folder", File::Mode::change); }), SWR_ERROR_UNSUPPORTED);
  assert_int_equal(status_of([] { File("pipe", File::Mode::read); }), SWR_ERROR_UNSUPPORTED);
  assert_int_equal(status_of([] { File("pipe", File::Mode::change); }), SWR_ERROR_UNSUPPORTED);
}

void file_written_and_resized_holds_it(void**) {
  ::unlink("made");
  File file("made", File::Mode::create_new);
  file.preallocate(100);
  file.write_at(3, bytes_of("abc"));
  file.resize(5);
  assert_int_equal(file.bytes_written(), 3);
  assert_int_equal(file.size(), 5);
  File moved = std::move(file);
  assert_false(file.is_open());
  moved.close();
  moved.close();
  assert_true(content("made") == std::string("\0\0\0ab", 5));
}

void file_written_through_holds_small_and_large_writes_in_any_order(void**) {
  ::unlink("through");
  File file("through", File::Mode::create_new);
  file.write_through();
  std::string model(300001, '\0');
  const auto write = [&](size_t offset, size_t bytes, char value) {
    const std::string data(bytes, value);
    model.replace(offset, bytes, data);
    file.write_at(static_cast<int64_t>(offset), bytes_of(data));
  };
  write(100001, 200000, 'a');
  write(1, 131072, 'b');
  write(131000, 3, 'c');
  write(0, 65536, 'd');
  write(70000, 100000, 'e');
  file.sync();
  file.close();
  assert_true(content("through") == model);
}

void path_is_taken_apart_and_put_together(void**) {
  assert_string_equal(folder_of("a").c_str(), ".");
  assert_string_equal(folder_of("/a").c_str(), "/");
  assert_string_equal(folder_of("x/y/a").c_str(), "x/y");
  assert_string_equal(name_of("x/y/a").c_str(), "a");
  assert_string_equal(name_of("a").c_str(), "a");
  assert_string_equal(sibling("a", "b").c_str(), "b");
  assert_string_equal(sibling("/a", "b").c_str(), "/b");
  assert_string_equal(sibling("x/a", "b").c_str(), "x/b");
  assert_string_equal(sibling("x/a", "/b").c_str(), "/b");
}

void links_are_followed_to_their_end(void**) {
  fresh_folder("links");
  fresh_folder("links/deep");
  assert_int_equal(::symlink("deep/second", "links/first"), 0);
  assert_int_equal(::symlink("../nothing", "links/deep/second"), 0);
  assert_int_equal(::symlink("round", "links/round"), 0);
  assert_string_equal(follow_links("links/first").c_str(), "links/deep/../nothing");
  assert_string_equal(follow_links("links/nothing").c_str(), "links/nothing");
  assert_int_equal(status_of([] { follow_links("links/round"); }), SWR_ERROR_IO);
}

void head_of_a_shorter_file_is_all_of_it(void**) {
  put("head", "0123456789");
  assert_string_equal(read_head("head", 4).c_str(), "0123");
  assert_string_equal(read_head("head", 400).c_str(), "0123456789");
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(file_read_past_its_end_is_corrupt),
      cmocka_unit_test(file_opened_in_the_wrong_way_says_why),
      cmocka_unit_test(file_written_and_resized_holds_it),
      cmocka_unit_test(file_written_through_holds_small_and_large_writes_in_any_order),
      cmocka_unit_test(path_is_taken_apart_and_put_together),
      cmocka_unit_test(links_are_followed_to_their_end),
      cmocka_unit_test(head_of_a_shorter_file_is_all_of_it),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
