/* A region in a file of its own keeps its position in index space and in physical space, and can be
 * pasted back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static const double spacing[] = {0.5, 0.75, 2}, origin[] = {-10.5, 20.25, 30};

typedef struct geometry {
  double spacing[3], origin[3], direction[9];
  swr_region region;
} geometry;

static geometry geometry_of(const char* path) {
  geometry g;
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_image_region(r, &g.region));
  assert_reader_ok(r, swr_reader_get_spacing(r, g.spacing, 3));
  assert_reader_ok(r, swr_reader_get_origin(r, g.origin, 3));
  assert_reader_ok(r, swr_reader_get_direction(r, g.direction, 9));
  swr_reader_destroy(r);
  return g;
}

static void position(const geometry* g, const int64_t* index, double* at) {
  for (int row = 0; row < 3; ++row) {
    at[row] = g->origin[row];
    for (int axis = 0; axis < 3; ++axis)
      at[row] += g->direction[3 * row + axis] * g->spacing[axis] * (double)index[axis];
  }
}

/* A writer with the reader's geometry and type, for a part of its image. */
static swr_writer* crop(const test_case* t, const char* path, const geometry* g,
                        const swr_region* region) {
  swr_writer* w = new_writer_at(t, path);
  assert_ok(w, swr_set_image_region(w, region));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_spacing(w, g->spacing, 3));
  assert_ok(w, swr_set_origin(w, g->origin, 3));
  assert_ok(w, swr_set_direction(w, g->direction, 9));
  return w;
}

static void a_region_of_a_file_becomes_a_file_and_goes_back(void** state) {
  const test_case* t = *state;
  const double a = 0.5235987755982988;
  const double direction[] = {cos(a), -sin(a), 0, sin(a), cos(a), 0, 0, 0, 1};
  const swr_region whole = region_3d(3, -2, 5, 20, 18, 16), part = region_3d(7, 1, 9, 8, 9, 5);
  volume v = volume_pattern(&whole, SWR_INT16, 1, 1), roi = volume_pattern(&part, SWR_INT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_direction(w, direction, 9));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  const geometry of_whole = geometry_of(t->path);

  char roi_path[64];
  other_path(t, "roi", roi_path);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  w = crop(t, roi_path, &of_whole, &part);
  assert_ok(w, swr_set_divisions(w, 3));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  assert_reader_ok(r, swr_reader_close(r));
  assert_file_holds(roi_path, &roi);

  /* The same index is at the same point in both. */
  const geometry of_roi = geometry_of(roi_path);
  for (int corner = 0; corner < 8; ++corner) {
    int64_t index[3];
    double there[3], here[3];
    for (int axis = 0; axis < 3; ++axis)
      index[axis] = part.index[axis] + (corner >> axis & 1) * (part.size[axis] - 1);
    position(&of_whole, index, there);
    position(&of_roi, index, here);
    for (int row = 0; row < 3; ++row) assert_true(fabs(there[row] - here[row]) < 1e-4);
  }

  /* After a change it is pasted back at its start index. */
  volume changed = volume_pattern(&part, SWR_INT16, 1, 2);
  w = crop(t, roi_path, &of_whole, &part);
  s = source_of(&changed);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_reader_ok(r, swr_reader_open(r, roi_path));
  swr_region where;
  assert_reader_ok(r, swr_reader_get_image_region(r, &where));
  assert_region_equal(&where, &part);
  w = swr_writer_create();
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_paste_region(w, &where));
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume_copy(&v, &changed, &part);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&roi);
  volume_free(&changed);
}

static void one_pixel_is_a_region_too(void** state) {
  const test_case* t = *state;
  const swr_region whole = region_3d(0, 0, 0, 6, 5, 4), pixel = region_3d(5, 4, 3, 1, 1, 1);
  volume v = volume_pattern(&whole, SWR_INT16, 1, 1),
         model = volume_pattern(&pixel, SWR_INT16, 1, 1);
  make_file(t, &v);
  const geometry g = geometry_of(t->path);
  char path[64];
  other_path(t, "pixel", path);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  swr_writer* w = crop(t, path, &g, &pixel);
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  assert_file_holds(path, &model);
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume_free(&v);
  volume_free(&model);
}

static void a_region_outside_the_readers_image_is_refused(void** state) {
  const test_case* t = *state;
  const swr_region whole = region_3d(0, 0, 0, 6, 5, 4), outside = region_3d(3, 3, 3, 6, 5, 4);
  volume v = volume_pattern(&whole, SWR_INT16, 1, 1);
  make_file(t, &v);
  const geometry g = geometry_of(t->path);
  char path[64];
  other_path(t, "outside", path);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  swr_writer* w = crop(t, path, &g, &outside);
  snapshot* before = snapshot_take();
  const swr_status status = swr_write(w, swr_reader_pull, r);
  assert_true(status == SWR_ERROR_SOURCE || status == SWR_ERROR_REGION ||
              status == SWR_ERROR_SOURCE_REGION);
  assert_unchanged(before);
  snapshot_free(before);
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(a_region_of_a_file_becomes_a_file_and_goes_back,
            SWR_CAN_STREAM | SWR_CAN_PASTE | HOLDS_GEOMETRY | SWR_HOLDS_START_INDEX);
  TEST_EACH(one_pixel_is_a_region_too, SWR_CAN_STREAM | SWR_HOLDS_START_INDEX);
  TEST_EACH(a_region_outside_the_readers_image_is_refused, SWR_CAN_STREAM | SWR_HOLDS_START_INDEX);
  return run_all_tests("roi");
}
