/* Pixels that are written as decimal numbers, in NRRD and MetaImage files made by hand. */
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static const char* const meta_types[] = {
    "",        "MET_UCHAR",      "MET_CHAR",      "MET_USHORT", "MET_SHORT", "MET_UINT",
    "MET_INT", "MET_ULONG_LONG", "MET_LONG_LONG", "MET_FLOAT",  "MET_DOUBLE"};
static const char* const nrrd_types[] = {"",         "uchar", "signed char", "ushort",
                                         "short",    "uint",  "int",         "ulonglong",
                                         "longlong", "float", "double"};
static const char* const paths[] = {"text.nrrd", "text.mha"};
enum { files = 2 };

/* An image of one row. */
static void save_numbers(int file, swr_component type, int count, const char* numbers) {
  char text[2048];
  const int n =
      file == 0 ? snprintf(text, sizeof text,
                           "NRRD0004\ntype: %s\ndimension: 1\nsizes: %d\nencoding: text\n\n%s\n",
                           nrrd_types[type], count, numbers)
                : snprintf(text, sizeof text,
                           "ObjectType = Image\nNDims = 1\nDimSize = %d\nBinaryData = False\n"
                           "ElementType = %s\nElementDataFile = LOCAL\n%s\n",
                           count, meta_types[type], numbers);
  assert_true(n > 0 && n < (int)sizeof text);
  save_file(paths[file], text, n);
}

static void text_of_every_type_is_read_in_the_machines_byte_order(void** state) {
  (void)state;
  const int64_t size[] = {4};
  const swr_region region = region_nd(1, NULL, size);
  for (int file = 0; file < files; ++file) {
    for (int type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
      save_numbers(file, (swr_component)type, 4, "1 2.0 3e1 100");
      volume expected = volume_new(&region, (swr_component)type, 1);
      const double values[] = {1, 2, 30, 100};
      for (int i = 0; i < 4; ++i)
        component_store(expected.bytes + i * swr_component_bytes(expected.component),
                        expected.component, values[i]);
      assert_file_holds(paths[file], &expected);
      volume_free(&expected);
    }
  }
}

static swr_status read_pixels(const char* path, void* out, int64_t bytes) {
  const int64_t size[] = {3};
  const swr_region region = region_nd(1, NULL, size);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  const swr_status status = swr_reader_read(r, &region, out, bytes);
  if (status != SWR_OK) {
    assert_says(swr_reader_message(r), path);
    assert_says(swr_reader_message(r), "is no");
  }
  swr_reader_destroy(r);
  return status;
}

/* A number that is too large is damage in any notation; it is never read as 0. */
static void text_with_a_number_that_is_too_large_is_corrupt(void** state) {
  (void)state;
  char digits[400];
  memset(digits, '0', sizeof digits);
  digits[0] = '1';
  strcpy(digits + 311, "e-1"); /* 1e310 / 10 */
  const struct {
    swr_component type;
    const char* number;
  } cases[] = {
      {SWR_FLOAT64, "0.5e400"}, {SWR_FLOAT64, "-0.5e400"}, {SWR_FLOAT64, "5e400"},
      {SWR_FLOAT64, digits},    {SWR_FLOAT32, "0.1e999"},  {SWR_FLOAT32, "0.1e40"},
      {SWR_FLOAT32, "-400e36"}, {SWR_FLOAT32, digits},     {SWR_INT32, "0.5e400"},
      {SWR_INT32, digits},      {SWR_UINT8, "0.256e3"},    {SWR_INT64, "9223372036854775808.0"},
      {SWR_UINT64, "0.2e20"},
  };
  for (int file = 0; file < files; ++file) {
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
      char numbers[512];
      unsigned char out[24];
      snprintf(numbers, sizeof numbers, "1 %s 2", cases[i].number);
      save_numbers(file, cases[i].type, 3, numbers);
      assert_int_equal(read_pixels(paths[file], out, 3 * swr_component_bytes(cases[i].type)),
                       SWR_ERROR_CORRUPT);
    }
  }
}

static void text_with_a_number_that_is_too_small_has_a_zero(void** state) {
  (void)state;
  for (int file = 0; file < files; ++file) {
    double wide[3];
    save_numbers(file, SWR_FLOAT64, 3, "12e-400 -0.000000001e-330 1.5");
    assert_int_equal(read_pixels(paths[file], wide, sizeof wide), SWR_OK);
    assert_true(wide[0] == 0 && wide[1] == 0 && wide[2] == 1.5);
    float narrow[3];
    save_numbers(file, SWR_FLOAT32, 3, "12e-400 0.1e-60 1.5");
    assert_int_equal(read_pixels(paths[file], narrow, sizeof narrow), SWR_OK);
    assert_true(narrow[0] == 0 && narrow[1] == 0 && narrow[2] == 1.5f);
    int64_t whole[3];
    save_numbers(file, SWR_INT64, 3, "9007199254740993.0 -9223372036854775808.0 0e400");
    assert_int_equal(read_pixels(paths[file], whole, sizeof whole), SWR_OK);
    assert_true(whole[0] == 9007199254740993 && whole[1] == INT64_MIN && whole[2] == 0);
  }
}

int main(void) {
  TEST(text_of_every_type_is_read_in_the_machines_byte_order);
  TEST(text_with_a_number_that_is_too_large_is_corrupt);
  TEST(text_with_a_number_that_is_too_small_has_a_zero);
  return run_all_tests("text");
}
