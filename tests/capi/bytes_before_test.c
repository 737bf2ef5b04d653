/* Bytes of another program between a header and the pixels. A change in place leaves them; a write
 * that would lose them is refused before the file is touched, and copies warn. Zeros are
 * padding. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/support.h"

enum { gap_bytes = 336, vox_offset_field = 108, room = 1 << 20 };

typedef struct content {
  int is_padding;
  char bytes[gap_bytes];
} content;

static content content_of(int is_padding) {
  content c = {is_padding, {0}};
  for (int i = 0; i < gap_bytes && !is_padding; ++i) c.bytes[i] = (char)('a' + i % 26);
  if (!is_padding) c.bytes[gap_bytes - 1] = '\n';
  return c;
}

/* All bytes of a file, inflated if it is one gzip stream. */
static int load_inflated(const char* path, char* out) {
  gzFile in = gzopen(path, "rb");
  assert_non_null(in);
  const int count = gzread(in, out, room);
  assert_in_range(count, 1, room - 1);
  gzclose(in);
  return count;
}

static void save_with_gap(const char* path, int in_gzip, const char* header, int header_bytes,
                          const content* c, const char* rest, int rest_bytes) {
  gzFile out = gzopen(path, in_gzip ? "wb6" : "wbT");
  assert_non_null(out);
  assert_int_equal(gzwrite(out, header, (unsigned)header_bytes), header_bytes);
  assert_int_equal(gzwrite(out, c->bytes, gap_bytes), gap_bytes);
  if (rest_bytes > 0) assert_int_equal(gzwrite(out, rest, (unsigned)rest_bytes), rest_bytes);
  assert_int_equal(gzclose(out), Z_OK);
}

static void put_into_nifti(const test_case* t, char* file, int count, const content* c) {
  float offset;
  memcpy(&offset, file + vox_offset_field, sizeof offset);
  const int begin = (int)offset;
  offset += gap_bytes;
  memcpy(file + vox_offset_field, &offset, sizeof offset);
  save_with_gap(t->path, t->kind->compressed, file, begin, c, file + begin, count - begin);
}

/* A line is added to the header in front of the one at `place`. */
static void put_into_text(const test_case* t, const char* file, int count, int place, int end,
                          const char* line, const content* c) {
  char header[room / 16];
  assert_in_range(end, 1, room / 32);
  const int more = (int)strlen(line);
  memcpy(header, file, (size_t)place);
  memcpy(header + place, line, (size_t)more);
  memcpy(header + place + more, file + place, (size_t)(end - place));
  save_with_gap(t->path, 0, header, end + more, c, file + end, count - end);
}

static int put_into_metaimage(const test_case* t, const char* file, int count, const content* c) {
  char line[40];
  const char* last = strstr(file, "ElementDataFile = LOCAL\n");
  if (!last) return 0;
  const int place = (int)(last - file), end = (int)(strchr(last, '\n') - file) + 1;
  const int line_bytes = (int)strlen("HeaderSize = 12345\n");
  snprintf(line, sizeof line, "HeaderSize = %05d\n", end + line_bytes + gap_bytes);
  put_into_text(t, file, count, place, end, line, c);
  return 1;
}

/* In front of a compressed stream, lines can be skipped. */
static int put_into_nrrd(const test_case* t, const char* file, int count, const content* c) {
  char line[40];
  const char* end = strstr(file, "\n\n");
  if (!end || strstr(file, "data file:") || (t->kind->compressed && c->is_padding)) return 0;
  const int place = (int)(strchr(file, '\n') - file) + 1;
  snprintf(line, sizeof line, t->kind->compressed ? "line skip: %d\n" : "byte skip: %d\n",
           t->kind->compressed ? 1 : gap_bytes);
  put_into_text(t, file, count, place, (int)(end - file) + 2, line, c);
  return 1;
}

/* Formats whose pixels follow their headers at once, or that account for all bytes themselves. */
static int has_no_gap(const char* format) {
  static const char* const formats[] = {"MRC", "NumPy", "GIPL", "MGH",
                                        "VTK", "VTI",   "TIFF", "HDF5"};
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; ++i) {
    if (strcmp(format, formats[i]) == 0) return 1;
  }
  return 0;
}

/* Makes the file of the test; 0 if files of this name have no such bytes. */
static int make_old_file(const test_case* t, const content* c, volume* v) {
  const swr_region region = region_3d(0, 0, 0, 6, 5, 4);
  const char* const format = t->kind->format;
  *v = volume_pattern(&region, SWR_INT16, 1, 1);
  make_file(t, v);
  char* file = calloc(1, room);
  int made = 0;
  if (strcmp(format, "NIfTI") == 0) {
    snapshot* files = snapshot_take();
    made = snapshot_count(files) == 1;
    snapshot_free(files);
    if (made) put_into_nifti(t, file, load_inflated(t->path, file), c);
  } else if (strcmp(format, "MetaImage") == 0) {
    made = put_into_metaimage(t, file, load_inflated(t->path, file), c);
  } else if (strcmp(format, "NRRD") == 0) {
    made = put_into_nrrd(t, file, load_inflated(t->path, file), c);
  } else {
    assert_true(has_no_gap(format));
  }
  free(file);
  if (made) assert_file_holds(t->path, v);
  if (!made) volume_free(v);
  if (!made) clear_folder();
  return made;
}

static int has_content(const char* path, const content* c) {
  char* file = malloc(room);
  const int count = load_inflated(path, file);
  int found = 0;
  for (int at = 0; at + gap_bytes <= count && !found; ++at)
    found = memcmp(file + at, c->bytes, gap_bytes) == 0;
  free(file);
  return found;
}

typedef struct change {
  swr_region image, part;
  int is_rewrite; /* of every file */
  const char* compression;
} change;

static void change_keeps_them_or_is_refused(const test_case* t, const change* c,
                                            const content* between) {
  volume v;
  if (!make_old_file(t, between, &v)) return;
  snapshot* before = snapshot_take();
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_image_region(w, &c->image));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_paste_region(w, &c->part));
  if (c->compression) assert_ok(w, swr_set_compression(w, c->compression, 3));
  volume now = volume_new(&c->image, SWR_INT16, 1);
  volume part = volume_pattern(&c->part, SWR_INT16, 1, 3);
  volume_copy(&now, &v, &v.region);
  volume_copy(&now, &part, &c->part);
  source s = source_of(&part);
  const swr_status said = swr_check(w), status = swr_write(w, pull_source, &s);
  assert_int_equal(said, status);
  if (status == SWR_OK) {
    assert_file_holds(t->path, &now);
    assert_true(between->is_padding || has_content(t->path, between));
  } else {
    assert_status(w, SWR_ERROR_UNSUPPORTED, status);
    assert_unchanged(before);
  }
  const int name_forbids = c->compression && strcmp(t->kind->format, "NIfTI") == 0;
  const int loses = !between->is_padding && (c->is_rewrite || t->kind->compressed);
  if (!name_forbids) assert_int_equal(status, loses ? SWR_ERROR_UNSUPPORTED : SWR_OK);
  if (status != SWR_OK && !name_forbids) {
    assert_says(swr_writer_message(w), t->path);
    assert_says(swr_writer_message(w), "between its header and its pixels");
  }
  swr_writer_destroy(w);
  source_free(&s);
  volume_free(&part);
  volume_free(&now);
  volume_free(&v);
  snapshot_free(before);
  clear_folder();
}

static void changed_file_keeps_them_or_is_as_it_was(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return;
  const swr_region old = region_3d(0, 0, 0, 6, 5, 4);
  const change changes[] = {
      {old, region_3d(1, 1, 3, 4, 4, 1), 0, NULL},
      {region_3d(0, 0, 0, 6, 5, 9), region_3d(0, 0, 4, 6, 5, 5), 0, NULL},
      {region_3d(0, 0, 0, 6, 7, 4), region_3d(0, 5, 0, 6, 2, 4), 1, NULL},
      {old, region_3d(0, 0, 0, 6, 5, 1), 1, t->kind->compressed ? "none" : "deflate"},
  };
  for (int padding = 0; padding < 2; ++padding) {
    const content between = content_of(padding);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i)
      change_keeps_them_or_is_refused(t, &changes[i], &between);
  }
}

static swr_status copy(const char* to, swr_reader* from, const volume* v, const char* strict,
                       warnings* log) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, to));
  describe(w, v);
  assert_ok(w, swr_set_header_from(w, from));
  assert_ok(w, swr_set_option(w, "strict", strict));
  assert_ok(w, swr_set_log(w, take_warning, log));
  const swr_status status = swr_write(w, swr_reader_pull, from);
  if (status != SWR_OK) assert_status(w, SWR_ERROR_UNSUPPORTED, status);
  swr_writer_destroy(w);
  return status;
}

static void copy_warns_once_and_is_refused_if_strict(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return;
  for (int i = 0; i < 4; ++i) {
    const content between = content_of(i % 2);
    volume v;
    if (!make_old_file(t, &between, &v)) continue;
    char to[64];
    other_path(t, "copy", to);
    if (i >= 2) snprintf(to, sizeof to, "%s", strcmp(t->kind->format, "NRRD") ? "x.nrrd" : "x.mha");
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, t->path));
    snapshot* before = snapshot_take();
    warnings log = {0};
    if (!between.is_padding) {
      assert_int_equal(copy(to, r, &v, "on", &log), SWR_ERROR_UNSUPPORTED);
      assert_unchanged(before);
    }
    log.count = 0;
    assert_int_equal(copy(to, r, &v, "off", &log), SWR_OK);
    assert_int_equal(log.count, between.is_padding ? 0 : 1);
    if (log.count > 0) assert_says(log.text, "between the header and the pixels");
    assert_file_holds(to, &v);
    snapshot_free(before);
    swr_reader_destroy(r);
    volume_free(&v);
    clear_folder();
  }
}

/* Encodings that are only read: text, and bzip2. */
static void copy_of_other_encodings_warns_too(void** state) {
  (void)state;
  /* "skipped!", or eight zeros, and the bytes 0 to 7, by bzip2 */
  static const unsigned char others[] = {
      0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x60, 0x00, 0x7a, 0x07,
      0x00, 0x00, 0x07, 0xd1, 0x80, 0x7f, 0x80, 0x20, 0x00, 0x06, 0x28, 0x48, 0x00, 0x20,
      0x00, 0x22, 0x98, 0x08, 0xc3, 0x42, 0x98, 0x00, 0x0f, 0x11, 0xa2, 0xb3, 0xc7, 0xe7,
      0x30, 0x18, 0x1a, 0x2e, 0xe4, 0x8a, 0x70, 0xa1, 0x20, 0xc0, 0x00, 0xf4, 0x0e};
  static const unsigned char zeros[] = {
      0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x89, 0x1c, 0xba, 0x7c, 0x00,
      0x00, 0x00, 0x40, 0x00, 0x7f, 0x80, 0x20, 0x00, 0x31, 0x0c, 0x08, 0x19, 0x0c, 0x25, 0xc3,
      0x39, 0x35, 0x1d, 0xf1, 0x77, 0x24, 0x53, 0x85, 0x09, 0x08, 0x91, 0xcb, 0xa7, 0xc0};
  static const char numbers[] = "0 1 2 3 4 5 6 7\n", hexadecimal[] = "0001020304050607\n";
  const struct {
    const char *encoding, *skip, *skipped;
    const void* data;
    int64_t bytes;
    int is_told;
  } files[] = {
      {"ascii", "line skip: 1\n", "another program's\n", numbers, sizeof numbers - 1, 1},
      {"ascii", "byte skip: 3\n", "8 9", numbers, sizeof numbers - 1, 1},
      {"ascii", "", "", numbers, sizeof numbers - 1, 0},
      {"hex", "line skip: 1\n", "ff\n", hexadecimal, sizeof hexadecimal - 1, 1},
      {"bzip2", "line skip: 1\n", "a line\n", zeros, sizeof zeros, 1},
      {"bzip2", "byte skip: 8\n", "", others, sizeof others, 1},
      {"bzip2", "byte skip: 8\n", "", zeros, sizeof zeros, 0},
  };
  for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
    /* the stream has eight bytes in front of the pixels, whatever is skipped by lines */
    const int is_stream = strcmp(files[i].encoding, "bzip2") == 0;
#ifdef _WIN32
    if (is_stream) continue; /* built without libbz2 */
#endif
    char file[1000];
    const int header = snprintf(
        file, sizeof file, "NRRD0004\ntype: uint8\ndimension: 1\nsizes: %d\nencoding: %s\n%s\n%s",
        is_stream && strstr(files[i].skip, "line") ? 16 : 8, files[i].encoding, files[i].skip,
        files[i].skipped);
    memcpy(file + header, files[i].data, (size_t)files[i].bytes);
    save_file("old.nrrd", file, header + files[i].bytes);
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, "old.nrrd"));
    swr_region region;
    assert_reader_ok(r, swr_reader_get_image_region(r, &region));
    volume v = volume_new(&region, SWR_UINT8, 1);
    warnings log = {0};
    if (files[i].is_told)
      assert_int_equal(copy("copy.nrrd", r, &v, "on", &log), SWR_ERROR_UNSUPPORTED);
    log.count = 0;
    assert_int_equal(copy("copy.nrrd", r, &v, "off", &log), SWR_OK);
    assert_int_equal(log.count, files[i].is_told);
    if (files[i].is_told) assert_says(log.text, "between the header and the pixels");
    swr_reader_destroy(r);
    volume_free(&v);
  }
}

int main(void) {
  TEST_EACH(changed_file_keeps_them_or_is_as_it_was,
            SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND);
  TEST_EACH(copy_warns_once_and_is_refused_if_strict, SWR_CAN_STREAM);
  TEST(copy_of_other_encodings_warns_too);
  return run_all_tests("bytes before");
}
