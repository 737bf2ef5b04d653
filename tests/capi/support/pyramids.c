#include "support/pyramids.h"

#include <stdio.h>
#include <string.h>

/* Along an axis that the image has. */
static int64_t size_of(const swr_region* region, int axis) {
  return axis < region->dimensions ? region->size[axis] : 1;
}

/* Holds the sum of eight 64-bit integers. */
__extension__ typedef __int128 wide;

static long double rounded_mean(wide sum, wide count) {
  wide quotient = sum / count, rest = sum % count;
  if (rest < 0) {
    rest += count;
    --quotient;
  }
  if (2 * rest > count || (2 * rest == count && quotient % 2 != 0)) ++quotient;
  return (long double)quotient;
}

static long double mean(const volume* v, const int64_t* at, int halved, int32_t component) {
  int64_t end[3];
  for (int axis = 0; axis < 3; ++axis) {
    end[axis] = at[axis] + (axis < halved ? 2 : 1);
    if (end[axis] > size_of(&v->region, axis)) end[axis] = size_of(&v->region, axis);
  }
  const int is_floating = v->component == SWR_FLOAT32 || v->component == SWR_FLOAT64;
  wide sum = 0;
  double floating = 0;
  int64_t count = 0;
  const int64_t bytes = volume_pixel_bytes(v);
  for (int64_t z = at[2]; z < end[2]; ++z) {
    for (int64_t y = at[1]; y < end[1]; ++y) {
      for (int64_t x = at[0]; x < end[0]; ++x, ++count) {
        const int64_t pixel = (z * v->region.size[1] + y) * v->region.size[0] + x;
        const unsigned char* p = v->bytes + pixel * bytes + component * (bytes / v->components);
        if (!is_floating) sum += (wide)component_exact(p, v->component);
        floating += component_load(p, v->component);
      }
    }
  }
  return is_floating ? (long double)(floating / (double)count) : rounded_mean(sum, count);
}

volume smaller(const volume* v, int halved, int is_nearest) {
  swr_region region = v->region;
  for (int axis = 0; axis < halved; ++axis) region.size[axis] = (region.size[axis] + 1) / 2;
  memset(region.index, 0, sizeof region.index);
  volume out = volume_new(&region, v->component, v->components);
  const int64_t bytes = volume_pixel_bytes(v);
  unsigned char* to = out.bytes;
  for (int64_t z = 0; z < size_of(&region, 2); ++z) {
    for (int64_t y = 0; y < region.size[1]; ++y) {
      for (int64_t x = 0; x < region.size[0]; ++x, to += bytes) {
        const int64_t at[3] = {2 * x, 2 * y, halved > 2 ? 2 * z : z};
        const int64_t pixel = (at[2] * v->region.size[1] + at[1]) * v->region.size[0] + at[0];
        if (is_nearest) {
          memcpy(to, v->bytes + pixel * bytes, (size_t)bytes);
          continue;
        }
        for (int32_t c = 0; c < v->components; ++c)
          component_store_exact(to + c * (bytes / v->components), v->component,
                                mean(v, at, halved, c));
      }
    }
  }
  return out;
}

swr_reader* level_reader(int level) {
  char number[16];
  snprintf(number, sizeof number, "%d", level);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_option(r, "pyramid.level", number));
  return r;
}

volume read_level(const char* path, int level, const volume* like) {
  swr_reader* r = level_reader(level);
  assert_reader_ok(r, swr_reader_open(r, path));
  swr_region region;
  assert_reader_ok(r, swr_reader_get_image_region(r, &region));
  volume v = volume_new(&region, like->component, like->components);
  assert_reader_ok(r, swr_reader_read(r, &region, v.bytes, volume_bytes(&v)));
  swr_reader_destroy(r);
  return v;
}

int level_count(const char* path) {
  for (int level = 1;; ++level) {
    swr_reader* r = level_reader(level);
    const swr_status status = swr_reader_open(r, path);
    swr_reader_destroy(r);
    if (status == SWR_ERROR_NOT_FOUND) return level - 1;
    assert_int_equal(status, SWR_OK);
  }
}

void assert_levels(const char* path, const volume* v, int halved, int levels, int is_nearest) {
  assert_file_holds(path, v);
  assert_int_equal(level_count(path), levels);
  volume larger = volume_new(&v->region, v->component, v->components);
  volume_copy(&larger, v, &v->region);
  for (int level = 1; level <= levels; ++level) {
    volume expected = smaller(&larger, halved, is_nearest);
    volume found = read_level(path, level, v);
    assert_volume_equal(&found, &expected);
    volume_free(&found);
    volume_free(&larger);
    larger = expected;
  }
  volume_free(&larger);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
}
