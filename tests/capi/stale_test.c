/* Smaller versions of an image in its file, which a change of its pixels does not make again: the
 * change warns, and is refused with "strict". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

enum { width = 4, height = 3, file_size = 400 };

static unsigned char* put(unsigned char* at, unsigned value, int count) {
  for (int i = 0; i < count; ++i) *at++ = (unsigned char)(value >> 8 * i);
  return at;
}

static unsigned char* put_tag(unsigned char* at, unsigned tag, unsigned value) {
  enum { as_u32 = 4, one = 1 };
  at = put(at, tag, 2);
  at = put(at, as_u32, 2);
  at = put(at, one, 4);
  return put(at, value, 4);
}

/* A page of uint8. `next`: the next page, or the value of the tag `more`, if that is not 0. */
static unsigned char* put_page(unsigned char* at, unsigned kind, unsigned side, unsigned pixels,
                               unsigned more, unsigned next) {
  at = put(at, more ? 9 : 8, 2);
  at = put_tag(at, 254, kind);
  at = put_tag(at, 256, side);
  at = put_tag(at, 257, side - 1);
  at = put_tag(at, 258, 8);
  at = put_tag(at, 262, 1);
  at = put_tag(at, 273, pixels);
  at = put_tag(at, 277, 1);
  at = put_tag(at, 279, side * (side - 1));
  if (more) at = put_tag(at, more, next);
  return put(at, more ? 0 : next, 4);
}

/* The image, and a smaller one, in a page of the chain or in tag 330. */
static volume make_pyramid(const char* path, int in_tag) {
  enum { first = 32, second = 200 };
  unsigned char bytes[file_size] = {'I', 'I', 42, 0, first};
  const swr_region region = region_2d(0, 0, width, height);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  memcpy(bytes + 8, v.bytes, width * height);
  put_page(bytes + first, 0, width, 8, in_tag ? 330 : 0, second);
  put_page(bytes + second, 1, 2, 24, 0, 0);
  save_file(path, bytes, file_size);
  return v;
}

static int warned;

static void count_warning(swr_log_level level, const char* message, void* user) {
  (void)user;
  if (level != SWR_LOG_WARNING) return;
  ++warned;
  assert_says(message, "smaller versions");
}

static swr_status paste(const char* path, const volume* part, const char* strict) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_paste_region(w, &part->region));
  assert_ok(w, swr_set_option(w, "strict", strict));
  assert_ok(w, swr_set_log(w, count_warning, NULL));
  source s = source_of(part);
  const swr_status said = swr_check(w), status = swr_write(w, pull_source, &s);
  assert_int_equal(said, status);
  if (status != SWR_OK) assert_says(swr_writer_message(w), "smaller versions");
  swr_writer_destroy(w);
  source_free(&s);
  return status;
}

static void change_warns_of_smaller_versions_and_strict_refuses_it(void** state) {
  (void)state;
  for (int in_tag = 0; in_tag < 2; ++in_tag) {
    const swr_region box = region_2d(1, 1, 2, 1);
    volume v = make_pyramid("pyramid.tif", in_tag);
    volume part = volume_pattern(&box, SWR_UINT8, 1, 2);
    snapshot* before = snapshot_take();
    assert_int_equal(paste("pyramid.tif", &part, "on"), SWR_ERROR_UNSUPPORTED);
    assert_unchanged(before);
    warned = 0;
    assert_int_equal(paste("pyramid.tif", &part, "off"), SWR_OK);
    assert_int_equal(warned, 1);
    volume_copy(&v, &part, &box);
    assert_file_holds("pyramid.tif", &v);
    assert_int_equal(file_bytes("pyramid.tif"), file_size);
    snapshot_free(before);
    volume_free(&part);
    volume_free(&v);
    clear_folder();
  }
}

int main(void) {
  add_test("change_warns_of_smaller_versions_and_strict_refuses_it",
           change_warns_of_smaller_versions_and_strict_refuses_it);
  return run_all_tests("stale");
}
