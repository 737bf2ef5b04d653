/* Bytes of another program after the pixels. A change of pixels leaves them, and so does every
 * write whose format knows them; all others are refused before the file is touched. Copies warn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/support.h"

enum { most_others = 333 };

/* Zeros are not padding: no format says so. */
typedef struct others {
  const char* what;
  int count;
  int step; /* from one byte to the next */
} others;
static const others kinds[] = {{"data", most_others, 37}, {"zeros", 20, 0}};
enum { kind_count = 2 };

static void bytes_of(const others* o, unsigned char out[most_others]) {
  for (int i = 0; i < o->count; ++i) out[i] = (unsigned char)(i * o->step % 251);
}

static swr_region old_region(void) {
  return region_3d(0, 0, 0, 6, 5, 4);
}

static void append(const char* image, const others* o) {
  unsigned char bytes[most_others];
  char path[256];
  bytes_of(o, bytes);
  data_file_of(image, path);
  FILE* file = fopen(path, "ab");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, (size_t)o->count, file), o->count);
  assert_int_equal(fclose(file), 0);
}

/* Whether the file with the pixels has these bytes at its end or, if `anywhere`, at any place. */
static int has_others_at(const char* image, const others* o, int anywhere) {
  unsigned char bytes[most_others];
  char path[256];
  int64_t count = 0;
  int found = 0;
  bytes_of(o, bytes);
  data_file_of(image, path);
  unsigned char* file = load_file(path, &count);
  for (int64_t at = count - o->count; at >= 0 && !found; --at) {
    found = memcmp(file + at, bytes, (size_t)o->count) == 0;
    if (!anywhere) break;
  }
  free(file);
  return found;
}

static int has_others(const char* image, const others* o) {
  return has_others_at(image, o, 0);
}

static volume make_old_file(const test_case* t, const others* o) {
  const swr_region region = old_region();
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  make_file(t, &v);
  append(t->path, o);
  assert_file_holds(t->path, &v);
  return v;
}

/* --- Changes of the file --- */

static void pasted_pixels_leave_them(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return; /* the files of chunks say where each byte belongs */
  for (int k = 0; k < kind_count; ++k) {
    volume v = make_old_file(t, &kinds[k]);
    char data[256];
    data_file_of(t->path, data);
    const int64_t before = file_bytes(data);
    const swr_region box = region_3d(1, 1, 3, 4, 4, 1);
    volume part = volume_pattern(&box, SWR_INT16, 1, 2);
    swr_writer* w = new_writer(t);
    assert_ok(w, swr_set_paste_region(w, &box));
    source s = source_of(&part);
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    volume_copy(&v, &part, &box);
    assert_file_holds(t->path, &v);
    assert_true(has_others(t->path, &kinds[k]));
    assert_int_equal(file_bytes(data), before);
    volume_free(&part);
    volume_free(&v);
    clear_folder();
  }
}

typedef struct change {
  const char* what;
  swr_region image, part;
  const char* compression;
} change;

static void set_up(const test_case* t, const change* c, swr_writer* w) {
  (void)t;
  assert_ok(w, swr_set_image_region(w, &c->image));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_paste_region(w, &c->part));
  if (c->compression) assert_ok(w, swr_set_compression(w, c->compression, 3));
}

/* Refused, with everything as it was, or done and the bytes are there. */
static void change_keeps_them_or_is_refused(const test_case* t, const change* c, const others* o) {
  volume v = make_old_file(t, o);
  snapshot* before = snapshot_take();
  swr_writer* w = new_writer(t);
  set_up(t, c, w);
  volume now = volume_new(&c->image, SWR_INT16, 1);
  volume part = volume_pattern(&c->part, SWR_INT16, 1, 3);
  volume_copy(&now, &v, &v.region);
  volume_copy(&now, &part, &c->part);
  source s = source_of(&part);
  const swr_status said = swr_check(w), status = swr_write(w, pull_source, &s);
  assert_int_equal(said, status);
  if (status == SWR_OK) {
    assert_file_holds(t->path, &now);
    /* TIFF appends pages after them. */
    if (!has_others_at(t->path, o, 1))
      fail_msg("%s: %s are gone after %s", t->name, o->what, c->what);
  } else {
    assert_status(w, SWR_ERROR_UNSUPPORTED, status);
    assert_unchanged(before);
  }
  if (status != SWR_OK && !c->compression) {
    assert_says(swr_writer_message(w), t->path);
    assert_says(swr_writer_message(w), "copy the image to another file");
  }
  swr_writer_destroy(w);
  source_free(&s);
  volume_free(&part);
  volume_free(&now);
  volume_free(&v);
  snapshot_free(before);
  clear_folder();
}

static void grown_or_rewritten_file_keeps_them_or_is_as_it_was(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return;
  const change changes[] = {
      {"growth at the end", region_3d(0, 0, 0, 6, 5, 9), region_3d(0, 0, 4, 6, 5, 5), NULL},
      {"growth by a byte or two", region_3d(0, 0, 0, 6, 5, 5), region_3d(0, 0, 4, 1, 1, 1), NULL},
      {"growth of another axis", region_3d(0, 0, 0, 6, 7, 4), region_3d(0, 5, 0, 6, 2, 4), NULL},
      {"growth at the beginning", region_3d(0, 0, -2, 6, 5, 6), region_3d(0, 0, -2, 6, 5, 2), NULL},
      {"compression", old_region(), region_3d(0, 0, 0, 6, 5, 1), "deflate"},
  };
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
    if (changes[i].image.index[2] < 0 && !holds(t, SWR_HOLDS_START_INDEX)) continue;
    for (int k = 0; k < kind_count; ++k) change_keeps_them_or_is_refused(t, &changes[i], &kinds[k]);
  }
}

/* --- Compressed files --- */

static swr_status paste(const test_case* t, const volume* part, const char* strict, warnings* log) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_paste_region(w, &part->region));
  assert_ok(w, swr_set_option(w, "strict", strict));
  assert_ok(w, swr_set_log(w, take_warning, log));
  source s = source_of(part);
  const swr_status said = swr_check(w), status = swr_write(w, pull_source, &s);
  assert_int_equal(said, status);
  if (status != SWR_OK) assert_says(swr_writer_message(w), "bytes after");
  swr_writer_destroy(w);
  source_free(&s);
  return status;
}

/* gzip ignores them. */
static void bytes_after_a_compressed_stream_are_warned_of(void** state) {
  const test_case* t = *state;
  if (!t->kind->compressed || has_chunks(t)) return;
  for (int k = 0; k < kind_count; ++k) {
    volume v = make_old_file(t, &kinds[k]);
    snapshot* before = snapshot_take();
    const swr_region box = region_3d(1, 1, 3, 4, 4, 1);
    volume part = volume_pattern(&box, SWR_INT16, 1, 2);
    warnings log = {0};
    assert_int_equal(paste(t, &part, "on", &log), SWR_ERROR_UNSUPPORTED);
    assert_unchanged(before);
    log.count = 0;
    assert_int_equal(paste(t, &part, "off", &log), SWR_OK);
    assert_int_equal(log.count, 1);
    assert_says(log.text, "bytes after");
    volume_copy(&v, &part, &box);
    assert_file_holds(t->path, &v);
    /* A stream of a stated length may have changed in place, where they stay. */
    const swr_status expected = has_others(t->path, &kinds[k]) ? SWR_ERROR_UNSUPPORTED : SWR_OK;
    log.count = 0;
    assert_int_equal(paste(t, &part, "on", &log), expected);
    assert_int_equal(log.count, 0);
    snapshot_free(before);
    volume_free(&part);
    volume_free(&v);
    clear_folder();
  }
}

/* As if the file with them had been compressed by gzip. Nothing if no gzip stream begins it. */
static int append_in_stream(const test_case* t, const others* o) {
  enum { room = 1 << 20 };
  unsigned char bytes[most_others], magic[2], *raw = malloc(room);
  char path[256];
  bytes_of(o, bytes);
  data_file_of(t->path, path);
  load_bytes(path, 0, magic, 2);
  const int is_stream = magic[0] == 0x1f && magic[1] == 0x8b;
  if (is_stream) {
    gzFile in = gzopen(path, "rb");
    const int count = gzread(in, raw, room);
    assert_in_range(count, 1, room - 1);
    gzclose(in);
    gzFile out = gzopen(path, "wb6");
    assert_int_equal(gzwrite(out, raw, (unsigned)count), count);
    assert_int_equal(gzwrite(out, bytes, (unsigned)o->count), o->count);
    assert_int_equal(gzclose(out), Z_OK);
  }
  free(raw);
  return is_stream;
}

static void bytes_in_a_compressed_stream_are_kept_or_the_change_is_refused(void** state) {
  const test_case* t = *state;
  if (!t->kind->compressed || has_chunks(t)) return;
  for (int k = 0; k < kind_count; ++k) {
    const swr_region region = old_region(), box = region_3d(1, 1, 3, 4, 4, 1);
    volume v = volume_pattern(&region, SWR_INT16, 1, 1);
    make_file(t, &v);
    if (append_in_stream(t, &kinds[k])) {
      snapshot* before = snapshot_take();
      volume part = volume_pattern(&box, SWR_INT16, 1, 2);
      warnings log = {0};
      /* tail_test looks at what a format keeps */
      if (paste(t, &part, "off", &log) == SWR_OK) {
        assert_string_equal(t->kind->format, "MGH");
      } else {
        assert_unchanged(before);
      }
      snapshot_free(before);
      volume_free(&part);
    }
    volume_free(&v);
    clear_folder();
  }
}

/* --- Copies --- */

static swr_writer* copier(const char* to, swr_reader* from, const volume* v, const char* strict,
                          const char* metadata, warnings* log) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, to));
  describe(w, v);
  assert_ok(w, swr_set_header_from(w, from));
  assert_ok(w, swr_set_option(w, "strict", strict));
  assert_ok(w, swr_set_option(w, "metadata", metadata));
  assert_ok(w, swr_set_log(w, take_warning, log));
  return w;
}

static swr_status copy(const char* to, swr_reader* from, const volume* v, const char* strict,
                       const char* metadata, warnings* log) {
  swr_writer* w = copier(to, from, v, strict, metadata, log);
  const swr_status status = swr_write(w, swr_reader_pull, from);
  if (status != SWR_OK) {
    assert_status(w, SWR_ERROR_UNSUPPORTED, status);
    assert_says(swr_writer_message(w), "after the pixels");
  }
  swr_writer_destroy(w);
  return status;
}

static void copy_has_them_or_warns_once_and_is_refused_if_strict(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return;
  for (int k = 0; k < 2 * kind_count; ++k) {
    const others* o = &kinds[k % kind_count];
    volume v = make_old_file(t, o);
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, t->path));
    char to[64];
    other_path(t, "copy", to);
    if (k >= kind_count)
      snprintf(to, sizeof to, "%s", strcmp(t->kind->format, "NRRD") ? "x.nrrd" : "x.mha");
    snapshot* before = snapshot_take();
    warnings log = {0};
    const swr_status strict = copy(to, r, &v, "on", "keep", &log);
    if (strict == SWR_OK) {
      assert_true(has_others(to, o) || k >= kind_count);
      assert_int_equal(log.count, 0);
    } else {
      assert_unchanged(before);
      assert_int_equal(copy(to, r, &v, "off", "keep", &log), SWR_OK);
      assert_int_equal(log.count, 1);
      assert_says(log.text, "after the pixels");
      assert_file_holds(to, &v);
      log.count = 0;
      assert_int_equal(copy(to, r, &v, "on", "drop", &log), SWR_OK);
      assert_int_equal(log.count, 0);
    }
    swr_reader_destroy(r);
    assert_true(has_others(t->path, o));
    snapshot_free(before);
    volume_free(&v);
    clear_folder();
  }
}

int main(void) {
  TEST_EACH_PLAIN(pasted_pixels_leave_them, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH_PLAIN(grown_or_rewritten_file_keeps_them_or_is_as_it_was,
                  SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND);
  TEST_EACH(bytes_after_a_compressed_stream_are_warned_of, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(bytes_in_a_compressed_stream_are_kept_or_the_change_is_refused,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH_PLAIN(copy_has_them_or_warns_once_and_is_refused_if_strict, SWR_CAN_STREAM);
  return run_all_tests("other bytes");
}
