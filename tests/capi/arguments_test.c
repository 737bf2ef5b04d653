/* Argument validation: each function with each argument that is not valid. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "support/support.h"

#define REFUSED(w, call) assert_status(w, SWR_ERROR_ARGUMENT, call)

static const double ones[] = {1, 1, 1};
static const double identity[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

static void a_null_writer_is_refused_by_every_function(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 1, 1, 1);
  swr_region out;
  swr_method method;
  int64_t n = 0;
  unsigned char byte = 0;
  void* buffers[] = {&byte};
  const swr_status all[] = {
      swr_set_path(NULL, "a.mha"),
      swr_set_format(NULL, NULL),
      swr_set_image_region(NULL, &region),
      swr_set_pixel_type(NULL, SWR_UINT8, 1, SWR_KIND_SCALAR),
      swr_set_source_type(NULL, SWR_UINT8),
      swr_set_source_components(NULL, 1),
      swr_set_spacing(NULL, ones, 3),
      swr_set_origin(NULL, ones, 3),
      swr_set_direction(NULL, identity, 9),
      swr_set_metadata(NULL, "key", "value"),
      swr_set_axis_unit(NULL, 0, SWR_UNIT_SECOND),
      swr_set_value_scale(NULL, 2, 0),
      swr_set_source_scale(NULL, 2, 0),
      swr_set_header_from(NULL, NULL),
      swr_set_header_region(NULL, NULL),
      swr_set_keep_header(NULL, 1),
      swr_set_divisions(NULL, 1),
      swr_set_paste_region(NULL, &region),
      swr_set_io_region(NULL, &region),
      swr_set_memory_limit(NULL, 1 << 20),
      swr_set_threads(NULL, 1),
      swr_set_compression(NULL, "none", 1),
      swr_set_existing(NULL, SWR_EXISTING_FAIL),
      swr_set_conversion(NULL, SWR_CONVERSION_CLAMP),
      swr_set_fill_value(NULL, 0),
      swr_set_resume(NULL, "a"),
      swr_set_rollback(NULL, 1),
      swr_set_sync(NULL, 1),
      swr_set_option(NULL, "erase", "on"),
      swr_set_pull_threads(NULL, 1),
      swr_set_progress(NULL, NULL, NULL),
      swr_set_log(NULL, NULL, NULL),
      swr_set_buffers(NULL, buffers, 1, 1),
      swr_check(NULL),
      swr_get_method(NULL, &method, &n, &n),
      swr_get_actual_divisions(NULL, 1, &n),
      swr_get_split_region(NULL, 0, 1, &out),
      swr_get_pulled_type(NULL, NULL, NULL),
      swr_get_piece_count(NULL, &n),
      swr_get_memory_need(NULL, &n),
      swr_get_piece_bytes(NULL, &n),
      swr_write(NULL, pull_source, NULL),
      swr_begin(NULL),
      swr_put(NULL, &region, &byte, 1),
      swr_put_masked(NULL, &region, &byte, 1, &byte, 1),
      swr_finish(NULL),
      swr_abandon(NULL),
      swr_allocate(NULL),
      swr_get_statistics(NULL, SWR_STATISTIC_PULLS, &n),
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i)
    assert_int_equal(all[i], SWR_ERROR_ARGUMENT);
  assert_non_null(swr_writer_message(NULL));
  swr_writer_destroy(NULL);
}

static void a_null_reader_is_refused_by_every_function(void** state) {
  (void)state;
  swr_region region = region_3d(0, 0, 0, 1, 1, 1);
  const char* text;
  double number;
  int64_t size;
  int32_t n;
  const swr_status all[] = {
      swr_reader_open(NULL, "a.mha"),
      swr_reader_close(NULL),
      swr_reader_set_memory_limit(NULL, 1 << 20),
      swr_reader_set_threads(NULL, 1),
      swr_reader_set_option(NULL, "detached.outside", "allow"),
      swr_reader_get_image_region(NULL, &region),
      swr_reader_get_pixel_type(NULL, NULL, NULL, NULL),
      swr_reader_get_spacing(NULL, &number, 1),
      swr_reader_get_origin(NULL, &number, 1),
      swr_reader_get_direction(NULL, &number, 1),
      swr_reader_get_value_scale(NULL, &number, &number),
      swr_reader_get_axis_unit(NULL, 0, NULL),
      swr_reader_get_metadata_count(NULL, &n),
      swr_reader_get_metadata_at(NULL, 0, &text, &text),
      swr_reader_get_metadata(NULL, "key", &text),
      swr_reader_get_format(NULL, &text),
      swr_reader_get_encoding(NULL, &text, &n),
      swr_reader_get_chunk_shape(NULL, &size, 1),
      swr_reader_get_big_endian(NULL, &n),
      swr_reader_get_data_file(NULL, &text),
      swr_reader_read(NULL, &region, &number, 1),
      swr_reader_verify(NULL),
      swr_reader_recover(NULL, "a.mha", &n),
      swr_recover(NULL, &n),
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i)
    assert_int_equal(all[i], SWR_ERROR_ARGUMENT);
  assert_non_null(swr_reader_message(NULL));
  swr_reader_destroy(NULL);
}

static void a_null_piece_is_answered(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 1, 1, 1);
  int byte = 0;
  swr_component component;
  int32_t components;
  assert_null(swr_piece_region(NULL));
  assert_int_equal(swr_piece_number(NULL), -1);
  assert_int_equal(swr_piece_count(NULL), -1);
  assert_int_equal(swr_piece_bytes(NULL), -1);
  assert_null(swr_piece_buffer(NULL));
  assert_int_equal(swr_piece_get_type(NULL, &component, &components), SWR_ERROR_ARGUMENT);
  assert_int_equal(swr_piece_lend(NULL, &byte, &region), SWR_ERROR_ARGUMENT);
  swr_piece_fail(NULL, "words");
  assert_int_not_equal(swr_reader_pull(NULL, NULL), SWR_OK);
}

static void names_of_what_is_none_are_answered(void** state) {
  (void)state;
  uint32_t flags = 0;
  int32_t least, most;
  assert_string_equal(swr_status_name((swr_status)0x7fffffff), "UNKNOWN");
  assert_string_equal(swr_status_name((swr_status)-1), "UNKNOWN");
  assert_string_equal(swr_status_name((swr_status)1000), "UNKNOWN");
  assert_non_null(swr_status_text((swr_status)1000));
  assert_int_equal(swr_component_bytes((swr_component)11), 0);
  assert_int_equal(swr_component_bytes((swr_component)0x7fffffff), 0);
  assert_int_equal(swr_component_bytes((swr_component)-1), 0);
  assert_int_equal(swr_component_bytes(SWR_COMPONENT_UNKNOWN), 0);
  assert_string_equal(swr_component_name((swr_component)99), "unknown");
  assert_int_equal(swr_component_from_name("uint7"), SWR_COMPONENT_UNKNOWN);
  assert_int_equal(swr_component_from_name(NULL), SWR_COMPONENT_UNKNOWN);
  assert_string_equal(swr_kind_name((swr_kind)99), "unknown");
  assert_null(swr_format_name(-1));
  assert_null(swr_format_name(swr_format_count()));
  assert_null(swr_format_suffixes("no such format"));
  assert_null(swr_format_suffixes(NULL));
  assert_int_equal(swr_format_capabilities("no such format", &flags), SWR_ERROR_FORMAT);
  assert_int_not_equal(swr_format_capabilities(NULL, &flags), SWR_OK);
  assert_int_equal(swr_format_capabilities(swr_format_name(0), NULL), SWR_ERROR_ARGUMENT);
  assert_int_equal(swr_format_dimensions("no such format", &least, &most), SWR_ERROR_FORMAT);
}

static void paths_and_formats_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_path(w, NULL));
  REFUSED(w, swr_set_path(w, ""));
  assert_status(w, SWR_ERROR_FORMAT, swr_set_format(w, "no such format"));
  assert_status(w, SWR_ERROR_FORMAT, swr_set_format(w, ""));
  assert_ok(w, swr_set_format(w, NULL));
  for (int32_t i = 0; i < swr_format_count(); ++i)
    assert_ok(w, swr_set_format(w, swr_format_name(i)));
  swr_writer_destroy(w);
}

static void regions_are_checked(void** state) {
  (void)state;
  for (int which = 0; which < 2; ++which) {
    swr_status (*const set)(swr_writer*, const swr_region*) =
        which ? swr_set_paste_region : swr_set_image_region;
    swr_writer* w = swr_writer_create();
    swr_region region = region_3d(0, 0, 0, 4, 4, 4);
    const int32_t wrong_dimensions[] = {0, -1, 17, INT_MAX};
    for (int i = 0; i < 4; ++i) {
      region.dimensions = wrong_dimensions[i];
      REFUSED(w, set(w, &region));
    }
    region.dimensions = 3;
    const int32_t wrong_reserved[] = {1, -1, 12345, INT_MIN};
    for (int i = 0; i < 4; ++i) {
      region.reserved = wrong_reserved[i];
      REFUSED(w, set(w, &region));
      assert_says(swr_writer_message(w), "reserved");
    }
    region.reserved = 0;
    const int64_t wrong_sizes[] = {0, -1, INT64_MIN, INT64_MAX};
    for (int i = 0; i < 4; ++i) {
      region.size[1] = wrong_sizes[i];
      assert_status(w, SWR_ERROR_REGION, set(w, &region));
    }
    region.size[1] = 4;
    region.index[0] = INT64_MAX - 2; /* index + size overflows */
    assert_status(w, SWR_ERROR_REGION, set(w, &region));
    const swr_region vast = region_3d(0, 0, 0, INT64_C(1) << 40, INT64_C(1) << 40, 1);
    assert_status(w, SWR_ERROR_REGION, set(w, &vast));
    assert_ok(w, set(w, NULL));
    swr_writer_destroy(w);
  }
}

static void pixel_types_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_pixel_type(w, SWR_COMPONENT_UNKNOWN, 1, SWR_KIND_SCALAR));
  REFUSED(w, swr_set_pixel_type(w, (swr_component)11, 1, SWR_KIND_SCALAR));
  REFUSED(w, swr_set_pixel_type(w, (swr_component)0x7fffffff, 1, SWR_KIND_SCALAR));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 0, SWR_KIND_VECTOR));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, -3, SWR_KIND_VECTOR));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 65536, SWR_KIND_VECTOR));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 1, (swr_kind)7));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 1, (swr_kind)0x7fffffff));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 1, (swr_kind)-1));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 2, SWR_KIND_SCALAR));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 4, SWR_KIND_RGB));
  REFUSED(w, swr_set_pixel_type(w, SWR_UINT8, 3, SWR_KIND_RGBA));
  REFUSED(w, swr_set_pixel_type(w, SWR_FLOAT32, 3, SWR_KIND_COMPLEX));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 3, SWR_KIND_RGB));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 4, SWR_KIND_RGBA));
  assert_ok(w, swr_set_pixel_type(w, SWR_FLOAT32, 2, SWR_KIND_COMPLEX));
  assert_ok(w, swr_set_pixel_type(w, SWR_FLOAT32, 6, SWR_KIND_SYMMETRIC_TENSOR));
  assert_ok(w, swr_set_pixel_type(w, SWR_FLOAT32, 65535, SWR_KIND_VECTOR));
  REFUSED(w, swr_set_source_type(w, (swr_component)11));
  REFUSED(w, swr_set_source_type(w, (swr_component)0x7fffffff));
  REFUSED(w, swr_set_source_type(w, (swr_component)-1));
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT64));
  assert_ok(w, swr_set_source_type(w, SWR_COMPONENT_UNKNOWN));
  REFUSED(w, swr_set_source_components(w, -1));
  assert_ok(w, swr_set_source_components(w, 3));
  assert_ok(w, swr_set_source_components(w, 0));
  swr_writer_destroy(w);
}

static void spacing_is_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_spacing(w, NULL, 3));
  REFUSED(w, swr_set_spacing(w, ones, 0));
  REFUSED(w, swr_set_spacing(w, ones, -1));
  REFUSED(w, swr_set_spacing(w, ones, 17));
  const double wrong[] = {0, -1, NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 5; ++i) {
    const double values[] = {1, wrong[i], 1};
    REFUSED(w, swr_set_spacing(w, values, 3));
  }
  assert_ok(w, swr_set_spacing(w, ones, 3));
  swr_writer_destroy(w);
}

static void origin_is_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_origin(w, NULL, 3));
  REFUSED(w, swr_set_origin(w, ones, 0));
  REFUSED(w, swr_set_origin(w, ones, 17));
  const double wrong[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; ++i) {
    const double values[] = {1, 1, wrong[i]};
    REFUSED(w, swr_set_origin(w, values, 3));
  }
  const double fine[] = {-1e6, 0, 1e6};
  assert_ok(w, swr_set_origin(w, fine, 3));
  swr_writer_destroy(w);
}

static void direction_is_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_direction(w, NULL, 9));
  const int32_t wrong_counts[] = {0, -9, 2, 3, 5, 8, 289};
  double many[289] = {0};
  for (int i = 0; i < 7; ++i) REFUSED(w, swr_set_direction(w, many, wrong_counts[i]));
  const double zero[9] = {0}, singular[] = {1, 2, 3, 2, 4, 6, 0, 0, 1},
               flat[] = {1, 0, 0, 0, 1, 0, 0, 0, 0};
  REFUSED(w, swr_set_direction(w, zero, 9));
  REFUSED(w, swr_set_direction(w, singular, 9));
  REFUSED(w, swr_set_direction(w, flat, 9));
  double values[9];
  const double wrong[] = {NAN, INFINITY};
  for (int i = 0; i < 2; ++i) {
    memcpy(values, identity, sizeof values);
    values[4] = wrong[i];
    REFUSED(w, swr_set_direction(w, values, 9));
  }
  assert_ok(w, swr_set_direction(w, identity, 9));
  swr_writer_destroy(w);
}

static void metadata_is_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_metadata(w, NULL, "value"));
  REFUSED(w, swr_set_metadata(w, "", "value"));
  /* A writer takes what a reader returns; the format of the file decides. */
  assert_ok(w, swr_set_metadata(w, "a:b=c", "two\nlines"));
  assert_ok(w, swr_set_metadata(w, "key", "a: b = c"));
  assert_ok(w, swr_set_metadata(w, "key", NULL));
  assert_ok(w, swr_set_metadata(w, "never set", NULL));
  swr_writer_destroy(w);
}

static void units_and_scales_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_axis_unit(w, -1, SWR_UNIT_SECOND));
  REFUSED(w, swr_set_axis_unit(w, SWR_MAX_DIMENSIONS, SWR_UNIT_SECOND));
  REFUSED(w, swr_set_axis_unit(w, 0, (swr_unit)99));
  REFUSED(w, swr_set_axis_unit(w, 0, (swr_unit)-1));
  assert_ok(w, swr_set_axis_unit(w, 0, SWR_UNIT_MICROMETRE));
  const double wrong[][2] = {{0, 0}, {NAN, 0}, {INFINITY, 0}, {1, NAN}, {1, INFINITY}};
  for (int i = 0; i < 5; ++i) {
    REFUSED(w, swr_set_value_scale(w, wrong[i][0], wrong[i][1]));
    REFUSED(w, swr_set_source_scale(w, wrong[i][0], wrong[i][1]));
  }
  assert_ok(w, swr_set_value_scale(w, -0.5, 3));
  assert_ok(w, swr_set_source_scale(w, 1, 0));
  assert_ok(w, swr_set_keep_header(w, 0));
  assert_ok(w, swr_set_header_from(w, NULL));
  swr_reader* closed = swr_reader_create();
  assert_status(w, SWR_ERROR_STATE, swr_set_header_from(w, closed));
  swr_reader_destroy(closed);
  swr_writer_destroy(w);
  assert_string_equal(swr_unit_name(SWR_UNIT_MICROMETRE), "um");
  assert_string_equal(swr_unit_name(SWR_UNIT_NONE), "");
  assert_string_equal(swr_unit_name((swr_unit)99), "");
  assert_int_equal(swr_unit_from_name("Microns"), SWR_UNIT_MICROMETRE);
  assert_int_equal(swr_unit_from_name("furlong"), SWR_UNIT_NONE);
  assert_int_equal(swr_unit_from_name(NULL), SWR_UNIT_NONE);
}

static void numbers_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_divisions(w, INT64_MAX));
  assert_ok(w, swr_set_divisions(w, -1));
  REFUSED(w, swr_set_memory_limit(w, 1));
  REFUSED(w, swr_set_memory_limit(w, (1 << 20) - 1));
  REFUSED(w, swr_set_memory_limit(w, -1));
  assert_ok(w, swr_set_memory_limit(w, 1 << 20));
  assert_ok(w, swr_set_memory_limit(w, 0));
  REFUSED(w, swr_set_threads(w, -1));
  assert_ok(w, swr_set_threads(w, 0));
  REFUSED(w, swr_set_pull_threads(w, 0));
  REFUSED(w, swr_set_pull_threads(w, -1));
  assert_ok(w, swr_set_pull_threads(w, 1));
  swr_writer_destroy(w);
}

static void policies_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_existing(w, (swr_existing)5));
  REFUSED(w, swr_set_existing(w, (swr_existing)0x7fffffff));
  REFUSED(w, swr_set_existing(w, (swr_existing)-1));
  REFUSED(w, swr_set_conversion(w, (swr_conversion)3));
  REFUSED(w, swr_set_conversion(w, (swr_conversion)0x7fffffff));
  REFUSED(w, swr_set_conversion(w, (swr_conversion)-1));
  REFUSED(w, swr_set_compression(w, "no such compression", 3));
  REFUSED(w, swr_set_compression(w, "deflate", 0));
  REFUSED(w, swr_set_compression(w, "deflate", 10));
  assert_ok(w, swr_set_compression(w, "deflate", 9));
  assert_ok(w, swr_set_compression(w, "none", 1));
  assert_ok(w, swr_set_compression(w, NULL, 0));
  swr_writer_destroy(w);
}

static void options_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  REFUSED(w, swr_set_option(w, NULL, "on"));
  REFUSED(w, swr_set_option(w, "", "on"));
  REFUSED(w, swr_set_option(w, "no such option", "on"));
  const char* wrong[][2] = {
      {"detached.outside", "perhaps"}, {"deflate.slot", "4095"},    {"deflate.slot", "4194305"},
      {"deflate.slot", "many"},        {"deflate.slot", "65536x"},  {"deflate.slack", "-1"},
      {"deflate.slack", "101"},        {"deflate.engine", "magic"}, {"erase", "yes"},
      {"paste.sole", "perhaps"},       {"deflate.slot", ""}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i)
    REFUSED(w, swr_set_option(w, wrong[i][0], wrong[i][1]));
  const char* fine[][2] = {{"detached.outside", "allow"},
                           {"detached.outside", "refuse"},
                           {"deflate.slot", "4096"},
                           {"deflate.slot", "4194304"},
                           {"deflate.slack", "0"},
                           {"deflate.slack", "100"},
                           {"deflate.engine", "auto"},
                           {"deflate.engine", "zlib"},
                           {"erase", "on"},
                           {"erase", "off"},
                           {"paste.sole", "on"},
                           {"erase", NULL}};
  for (size_t i = 0; i < sizeof fine / sizeof fine[0]; ++i)
    assert_ok(w, swr_set_option(w, fine[i][0], fine[i][1]));
  swr_writer_destroy(w);
}

static void buffers_are_checked(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  unsigned char memory[64];
  void* buffers[] = {memory, memory + 32};
  void* with_null[] = {memory, NULL};
  REFUSED(w, swr_set_buffers(w, NULL, 2, 32));
  REFUSED(w, swr_set_buffers(w, buffers, -1, 32));
  REFUSED(w, swr_set_buffers(w, buffers, 2, 0));
  REFUSED(w, swr_set_buffers(w, buffers, 2, -1));
  REFUSED(w, swr_set_buffers(w, with_null, 2, 32));
  assert_ok(w, swr_set_buffers(w, buffers, 2, 32));
  /* Smaller than a piece */
  const swr_region region = region_3d(0, 0, 0, 10, 10, 10);
  assert_ok(w, swr_set_path(w, "image.mha"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_divisions(w, 1));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT, swr_check(w));
  assert_says(swr_writer_message(w), "1000");
  assert_ok(w, swr_set_buffers(w, NULL, 0, 0));
  assert_ok(w, swr_check(w));
  swr_writer_destroy(w);
}

static void results_that_are_null_are_refused(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  const swr_region region = region_3d(0, 0, 0, 10, 10, 10);
  int64_t n;
  assert_ok(w, swr_set_path(w, "image.mha"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  REFUSED(w, swr_get_actual_divisions(w, 1, NULL));
  REFUSED(w, swr_get_split_region(w, 0, 1, NULL));
  REFUSED(w, swr_get_piece_count(w, NULL));
  REFUSED(w, swr_get_memory_need(w, NULL));
  REFUSED(w, swr_get_piece_bytes(w, NULL));
  REFUSED(w, swr_get_statistics(w, SWR_STATISTIC_PULLS, NULL));
  REFUSED(w, swr_get_statistics(w, SWR_STATISTIC_COUNT, &n));
  REFUSED(w, swr_get_statistics(w, (swr_statistic)0x7fffffff, &n));
  REFUSED(w, swr_write(w, NULL, NULL));
  assert_ok(w, swr_get_method(w, NULL, NULL, NULL));
  assert_file_count(0);
  swr_writer_destroy(w);
}

static void a_writer_that_lacks_something_is_refused(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 2, 2, 2);
  volume v = volume_new(&region, SWR_UINT8, 1);
  for (int missing = 0; missing < 3; ++missing) {
    swr_writer* w = swr_writer_create();
    source s = source_of(&v);
    if (missing != 0) assert_ok(w, swr_set_path(w, "image.mha"));
    if (missing != 1) assert_ok(w, swr_set_image_region(w, &region));
    if (missing != 2) assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
    REFUSED(w, swr_check(w));
    assert_true(strlen(swr_writer_message(w)) > 0);
    REFUSED(w, swr_write(w, pull_source, &s));
    REFUSED(w, swr_begin(w));
    REFUSED(w, swr_allocate(w));
    assert_int_equal(s.pulls, 0);
    swr_writer_destroy(w);
  }
  assert_file_count(0);
  volume_free(&v);
}

static void reader_arguments_are_checked(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 2, 2, 2);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  double numbers[9];
  unsigned char bytes[17];
  swr_region got;
  const char* text;
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_open(r, NULL));
  assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_open(r, ""));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_memory_limit(r, -1));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_memory_limit(r, 1000));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_threads(r, -1));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_option(r, "no such option", "on"));
  assert_reader_status(r, SWR_ERROR_ARGUMENT,
                       swr_reader_set_option(r, "detached.outside", "perhaps"));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_option(r, NULL, "allow"));
  assert_reader_status(r, SWR_ERROR_STATE,
                       swr_reader_get_image_region(r, &got)); /* no file is open */
  assert_reader_status(r, SWR_ERROR_STATE, swr_reader_get_spacing(r, numbers, 3));
  assert_reader_status(r, SWR_ERROR_STATE, swr_reader_read(r, &region, bytes, 16));
  assert_reader_status(r, SWR_ERROR_STATE, swr_reader_verify(r));
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_image_region(r, NULL));
  assert_reader_ok(r, swr_reader_get_pixel_type(r, NULL, NULL, NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_spacing(r, NULL, 3));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_spacing(r, numbers, 2));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_origin(r, numbers, 4));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_direction(r, numbers, 3));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_metadata_count(r, NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_metadata_at(r, -1, &text, &text));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_metadata_at(r, 1000, &text, &text));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_metadata(r, NULL, &text));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_metadata(r, "key", NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_format(r, NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_big_endian(r, NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_get_data_file(r, NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_read(r, NULL, bytes, 16));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_read(r, &region, NULL, 16));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_read(r, &region, bytes, 15));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_read(r, &region, bytes, 17));
  swr_region reserved = region;
  reserved.reserved = 1;
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_read(r, &reserved, bytes, 16));
  const swr_region outside = region_3d(0, 0, 1, 2, 2, 2), flat = region_2d(0, 0, 2, 2);
  assert_reader_status(r, SWR_ERROR_REGION, swr_reader_read(r, &outside, bytes, 16));
  const swr_status status = swr_reader_read(r, &flat, bytes, 8);
  assert_true(status == SWR_ERROR_REGION || status == SWR_ERROR_ARGUMENT);
  assert_reader_ok(r, swr_reader_read(r, &region, bytes, 16));
  assert_string_equal(swr_reader_message(r), "");
  assert_reader_ok(r, swr_reader_close(r));
  assert_reader_status(r, SWR_ERROR_STATE, swr_reader_get_image_region(r, &got));
  swr_reader_destroy(r);
  volume_free(&v);
}

int main(void) {
  TEST(a_null_writer_is_refused_by_every_function);
  TEST(a_null_reader_is_refused_by_every_function);
  TEST(a_null_piece_is_answered);
  TEST(names_of_what_is_none_are_answered);
  TEST(paths_and_formats_are_checked);
  TEST(regions_are_checked);
  TEST(pixel_types_are_checked);
  TEST(spacing_is_checked);
  TEST(origin_is_checked);
  TEST(direction_is_checked);
  TEST(metadata_is_checked);
  TEST(units_and_scales_are_checked);
  TEST(numbers_are_checked);
  TEST(policies_are_checked);
  TEST(options_are_checked);
  TEST(buffers_are_checked);
  TEST(results_that_are_null_are_refused);
  TEST(a_writer_that_lacks_something_is_refused);
  TEST_EACH(reader_arguments_are_checked, SWR_CAN_STREAM | SWR_CAN_READ);
  return run_all_tests("argument validation");
}
