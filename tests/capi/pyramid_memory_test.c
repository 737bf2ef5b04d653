/* The memory that a new image with smaller versions takes: what the plan says of it is what is
 * allocated, and a third of a layer of chunks more than without them. */
#include <string.h>

#include "checked/checked.h"
#include "heap/heap.h"
#include "support/support.h"

enum { side = 512, slices = 96, depth = 32, pixel_bytes = 2, limit = 512 << 20 };
static const int64_t slice_bytes = (int64_t)side * side * pixel_bytes;
static const int64_t layer_bytes = (int64_t)side * side * depth * pixel_bytes;
static const int64_t mebibyte = 1 << 20;

/* Noise, which is not compressed: encoded chunks are as long as others. */
static uint32_t noise(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

static int32_t pull_noise(swr_piece* piece, void* user) {
  uint32_t* const random = user;
  uint16_t* const out = swr_piece_buffer(piece);
  if (!out) return SWR_ERROR_MEMORY;
  const int64_t pixels = region_pixels(swr_piece_region(piece));
  for (int64_t i = 0; i < pixels; ++i) out[i] = (uint16_t)noise(random);
  return SWR_OK;
}

static swr_writer* noise_writer(const char* path, const char* levels, const char* shape,
                                int64_t memory, int threads) {
  const swr_region region = region_3d(0, 0, 0, side, side, slices);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_compression(w, "deflate", 1));
  assert_ok(w, swr_set_option(w, "chunk.shape", shape));
  assert_ok(w, swr_set_option(w, "pyramid.levels", levels));
  assert_ok(w, swr_set_memory_limit(w, memory));
  assert_ok(w, swr_set_threads(w, threads));
  return w;
}

static int64_t planned(const char* levels, int threads) {
  swr_writer* w = noise_writer("image.zarr", levels, "32,32,32", limit, threads);
  int64_t need = 0;
  assert_ok(w, swr_get_memory_need(w, &need));
  swr_writer_destroy(w);
  return need;
}

/* The same for a large image, whose layers have 64 slices of 8 MiB. */
static int64_t planned_of_large(const char* levels, int threads) {
  const swr_region region = region_3d(0, 0, 0, 2048, 2048, 512);
  swr_writer* w = noise_writer("image.zarr", levels, "64,64,64", (int64_t)16 << 30, threads);
  assert_ok(w, swr_set_image_region(w, &region));
  int64_t need = 0;
  assert_ok(w, swr_get_memory_need(w, &need));
  swr_writer_destroy(w);
  return need;
}

/* A quarter of a layer waits for the first level, a sixteenth for the second ... Besides there are
 * two slices of each version, and a few chunks. */
static void levels_take_a_third_of_a_layer_more(void** state) {
  (void)state;
  for (int threads = 1; threads <= 4; ++threads) {
    const int64_t more = planned("4", threads) - planned(NULL, threads);
    const int64_t waiting_slices = slice_bytes * 2 * 4 / 3, of_threads = threads * 5 * mebibyte / 4;
    print_message("%d threads: %.3f layers more\n", threads, (double)more / (double)layer_bytes);
    assert_in_range(more, layer_bytes / 4,
                    layer_bytes * 34 / 100 + waiting_slices + of_threads + 2 * mebibyte);
    const int64_t large = 512 * mebibyte;
    const int64_t more_of_large = planned_of_large("5", threads) - planned_of_large(NULL, threads);
    print_message("%.3f large layers more\n", (double)more_of_large / (double)large);
    assert_in_range(more_of_large, large / 4,
                    large * 34 / 100 + 8 * 2 * mebibyte * 4 / 3 + threads * 6 * mebibyte);
  }
}

/* `most`: bytes of memory. */
static void expect_peak(const char* path, const char* levels, const char* shape, int64_t memory,
                        int threads, int64_t most) {
  uint32_t random = 1;
  swr_writer* w = noise_writer(path, levels, shape, memory, threads);
  checks_off("what the checks allocate is not the writer's");
  heap_watch();
  assert_ok(w, swr_write(w, pull_noise, &random));
  const int64_t peak = heap_peak();
  checks_on();
  swr_writer_destroy(w);
  print_message("%s, %s levels, %d threads: %.1f MiB allocated, %.1f allowed\n", path,
                levels ? levels : "no", threads, (double)peak / (double)mebibyte,
                (double)most / (double)mebibyte);
  assert_in_range(peak, 0, most);
  clear_folder();
}

static void no_more_is_allocated_than_planned(void** state) {
  (void)state;
  for (int threads = 1; threads <= 3; ++threads) {
    expect_peak("image.zarr", NULL, "32,32,32", limit, threads, planned(NULL, threads));
    expect_peak("image.zarr", "4", "32,32,32", limit, threads, planned("4", threads));
  }
}

/* Layers of 16 MiB, and of 256 KiB in TIFF. */
static void layers_that_do_not_fit_wait_on_the_disk(void** state) {
  (void)state;
  const int64_t small = 8 * mebibyte;
  expect_peak("image.zarr", "4", "32,32,32", small, 2, small + mebibyte);
  expect_peak("image.tif", "3", "256,256", small, 2, small + mebibyte);
}

/* Of 3000 x 2000 pixels of a byte, and of 4096 x 4096 x 10 of two. */
static void levels_are_planned_from_4_mib_on(void** state) {
  (void)state;
  const swr_region flat = region_2d(0, 0, 3000, 2000), deep = region_3d(0, 0, 0, 4096, 4096, 10);
  static const char* const names[] = {"image.zarr", "image.ome.tif"};
  for (int is_deep = 0; is_deep < 2; ++is_deep) {
    for (int name = 0; name < 2; ++name) {
      for (int64_t memory = 4 * mebibyte; memory < 48 * mebibyte; memory += mebibyte / 2) {
        swr_writer* w = swr_writer_create();
        assert_ok(w, swr_set_path(w, names[name]));
        assert_ok(w, swr_set_image_region(w, is_deep ? &deep : &flat));
        assert_ok(w, swr_set_pixel_type(w, is_deep ? SWR_UINT16 : SWR_UINT8, 1, SWR_KIND_SCALAR));
        assert_ok(w, swr_set_compression(w, name == 0 ? NULL : "deflate", 1));
        assert_ok(w, swr_set_option(w, "pyramid.levels", "auto"));
        assert_ok(w, swr_set_memory_limit(w, memory));
        assert_ok(w, swr_check(w));
        swr_writer_destroy(w);
      }
    }
  }
}

static void zarr_is_planned_with_the_least_limit(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 900, 700, 40);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "least.zarr"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_memory_limit(w, 2 * mebibyte));
  assert_ok(w, swr_check(w));
  swr_writer_destroy(w);
}

int main(void) {
  TEST(levels_take_a_third_of_a_layer_more);
  TEST(no_more_is_allocated_than_planned);
  TEST(layers_that_do_not_fit_wait_on_the_disk);
  TEST(levels_are_planned_from_4_mib_on);
  TEST(zarr_is_planned_with_the_least_limit);
  return run_all_tests("memory of pyramids");
}
