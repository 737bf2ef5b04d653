/* swr stats, against numpy and hashlib; and commands that take several files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Prints "same" if the document (on standard input of Python) has numpy's figures of the pixels in
 * the file. */
static const char check[] =
    "import sys, json, hashlib, numpy as np\n"
    "d = json.load(open('stats.json'))\n"
    "a = np.fromfile('pixels', sys.argv[1]).reshape(-1, int(sys.argv[2]))\n"
    "slope, intercept = float(sys.argv[3]), float(sys.argv[4])\n"
    "assert d['sha256'] == hashlib.sha256(a.tobytes()).hexdigest(), 'hash'\n"
    "assert d['pixels'] == len(a)\n"
    "for i, c in enumerate(d['components']):\n"
    "    v = a[:, i].astype(float) * slope + intercept\n"
    "    f = v[np.isfinite(v)]\n"
    "    assert c['not_finite'] == len(v) - len(f)\n"
    "    assert c['min'] == f.min() and c['max'] == f.max(), 'range'\n"
    "    assert np.isclose(c['mean'], f.mean(), rtol=1e-12), 'mean'\n"
    "    assert np.isclose(c['deviation'], f.std(), rtol=1e-9), 'deviation'\n"
    "    if 'histogram' in c:\n"
    "        h, e = np.histogram(f, len(c['histogram']))\n"
    "        assert sum(c['histogram']) == len(f)\n"
    "        assert np.abs(h - c['histogram']).max() <= 1, 'histogram'\n"
    "print('same')\n";

static void expect_figures(const volume* v, const char* numpy_type, double slope, double intercept,
                           const char* document) {
  save_file("pixels", v->bytes, volume_bytes(v));
  save_file("stats.json", document, (int64_t)strlen(document));
  save_file("check.py", check, (int64_t)strlen(check));
  char line[256];
  snprintf(line, sizeof line, "/usr/bin/python3 check.py %s %d %.17g %.17g", numpy_type,
           v->components, slope, intercept);
  assert_int_equal(system(line), 0);
}

static void write_scaled(const char* path, const volume* v, double slope, double intercept) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_value_scale(w, slope, intercept));
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

static void figures_are_those_of_numpy(void** state) {
  (void)state;
  const struct {
    swr_component component;
    const char* numpy;
    int components;
  } types[] = {{SWR_UINT8, "u1", 3}, {SWR_INT16, "i2", 1}, {SWR_UINT32, "u4", 2}};
  const swr_region region = region_3d(0, 0, 0, 50, 40, 9);
  for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
    volume v = volume_pattern(&region, types[i].component, types[i].components, 5);
    write_scaled("image.nrrd", &v, 1, 0);
    char* document = swr_json("stats image.nrrd --bins 7 --json");
    expect_figures(&v, types[i].numpy, 1, 0, document);
    free(document);
    volume_free(&v);
  }
}

static void values_that_are_not_finite_are_counted_alone(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 30, 20);
  volume v = volume_new(&region, SWR_FLOAT32, 1);
  const double zero = 0;
  for (int i = 0; i < 600; ++i)
    component_store(v.bytes + 4 * i, SWR_FLOAT32,
                    i % 50 == 0   ? zero / zero
                    : i % 31 == 0 ? 1 / zero
                                  : i * 0.25);
  write_scaled("image.mha", &v, 1, 0);
  char* document = swr_json("stats image.mha --bins 10 --json --memory 1M --threads 1");
  expect_figures(&v, "f4", 1, 0, document);
  free(document);
  for (int i = 0; i < 600; ++i) component_store(v.bytes + 4 * i, SWR_FLOAT32, zero / zero);
  write_scaled("image.mha", &v, 1, 0);
  document = swr_json("stats image.mha --bins 10 --json");
  assert_has(document, "\"min\":null,\"max\":null,\"mean\":null,");
  assert_has(document, "\"not_finite\":600");
  free(document);
  volume_free(&v);
}

static void values_are_real_and_the_hash_is_of_stored_pixels(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 20, 10, 4);
  volume v = volume_pattern(&region, SWR_INT16, 1, 5);
  write_scaled("image.nii", &v, 0.5, -1000);
  char* document = swr_json("stats image.nii --json");
  expect_figures(&v, "i2", 0.5, -1000, document);
  free(document);
  volume_free(&v);
}

/* The mean of many large and equal values is not beyond them. */
static void equal_values_have_no_deviation(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 30, 7);
  volume v = volume_new(&region, SWR_INT64, 1);
  const int64_t value = -8769254305954397213;
  for (int i = 0; i < 210; ++i) memcpy(v.bytes + 8 * i, &value, 8);
  write_scaled("image.nrrd", &v, 1, 0);
  char* document = swr_json("stats image.nrrd --json");
  assert_has(document, "\"deviation\":0");
  assert_has(document, "\"mean\":-8.769254305954397e+18");
  assert_has(document, "\"max\":-8769254305954397213");
  free(document);
  volume_free(&v);
}

/* 200 numbers at the end of the type's range, so close together that they are one as doubles. Least
 * and largest value and the counts of bins are those of whole numbers. */
static void expect_exact(swr_component component, uint64_t first, const char* least,
                         const char* largest) {
  enum { pixels = 200, bins = 7 };
  const swr_region region = region_2d(0, 0, 20, 10);
  volume v = volume_new(&region, component, 1);
  int counts[bins] = {0};
  for (uint64_t i = 0; i < pixels; ++i) {
    const uint64_t value = first + i;
    memcpy(v.bytes + 8 * i, &value, 8);
    const uint64_t bin = i * bins / (pixels - 1);
    ++counts[bin < bins ? bin : bins - 1];
  }
  write_scaled("image.nrrd", &v, 1, 0);
  char expected[256];
  snprintf(expected, sizeof expected, "\"min\":%s,\"max\":%s,", least, largest);
  char* document = swr_json("stats image.nrrd --bins %d --json", bins);
  assert_has(document, expected);
  snprintf(expected, sizeof expected, "\"histogram\":[%d,%d,%d,%d,%d,%d,%d]", counts[0], counts[1],
           counts[2], counts[3], counts[4], counts[5], counts[6]);
  assert_has(document, expected);
  free(document);
  document = swr_output("stats image.nrrd --bins 1");
  snprintf(expected, sizeof expected, "min          %s\nmax          %s\n", least, largest);
  assert_has(document, expected);
  snprintf(expected, sizeof expected, "%s to %s: 200\n", least, largest);
  assert_has(document, expected);
  free(document);
  volume_free(&v);
}

static void whole_numbers_above_2_to_the_53_are_exact(void** state) {
  (void)state;
  expect_exact(SWR_UINT64, UINT64_MAX - 199, "18446744073709551416", "18446744073709551615");
  expect_exact(SWR_INT64, (uint64_t)INT64_MAX - 199, "9223372036854775608", "9223372036854775807");
  expect_exact(SWR_INT64, (uint64_t)INT64_MIN, "-9223372036854775808", "-9223372036854775609");
  expect_exact(SWR_INT64, (uint64_t)-100, "-100", "99");
}

/* The widest range that there is. */
static void range_of_all_numbers_has_its_bins(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 4, 1);
  volume v = volume_new(&region, SWR_INT64, 1);
  const int64_t values[] = {INT64_MIN, -1, 0, INT64_MAX};
  memcpy(v.bytes, values, sizeof values);
  write_scaled("image.nrrd", &v, 1, 0);
  char* document = swr_json("stats image.nrrd --bins 2 --json");
  assert_has(document, "\"histogram\":[2,2]");
  free(document);
  volume_free(&v);
}

/* Neither format nor compression nor the byte order matter. */
static void figures_are_the_same_for_every_kind_of_file(void** state) {
  const test_case* t = *state;
  const swr_region region = held_region(t, region_3d(2, 1, 0, 20, 10, 4));
  volume v = volume_pattern(&region, SWR_INT16, 1, 5);
  const swr_region part = box_in(&v, 3, 0, 1, 9, 10, 2);
  make_file(t, &v);
  make_file_at("plain.npy", &(volume){region_3d(0, 0, 0, 20, 10, 4), SWR_INT16, 1, v.bytes});
  char *figures = swr_output("stats %s", t->path), *plain = swr_output("stats plain.npy");
  assert_string_equal(strchr(figures, '\n'), strchr(plain, '\n'));
  free(figures);
  free(plain);
  figures = swr_output("stats %s --region %s", t->path, box_argument(&part));
  plain = swr_output("stats plain.npy --region 3,0,1:9,10,2");
  assert_string_equal(strchr(figures, '\n'), strchr(plain, '\n'));
  free(figures);
  free(plain);
  volume_free(&v);
}

static void text_has_the_figures(void** state) {
  (void)state;
  swr_ok("make image.mha --size 256 --type uint8 --pattern ramp -q");
  char* text = swr_output("stats image.mha --bins 2");
  assert_has(text, "min          0\nmax          255\nmean         127.5\n");
  assert_has(text, "             0 to 127.5: 128\n             127.5 to 255: 128\n");
  assert_has(text, "sha256       40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
  free(text);
  swr_fails(SWR_ERROR_REGION, "image.mha", "stats image.mha --region 0:257");
  swr_fails(64, "--region", "stats image.mha --region 0,0:1,1");
  swr_fails(64, "--bins", "stats image.mha --bins 0");
}

/* --- Several files --- */

static void several_files_come_one_after_the_other(void** state) {
  (void)state;
  swr_ok("make a.mha --size 6,5,4 -q");
  swr_ok("make b.nrrd --size 3,2 -q");
  const char* const commands[] = {"info", "verify", "recover", "stats"};
  for (int i = 0; i < 4; ++i) {
    char* text = swr_output("%s a.mha b.nrrd", commands[i]);
    const char* first = strstr(text, "a.mha");
    assert_non_null(first);
    assert_non_null(strstr(first, "b.nrrd"));
    free(text);
    char* document = swr_json("%s a.mha b.nrrd --json", commands[i]);
    assert_int_equal(strncmp(document, "{\"files\":[{\"file\":\"a.mha\"", 25), 0);
    assert_has(document, "},{\"file\":\"b.nrrd\"");
    free(document);
  }
}

static void file_that_fails_does_not_stop_the_others(void** state) {
  (void)state;
  swr_ok("make a.mha --size 6,5,4 -q");
  swr_ok("make b.nrrd --size 3,2 -q");
  save_file("bad.mha", "NDims = 3\n", 10);
  const char* const commands[] = {"info", "verify", "stats"};
  for (int i = 0; i < 3; ++i) {
    outcome o = swr_run("%s a.mha gone.mha bad.mha b.nrrd", commands[i]);
    assert_int_equal(o.code, SWR_ERROR_NOT_FOUND);
    assert_has(o.out, "a.mha");
    assert_has(o.out, "b.nrrd");
    assert_has(o.err, "swr: gone.mha");
    assert_has(o.err, "bad.mha");
    outcome_free(&o);
  }
  outcome o = swr_run("verify a.mha gone.mha --json");
  assert_int_equal(o.code, SWR_ERROR_NOT_FOUND);
  char* document = json_compact(o.out);
  assert_has(document, "\"file\":\"gone.mha\",\"whole\":false,\"status\":\"ERROR_NOT_FOUND\"");
  free(document);
  outcome_free(&o);
}

int main(void) {
  TEST(figures_are_those_of_numpy);
  TEST(values_that_are_not_finite_are_counted_alone);
  TEST(values_are_real_and_the_hash_is_of_stored_pixels);
  TEST(equal_values_have_no_deviation);
  TEST(whole_numbers_above_2_to_the_53_are_exact);
  TEST(range_of_all_numbers_has_its_bins);
  TEST_EACH(figures_are_the_same_for_every_kind_of_file, SWR_CAN_STREAM);
  TEST(text_has_the_figures);
  TEST(several_files_come_one_after_the_other);
  TEST(file_that_fails_does_not_stop_the_others);
  return run_all_tests("swr stats, and several files");
}
