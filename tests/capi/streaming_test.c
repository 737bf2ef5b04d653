/* New files, streamed: pieces are pulled in file order, and the file holds what the source
 * delivered. */
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

static volume head(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 48, 62, 42);
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

/* The source was asked for `count` consecutive slabs along `axis`. */
static void assert_asked_slabs(const source* s, const swr_region* region, int axis, int count,
                               const int64_t* sizes) {
  assert_int_equal(s->pulls, count);
  swr_region expected = *region;
  for (int i = 0; i < count; ++i) {
    expected.size[axis] = sizes[i];
    assert_region_equal(&s->asked[i], &expected);
    expected.index[axis] += sizes[i];
  }
}

static void stream_in_four_pulls_four_slabs(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  const int64_t sizes[] = {11, 11, 11, 9};
  assert_asked_slabs(&s, &v.region, 2, 4, sizes);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void stream_over_a_file_replaces_it(void** state) {
  const test_case* t = *state;
  volume old = head(1), v = head(2);
  make_file(t, &old);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 4);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
}

static void stream_plain_over_a_compressed_file_replaces_it(void** state) {
  const test_case* t = *state;
  volume old = head(1), v = head(2);
  make_file(t, &old);
  swr_writer* w = swr_writer_create();
  source s = source_of(&v);
  assert_ok(w, swr_set_path(w, t->path));
  describe(w, &v);
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 4);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
}

static void stream_replacing_leaves_only_the_new_files(void** state) {
  const test_case* t = *state;
  volume v = head(2);
  make_file(t, &v);
  snapshot* s = snapshot_take();
  make_file(t, &v);
  assert_unchanged(s); /* the same image gives the same bytes under the same names */
  snapshot_free(s);
  volume_free(&v);
}

static void stream_of_a_source_that_lends_all_pulls_once(void** state) {
  const test_case* t = *state;
  volume v = head(3);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = LENDS_ALL;
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 1);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void stream_5x5x5_in_five_reads_back_in_slices(void** state) {
  const test_case* t = *state;
  const struct {
    swr_component component;
    int32_t components;
  } types[] = {{SWR_UINT8, 1}, {SWR_FLOAT32, 1}, {SWR_UINT8, 3}};
  const swr_region region = region_3d(0, 0, 0, 5, 5, 5);
  for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
    volume v = volume_new(&region, types[i].component, types[i].components);
    const int32_t bytes = swr_component_bytes(v.component);
    for (int z = 0, n = 0; z < 5; ++z) {
      for (int y = 0; y < 5; ++y) {
        for (int x = 0; x < 5; ++x) {
          for (int c = 0; c < v.components; ++c, ++n)
            component_store(v.bytes + n * bytes, v.component, (100 * z + 10 * y + x + c) % 256);
        }
      }
    }
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_divisions(w, 5));
    assert_ok(w, swr_write(w, pull_source, &s));
    const int64_t sizes[] = {1, 1, 1, 1, 1};
    assert_asked_slabs(&s, &region, 2, 5, sizes);
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, t->path));
    for (int z = 4; z >= 0; --z) {
      const swr_region slice = region_3d(0, 0, z, 5, 5, 1);
      unsigned char got[5 * 5 * 4 * 3], expected[5 * 5 * 4 * 3];
      const int64_t slice_bytes = 25 * volume_pixel_bytes(&v);
      assert_reader_ok(r, swr_reader_read(r, &slice, got, slice_bytes));
      volume_get(&v, &slice, expected);
      assert_memory_equal(got, expected, slice_bytes);
    }
    swr_reader_destroy(r);
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

static void stream_in_as_many_as_slices_pulls_each_slice(void** state) {
  const test_case* t = *state;
  volume v = head(4);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_divisions(w, 42));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 42);
  for (int z = 0; z < 42; ++z) {
    const swr_region slice = region_3d(0, 0, z, 48, 62, 1);
    assert_region_equal(&s.asked[z], &slice);
  }
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void stream_in_zero_one_or_unset_divisions_is_whole(void** state) {
  const test_case* t = *state;
  volume v = head(5);
  for (int divisions = -1; divisions <= 1; ++divisions) {
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_divisions(w, divisions));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_int_equal(s.pulls, 1); /* 125 kB fit one piece, unset too */
    assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void stream_bytes_do_not_depend_on_divisions_threads_or_delivery(void** state) {
  const test_case* t = *state;
  volume v = head(6);
  make_file(t, &v);
  snapshot* first = snapshot_take();
  const int64_t divisions[] = {2, 5, 42};
  const delivery ways[] = {FILLS, LENDS_PIECE, LENDS_ALL};
  for (int threads = 1; threads <= 3; ++threads) {
    for (int i = 0; i < 3; ++i) {
      swr_writer* w = writer_for(t, &v);
      source s = source_of(&v);
      s.how = ways[(threads + i) % 3];
      assert_ok(w, swr_set_divisions(w, divisions[i]));
      assert_ok(w, swr_set_threads(w, threads));
      assert_ok(w, swr_write(w, pull_source, &s));
      assert_unchanged(first);
      source_free(&s);
      swr_writer_destroy(w);
    }
  }
  snapshot_free(first);
  volume_free(&v);
}

static void stream_of_several_megabytes_equals_the_source(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 317, 211, 31);
  volume v = volume_pattern(&region, SWR_INT16, 1, 8);
  const int64_t divisions[] = {-1, 1, 7, 31};
  for (int i = 0; i < 4; ++i) {
    if (SANITIZED && !takes_its_turn(t, i, 2)) continue;
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    s.how = i % 2 ? LENDS_PIECE : FILLS;
    assert_ok(w, swr_set_divisions(w, divisions[i]));
    assert_ok(w, swr_set_sync(w, i == 1));
    assert_ok(w, swr_write(w, pull_source, &s));
    if (i == 0) assert_true(s.pulls > 1); /* pieces of about a megabyte */
    assert_file_holds(t->path, &v);
    source_free(&s);
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static int32_t one_at_a_time(swr_piece* piece, void* user) {
  int64_t* next = user;
  if (swr_piece_number(piece) != *next) return SWR_ERROR_SOURCE; /* in file order, each once */
  ++*next;
  memset(swr_piece_buffer(piece), (int)*next, (size_t)swr_piece_bytes(piece));
  return SWR_OK;
}

static void stream_asks_pieces_in_file_order(void** state) {
  const test_case* t = *state;
  volume v = head(0);
  for (int64_t i = 0; i < volume_bytes(&v); ++i) v.bytes[i] = (unsigned char)(1 + i / (48 * 62));
  swr_writer* w = writer_for(t, &v);
  int64_t next = 0;
  assert_ok(w, swr_set_divisions(w, 42));
  assert_ok(w, swr_write(w, one_at_a_time, &next));
  assert_int_equal(next, 42);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

typedef struct {
  const volume* v;
  void* buffers[2];
} buffer_owner;

static int32_t fill_only_own_buffers(swr_piece* piece, void* user) {
  const buffer_owner* owner = user;
  void* buffer = swr_piece_buffer(piece);
  if (buffer != owner->buffers[0] && buffer != owner->buffers[1]) {
    swr_piece_fail(piece, "another buffer");
    return SWR_ERROR_SOURCE;
  }
  volume_get(owner->v, swr_piece_region(piece), buffer);
  return SWR_OK;
}

static void stream_into_buffers_of_the_application_uses_them(void** state) {
  const test_case* t = *state;
  volume v = head(9);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 42));
  int64_t bytes = 0;
  assert_ok(w, swr_get_piece_bytes(w, &bytes));
  assert_int_equal(bytes, 48 * 62);
  buffer_owner owner = {&v, {malloc((size_t)bytes), malloc((size_t)bytes)}};
  assert_ok(w, swr_set_buffers(w, owner.buffers, 2, bytes));
  assert_ok(w, swr_write(w, fill_only_own_buffers, &owner));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  free(owner.buffers[0]);
  free(owner.buffers[1]);
  volume_free(&v);
}

typedef struct steps {
  int64_t calls, last_pieces, last_bytes, pieces, bytes;
} steps;

static int32_t note_progress(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                             void* user) {
  steps* s = user;
  ++s->calls;
  if (pieces_done < s->last_pieces || bytes_done < s->last_bytes) return 1; /* never back */
  s->last_pieces = pieces_done;
  s->last_bytes = bytes_done;
  s->pieces = pieces;
  s->bytes = bytes;
  return 0;
}

static void progress_goes_up_to_all_pieces_and_bytes(void** state) {
  const test_case* t = *state;
  volume v = head(12);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  steps seen = {0, 0, 0, 0, 0};
  assert_ok(w, swr_set_divisions(w, 9));
  assert_ok(w, swr_set_progress(w, note_progress, &seen));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(seen.pieces, 9);
  assert_int_equal(seen.last_pieces, 9);
  assert_int_equal(seen.bytes, volume_bytes(&v));
  assert_int_equal(seen.last_bytes, volume_bytes(&v));
  assert_true(seen.calls >= 9);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void statistics_count_pulls_pieces_and_bytes(void** state) {
  const test_case* t = *state;
  volume v = head(13);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_divisions(w, 9));
  assert_ok(w, swr_write(w, pull_source, &s));
  int64_t value = -1;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PULLS, &value));
  assert_int_equal(value, 9);
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PIECES, &value));
  assert_int_equal(value, 9);
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_BYTES_IN, &value));
  assert_int_equal(value, volume_bytes(&v));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_BYTES_OUT, &value));
  if (!t->kind->compressed) assert_true(value >= volume_bytes(&v));
  assert_true(value > 0);
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_METHOD, &value));
  assert_int_equal(value, SWR_METHOD_CREATE);
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &value));
  assert_true(value > 0 && value <= (256 << 20));
  swr_writer_destroy(w);
  volume_free(&v);
}

static void note_log(swr_log_level level, const char* message, void* user) {
  assert_in_range(level, SWR_LOG_INFO, SWR_LOG_WARNING);
  assert_non_null(message);
  ++*(int*)user;
}

static void log_may_be_set_and_taken_back(void** state) {
  const test_case* t = *state;
  volume v = head(14);
  swr_writer* w = writer_for(t, &v);
  int lines = 0;
  source s = source_of(&v);
  assert_ok(w, swr_set_log(w, note_log, &lines));
  assert_ok(w, swr_write(w, pull_source, &s));
  const int before = lines;
  assert_ok(w, swr_set_log(w, NULL, NULL));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(lines, before);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void every_number_of_dimensions_streams(void** state) {
  const test_case* t = *state;
  int32_t least = 0, most = 0;
  assert_int_equal(swr_format_dimensions(t->kind->format, &least, &most), SWR_OK);
  for (int32_t dimensions = least; dimensions <= most; ++dimensions) {
    int64_t size[SWR_MAX_DIMENSIONS];
    for (int32_t axis = 0; axis < dimensions; ++axis)
      size[axis] = dimensions > 8 ? 1 + axis % 2 : 2 + axis % 2;
    const swr_region region = region_nd(dimensions, NULL, size);
    volume v = volume_pattern(&region, SWR_UINT16, 1, (uint64_t)dimensions);
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_divisions(w, 2));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

int main(void) {
  TEST_EACH(stream_in_four_pulls_four_slabs, SWR_CAN_STREAM);
  TEST_EACH(stream_over_a_file_replaces_it, SWR_CAN_STREAM);
  TEST_EACH(stream_plain_over_a_compressed_file_replaces_it, SWR_CAN_STREAM);
  TEST_EACH(stream_replacing_leaves_only_the_new_files, SWR_CAN_STREAM);
  TEST_EACH(stream_of_a_source_that_lends_all_pulls_once, SWR_CAN_STREAM);
  TEST_EACH(stream_5x5x5_in_five_reads_back_in_slices, SWR_CAN_STREAM);
  TEST_EACH(stream_in_as_many_as_slices_pulls_each_slice, SWR_CAN_STREAM);
  TEST_EACH(stream_in_zero_one_or_unset_divisions_is_whole, SWR_CAN_STREAM);
  TEST_EACH(stream_bytes_do_not_depend_on_divisions_threads_or_delivery, SWR_CAN_STREAM);
  TEST_EACH(stream_of_several_megabytes_equals_the_source, SWR_CAN_STREAM);
  TEST_EACH(stream_asks_pieces_in_file_order, SWR_CAN_STREAM);
  TEST_EACH(stream_into_buffers_of_the_application_uses_them, SWR_CAN_STREAM);
  TEST_EACH(progress_goes_up_to_all_pieces_and_bytes, SWR_CAN_STREAM);
  TEST_EACH(statistics_count_pulls_pieces_and_bytes, SWR_CAN_STREAM);
  TEST_EACH(log_may_be_set_and_taken_back, SWR_CAN_STREAM);
  TEST_EACH(every_number_of_dimensions_streams, SWR_CAN_STREAM);
  return run_all_tests("streaming");
}
