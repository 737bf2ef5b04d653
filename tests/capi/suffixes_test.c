/* Every suffix of every format, those that are other names of one thing too. */
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static void write_and_read(const char* format, const char* suffix) {
  char path[64];
  snprintf(path, sizeof path, "image%s", suffix);
  const swr_region region = region_3d(0, 0, 0, 5, 4, 3);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  make_file_at(path, &v);
  assert_file_holds(path, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  const char* name = NULL;
  assert_reader_ok(r, swr_reader_get_format(r, &name));
  assert_string_equal(name, format);
  swr_reader_destroy(r);
  volume_free(&v);
  clear_folder();
}

static void a_file_of_every_suffix_is_written_and_read(void** state) {
  (void)state;
  for (int32_t number = 0; number < swr_format_count(); ++number) {
    const char* const format = swr_format_name(number);
    uint32_t flags = 0;
    assert_int_equal(swr_format_capabilities(format, &flags), SWR_OK);
    if (!(flags & SWR_CAN_STREAM)) continue;
    char suffixes[256];
    snprintf(suffixes, sizeof suffixes, "%s", swr_format_suffixes(format));
    for (char* suffix = strtok(suffixes, " "); suffix; suffix = strtok(NULL, " "))
      write_and_read(format, suffix);
  }
}

int main(void) {
  TEST(a_file_of_every_suffix_is_written_and_read);
  return run_all_tests("suffixes");
}
