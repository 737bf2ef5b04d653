/* swr describe: a header beside pixels that have none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

enum { pixels = 4 * 3 * 2 };

static int16_t value(int i) {
  return (int16_t)(257 * i - 3000);
}

/* int16, 4 x 3 x 2, after `offset` bytes and before `rest` bytes. */
static void write_raw(const char* path, int offset, int big_endian, int rest) {
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  for (int i = 0; i < offset; ++i) assert_int_equal(fputc('x', file), 'x');
  for (int i = 0; i < pixels; ++i) {
    const int low = value(i) & 255, high = value(i) >> 8 & 255;
    assert_int_equal(fputc(big_endian ? high : low, file), big_endian ? high : low);
    assert_int_equal(fputc(big_endian ? low : high, file), big_endian ? low : high);
  }
  for (int i = 0; i < rest; ++i) assert_int_equal(fputc('y', file), 'y');
  assert_int_equal(fclose(file), 0);
}

static const char* const headers[] = {"x.nhdr", "x.mhd"};

static void forget(const char* header) {
  assert_int_equal(unlink(header), 0);
  assert_int_equal(unlink("x.raw"), 0);
}

static void described_pixels_are_read_and_pasted_into(void** state) {
  (void)state;
  for (int h = 0; h < 2; ++h) {
    for (int variant = 0; variant < 4; ++variant) {
      const int offset = variant & 1 ? 13 : 0, big_endian = variant >> 1;
      write_raw("x.raw", offset, big_endian, 0);
      swr_ok(
          "describe x.raw --size 4,3,2 --type int16 --offset %d %s --as %s --spacing 0.5,1,2.5 "
          "--origin 1,-2,3",
          offset, big_endian ? "--big-endian" : "--components 1", headers[h]);
      volume v = read_volume(headers[h]);
      assert_int_equal(v.component, SWR_INT16);
      assert_int_equal(v.region.dimensions, 3);
      for (int i = 0; i < pixels; ++i)
        assert_true(component_load(v.bytes + 2 * i, SWR_INT16) == value(i));
      volume_free(&v);
      char* info = swr_json("info %s --json", headers[h]);
      assert_has(info, "\"spacing\":[0.5,1.0,2.5]");
      assert_has(info, "\"origin\":[1.0,-2.0,3.0]");
      free(info);

      swr_ok("redact %s --region 1,0,1:1,1,1 --fill 258", headers[h]);
      unsigned char two[2];
      load_bytes("x.raw", offset + 2 * (12 + 1), two, 2);
      assert_int_equal(two[big_endian ? 0 : 1], 1);
      assert_int_equal(two[big_endian ? 1 : 0], 2);
      forget(headers[h]);
    }
  }
}

static void components_are_described(void** state) {
  (void)state;
  for (int h = 0; h < 2; ++h) {
    write_raw("x.raw", 0, 0, 0);
    swr_ok("describe x.raw --size 2,3 --components 4 --type int16 --as %s", headers[h]);
    volume v = read_volume(headers[h]);
    assert_int_equal(v.components, 4);
    assert_int_equal(region_pixels(&v.region), 6);
    for (int i = 0; i < pixels; ++i)
      assert_true(component_load(v.bytes + 2 * i, SWR_INT16) == value(i));
    volume_free(&v);
    forget(headers[h]);
  }
}

static void every_component_type_is_described(void** state) {
  (void)state;
  for (int h = 0; h < 2; ++h) {
    for (int32_t type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
      const char* name = swr_component_name((swr_component)type);
      swr_ok("make x.raw.mha --size 5,4,3 --type %s", name);
      volume made = read_volume("x.raw.mha");
      FILE* file = fopen("x.raw", "wb");
      assert_non_null(file);
      const size_t bytes = (size_t)(60 * swr_component_bytes((swr_component)type));
      assert_int_equal(fwrite(made.bytes, 1, bytes, file), bytes);
      assert_int_equal(fclose(file), 0);
      volume_free(&made);
      swr_ok("describe x.raw --size 5,4,3 --type %s --as %s", name, headers[h]);
      swr_ok("compare x.raw.mha %s", headers[h]);
      forget(headers[h]);
    }
  }
}

static void bytes_after_the_pixels_are_told(void** state) {
  (void)state;
  write_raw("x.raw", 0, 0, 5);
  swr_warns("5 bytes after the last pixel",
            "describe x.raw --size 4,3,2 --type int16 --as x.nhdr --json");
  forget("x.nhdr");
}

static void assert_nothing_written(const char* header) {
  assert_int_equal(access(header, F_OK), -1);
}

static void what_cannot_be_described_is_refused(void** state) {
  (void)state;
  write_raw("x.raw", 0, 0, 0);
  swr_fails(SWR_ERROR_FORMAT, "has 48 bytes",
            "describe x.raw --size 4,3,3 --type int16 --as x.mhd");
  swr_fails(SWR_ERROR_FORMAT, "from byte 1 on",
            "describe x.raw --size 4,3,2 --type int16 --offset 1 --as x.mhd");
  swr_fails(SWR_ERROR_REGION, "",
            "describe x.raw --size 4000000000,4000000000,4000000000 --type "
            "int16 --as x.mhd");
  swr_fails(64, "must end with .nhdr or .mhd",
            "describe x.raw --size 4,3,2 --type int16 --as x.nii");
  swr_fails(64, "--spacing", "describe x.raw --size 4,3,2 --type int16 --spacing 1,2 --as x.mhd");
  swr_fails(SWR_ERROR_NOT_FOUND, "y.raw", "describe y.raw --size 4,3,2 --type int16 --as x.mhd");
  swr_fails(SWR_ERROR_ARGUMENT, "in the folder of x.raw",
            "describe x.raw --size 4,3,2 --type int16 --as /tmp/x.mhd");
  assert_nothing_written("x.mhd");
  assert_int_equal(unlink("x.raw"), 0);
}

static void header_that_exists_stays(void** state) {
  (void)state;
  write_raw("x.raw", 0, 0, 0);
  write_raw("x.mhd", 1, 0, 0);
  swr_fails(SWR_ERROR_EXISTS, "x.mhd", "describe x.raw --size 4,3,2 --type int16 --as x.mhd");
  int64_t size = 0;
  free(load_file("x.mhd", &size));
  assert_int_equal(size, 49);
  forget("x.mhd");
}

/* NRRD reads such a name as a pattern of file numbers. */
static void name_that_a_header_cannot_hold_is_refused(void** state) {
  (void)state;
  write_raw("LIST", 0, 0, 0);
  outcome run = swr_run("describe LIST --size 4,3,2 --type int16 --as x.nhdr");
  assert_int_not_equal(run.code, 0);
  outcome_free(&run);
  assert_nothing_written("x.nhdr");
  assert_int_equal(unlink("LIST"), 0);
}

int main(void) {
  TEST(described_pixels_are_read_and_pasted_into);
  TEST(components_are_described);
  TEST(every_component_type_is_described);
  TEST(bytes_after_the_pixels_are_told);
  TEST(what_cannot_be_described_is_refused);
  TEST(header_that_exists_stays);
  TEST(name_that_a_header_cannot_hold_is_refused);
  return run_all_tests("swr describe");
}
