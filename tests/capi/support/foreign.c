#include "support/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { piece_bytes = 4096 };

void stream_path(const test_case* t, char out[64]) {
  static const char* const detached[] = {"image.zraw", "image.raw.gz", "image.img.gz"};
  for (int i = 0; i < 3; ++i) {
    snprintf(out, 64, "%s", detached[i]);
    if (file_exists(out)) return;
  }
  snprintf(out, 64, "%s", t->path);
}

/* Everything before it is text. */
int64_t stream_begin(const unsigned char* file, int64_t bytes) {
  for (int64_t at = 0; at + 2 < bytes; ++at) {
    const int zlib_head = (file[at] & 15) == 8 && file[at] >> 4 == 7 &&
                          (file[at] * 256 + file[at + 1]) % 31 == 0 &&
                          (at == 0 || file[at - 1] == '\n');
    if (zlib_head || (file[at] == 0x1f && file[at + 1] == 0x8b)) return at;
  }
  fail_msg("the file has no stream");
  return -1;
}

/* A sanitizer takes milliseconds for a buffer of many megabytes. */
static unsigned char* inflated(const unsigned char* stream, int64_t bytes, size_t most,
                               int64_t* raw_bytes) {
  unsigned char* raw = malloc(most);
  assert_non_null(raw);
  z_stream z = {0};
  assert_int_equal(inflateInit2(&z, 47), Z_OK);
  z.next_in = (unsigned char*)stream;
  z.avail_in = (uInt)bytes;
  z.next_out = raw;
  z.avail_out = (uInt)most;
  assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
  *raw_bytes = (int64_t)z.total_out;
  inflateEnd(&z);
  return raw;
}

unsigned char* inflated_stream(const test_case* t, int64_t most, int64_t* raw_bytes) {
  char data[64];
  stream_path(t, data);
  int64_t bytes = 0;
  unsigned char* file = load_file(data, &bytes);
  assert_non_null(file);
  const int64_t begin = stream_begin(file, bytes);
  unsigned char* raw = inflated(file + begin, bytes - begin, (size_t)most, raw_bytes);
  free(file);
  return raw;
}

static int64_t deflated(const unsigned char* raw, int64_t bytes, int gzip,
                        const foreign_encoding* how, unsigned char* out, int64_t room) {
  z_stream z = {0};
  assert_int_equal(
      deflateInit2(&z, how->level, Z_DEFLATED, gzip ? 31 : 15, how->memory, how->strategy), Z_OK);
  if (how->shape == DICTIONARY)
    assert_int_equal(deflateSetDictionary(&z, (const unsigned char*)"dictionary", 10), Z_OK);
  z.next_in = (unsigned char*)raw;
  z.next_out = out;
  z.avail_out = (uInt)room;
  for (int64_t done = 0; how->shape == FLUSHED && done + piece_bytes < bytes; done += piece_bytes) {
    z.avail_in = piece_bytes;
    assert_int_equal(deflate(&z, Z_FULL_FLUSH), Z_OK);
    assert_int_equal(z.avail_in, 0);
  }
  z.avail_in = (uInt)(bytes - (int64_t)z.total_in);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  const int64_t made = (int64_t)z.total_out;
  deflateEnd(&z);
  return made;
}

/* MetaImage headers contain the stream's length, in a field that swr makes wide. */
static void patch_length(const char* header, int64_t length) {
  int64_t bytes = 0;
  unsigned char* file = load_file(header, &bytes);
  const char key[] = "CompressedDataSize = ";
  for (int64_t at = 0; at + (int64_t)sizeof key < bytes; ++at) {
    if (memcmp(file + at, key, sizeof key - 1) != 0) continue;
    unsigned char* const field = file + at + sizeof key - 1;
    const int width =
        (int)((unsigned char*)memchr(field, '\n', (size_t)(file + bytes - field)) - field);
    char digits[64];
    snprintf(digits, sizeof digits, "%*lld", width, (long long)length);
    memcpy(field, digits, (size_t)width);
    save_file(header, file, bytes);
    break;
  }
  free(file);
}

int makes_gzip(const test_case* t) {
  return strstr(t->path, ".mh") == NULL;
}

void replace_stream(const test_case* t, const unsigned char* stream, int64_t stream_bytes) {
  char data[64];
  stream_path(t, data);
  int64_t bytes = 0;
  unsigned char* file = load_file(data, &bytes);
  const int64_t begin = stream_begin(file, bytes);
  file = realloc(file, (size_t)(begin + stream_bytes));
  assert_non_null(file);
  memcpy(file + begin, stream, (size_t)stream_bytes);
  save_file(data, file, begin + stream_bytes);
  free(file);
  patch_length(t->path, stream_bytes);
}

void make_foreign(const test_case* t, const volume* v, const foreign_encoding* how) {
  make_file(t, v);
  int64_t raw_bytes = 0;
  const int64_t most = volume_bytes(v) + 65536; /* a header may precede the pixels */
  unsigned char* raw = inflated_stream(t, most, &raw_bytes);
  const int64_t room = 2 * raw_bytes + 100000;
  unsigned char* out = malloc((size_t)room);
  assert_non_null(out);
  const int64_t member = how->shape == TWO_MEMBERS    ? raw_bytes / 2
                         : how->shape == MANY_MEMBERS ? piece_bytes
                                                      : raw_bytes;
  int64_t made = 0;
  for (int64_t done = 0; done < raw_bytes; done += member) {
    const int64_t part = raw_bytes - done < member ? raw_bytes - done : member;
    made += deflated(raw + done, part, makes_gzip(t), how, out + made, room - made);
  }
  if (how->shape == TRAILING_BYTES) {
    memset(out + made, 'x', 20);
    made += 20;
  }
  replace_stream(t, out, made);
  free(out);
  free(raw);
}

volume scan(const swr_region* region) {
  volume v = volume_new(region, SWR_INT16, 1);
  uint32_t random = 12345;
  int16_t* at = (int16_t*)(void*)v.bytes;
  for (int64_t i = 0; i < region_pixels(region); ++i) {
    random = random * 1664525u + 1013904223u;
    const int64_t x = i % region->size[0], y = i / region->size[0] % region->size[1];
    at[i] = (int16_t)((x - 50) * (x - 50) + (y - 40) * (y - 40) < 1500
                          ? 1000 + x + (int64_t)(random >> 28)
                          : 0);
  }
  return v;
}
