/* Metadata: text by key, in order, kept when the file changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

static volume small(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 5, 4, 3);
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

static const char* const entries[][2] = {
    {"Patient", "none"}, {"Protocol", "T1, 3 T, \"fast\""}, {"ratio", "a: b = c"},
    {"Empty_not", "0"},  {"umlaut", "Größe in µm"},         {"with space", "two words"},
};
enum { entry_count = sizeof entries / sizeof entries[0] };

static void make_with_metadata(const test_case* t, const volume* v) {
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  for (int i = 0; i < entry_count; ++i)
    assert_ok(w, swr_set_metadata(w, entries[i][0], entries[i][1]));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

static void assert_has(swr_reader* r, const char* key, const char* expected) {
  const char* value = "unset";
  assert_reader_ok(r, swr_reader_get_metadata(r, key, &value));
  if (!expected) {
    assert_null(value);
  } else {
    assert_non_null(value);
    assert_string_equal(value, expected);
  }
}

static void assert_has_value(const char* path, const char* key, const char* expected) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_has(r, key, expected);
  swr_reader_destroy(r);
}

static void assert_all_there(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  for (int i = 0; i < entry_count; ++i) assert_has(r, entries[i][0], entries[i][1]);
  assert_has(r, "no such key", NULL);
  swr_reader_destroy(r);
}

static void entries_come_back_in_order(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_with_metadata(t, &v);
  assert_all_there(t->path);
  assert_file_holds(t->path, &v);
  swr_reader* r = swr_reader_create();
  int32_t count = 0, next = 0;
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_metadata_count(r, &count));
  for (int32_t i = 0; i < count; ++i) {
    const char *key, *value;
    assert_reader_ok(r, swr_reader_get_metadata_at(r, i, &key, &value));
    if (next < entry_count && strcmp(key, entries[next][0]) == 0) {
      assert_string_equal(value, entries[next][1]);
      ++next;
    }
  }
  assert_int_equal(next, entry_count);
  swr_reader_destroy(r);
  volume_free(&v);
}

static void an_entry_set_again_is_replaced_and_null_removes_it(void** state) {
  const test_case* t = *state;
  volume v = small(2);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_metadata(w, "first", "1"));
  assert_ok(w, swr_set_metadata(w, "second", "2"));
  assert_ok(w, swr_set_metadata(w, "first", "one"));
  assert_ok(w, swr_set_metadata(w, "second", NULL));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_has(r, "first", "one");
  assert_has(r, "second", NULL);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_paste_keeps_the_entries(void** state) {
  const test_case* t = *state;
  volume model = small(3), v = small(4);
  make_with_metadata(t, &model);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  const swr_region box = region_3d(1, 1, 1, 2, 2, 2);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume_copy(&model, &v, &box);
  assert_file_holds(t->path, &model);
  assert_all_there(t->path);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

static void replacing_a_file_does_not_keep_its_entries(void** state) {
  const test_case* t = *state;
  volume v = small(5);
  make_with_metadata(t, &v);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_has(r, "Patient", NULL);
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_hundred_entries_come_back(void** state) {
  const test_case* t = *state;
  volume v = small(6);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  char key[32], value[256];
  for (int i = 0; i < 100; ++i) {
    snprintf(key, sizeof key, "key%03d", i);
    snprintf(value, sizeof value, "value %d%.*s", i, i * 2,
             "................................................................................"
             "................................................................................"
             "........................................");
    assert_ok(w, swr_set_metadata(w, key, value));
  }
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_has(r, "key000", "value 0");
  const char* got = NULL;
  assert_reader_ok(r, swr_reader_get_metadata(r, "key099", &got));
  assert_non_null(got);
  assert_int_equal(strlen(got), strlen("value 99") + 198);
  assert_file_holds(t->path, &v);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* As long as other programs can read it; and a value with trailing blanks. */
static void long_values_and_blanks_at_the_end_come_back(void** state) {
  const test_case* t = *state;
  enum { longest = 32767 };
  char* value = malloc(longest + 1);
  assert_non_null(value);
  for (int i = 0; i < longest; ++i) value[i] = (char)('a' + i % 26);
  value[longest] = '\0';
  volume v = small(7);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_metadata(w, "long", value));
  assert_ok(w, swr_set_metadata(w, "padded", "PATIENT^NAME "));
  assert_ok(w, swr_set_metadata(w, "last", "x"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  char copy[64];
  other_path(t, "copy", copy);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  w = new_writer_at(t, copy);
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  const char* const paths[] = {t->path, copy};
  for (int i = 0; i < 2; ++i) {
    assert_has_value(paths[i], "long", value);
    assert_has_value(paths[i], "padded", "PATIENT^NAME ");
    assert_has_value(paths[i], "last", "x");
    assert_file_holds(paths[i], &v);
  }
  source_free(&s);
  volume_free(&v);
  free(value);
}

/* A key or a value that conflicts with the header's syntax must be refused or read back; it must
 * not change the rest of the header. */
static void keys_of_the_formats_own_fields_do_no_harm(void** state) {
  const test_case* t = *state;
  volume v = small(7);
  const char* keys[] = {"DimSize", "NDims",     "ElementDataFile", "sizes",
                        "type",    "encoding",  "endian",          "#comment",
                        "space",   "swr_index", " leading"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    if (swr_set_metadata(w, keys[i], "9 9 9") == SWR_OK && swr_write(w, pull_source, &s) == SWR_OK)
      assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

/* The time of each call does not grow with the number of keys: setting, replacing, removing,
 * writing, reading. */
static void metadata_of_forty_thousand_keys_comes_back_in_order(void** state) {
  const test_case* t = *state;
  enum { keys = 40000 };
  char key[32], expected[32];
  /* One kind for each format: the others have the same header. */
  if (t->kind->compressed || !strstr(".mha .nrrd .nii", strrchr(t->path, '.'))) return;
  volume v = small(9);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  for (int i = 0; i < keys; ++i) {
    snprintf(key, sizeof key, "key%05d", i);
    assert_ok(w, swr_set_metadata(w, key, "old"));
  }
  for (int i = 0; i < keys; ++i) {
    snprintf(key, sizeof key, "key%05d", i);
    snprintf(expected, sizeof expected, "value %d", i);
    assert_ok(w, swr_set_metadata(w, key, i % 2 == 0 ? expected : NULL));
  }
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);

  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  int32_t count = 0, next = 0;
  assert_reader_ok(r, swr_reader_get_metadata_count(r, &count));
  for (int32_t i = 0; i < count; ++i) {
    const char *got_key, *got;
    assert_reader_ok(r, swr_reader_get_metadata_at(r, i, &got_key, &got));
    if (strncmp(got_key, "key", 3) != 0) continue;
    snprintf(key, sizeof key, "key%05d", next);
    snprintf(expected, sizeof expected, "value %d", next);
    assert_string_equal(got_key, key);
    assert_string_equal(got, expected);
    assert_has(r, key, expected);
    next += 2;
  }
  assert_int_equal(next, keys);
  swr_reader_destroy(r);
  volume_free(&v);
}

enum { long_value = 30000 };

static swr_writer* writer_of_long_values(const test_case* t, const volume* v, int count) {
  char value[long_value + 1], key[32];
  memset(value, 'x', long_value);
  value[long_value] = 0;
  swr_writer* w = writer_for(t, v);
  for (int k = 0; k < count; ++k) {
    snprintf(key, sizeof key, "key%d", k);
    assert_ok(w, swr_set_metadata(w, key, value));
  }
  return w;
}

/* Whether so many values are written, and read back; they are refused otherwise, before the source
 * is asked. */
static int long_values_are_written(const test_case* t, const volume* v, int count) {
  swr_writer* w = writer_of_long_values(t, v, count);
  source s = source_of(v);
  const swr_status status = swr_write(w, pull_source, &s);
  swr_writer_destroy(w);
  if (status != SWR_OK) {
    assert_int_equal(status, SWR_ERROR_UNSUPPORTED);
    assert_int_equal(s.pulls, 0);
    return 0;
  }
  swr_reader* r = swr_reader_create();
  char key[32];
  const char* value = NULL;
  snprintf(key, sizeof key, "key%d", count - 1);
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_metadata(r, key, &value));
  assert_non_null(value);
  assert_int_equal(strlen(value), long_value);
  swr_reader_destroy(r);
  return 1;
}

/* A check says the same as the write that follows. */
static int long_values_are_accepted(const test_case* t, const volume* v, int count) {
  swr_writer* w = writer_of_long_values(t, v, count);
  const swr_status status = swr_check(w);
  assert_true(status == SWR_OK || status == SWR_ERROR_UNSUPPORTED);
  swr_writer_destroy(w);
  return status == SWR_OK;
}

/* Up to the longest header that a reader accepts, which is 16 MiB or 64; more is refused before
 * anything is written. */
static void metadata_is_refused_where_it_would_not_be_read_back(void** state) {
  const test_case* t = *state;
  /* The header of text is the same, but for a word. */
  if (t->kind->compressed && strcmp(t->kind->format, "NIfTI") != 0) return;
  /* A header of megabytes takes seconds with sanitizers. */
  if (SANITIZED && !takes_its_turn(t, 0, 4)) return;
  /* VTI writes each character as a number. */
  const int width = strcmp(t->kind->format, "VTI") == 0 ? 4 : 1;
  volume v = small(1);
  const int holds_one = long_values_are_accepted(t, &v, 1);
  assert_int_equal(long_values_are_written(t, &v, 1), holds_one);
  /* Some formats hold no text of that length. */
  if (!holds_one) {
    assert_false(long_values_are_written(t, &v, 570 / width));
  } else if (long_values_are_written(t, &v, 570 / width)) {
    assert_false(long_values_are_written(t, &v, 2300 / width));
    assert_false(long_values_are_accepted(t, &v, 2300 / width));
  } else {
    assert_false(long_values_are_accepted(t, &v, 570 / width));
    assert_true(long_values_are_written(t, &v, 550 / width));
  }
  volume_free(&v);
}

int main(void) {
  TEST_EACH(entries_come_back_in_order, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST_EACH(an_entry_set_again_is_replaced_and_null_removes_it,
            SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST_EACH(a_paste_keeps_the_entries, SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_HOLDS_METADATA);
  TEST_EACH(replacing_a_file_does_not_keep_its_entries, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST_EACH(a_hundred_entries_come_back, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST_EACH(long_values_and_blanks_at_the_end_come_back, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST_EACH(keys_of_the_formats_own_fields_do_no_harm, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST_EACH(metadata_of_forty_thousand_keys_comes_back_in_order, SWR_HOLDS_METADATA);
  TEST_EACH(metadata_is_refused_where_it_would_not_be_read_back, SWR_HOLDS_METADATA);
  return run_all_tests("metadata");
}
