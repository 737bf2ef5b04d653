#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

swr_region region_nd(int32_t dimensions, const int64_t* index, const int64_t* size) {
  swr_region region;
  memset(&region, 0, sizeof region);
  region.dimensions = dimensions;
  for (int32_t axis = 0; axis < dimensions; ++axis) {
    region.index[axis] = index ? index[axis] : 0;
    region.size[axis] = size[axis];
  }
  return region;
}

swr_region region_2d(int64_t x, int64_t y, int64_t size_x, int64_t size_y) {
  const int64_t index[] = {x, y}, size[] = {size_x, size_y};
  return region_nd(2, index, size);
}

swr_region region_3d(int64_t x, int64_t y, int64_t z, int64_t size_x, int64_t size_y,
                     int64_t size_z) {
  const int64_t index[] = {x, y, z}, size[] = {size_x, size_y, size_z};
  return region_nd(3, index, size);
}

int64_t region_pixels(const swr_region* region) {
  int64_t product = 1;
  for (int32_t axis = 0; axis < region->dimensions; ++axis) product *= region->size[axis];
  return product;
}

int region_equal(const swr_region* a, const swr_region* b) {
  if (a->dimensions != b->dimensions) return 0;
  for (int32_t axis = 0; axis < a->dimensions; ++axis) {
    if (a->index[axis] != b->index[axis] || a->size[axis] != b->size[axis]) return 0;
  }
  return 1;
}

int region_contains(const swr_region* outer, const swr_region* inner) {
  if (outer->dimensions != inner->dimensions) return 0;
  for (int32_t axis = 0; axis < outer->dimensions; ++axis) {
    if (inner->index[axis] < outer->index[axis]) return 0;
    if (inner->index[axis] + inner->size[axis] > outer->index[axis] + outer->size[axis]) return 0;
  }
  return 1;
}

static int append_list(char* out, int room, const int64_t* values, int32_t count) {
  int used = snprintf(out, (size_t)room, "(");
  for (int32_t i = 0; i < count; ++i)
    used += snprintf(out + used, (size_t)(room - used), "%s%lld", i > 0 ? "," : "",
                     (long long)values[i]);
  return used + snprintf(out + used, (size_t)(room - used), ")");
}

const char* region_text(const swr_region* region) {
  static char texts[4][1024];
  static int next;
  char* out = texts[next++ % 4];
  int used = append_list(out, 512, region->index, region->dimensions);
  used += snprintf(out + used, 16, " size ");
  append_list(out + used, 400, region->size, region->dimensions);
  return out;
}

void expect_region(const swr_region* got, const swr_region* expected, const char* file, int line) {
  if (region_equal(got, expected)) return;
  print_error("region %s, not %s\n", region_text(got), region_text(expected));
  _fail(file, line);
}

volume volume_new(const swr_region* region, swr_component component, int32_t components) {
  volume v = {*region, component, components, NULL};
  v.bytes = calloc(1, (size_t)volume_bytes(&v));
  assert_non_null(v.bytes);
  return v;
}

static uint64_t mix(uint64_t h) {
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

volume volume_pattern(const swr_region* region, swr_component component, int32_t components,
                      uint64_t seed) {
  volume v = volume_new(region, component, components);
  const int32_t bytes = swr_component_bytes(component);
  int64_t at[SWR_MAX_DIMENSIONS];
  memcpy(at, region->index, sizeof at);
  unsigned char* out = v.bytes;
  for (int64_t pixel = region_pixels(region); pixel > 0; --pixel) {
    uint64_t h = seed + 1;
    for (int32_t axis = 0; axis < region->dimensions; ++axis)
      h = mix(h + (uint64_t)at[axis] * 0x9e3779b97f4a7c15ULL);
    for (int32_t c = 0; c < components; ++c, out += bytes) {
      const uint64_t number = mix(h + (uint64_t)c);
      if (component == SWR_FLOAT32 || component == SWR_FLOAT64) {
        component_store(out, component,
                        (double)(number & 0xfffff) / 4 - 1000); /* both types hold it */
      } else {
        memcpy(out, &number, (size_t)bytes);
      }
    }
    for (int32_t axis = 0; axis < region->dimensions; ++axis) {
      if (++at[axis] < region->index[axis] + region->size[axis]) break;
      at[axis] = region->index[axis];
    }
  }
  return v;
}

void volume_free(volume* v) {
  free(v->bytes);
  v->bytes = NULL;
}

int64_t volume_pixel_bytes(const volume* v) {
  return (int64_t)swr_component_bytes(v->component) * v->components;
}
int64_t volume_bytes(const volume* v) {
  return region_pixels(&v->region) * volume_pixel_bytes(v);
}

/* Copies the rows of `part` between buffers that hold `from_region` and `to_region`. */
static void copy_rows(const swr_region* part, int64_t pixel_bytes, const unsigned char* from,
                      const swr_region* from_region, unsigned char* to,
                      const swr_region* to_region) {
  assert_true(region_contains(from_region, part));
  assert_true(region_contains(to_region, part));
  int64_t at[SWR_MAX_DIMENSIONS];
  memcpy(at, part->index, sizeof at);
  const int64_t rows = region_pixels(part) / part->size[0];
  for (int64_t row = 0; row < rows; ++row) {
    int64_t from_pixel = 0, to_pixel = 0;
    for (int32_t axis = part->dimensions - 1; axis >= 0; --axis) {
      from_pixel = from_pixel * from_region->size[axis] + (at[axis] - from_region->index[axis]);
      to_pixel = to_pixel * to_region->size[axis] + (at[axis] - to_region->index[axis]);
    }
    memcpy(to + to_pixel * pixel_bytes, from + from_pixel * pixel_bytes,
           (size_t)(part->size[0] * pixel_bytes));
    for (int32_t axis = 1; axis < part->dimensions; ++axis) {
      if (++at[axis] < part->index[axis] + part->size[axis]) break;
      at[axis] = part->index[axis];
    }
  }
}

void volume_copy(volume* to, const volume* from, const swr_region* region) {
  assert_int_equal(volume_pixel_bytes(to), volume_pixel_bytes(from));
  copy_rows(region, volume_pixel_bytes(to), from->bytes, &from->region, to->bytes, &to->region);
}

void volume_get(const volume* v, const swr_region* region, void* out) {
  copy_rows(region, volume_pixel_bytes(v), v->bytes, &v->region, out, region);
}

void volume_set(volume* v, const swr_region* region, const void* in) {
  copy_rows(region, volume_pixel_bytes(v), in, region, v->bytes, &v->region);
}

void volume_fill(volume* v, double value) {
  const int32_t bytes = swr_component_bytes(v->component);
  for (int64_t i = 0; i < volume_bytes(v); i += bytes)
    component_store(v->bytes + i, v->component, value);
}

#define STORE(type)                     \
  do {                                  \
    const type number = (type)(value);  \
    memcpy(at, &number, sizeof number); \
  } while (0)

void component_store(void* at, swr_component component, double value) {
  switch (component) {
    case SWR_UINT8: STORE(uint8_t); break;
    case SWR_INT8: STORE(int8_t); break;
    case SWR_UINT16: STORE(uint16_t); break;
    case SWR_INT16: STORE(int16_t); break;
    case SWR_UINT32: STORE(uint32_t); break;
    case SWR_INT32: STORE(int32_t); break;
    case SWR_UINT64: STORE(uint64_t); break;
    case SWR_INT64: STORE(int64_t); break;
    case SWR_FLOAT32: STORE(float); break;
    case SWR_FLOAT64: STORE(double); break;
    default: fail_msg("no component type %d", (int)component);
  }
}

#define LOAD(type)                      \
  do {                                  \
    type number;                        \
    memcpy(&number, at, sizeof number); \
    return (double)number;              \
  } while (0)

double component_load(const void* at, swr_component component) {
  switch (component) {
    case SWR_UINT8: LOAD(uint8_t);
    case SWR_INT8: LOAD(int8_t);
    case SWR_UINT16: LOAD(uint16_t);
    case SWR_INT16: LOAD(int16_t);
    case SWR_UINT32: LOAD(uint32_t);
    case SWR_INT32: LOAD(int32_t);
    case SWR_UINT64: LOAD(uint64_t);
    case SWR_INT64: LOAD(int64_t);
    case SWR_FLOAT32: LOAD(float);
    default: LOAD(double);
  }
}

static int is_signed(swr_component type) {
  return type == SWR_INT8 || type == SWR_INT16 || type == SWR_INT32 || type == SWR_INT64;
}

long double component_exact(const void* at, swr_component component) {
  if (component == SWR_UINT64 || component == SWR_INT64) {
    uint64_t bits;
    memcpy(&bits, at, 8);
    return component == SWR_UINT64 ? (long double)bits : (long double)(int64_t)bits;
  }
  return component_load(at, component);
}

void component_store_exact(void* at, swr_component component, long double value) {
  if (component == SWR_UINT64) {
    const uint64_t number = (uint64_t)value;
    memcpy(at, &number, 8);
  } else if (component == SWR_INT64) {
    const int64_t number = (int64_t)value;
    memcpy(at, &number, 8);
  } else {
    component_store(at, component, (double)value);
  }
}

static void swap_bytes(unsigned char* data, int64_t bytes, int32_t element) {
  for (int64_t at = 0; at < bytes; at += element) {
    for (int32_t i = 0; i < element / 2; ++i) {
      const unsigned char kept = data[at + i];
      data[at + i] = data[at + element - 1 - i];
      data[at + element - 1 - i] = kept;
    }
  }
}

void to_big_endian(unsigned char* data, int64_t bytes, int32_t element) {
  const uint16_t one = 1;
  if (*(const unsigned char*)&one != 0) swap_bytes(data, bytes, element);
}

volume volume_swapped(const volume* v) {
  volume swapped = volume_new(&v->region, v->component, v->components);
  memcpy(swapped.bytes, v->bytes, (size_t)volume_bytes(v));
  swap_bytes(swapped.bytes, volume_bytes(v), swr_component_bytes(v->component));
  return swapped;
}

long double clamped(long double value, swr_component to) {
  if (to == SWR_FLOAT64) return (double)value;
  if (to == SWR_FLOAT32)
    return !isfinite(value)   ? value
           : value > FLT_MAX  ? FLT_MAX
           : value < -FLT_MAX ? -FLT_MAX
                              : (float)value;
  if (isnan(value)) return 0;
  const int bits = 8 * swr_component_bytes(to);
  const long double least = is_signed(to) ? -ldexpl(1, bits - 1) : 0,
                    most = (is_signed(to) ? ldexpl(1, bits - 1) : ldexpl(1, bits)) - 1;
  if (value <= least) return least;
  if (value >= most) return most;
  const long double below = floorl(value), rest = value - below;
  return rest > 0.5L || (rest == 0.5L && fmodl(below, 2) != 0) ? below + 1 : below;
}

void expect_volume(const volume* got, const volume* expected, const char* file, int line) {
  expect_region(&got->region, &expected->region, file, line);
  _assert_int_equal((uintmax_t)got->component, (uintmax_t)expected->component, file, line);
  _assert_int_equal((uintmax_t)got->components, (uintmax_t)expected->components, file, line);
  if (memcmp(got->bytes, expected->bytes, (size_t)volume_bytes(expected)) == 0) return;
  const int32_t bytes = swr_component_bytes(expected->component);
  const int64_t count = volume_bytes(expected) / bytes;
  int64_t first = -1, wrong = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (memcmp(got->bytes + i * bytes, expected->bytes + i * bytes, (size_t)bytes) == 0) continue;
    if (first < 0) first = i;
    ++wrong;
  }
  swr_region at = expected->region;
  int64_t rest = first / expected->components;
  for (int32_t axis = 0; axis < at.dimensions; ++axis) {
    at.index[axis] += rest % at.size[axis];
    rest /= at.size[axis];
  }
  print_error("%lld of %lld components differ, the first at %s component %lld: %.17g, not %.17g\n",
              (long long)wrong, (long long)count, region_text(&at),
              (long long)(first % expected->components),
              component_load(got->bytes + first * bytes, expected->component),
              component_load(expected->bytes + first * bytes, expected->component));
  _fail(file, line);
}
