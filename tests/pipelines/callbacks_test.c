/* The table of callbacks alone: what it describes, what is requested from it, and its possible
 * errors. The pipeline is a volume in memory. */
#include "swr/vtk.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

/* A pipeline that computes the requested extent, or always the whole one. */
typedef struct pipeline {
  int whole[6], asked[6], delivered[6];
  double spacing[3], origin[3], direction[9];
  const char* type;
  int components;
  int delivers_whole, delivers_short, delivers_nothing;
  int updates;
  int requests[64][6];
  volume image; /* of the whole extent */
  unsigned char* buffer;
} pipeline;

static int* whole_extent(void* user) {
  return ((pipeline*)user)->whole;
}
static double* spacing(void* user) {
  return ((pipeline*)user)->spacing;
}
static double* origin(void* user) {
  return ((pipeline*)user)->origin;
}
static double* direction(void* user) {
  return ((pipeline*)user)->direction;
}
static const char* scalar_type(void* user) {
  return ((pipeline*)user)->type;
}
static int number_of_components(void* user) {
  return ((pipeline*)user)->components;
}
static int* data_extent(void* user) {
  return ((pipeline*)user)->delivered;
}
static void* buffer_pointer(void* user) {
  return ((pipeline*)user)->buffer;
}
static int* no_extent(void* user) {
  return (void)user, NULL;
}

static void propagate_update_extent(void* user, int* extent) {
  pipeline* p = user;
  memcpy(p->asked, extent, sizeof p->asked);
}

static swr_region region_of(const int* extent, int dimensions) {
  swr_region region = {0};
  region.dimensions = dimensions;
  for (int axis = 0; axis < dimensions; ++axis) {
    region.index[axis] = extent[2 * axis];
    region.size[axis] = extent[2 * axis + 1] - extent[2 * axis] + 1;
  }
  return region;
}

static void update_data(void* user) {
  pipeline* p = user;
  memcpy(p->delivered, p->delivers_whole ? p->whole : p->asked, sizeof p->delivered);
  if (p->delivers_short) --p->delivered[5];
  memcpy(p->requests[p->updates++], p->asked, sizeof p->asked);
  free(p->buffer);
  p->buffer = NULL;
  if (p->delivers_nothing) return;
  const swr_region region = region_of(p->delivered, p->image.region.dimensions);
  p->buffer = malloc((size_t)(region_pixels(&region) * volume_pixel_bytes(&p->image)));
  volume_get(&p->image, &region, p->buffer);
}

static const swr_region whole_region = {3, 0, {5, -3, 7}, {12, 10, 20}};

static pipeline pipeline_of(const swr_region* region, const char* type, swr_component component,
                            int components) {
  pipeline p;
  memset(&p, 0, sizeof p);
  for (int axis = 0; axis < 3; ++axis) {
    p.whole[2 * axis] = axis < region->dimensions ? (int)region->index[axis] : 0;
    p.whole[2 * axis + 1] =
        axis < region->dimensions ? (int)(region->index[axis] + region->size[axis] - 1) : 0;
    p.spacing[axis] = 0.5 * (axis + 1);
    p.origin[axis] = 10.0 * (axis + 1);
  }
  const double turned[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1};
  memcpy(p.direction, turned, sizeof turned);
  p.type = type;
  p.components = components;
  p.image = volume_pattern(region, component, components, 1);
  return p;
}

static void pipeline_free(pipeline* p) {
  volume_free(&p->image);
  free(p->buffer);
}

static swr_vtk_callbacks table_of(pipeline* p) {
  swr_vtk_callbacks t;
  memset(&t, 0, sizeof t);
  t.size = sizeof t;
  t.trusted = 1;
  t.user = p;
  t.whole_extent = whole_extent;
  t.spacing = spacing;
  t.origin = origin;
  t.direction = direction;
  t.scalar_type = scalar_type;
  t.number_of_components = number_of_components;
  t.propagate_update_extent = propagate_update_extent;
  t.update_data = update_data;
  t.data_extent = data_extent;
  t.buffer_pointer = buffer_pointer;
  return t;
}

static swr_writer* writer_to(const char* path) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  return w;
}

static swr_reader* reader_of(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  return r;
}

static void description_reaches_the_file(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "short", SWR_INT16, 1);
  const swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_int_equal(p.updates, 0);
  assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
  swr_writer_destroy(w);

  swr_reader* r = reader_of("image.mha");
  swr_region region;
  double values[9];
  assert_reader_ok(r, swr_reader_get_image_region(r, &region));
  assert_region_equal(&region, &whole_region);
  assert_reader_ok(r, swr_reader_get_spacing(r, values, 3));
  for (int i = 0; i < 3; ++i) assert_true(values[i] == p.spacing[i]);
  assert_reader_ok(r, swr_reader_get_origin(r, values, 3));
  for (int i = 0; i < 3; ++i)
    assert_true(values[i] > p.origin[i] - 1e-9 && values[i] < p.origin[i] + 1e-9);
  assert_reader_ok(r, swr_reader_get_direction(r, values, 9));
  for (int i = 0; i < 9; ++i) assert_true(values[i] == p.direction[i]);
  swr_reader_destroy(r);
  assert_file_holds("image.mha", &p.image);
  pipeline_free(&p);
}

static void ten_divisions_ask_for_the_extents_of_ten_pieces(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "float", SWR_FLOAT32, 2);
  const swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.nrrd");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_set_divisions(w, 10));
  assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
  assert_int_equal(p.updates, 10);
  for (int i = 0; i < 10; ++i) {
    swr_region expected;
    assert_ok(w, swr_get_split_region(w, i, 10, &expected));
    const swr_region asked = region_of(p.requests[i], 3);
    assert_region_equal(&asked, &expected);
  }
  int64_t direct = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_LENT, &direct));
  assert_int_equal(direct, 10);
  swr_writer_destroy(w);
  assert_file_holds("image.nrrd", &p.image);
  pipeline_free(&p);
}

static void paste_asks_for_its_region_alone(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "unsigned char", SWR_UINT8, 1);
  const swr_vtk_callbacks t = table_of(&p);
  const swr_region box = region_3d(8, 0, 12, 3, 4, 6);
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_allocate(w));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_divisions(w, 2));
  assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
  assert_int_equal(p.updates, 2);
  const swr_region first = region_of(p.requests[0], 3), expected = region_3d(8, 0, 12, 3, 4, 3);
  assert_region_equal(&first, &expected);
  swr_writer_destroy(w);
  volume in_file = volume_new(&whole_region, SWR_UINT8, 1);
  volume_copy(&in_file, &p.image, &box);
  assert_file_holds("image.mha", &in_file);
  volume_free(&in_file);
  pipeline_free(&p);
}

static void pipeline_that_delivers_the_whole_is_updated_once(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "int", SWR_INT32, 1);
  p.delivers_whole = 1;
  const swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_set_divisions(w, 10));
  assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
  assert_int_equal(p.updates, 1);
  swr_writer_destroy(w);
  assert_file_holds("image.mha", &p.image);
  pipeline_free(&p);
}

static void pipeline_that_delivers_too_little_or_nothing_stops_the_write(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "int", SWR_INT32, 1);
  const swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  snapshot* before = snapshot_take();
  p.delivers_short = 1;
  assert_status(w, SWR_ERROR_SOURCE_REGION, swr_write(w, swr_pull_vtk, (void*)&t));
  p.delivers_short = 0;
  p.delivers_nothing = 1;
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_pull_vtk, (void*)&t));
  assert_says(swr_writer_message(w), "no pixels");
  assert_unchanged(before);
  snapshot_free(before);
  swr_writer_destroy(w);
  pipeline_free(&p);
}

static void scalar_types_are_those_of_the_platform(void** state) {
  (void)state;
  const struct {
    const char* name;
    swr_component component;
  } types[] = {
      {"char", CHAR_MIN < 0 ? SWR_INT8 : SWR_UINT8},
      {"signed char", SWR_INT8},
      {"unsigned char", SWR_UINT8},
      {"short", SWR_INT16},
      {"unsigned short", SWR_UINT16},
      {"int", SWR_INT32},
      {"unsigned int", SWR_UINT32},
      {"long", sizeof(long) == 8 ? SWR_INT64 : SWR_INT32},
      {"unsigned long", sizeof(long) == 8 ? SWR_UINT64 : SWR_UINT32},
      {"long long", SWR_INT64},
      {"unsigned long long", SWR_UINT64},
      {"float", SWR_FLOAT32},
      {"double", SWR_FLOAT64},
  };
  for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
    pipeline p = pipeline_of(&whole_region, types[i].name, types[i].component, 1);
    const swr_vtk_callbacks t = table_of(&p);
    swr_writer* w = writer_to("image.mha");
    assert_ok(w, swr_set_image_from_vtk(w, &t));
    assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
    swr_writer_destroy(w);
    assert_file_holds("image.mha", &p.image);
    pipeline_free(&p);
  }
}

static void bytes_of_three_and_four_components_are_colours(void** state) {
  (void)state;
  const struct {
    const char* type;
    swr_component component;
    int components;
    swr_kind kind;
  } cases[] = {{"unsigned char", SWR_UINT8, 3, SWR_KIND_RGB},
               {"unsigned char", SWR_UINT8, 4, SWR_KIND_RGBA},
               {"unsigned char", SWR_UINT8, 2, SWR_KIND_VECTOR},
               {"float", SWR_FLOAT32, 3, SWR_KIND_VECTOR}};
  for (int i = 0; i < 4; ++i) {
    pipeline p = pipeline_of(&whole_region, cases[i].type, cases[i].component, cases[i].components);
    const swr_vtk_callbacks t = table_of(&p);
    swr_writer* w = writer_to("image.nrrd");
    assert_ok(w, swr_set_image_from_vtk(w, &t));
    assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
    swr_writer_destroy(w);
    swr_reader* r = reader_of("image.nrrd");
    swr_kind kind = SWR_KIND_SCALAR;
    assert_reader_ok(r, swr_reader_get_pixel_type(r, NULL, NULL, &kind));
    assert_int_equal(kind, cases[i].kind);
    swr_reader_destroy(r);
    pipeline_free(&p);
  }
}

static void image_of_one_slice_stays_three_dimensional_unless_two_are_asked_for(void** state) {
  (void)state;
  const swr_region flat = region_2d(2, 3, 12, 10);
  pipeline p = pipeline_of(&flat, "short", SWR_INT16, 1);
  p.whole[4] = p.whole[5] = 9; /* a slice of a volume */
  swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  t.dimensions = 2;
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_set_divisions(w, 5));
  assert_ok(w, swr_write(w, swr_pull_vtk, &t));
  assert_int_equal(p.updates, 5);
  assert_int_equal(p.requests[0][4], 9);
  assert_int_equal(p.requests[0][5], 9);
  assert_file_holds("image.mha", &p.image);
  t.dimensions = 0;
  int64_t pieces = 0;
  swr_region first;
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_get_actual_divisions(w, 5, &pieces));
  assert_ok(w, swr_get_split_region(w, 0, 5, &first));
  assert_int_equal(first.dimensions, 3);
  assert_int_equal(first.index[2], 9);
  p.whole[5] = 10;
  t.dimensions = 2;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &t));
  swr_writer_destroy(w);
  pipeline_free(&p);
}

static void negative_spacing_turns_its_axis_round(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "short", SWR_INT16, 1);
  p.spacing[1] = -p.spacing[1];
  const swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
  swr_writer_destroy(w);
  swr_reader* r = reader_of("image.mha");
  double spacings[3], directions[9];
  const double turned[9] = {0, 1, 0, 1, 0, 0, 0, 0, 1};
  assert_reader_ok(r, swr_reader_get_spacing(r, spacings, 3));
  assert_reader_ok(r, swr_reader_get_direction(r, directions, 9));
  assert_true(spacings[1] == 1.0);
  for (int i = 0; i < 9; ++i) assert_true(directions[i] == turned[i]);
  swr_reader_destroy(r);
  pipeline_free(&p);
}

static void geometry_that_is_left_out_is_the_plain_one(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "short", SWR_INT16, 1);
  swr_vtk_callbacks t = table_of(&p);
  t.spacing = NULL;
  t.origin = NULL;
  t.direction = NULL;
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_write(w, swr_pull_vtk, &t));
  swr_writer_destroy(w);
  swr_reader* r = reader_of("image.mha");
  double values[9];
  assert_reader_ok(r, swr_reader_get_spacing(r, values, 3));
  for (int i = 0; i < 3; ++i) assert_true(values[i] == 1);
  assert_reader_ok(r, swr_reader_get_origin(r, values, 3));
  for (int i = 0; i < 3; ++i) assert_true(values[i] == 0);
  assert_reader_ok(r, swr_reader_get_direction(r, values, 9));
  for (int i = 0; i < 9; ++i) assert_true(values[i] == (i % 4 == 0));
  swr_reader_destroy(r);
  pipeline_free(&p);
}

static void stored_type_may_differ_from_the_pipelines(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "unsigned char", SWR_UINT8, 1);
  const swr_vtk_callbacks t = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_set_pixel_type(w, SWR_FLOAT32, 1, SWR_KIND_SCALAR));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_pull_vtk, (void*)&t));
  assert_says(swr_writer_message(w), "uint8");
  assert_ok(w, swr_set_source_type(w, SWR_UINT8));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_write(w, swr_pull_vtk, (void*)&t));
  swr_writer_destroy(w);
  volume got = read_volume("image.mha");
  assert_int_equal(got.component, SWR_FLOAT32);
  for (int64_t i = 0; i < region_pixels(&got.region); ++i)
    assert_true(((const float*)got.bytes)[i] == (float)p.image.bytes[i]);
  volume_free(&got);
  pipeline_free(&p);
}

/* Programs of a later version have a longer table. Unknown fields in it must not be used. */
static void longer_table_is_taken_if_nothing_unknown_is_set(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "short", SWR_INT16, 1);
  struct {
    swr_vtk_callbacks table;
    void* unknown[2];
  } later;
  memset(&later, 0, sizeof later);
  later.table = table_of(&p);
  later.table.size = sizeof later;
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &later.table));
  assert_ok(w, swr_write(w, swr_pull_vtk, &later.table));
  assert_file_holds("image.mha", &p.image);
  later.unknown[1] = &p;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &later.table));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_pull_vtk, &later.table));
  assert_says(swr_writer_message(w), "does not support");
  swr_writer_destroy(w);
  pipeline_free(&p);
}

/* The size of the first published table stays valid. */
static void table_of_the_first_version_is_taken(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "short", SWR_INT16, 1);
  swr_vtk_callbacks first = table_of(&p);
  first.size = offsetof(swr_vtk_callbacks, buffer_pointer) + sizeof first.buffer_pointer;
  swr_writer* w = writer_to("image.mha");
  assert_ok(w, swr_set_image_from_vtk(w, &first));
  assert_ok(w, swr_write(w, swr_pull_vtk, &first));
  assert_file_holds("image.mha", &p.image);
  --first.size;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &first));
  swr_writer_destroy(w);
  pipeline_free(&p);
}

static void arguments_are_checked(void** state) {
  (void)state;
  pipeline p = pipeline_of(&whole_region, "short", SWR_INT16, 1);
  const swr_vtk_callbacks good = table_of(&p);
  swr_writer* w = writer_to("image.mha");
  assert_int_equal(swr_set_image_from_vtk(NULL, &good), SWR_ERROR_ARGUMENT);
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, NULL));
  assert_int_not_equal(swr_pull_vtk(NULL, (void*)&good), SWR_OK);

  swr_vtk_callbacks t = good;
  t.size = 8;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &t));
  t = good;
  t.reserved = 1;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &t));
  assert_says(swr_writer_message(w), "reserved");
  t = good;
  t.dimensions = 4;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &t));
  t.dimensions = -1;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &t));
  t = good;
  t.buffer_pointer = NULL;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &t));
  assert_says(swr_writer_message(w), "callback");
  t = good;
  t.whole_extent = no_extent;
  assert_status(w, SWR_ERROR_REGION, swr_set_image_from_vtk(w, &t));
  assert_ok(w, swr_set_image_from_vtk(w, &good));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_pull_vtk, NULL));
  assert_says(swr_writer_message(w), "NULL");
  p.type = "bit";
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &good));
  assert_says(swr_writer_message(w), "bit");
  p.type = NULL;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &good));
  p.type = "short";
  p.components = 0;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_vtk(w, &good));
  p.components = 1;
  p.whole[3] = p.whole[2] - 1;
  assert_status(w, SWR_ERROR_REGION, swr_set_image_from_vtk(w, &good));
  assert_says(swr_writer_message(w), "empty");
  swr_writer_destroy(w);
  pipeline_free(&p);
}

int main(void) {
  TEST(description_reaches_the_file);
  TEST(ten_divisions_ask_for_the_extents_of_ten_pieces);
  TEST(paste_asks_for_its_region_alone);
  TEST(pipeline_that_delivers_the_whole_is_updated_once);
  TEST(pipeline_that_delivers_too_little_or_nothing_stops_the_write);
  TEST(scalar_types_are_those_of_the_platform);
  TEST(bytes_of_three_and_four_components_are_colours);
  TEST(image_of_one_slice_stays_three_dimensional_unless_two_are_asked_for);
  TEST(negative_spacing_turns_its_axis_round);
  TEST(geometry_that_is_left_out_is_the_plain_one);
  TEST(stored_type_may_differ_from_the_pipelines);
  TEST(longer_table_is_taken_if_nothing_unknown_is_set);
  TEST(table_of_the_first_version_is_taken);
  TEST(arguments_are_checked);
  return run_all_tests("pipelines: callbacks");
}
