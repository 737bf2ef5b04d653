#include "changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capi/support/pyramids.h"

const char* const change_names[change_kinds + 1] = {
    "paste", "paste as sole writer", "paste and erase", "grow", "rewrite", "replace", "create"};

/* Tiles of TIFF are multiples of 16: two of them each way. */
enum { size_x = 24, size_y = 18, size_z = 12 };

volume image_before(void) {
  const swr_region region = region_3d(0, 0, 0, size_x, size_y, size_z);
  return volume_pattern(&region, SWR_UINT16, 1, 1);
}

void make_image(const char* path, int compressed) {
  volume v = image_before();
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_compression(w, compressed == 1 ? "deflate" : NULL, 6));
  assert_ok(w, swr_set_option(w, "deflate.slot", "4096"));
  const int is_tiff = strstr(path, ".tif") != NULL;
  if (compressed >= IN_CHUNKS)
    assert_ok(w, swr_set_option(w, "chunk.shape", is_tiff ? "16,16" : "8,8,4"));
  if (compressed == WITH_LEVEL) assert_ok(w, swr_set_option(w, "pyramid.levels", "1"));
  describe(w, &v);
  assert_ok(w, swr_write(w, pull_volume, &v));
  swr_writer_destroy(w);
  volume_free(&v);
}

void expect_level(const char* path, const volume* v) {
  const int halved = strstr(path, ".tif") ? 2 : 3;
  assert_levels(path, v, halved, level_count(path), 0);
}

static int is_whole(const change* c) {
  return c->kind == REPLACE || c->kind == CREATE;
}

static swr_existing policy(const change* c) {
  switch (c->kind) {
    case GROW:
    case REWRITE: return SWR_EXISTING_EXTEND;
    case REPLACE: return SWR_EXISTING_REPLACE;
    case CREATE: return SWR_EXISTING_FAIL;
    default: return SWR_EXISTING_UPDATE;
  }
}

static swr_region image_after(const change* c) {
  if (c->kind == GROW) return region_3d(0, 0, 0, size_x, size_y, size_z + 4);
  if (c->kind == REWRITE) return region_3d(0, 0, 0, size_x + 3, size_y, size_z);
  return region_3d(0, 0, 0, size_x, size_y, size_z);
}

static swr_region part_of(const change* c) {
  switch (c->kind) {
    case GROW: return region_3d(0, 0, size_z, size_x, size_y, 4);
    case REWRITE: return region_3d(size_x, 0, 0, 3, size_y, size_z);
    case REPLACE:
    case CREATE: return image_after(c);
    default: return region_3d(1, 1, c->number ? 6 : 1, size_x - 3, size_y - 2, 4);
  }
}

static volume pixels_of(const change* c) {
  const swr_region part = part_of(c);
  return volume_pattern(&part, SWR_UINT16, 1, 100 + (uint64_t)c->number);
}

void apply_change(const change* c, volume* v) {
  swr_region image = image_after(c);
  if (!is_whole(c)) {
    for (int axis = 0; axis < 3; ++axis)
      if (image.size[axis] < v->region.size[axis]) image.size[axis] = v->region.size[axis];
  }
  volume after = volume_new(&image, SWR_UINT16, 1), part = pixels_of(c);
  if (!is_whole(c)) volume_copy(&after, v, &v->region);
  volume_copy(&after, &part, &part.region);
  volume_free(v);
  volume_free(&part);
  *v = after;
}

static swr_status set_up(const change* c, swr_writer* w, int for_putting) {
  const swr_region image = image_after(c), part = part_of(c);
  const int grows = c->kind == GROW || c->kind == REWRITE;
  swr_status status = swr_set_path(w, c->path);
  if (!status && (grows || is_whole(c))) status = swr_set_image_region(w, &image);
  if (!status) status = swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR);
  if (!status && !is_whole(c)) status = swr_set_paste_region(w, &part);
  if (!status) status = swr_set_existing(w, policy(c));
  if (!status && c->kind == PASTE_AS_SOLE_WRITER) status = swr_set_option(w, "paste.sole", "on");
  if (!status && c->kind == PASTE_AND_ERASE) status = swr_set_option(w, "erase", "on");
  if (!status && c->compressed) status = swr_set_compression(w, "deflate", 6);
  if (!status && c->waits) status = swr_set_option(w, "lock", "wait");
  if (!status && !for_putting) status = swr_set_divisions(w, 4);
  return status;
}

swr_status make_change(const change* c, char words[256]) {
  volume part = pixels_of(c);
  swr_writer* w = swr_writer_create();
  swr_status status = set_up(c, w, 0);
  if (!status) status = swr_write(w, pull_volume, &part);
  if (words) snprintf(words, 256, "%s", swr_writer_message(w));
  swr_writer_destroy(w);
  volume_free(&part);
  return status;
}

static void put_half(swr_writer* w, const volume* part, int second) {
  swr_region half = part->region;
  half.size[1] /= 2;
  if (second) {
    half.index[1] += half.size[1];
    half.size[1] = part->region.size[1] - half.size[1];
  }
  const int64_t bytes = region_pixels(&half) * 2;
  void* pixels = malloc((size_t)bytes);
  volume_get(part, &half, pixels);
  assert_ok(w, swr_put(w, &half, pixels, bytes));
  free(pixels);
}

swr_writer* begin_change(const change* c) {
  volume part = pixels_of(c);
  swr_writer* w = swr_writer_create();
  assert_ok(w, set_up(c, w, 1));
  assert_ok(w, swr_begin(w));
  put_half(w, &part, 0);
  volume_free(&part);
  return w;
}

void finish_change(const change* c, swr_writer* w) {
  volume part = pixels_of(c);
  put_half(w, &part, 1);
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  volume_free(&part);
}

int has_chunked_formats(void) {
  return swr_format_suffixes("Chunks") != NULL;
}

int is_chunked(const char* path) {
  return strstr(path, ".chunks") || strstr(path, ".boxes");
}

int can_be_made(const char* path, int kind) {
  return kind != PASTE_AND_ERASE || !strstr(path, ".zarr");
}

/* Two changes may be in one chunk; in Zarr they take turns then. */
int may_be_together(const change* a, const change* b, int compressed) {
  const int has_places = !compressed && !is_chunked(a->path);
  return (has_places || strstr(a->path, ".zarr")) && a->kind == PASTE && b->kind == PASTE;
}
