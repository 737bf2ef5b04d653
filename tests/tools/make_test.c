/* swr make: patterns that depend on the pixel's place alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static void file_is_the_same_for_any_divisions(void** state) {
  (void)state;
  const char* const patterns[] = {"ramp", "sphere", "noise"};
  const char* const types[] = {"uint8", "int8",   "uint16", "int16",   "uint32",
                               "int32", "uint64", "int64",  "float32", "float64"};
  for (int p = 0; p < 3; ++p) {
    for (int i = 0; i < 10; ++i) {
      swr_ok("make one.mha --size 40,30,20 --type %s --pattern %s --divisions 1", types[i],
             patterns[p]);
      swr_ok("make many.mha --size 40,30,20 --type %s --pattern %s --divisions 7", types[i],
             patterns[p]);
      int64_t one = 0, many = 0;
      unsigned char *a = load_file("one.mha", &one), *b = load_file("many.mha", &many);
      assert_int_equal(one, many);
      assert_memory_equal(a, b, (size_t)one);
      free(a);
      free(b);
    }
  }
}

static double pixel(const volume* v, int64_t number) {
  return component_load(v->bytes + number * volume_pixel_bytes(v), v->component);
}

static void ramp_goes_from_zero_to_the_largest_value(void** state) {
  (void)state;
  const struct {
    const char* type;
    double top;
  } types[] = {{"uint8", 255},           {"int8", 127},         {"uint16", 65535}, {"int16", 32767},
               {"uint32", 4294967295.0}, {"int32", 2147483647}, {"float32", 1},    {"float64", 1}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
    swr_ok("make ramp.mha --size 50,40,30 --type %s", types[i].type);
    volume v = read_volume("ramp.mha");
    assert_string_equal(swr_component_name(v.component), types[i].type);
    const int64_t last = region_pixels(&v.region) - 1;
    assert_true(pixel(&v, 0) == 0);
    assert_true(pixel(&v, last) > types[i].top * (1 - 1e-6) && pixel(&v, last) <= types[i].top);
    for (int64_t x = 1; x < 50; ++x) assert_true(pixel(&v, x) >= pixel(&v, x - 1));
    assert_true(pixel(&v, 49) > pixel(&v, 0));
    assert_true(pixel(&v, 50 * 39) > pixel(&v, 0));
    volume_free(&v);
  }
}

static void sphere_is_bright_in_the_middle_and_round_in_space(void** state) {
  (void)state;
  swr_ok("make sphere.mha --size 41,21,11 --type uint8 --pattern sphere --spacing 1,2,4");
  volume v = read_volume("sphere.mha");
  const int64_t middle = (5 * 21 + 10) * 41 + 20;
  assert_true(pixel(&v, middle) > 240);
  assert_true(pixel(&v, 0) == 0);
  /* 8 mm along each axis */
  assert_true(pixel(&v, middle + 8) > 0);
  assert_true(pixel(&v, middle + 8) == pixel(&v, middle + 4 * 41));
  assert_true(pixel(&v, middle + 8) == pixel(&v, middle + 2 * 41 * 21));
  assert_true(pixel(&v, middle + 8) == pixel(&v, middle - 8));
  volume_free(&v);
}

static void noise_uses_the_whole_range(void** state) {
  (void)state;
  swr_ok("make noise.mha --size 64,64,64 --type uint8 --pattern noise");
  volume v = read_volume("noise.mha");
  int64_t seen[256] = {0}, same = 0;
  const int64_t count = region_pixels(&v.region);
  for (int64_t i = 0; i < count; ++i) ++seen[v.bytes[i]];
  for (int value = 0; value < 256; ++value)
    assert_in_range(seen[value], count / 256 * 3 / 4, count / 256 * 5 / 4);
  for (int64_t i = 64; i < count; ++i) same += v.bytes[i] == v.bytes[i - 64];
  assert_true(same < count / 128);
  volume_free(&v);
}

static void geometry_and_start_index_are_as_asked_for(void** state) {
  (void)state;
  swr_ok(
      "make image.nrrd --size 8x9x10 --type int32 --index 5,-6,7 --spacing 0.5,0.25,3 --origin "
      "-1,2.5,1e2");
  char* document = swr_json("info image.nrrd --json");
  assert_has(document, "\"size\":[8,9,10],\"index\":[5,-6,7],\"component\":\"int32\"");
  assert_has(document, "\"spacing\":[0.5,0.25,3.0],\"origin\":[-1.0,2.5,100.0]");
  free(document);
  swr_fails(SWR_ERROR_ARGUMENT, "(ERROR_ARGUMENT)", "make image.nrrd --size 8,9 --spacing 1,0");
}

static void image_larger_than_the_memory_stays_inside_it(void** state) {
  (void)state;
  char* document = swr_json("make large.mha --size 512,512,128 --type uint16 --memory 4M --json");
  assert_int_equal((int)json_number(document, "bytes"), 512 * 512 * 128 * 2);
  assert_true(json_number(document, "peak_buffer_bytes") <= 4 << 20);
  assert_true(json_number(document, "pieces") >= 16);
  free(document);
}

int main(void) {
  TEST(file_is_the_same_for_any_divisions);
  TEST(ramp_goes_from_zero_to_the_largest_value);
  TEST(sphere_is_bright_in_the_middle_and_round_in_space);
  TEST(noise_uses_the_whole_range);
  TEST(geometry_and_start_index_are_as_asked_for);
  TEST(image_larger_than_the_memory_stays_inside_it);
  return run_all_tests("swr make");
}
