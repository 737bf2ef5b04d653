/* swr preview: which slices, how large, which way up, and how bright. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

typedef struct picture {
  int width, height;
  unsigned char* rgb;
} picture;

static picture load_picture(const char* path) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  assert_true(png_image_begin_read_from_file(&image, path));
  image.format = PNG_FORMAT_RGB;
  picture p = {(int)image.width, (int)image.height, malloc(PNG_IMAGE_SIZE(image))};
  assert_non_null(p.rgb);
  assert_true(png_image_finish_read(&image, NULL, p.rgb, 0, NULL));
  return p;
}

static int red(const picture* p, int x, int y) {
  return p->rgb[(y * p->width + x) * 3];
}

static void write_volume(const char* path, const volume* v, const double* spacing,
                         const double* direction) {
  const test_case t = {.path = "unused"};
  const int32_t n = v->region.dimensions;
  swr_writer* w = new_writer_at(&t, path);
  describe(w, v);
  if (spacing) assert_ok(w, swr_set_spacing(w, spacing, n));
  if (direction) assert_ok(w, swr_set_direction(w, direction, n * n));
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

/* A dark volume of 12 x 10 x 8 mm with a bright box at its left (large x), its front (small y)
 * and its top (large z), whatever way the axes run. */
static void write_marked(const char* path, const double* direction) {
  const int64_t size[] = {12, 10, 8};
  int64_t sizes[3] = {0};
  int axis_of[3] = {0}, backwards[3] = {0};
  for (int world = 0; world < 3; ++world) {
    for (int axis = 0; axis < 3; ++axis) {
      if (direction[world * 3 + axis] == 0) continue;
      axis_of[world] = axis;
      backwards[world] = direction[world * 3 + axis] < 0;
      sizes[axis] = size[world];
    }
  }
  const swr_region region = region_3d(0, 0, 0, sizes[0], sizes[1], sizes[2]);
  volume v = volume_new(&region, SWR_UINT8, 1);
  for (int64_t z = 0; z < size[2]; ++z) {
    for (int64_t y = 0; y < size[1]; ++y) {
      for (int64_t x = 0; x < size[0]; ++x) {
        const int64_t place[] = {x, y, z};
        int64_t at[3];
        for (int world = 0; world < 3; ++world)
          at[axis_of[world]] = backwards[world] ? size[world] - 1 - place[world] : place[world];
        /* Each slice through the middle sees two of the three marks. */
        v.bytes[(at[2] * sizes[1] + at[1]) * sizes[0] + at[0]] =
            x >= 10 || y < 2 || z >= 6 ? 200 : 0;
      }
    }
  }
  write_volume(path, &v, NULL, direction);
  volume_free(&v);
}

static void slices_are_shown_as_radiologists_see_them(void** state) {
  (void)state;
  const double directions[][9] = {{1, 0, 0, 0, 1, 0, 0, 0, 1},
                                  {-1, 0, 0, 0, -1, 0, 0, 0, 1},
                                  {1, 0, 0, 0, 0, 1, 0, -1, 0},
                                  {0, 0, -1, 1, 0, 0, 0, 1, 0},
                                  {0, 1, 0, 0, 0, -1, -1, 0, 0}};
  for (size_t i = 0; i < sizeof directions / sizeof directions[0]; ++i) {
    write_marked("image.mha", directions[i]);
    swr_ok("preview image.mha out.png");
    const picture p = load_picture("out.png");
    assert_int_equal(p.width, 12 + 4 + 12 + 4 + 10);
    assert_int_equal(p.height, 10);
    /* axial: bright at the right and at the top */
    assert_int_equal(red(&p, 11, 5), 255);
    assert_int_equal(red(&p, 0, 5), 0);
    assert_int_equal(red(&p, 5, 0), 255);
    assert_int_equal(red(&p, 5, 9), 0);
    /* coronal, one row lower as it is two shorter: bright at the right and at the top */
    assert_int_equal(red(&p, 16 + 11, 5), 255);
    assert_int_equal(red(&p, 16, 5), 0);
    assert_int_equal(red(&p, 16 + 5, 1), 255);
    assert_int_equal(red(&p, 16 + 5, 8), 0);
    /* sagittal: bright at the left and at the top */
    assert_int_equal(red(&p, 32, 5), 255);
    assert_int_equal(red(&p, 32 + 9, 5), 0);
    assert_int_equal(red(&p, 32 + 5, 1), 255);
    assert_int_equal(red(&p, 32 + 5, 8), 0);
    free(p.rgb);
  }
}

static void spacing_is_respected(void** state) {
  (void)state;
  swr_ok("make image.mha --size 40,30,10 --type uint8 --pattern sphere --spacing 1,1,3");
  char* document = swr_json("preview image.mha out.png --json");
  assert_has(document, "\"width\":118,\"height\":30,");
  assert_has(
      document,
      "{\"name\":\"axial\",\"index\":[0,0,5],\"size\":[40,30,1],\"width\":40,\"height\":30}");
  assert_has(
      document,
      "{\"name\":\"coronal\",\"index\":[0,15,0],\"size\":[40,1,10],\"width\":40,\"height\":30}");
  assert_has(
      document,
      "{\"name\":\"sagittal\",\"index\":[20,0,0],\"size\":[1,30,10],\"width\":30,\"height\":30}");
  free(document);
  const picture p = load_picture("out.png");
  assert_true(red(&p, 20, 15) > 200);
  assert_int_equal(red(&p, 0, 0), 0);
  /* between two slices that are 3 mm apart, values are interpolated */
  assert_true(red(&p, 44 + 20, 8) > red(&p, 44 + 20, 7) &&
              red(&p, 44 + 20, 7) > red(&p, 44 + 20, 6));
  free(p.rgb);
}

static void large_image_gives_a_picture_of_bounded_size(void** state) {
  (void)state;
  swr_ok("make image.mha --size 700,500,90 --type uint16");
  char* document = swr_json("preview image.mha out.png --edge 100 --json");
  assert_has(
      document,
      "\"name\":\"axial\",\"index\":[0,0,45],\"size\":[700,500,1],\"width\":100,\"height\":71}");
  free(document);
  const picture p = load_picture("out.png");
  for (int x = 1; x < 100; ++x) assert_true(red(&p, x, 35) >= red(&p, x - 1, 35));
  assert_true(red(&p, 99, 35) > red(&p, 0, 35) + 50);
  free(p.rgb);
}

static void image_of_two_dimensions_gives_one_slice(void** state) {
  (void)state;
  swr_ok("make flat.mha --size 30,20");
  char* document = swr_json("preview flat.mha out.png --json");
  assert_has(document, "\"width\":30,\"height\":20,");
  assert_has(document, "\"panels\":[{\"name\":\"slice\",");
  free(document);
  swr_ok("make thin.mha --size 30,1,20");
  document = swr_json("preview thin.mha out.png --json");
  assert_has(document, "\"width\":30,\"height\":20,");
  free(document);
  swr_ok("make line.mha --size 30");
  document = swr_json("preview line.mha out.png --json");
  assert_has(document, "\"width\":30,\"height\":1,");
  free(document);
  swr_ok("make four.mha --size 12,11,10,3");
  document = swr_json("preview four.mha out.png --json");
  assert_has(document, "\"index\":[0,0,5,1],\"size\":[12,11,1,1]");
  free(document);
}

static void colour_is_shown_as_it_is(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 20, 16);
  volume v = volume_pattern(&region, SWR_UINT8, 3, 1);
  write_volume("image.mha", &v, NULL, NULL);
  swr_ok("preview image.mha out.png");
  const picture p = load_picture("out.png");
  assert_int_equal(p.width, 20);
  assert_memory_equal(p.rgb, v.bytes, 20 * 16 * 3);
  free(p.rgb);
  volume_free(&v);
}

static void of_several_components_the_first_is_shown(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 20, 16);
  volume v = volume_new(&region, SWR_FLOAT32, 2);
  for (int64_t i = 0; i < 20 * 16; ++i) {
    component_store(v.bytes + 8 * i, SWR_FLOAT32, (double)(i % 20));
    component_store(v.bytes + 8 * i + 4, SWR_FLOAT32, 1e6);
  }
  write_volume("image.mha", &v, NULL, NULL);
  swr_ok("preview image.mha out.png");
  const picture p = load_picture("out.png");
  for (int x = 0; x < 20; ++x) {
    assert_int_equal(red(&p, x, 8), (x * 255 * 2 + 19) / 38);
    assert_int_equal(p.rgb[(8 * 20 + x) * 3 + 1], red(&p, x, 8));
  }
  free(p.rgb);
  volume_free(&v);
}

static void outliers_do_not_darken_the_picture(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 100, 100);
  volume v = volume_new(&region, SWR_FLOAT64, 1);
  for (int64_t i = 0; i < 10000; ++i)
    component_store(v.bytes + 8 * i, SWR_FLOAT64, (double)(i % 100));
  component_store(v.bytes + 8 * 5050, SWR_FLOAT64, 1e30);
  component_store(v.bytes + 8 * 5051, SWR_FLOAT64, -1e30);
  const double zero = 0;
  component_store(v.bytes + 8 * 5052, SWR_FLOAT64, zero / zero);
  write_volume("image.mha", &v, NULL, NULL);
  swr_ok("preview image.mha out.png");
  const picture p = load_picture("out.png");
  assert_int_equal(red(&p, 0, 20), 0);
  assert_in_range(red(&p, 49, 20), 115, 140);
  assert_int_equal(red(&p, 99, 20), 255);
  assert_int_equal(red(&p, 52, 50), 0); /* not a number */
  free(p.rgb);
  volume_free(&v);
}

static void constant_image_has_a_picture_too(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 6, 6, 6);
  volume v = volume_new(&region, SWR_UINT8, 1);
  volume_fill(&v, 9);
  write_volume("image.mha", &v, NULL, NULL);
  char* document = swr_json("preview image.mha out.png --json");
  assert_has(document, "\"black\":9.0,\"white\":10.0");
  free(document);
  const picture p = load_picture("out.png");
  assert_int_equal(p.width, 26);
  free(p.rgb);
  volume_free(&v);
}

/* Few pixels of a large image are read one by one, many row by row. */
static void compare_with_plain_file(const test_case* t, int edge) {
  swr_ok("preview plain.mha plain.png --edge %d", edge);
  swr_ok("preview %s other.png --edge %d", t->path, edge);
  int64_t a = 0, b = 0;
  unsigned char *plain = load_file("plain.png", &a), *other = load_file("other.png", &b);
  assert_int_equal(a, b);
  assert_memory_equal(plain, other, (size_t)a);
  free(plain);
  free(other);
}

static void picture_is_the_same_for_every_kind_of_file(void** state) {
  const test_case* t = *state;
  swr_ok("make plain.mha --size 90,70,60 --type int16 --pattern noise");
  swr_ok("copy plain.mha %s --compress %s", t->path, t->kind->compressed ? "deflate:1" : "none");
  compare_with_plain_file(t, 1024);
  compare_with_plain_file(t, 40);
  compare_with_plain_file(t, 18);
}

/* Black and white are real values: a falling scale turns the picture round. */
static void values_of_a_picture_are_real(void** state) {
  (void)state;
  swr_ok("make plain.nrrd --size 30,20,10 --type uint8");
  swr_writer* w = swr_writer_create();
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, "plain.nrrd"));
  assert_ok(w, swr_set_path(w, "scaled.nrrd"));
  assert_ok(w, swr_set_value_scale(w, -2, 1000));
  assert_ok(w, swr_set_source_scale(w, -2, 1000));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  char* plain = swr_json("preview plain.nrrd plain.png --json");
  char* scaled = swr_json("preview scaled.nrrd scaled.png --json");
  assert_true(json_number(scaled, "black") == 1000 - 2 * json_number(plain, "white"));
  assert_true(json_number(scaled, "white") == 1000 - 2 * json_number(plain, "black"));
  free(plain);
  free(scaled);
  const picture a = load_picture("plain.png"), b = load_picture("scaled.png");
  for (int x = 0; x < 30; ++x) assert_in_range(red(&a, x, 10) + red(&b, x, 10), 254, 256);
  free(a.rgb);
  free(b.rgb);
}

static void picture_that_cannot_be_written_is_an_error_and_leaves_nothing(void** state) {
  (void)state;
  swr_ok("make image.mha --size 6,5,4");
  snapshot* before = snapshot_take();
  swr_fails(SWR_ERROR_IO, "gone/out.png", "preview image.mha gone/out.png");
  assert_unchanged(before);
  snapshot_free(before);
}

/* How many pixels of a box are white. */
static int white(const picture* p, int left, int top, int width, int height) {
  int count = 0;
  for (int y = top; y < top + height; ++y)
    for (int x = left; x < left + width; ++x) count += red(p, x, y) == 255;
  return count;
}

/* On black pixels: R at the left of the axial and the coronal slice, A of the sagittal one; A and S
 * at the top; and a bar of 50 mm. */
static void letters_and_a_scale_bar_are_drawn(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 160, 150, 140);
  volume v = volume_new(&region, SWR_UINT8, 1);
  write_volume("image.mha", &v, NULL, NULL);
  char* document = swr_json("preview image.mha out.png --json");
  assert_has(document, "\"scale_bar\":{\"length\":50.0,\"unit\":\"\",\"pixels\":50}");
  free(document);
  const picture p = load_picture("out.png");
  const int left[] = {0, 164, 328}, width[] = {160, 160, 150}, height[] = {150, 140, 140};
  const int letters[][2] = {{18, 18}, {18, 15}, {18, 15}}; /* dots of R A, R S, A S */
  for (int i = 0; i < 3; ++i) {
    const int top = (150 - height[i]) / 2;
    assert_int_equal(white(&p, left[i], top + height[i] / 2 - 8, 12, 16), letters[i][0]);
    assert_int_equal(white(&p, left[i] + width[i] / 2 - 8, top, 16, 12), letters[i][1]);
  }
  assert_int_equal(white(&p, 0, 150 - 8, 160, 8), 50 * 2);
  assert_int_equal(white(&p, 164, 150 - 16, 310, 16), 0); /* in the first slice alone */
  free(p.rgb);
  swr_ok("preview image.mha out.png --plain");
  const picture plain = load_picture("out.png");
  assert_int_equal(white(&plain, 0, 0, plain.width, plain.height), 0);
  free(plain.rgb);
  volume_free(&v);
}

/* As the manual says: no edge is longer than 1024 unless told otherwise, and slices of at least 128
 * x 128 pixels have letters. */
static void limits_of_pictures_are_those_of_the_manual(void** state) {
  (void)state;
  swr_ok("make long.mha --size 3000,40");
  char* document = swr_json("preview long.mha long.png --json");
  assert_has(document, "\"width\":1024,");
  free(document);
  const int edges[] = {127, 128};
  for (int i = 0; i < 2; ++i) {
    const swr_region region = region_3d(0, 0, 0, edges[i], edges[i], edges[i]);
    volume v = volume_new(&region, SWR_UINT8, 1);
    write_volume("image.mha", &v, NULL, NULL);
    swr_ok("preview image.mha out.png");
    const picture p = load_picture("out.png");
    assert_int_equal(white(&p, 0, 0, p.width, p.height) > 0, edges[i] >= 128);
    free(p.rgb);
    volume_free(&v);
  }
}

static void name_of_another_kind_of_picture_is_refused(void** state) {
  (void)state;
  swr_ok("make a.mha --size 6,5,4");
  swr_ok("make b.mha --size 6,5,4");
  mkdir("pictures", 0700);
  snapshot* before = snapshot_take();
  swr_fails(64, "PNG", "preview a.mha out.jpg");
  swr_fails(64, "PNG", "preview a.mha out.JPEG");
  swr_fails(64, "folder", "preview a.mha b.mha out.png");
  swr_fails(64, "two images", "preview a.mha ./a.mha pictures");
  assert_unchanged(before);
  snapshot_free(before);
  swr_ok("preview a.mha OUT.PNG");
  swr_ok("preview a.mha b.mha pictures");
  const picture p = load_picture("pictures/b.mha.png");
  free(p.rgb);
  assert_true(file_exists("pictures/a.mha.png"));
}

int main(void) {
  TEST(slices_are_shown_as_radiologists_see_them);
  TEST(spacing_is_respected);
  TEST(large_image_gives_a_picture_of_bounded_size);
  TEST(image_of_two_dimensions_gives_one_slice);
  TEST(colour_is_shown_as_it_is);
  TEST(of_several_components_the_first_is_shown);
  TEST(outliers_do_not_darken_the_picture);
  TEST(constant_image_has_a_picture_too);
  TEST_EACH(picture_is_the_same_for_every_kind_of_file, SWR_CAN_STREAM);
  TEST(values_of_a_picture_are_real);
  TEST(letters_and_a_scale_bar_are_drawn);
  TEST(limits_of_pictures_are_those_of_the_manual);
  TEST(name_of_another_kind_of_picture_is_refused);
  TEST(picture_that_cannot_be_written_is_an_error_and_leaves_nothing);
  return run_all_tests("swr preview");
}
