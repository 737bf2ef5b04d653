/* Zarr arrays are read, not written: a write is refused, and changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/support.h"

static const char metadata[] =
    "{\"zarr_format\": 2, \"shape\": [3, 4], \"chunks\": [2, 2], \"dtype\": \"|u1\","
    " \"compressor\": null, \"fill_value\": 5, \"order\": \"C\", \"filters\": null}";

static void writes_are_refused_and_the_folder_stays(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 4, 3), part = region_2d(1, 1, 2, 1);
  volume v = volume_new(&region, SWR_UINT8, 1);
  volume_fill(&v, 5);
  assert_int_equal(mkdir("image.zarr", 0777), 0);
  save_file("image.zarr/.zarray", metadata, sizeof metadata - 1);
  assert_file_holds("image.zarr", &v);
  for (int policy = SWR_EXISTING_DEFAULT; policy <= SWR_EXISTING_EXTEND; ++policy) {
    for (int is_there = 0; is_there < 2; ++is_there) {
      swr_writer* w = swr_writer_create();
      source s = source_of(&v);
      assert_ok(w, swr_set_path(w, is_there ? "image.zarr" : "new.zarr"));
      describe(w, &v);
      assert_ok(w, swr_set_existing(w, (swr_existing)policy));
      if (policy == SWR_EXISTING_UPDATE) assert_ok(w, swr_set_paste_region(w, &part));
      const swr_status expected =
          is_there && policy == SWR_EXISTING_FAIL ? SWR_ERROR_EXISTS : SWR_ERROR_UNSUPPORTED;
      assert_status(w, expected, swr_check(w));
      assert_status(w, expected, swr_write(w, pull_source, &s));
      assert_int_equal(s.pulls, 0);
      swr_writer_destroy(w);
      assert_file_holds("image.zarr", &v);
      assert_false(file_exists("new.zarr"));
    }
  }
  assert_file_count(1);
  int64_t bytes = 0;
  unsigned char* kept = load_file("image.zarr/.zarray", &bytes);
  assert_int_equal(bytes, sizeof metadata - 1);
  assert_memory_equal(kept, metadata, sizeof metadata - 1);
  free(kept);
  volume_free(&v);
}

int main(void) {
  TEST(writes_are_refused_and_the_folder_stays);
  return run_all_tests("zarr");
}
