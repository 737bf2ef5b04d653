/* Damaged compressed files of every format, slotted and foreign: the right pixels or a clear
 * status, in bounded memory, and the file never changes. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checked/checked.h"
#include "heap/heap.h"
#include "support/foreign.h"

enum { memory_limit = 8 << 20 };

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 61, 43, 9);
}

static void make(const test_case* t, const volume* v, int foreign) {
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 3, ONE_STREAM};
  if (foreign) {
    make_foreign(t, v, &how);
    return;
  }
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  assert_ok(w, swr_set_option(w, "deflate.slot", "4096"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

/* The statuses that damage may give. */
static int is_clear(swr_status status) {
  return status == SWR_ERROR_CORRUPT || status == SWR_ERROR_UNSUPPORTED ||
         status == SWR_ERROR_FORMAT || status == SWR_ERROR_REGION;
}

/* Reads all pixels and verifies; if both are fine, the pixels are the volume's. */
static swr_status read_and_compare(const test_case* t, const volume* v, int64_t where) {
  volume got = volume_new(&v->region, v->component, v->components);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_memory_limit(r, memory_limit));
  swr_status status = swr_reader_open(r, t->path);
  if (status == SWR_OK) status = swr_reader_read(r, &v->region, got.bytes, volume_bytes(&got));
  if (status == SWR_OK && memcmp(got.bytes, v->bytes, (size_t)volume_bytes(v)) != 0)
    fail_msg("wrong pixels with damage at %lld", (long long)where);
  if (status != SWR_OK && (!is_clear(status) || swr_reader_message(r)[0] == 0)) {
    fail_msg("damage at %lld is %s: %s", (long long)where, swr_status_name(status),
             swr_reader_message(r));
  }
  if (status == SWR_OK) status = swr_reader_verify(r);
  assert_true(status == SWR_OK || is_clear(status));
  swr_reader_destroy(r);
  volume_free(&got);
  return status;
}

/* A paste is refused and changes nothing, or the file is correct afterwards. */
static void paste_is_right_or_refused(const test_case* t, const volume* v) {
  const swr_region box = region_3d(10, 10, 2, 30, 20, 4);
  volume blank = volume_new(&box, v->component, 1);
  snapshot* before = snapshot_take();
  swr_writer* w = new_writer(t);
  source s = source_of(&blank);
  assert_ok(w, swr_set_pixel_type(w, v->component, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_memory_limit(w, memory_limit));
  assert_ok(w, swr_set_paste_region(w, &box));
  checks_off("the rest of the file is as damaged as it was");
  const swr_status status = swr_write(w, pull_source, &s);
  checks_on();
  if (status == SWR_OK) {
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, t->path));
    assert_reader_ok(r, swr_reader_read(r, &box, blank.bytes, volume_bytes(&blank)));
    for (int64_t i = 0; i < volume_bytes(&blank); ++i) assert_int_equal(blank.bytes[i], 0);
    swr_reader_destroy(r);
  } else {
    assert_true(is_clear(status) || status == SWR_ERROR_MISMATCH);
    assert_unchanged(before);
  }
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&blank);
}

/* The bytes and the path of the file with the stream. */
static unsigned char* make_and_load(const test_case* t, const volume* v, int foreign, char path[64],
                                    int64_t* bytes) {
  make(t, v, foreign);
  stream_path(t, path);
  return load_file(path, bytes);
}

static void truncated_files_are_noticed(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = image_region();
  volume v = scan(&region);
  for (int foreign = 0; foreign < 2; ++foreign) {
    char data[64];
    int64_t bytes = 0;
    unsigned char* file = make_and_load(t, &v, foreign, data, &bytes);
    for (int64_t cut = 0; cut < bytes; cut += cut < 40 || cut > bytes - 20 ? 1 : 997) {
      save_file(data, file, cut);
      if (read_and_compare(t, &v, cut) == SWR_OK)
        fail_msg("a file cut off at %lld of %lld bytes is accepted", (long long)cut,
                 (long long)bytes);
      if (cut % 5 == 0) {
        paste_is_right_or_refused(t, &v);
        save_file(data, file, cut);
      }
    }
    free(file);
  }
  volume_free(&v);
}

static void flipped_bits_never_give_wrong_pixels(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = image_region();
  volume v = scan(&region);
  for (int foreign = 0; foreign < 2; ++foreign) {
    char data[64];
    int64_t bytes = 0;
    unsigned char* file = make_and_load(t, &v, foreign, data, &bytes);
    const int64_t begin = stream_begin(file, bytes);
    int noticed = 0, all = 0;
    for (int64_t at = begin; at < bytes;
         at += at < begin + 400 || at > bytes - 400 ? 7 : 197, ++all) {
      const unsigned char bit = (unsigned char)(1 << (at * 7 % 8));
      file[at] ^= bit;
      save_file(data, file, bytes);
      noticed += read_and_compare(t, &v, at) != SWR_OK;
      if (all % 16 == 0) paste_is_right_or_refused(t, &v);
      file[at] ^= bit;
      if (all % 16 == 0) make(t, &v, foreign);
    }
    assert_true(noticed > all / 2); /* the others strike bits that every reader passes over */
    free(file);
  }
  volume_free(&v);
}

/* --- Bombs --- */

/* dim[1 .. 3] of a NIfTI-1 header: int16, little endian. */
enum { nifti_dims = 42 };
static const unsigned char huge_dims[] = {0xff, 0x7f, 0xff, 0x7f, 0x00, 0x04};

/* Headers that are in the stream, in front of the pixels. */
typedef struct packed_head {
  const char* suffix;
  int64_t bytes;
  int64_t dims;
  unsigned char huge[12];
  size_t huge_bytes;
} packed_head;
static const packed_head packed_heads[] = {
    {".nii", 352, nifti_dims, {0xff, 0x7f, 0xff, 0x7f, 0x00, 0x04}, 6},
    {".gipl", 256, 0, {0x7f, 0xff, 0x7f, 0xff, 0x04, 0x00}, 6},
    {".mg", 284, 4, {0, 0, 0x7f, 0xff, 0, 0, 0x7f, 0xff, 0, 0, 0x04, 0x00}, 12},
};

static const packed_head* packed_head_of(const test_case* t) {
  for (size_t i = 0; i < sizeof packed_heads / sizeof packed_heads[0]; ++i) {
    if (strstr(t->path, packed_heads[i].suffix)) return &packed_heads[i];
  }
  return NULL;
}

static int64_t head_bytes(const test_case* t) {
  const packed_head* packed = packed_head_of(t);
  return packed ? packed->bytes : 0;
}

static void make_head_huge(const test_case* t, unsigned char* head) {
  const packed_head* packed = packed_head_of(t);
  assert_non_null(packed);
  memcpy(head + packed->dims, packed->huge, packed->huge_bytes);
}

/* The first `count` raw bytes of the image's own stream, then very many zeros: 80 MB in 80 KB. */
static unsigned char* bomb_of(const test_case* t, int64_t count, int huge, int64_t* bytes) {
  char data[64];
  stream_path(t, data);
  int64_t file_size = 0;
  unsigned char* file = load_file(data, &file_size);
  const int64_t begin = stream_begin(file, file_size);
  unsigned char* zeros = calloc(1, 1 << 20);
  unsigned char* bomb = malloc(1 << 20);
  unsigned char head[4096] = {0};
  assert_non_null(zeros);
  assert_non_null(bomb);
  z_stream in = {0}, out = {0};
  assert_int_equal(inflateInit2(&in, 47), Z_OK);
  in.next_in = file + begin;
  in.avail_in = (uInt)(file_size - begin);
  in.next_out = head;
  in.avail_out = (uInt)count;
  if (count > 0) assert_true(inflate(&in, Z_SYNC_FLUSH) >= 0);
  inflateEnd(&in);
  if (huge && count > 0) make_head_huge(t, head);
  assert_int_equal(
      deflateInit2(&out, 9, Z_DEFLATED, makes_gzip(t) ? 31 : 15, 9, Z_DEFAULT_STRATEGY), Z_OK);
  out.next_out = bomb;
  out.avail_out = 1 << 20;
  out.next_in = head;
  out.avail_in = (uInt)count;
  assert_int_equal(deflate(&out, Z_NO_FLUSH), Z_OK);
  for (int i = 0; i < 80; ++i) {
    out.next_in = zeros;
    out.avail_in = 1 << 20;
    assert_int_equal(deflate(&out, i == 79 ? Z_FINISH : Z_NO_FLUSH), i == 79 ? Z_STREAM_END : Z_OK);
  }
  *bytes = (int64_t)out.total_out;
  deflateEnd(&out);
  free(zeros);
  free(file);
  return bomb;
}

static void bomb_behind_a_small_image_costs_no_memory(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = image_region();
  volume v = scan(&region);
  make(t, &v, 0);
  int64_t bytes = 0;
  unsigned char* bomb = bomb_of(t, head_bytes(t), 0, &bytes);
  replace_stream(t, bomb, bytes);
  free(bomb);
  heap_watch();
  memset(v.bytes, 0, (size_t)volume_bytes(&v));
  assert_int_equal(read_and_compare(t, &v, 0), SWR_ERROR_CORRUPT);
  assert_true(heap_peak() < 32 << 20);
  volume_free(&v);
}

/* A header that is a gzip file of its own. */
static void make_packed_header_huge(const char* path) {
  unsigned char header[4096];
  gzFile in = gzopen(path, "rb");
  assert_non_null(in);
  const int bytes = gzread(in, header, sizeof header);
  assert_in_range(bytes, 348, sizeof header - 1);
  assert_int_equal(gzclose(in), Z_OK);
  memcpy(header + nifti_dims, huge_dims, sizeof huge_dims);
  gzFile out = gzopen(path, "wb");
  assert_non_null(out);
  assert_int_equal(gzwrite(out, header, (unsigned)bytes), bytes);
  assert_int_equal(gzclose(out), Z_OK);
}

/* Replaces the first `from`, which must exist; frees `file`. */
static unsigned char* replaced(unsigned char* file, int64_t* bytes, const char* from,
                               const char* to) {
  unsigned char* const at = memmem(file, (size_t)*bytes, from, strlen(from));
  assert_non_null(at);
  const size_t before = (size_t)(at - file), after = (size_t)*bytes - before - strlen(from);
  unsigned char* const out = malloc(before + strlen(to) + after + 1);
  assert_non_null(out);
  memcpy(out, file, before);
  memcpy(out + before, to, strlen(to));
  memcpy(out + before + strlen(to), at + strlen(from), after);
  *bytes = (int64_t)(before + strlen(to) + after);
  free(file);
  return out;
}

/* 60 x 60 x 1 pixels become 32767 x 32767 x 1024. */
static void make_header_huge(const test_case* t) {
  if (strstr(t->path, ".hdr.gz")) {
    make_packed_header_huge(t->path);
    return;
  }
  const char* const path = strstr(t->path, ".img") ? "image.hdr" : t->path;
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  assert_non_null(file);
  if (strstr(path, ".hdr")) {
    memcpy(file + nifti_dims, huge_dims, sizeof huge_dims);
  } else { /* where the stream follows the header, the filler makes room for longer numbers */
    file = replaced(file, &bytes, " 60 60 1\n", " 32767 32767 1024\n");
    if (!strstr(path, "hd")) file = replaced(file, &bytes, ".........", "");
  }
  save_file(path, file, bytes);
  free(file);
}

/* The header claims a tebibyte, of which the stream has 80 MB. */
static void bomb_for_a_huge_image_costs_no_memory(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = region_3d(0, 0, 0, 32767, 32767, 1024),
                   end = region_3d(32000, 32700, 1023, 60, 60, 1),
                   begin = region_3d(0, 0, 0, 60, 60, 1);
  const swr_region small = region_3d(0, 0, 0, 60, 60, 1);
  volume v = volume_new(&small, SWR_UINT8, 1);
  make_file(t, &v);
  int64_t bytes = 0;
  unsigned char* bomb = bomb_of(t, head_bytes(t), 1, &bytes);
  replace_stream(t, bomb, bytes);
  free(bomb);
  if (head_bytes(t) == 0) make_header_huge(t);
  heap_watch();
  unsigned char pixels[60 * 60];
  swr_reader* r = swr_reader_create();
  swr_region told;
  assert_reader_ok(r, swr_reader_set_memory_limit(r, memory_limit));
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_image_region(r, &told));
  assert_region_equal(&told, &region);
  assert_reader_ok(r, swr_reader_read(r, &begin, pixels, sizeof pixels));
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_read(r, &end, pixels, sizeof pixels));
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_verify(r));
  swr_reader_destroy(r);
  volume blank = volume_new(&end, SWR_UINT8, 1);
  snapshot* files = snapshot_take();
  swr_writer* w = new_writer(t);
  source s = source_of(&blank);
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_memory_limit(w, memory_limit));
  assert_ok(w, swr_set_paste_region(w, &end));
  assert_status(w, SWR_ERROR_CORRUPT, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_unchanged(files);
  snapshot_free(files);
  assert_true(heap_peak() < 32 << 20);
  volume_free(&blank);
  volume_free(&v);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(truncated_files_are_noticed, needs);
  TEST_EACH(flipped_bits_never_give_wrong_pixels, needs);
  TEST_EACH(bomb_behind_a_small_image_costs_no_memory, needs);
  TEST_EACH(bomb_for_a_huge_image_costs_no_memory, needs);
  return run_all_tests("damage");
}
