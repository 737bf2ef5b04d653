/* What a command keeps of a header, what it changes with the image, and what it reports as left
 * out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum { nifti_header_bytes = 348, extension_bytes = 32 };

static void append(FILE* file, const void* bytes, size_t count) {
  assert_int_equal(fwrite(bytes, 1, count, file), count);
}

/* int16 6 x 5 x 4 x volumes, 2.5 s apart from 10 s on, with an extension unless its code is 0. */
static void make_nifti(const char* path, int volumes, int32_t code) {
  unsigned char header[nifti_header_bytes] = {0};
  const int16_t dim[] = {(int16_t)(volumes > 1 ? 4 : 3), 6, 5, 4, (int16_t)volumes, 1, 1, 1};
  const float pixdim[] = {1, 2, 2, 3, 2.5F}, toffset = 10;
  const float sform[] = {0, -2, 0, 7, 2, 0, 0, 8, 0, 0, 3, 9};
  const float offset = code ? 352 + extension_bytes : 352;
  const int32_t size = nifti_header_bytes, extension[] = {extension_bytes, code};
  const int16_t datatype = 4, bits = 16, sform_code = 2;
  memcpy(header, &size, 4);
  memcpy(header + 40, dim, sizeof dim);
  memcpy(header + 70, &datatype, 2);
  memcpy(header + 72, &bits, 2);
  memcpy(header + 76, pixdim, sizeof pixdim);
  memcpy(header + 108, &offset, 4);
  header[123] = 2 | 8; /* mm, s */
  memcpy(header + 136, &toffset, 4);
  memcpy(header + 254, &sform_code, 2);
  memcpy(header + 280, sform, sizeof sform);
  memcpy(header + 344, "n+1", 4);
  const char extended[4] = {code != 0};
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  append(file, header, sizeof header);
  append(file, extended, 4);
  if (code) append(file, extension, 8);
  if (code) append(file, "<text of 24 characters/>", 24);
  for (int i = 0; i < 120 * volumes; ++i) append(file, &(int16_t){(int16_t)(i + 1)}, 2);
  assert_int_equal(fclose(file), 0);
}

static float float_at(const char* path, int64_t offset) {
  float value;
  load_bytes(path, offset, &value, 4);
  return value;
}

static void assert_extension(const char* path, int32_t code) {
  int32_t extension[2];
  char text[25] = {0};
  load_bytes(path, 352, extension, 8);
  assert_int_equal(extension[0], extension_bytes);
  assert_int_equal(extension[1], code);
  load_bytes(path, 360, text, 24);
  assert_string_equal(text, "<text of 24 characters/>");
}

/* --- Extensions --- */

/* Of those, programs read sizes; the change may make them wrong. */
static void an_extension_that_describes_the_shape_is_kept_with_a_warning(void** state) {
  (void)state;
  static const struct {
    int32_t code;
    const char* name;
  } extensions[] = {{4, "AFNI"}, {32, "CIFTI"}};
  for (int i = 0; i < 2; ++i) {
    const int32_t code = extensions[i].code;
    make_nifti("old.nii", 1, code);
    swr_ok("copy old.nii whole.nii -q");
    assert_extension("whole.nii", code);
    swr_warns(extensions[i].name, "copy old.nii cut.nii --region 0,0,1:6,5,2 -q");
    assert_extension("cut.nii", code);
    swr_warns(extensions[i].name, "extend whole.nii --size 6,5,7 -q"); /* in place */
    assert_extension("whole.nii", code);
    swr_warns(extensions[i].name, "extend old.nii --size 9,5,4 -q"); /* rewritten */
    assert_extension("old.nii", code);
  }
  make_nifti("old.nii", 1, 6); /* a comment */
  swr_ok("extend old.nii --size 6,5,7 -q");
  assert_extension("old.nii", 6);
}

/* --- What does not fit --- */

static void a_strict_copy_fails_where_another_warns(void** state) {
  (void)state;
  make_nifti("old.nii", 1, 4);
  swr_warns("extension AFNI", "copy old.nii new.nrrd -q");
  remove("new.nrrd");
  swr_fails(SWR_ERROR_UNSUPPORTED, "extension AFNI", "copy old.nii new.nrrd --strict");
  assert_false(file_exists("new.nrrd"));
  swr_ok("copy old.nii new.nii --strict -q");
  swr_ok("copy old.nii new.nrrd --no-metadata --strict -q");
  /* One entry that the target cannot hold does not stop the others. */
  swr_writer* w = swr_writer_create();
  const swr_region region = region_3d(0, 0, 0, 3, 2, 2);
  assert_ok(w, swr_set_path(w, "notes.nrrd"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_metadata(w, "two", "first\nsecond"));
  assert_ok(w, swr_set_metadata(w, "one", "only"));
  assert_ok(w, swr_allocate(w));
  swr_writer_destroy(w);
  swr_fails(SWR_ERROR_UNSUPPORTED, "\"two\"", "copy notes.nrrd notes.mha --strict");
  swr_warns("\"two\"", "copy notes.nrrd notes.mha -q");
  char* document = swr_json("info notes.mha --json");
  assert_has(document, "\"one\":\"only\"");
  assert_lacks(document, "second");
  free(document);
}

/* --- What follows the size --- */

static void save_text(const char* path, const char* text, int64_t zeros) {
  const size_t bytes = strlen(text) + (size_t)zeros;
  char* whole = calloc(bytes, 1);
  assert_non_null(whole);
  memcpy(whole, text, strlen(text));
  save_file(path, whole, (int64_t)bytes);
  free(whole);
}

static char* text_of_file(const char* path) {
  int64_t bytes = 0;
  unsigned char* data = load_file(path, &bytes);
  assert_non_null(data);
  char* text = malloc((size_t)bytes + 1);
  assert_non_null(text);
  for (int64_t i = 0; i < bytes; ++i) text[i] = data[i] ? (char)data[i] : ' ';
  text[bytes] = '\0';
  free(data);
  return text;
}

static void assert_lines(const char* path, const char* const* lines) {
  char* text = text_of_file(path);
  for (; *lines; ++lines) assert_has(text, *lines);
  free(text);
}

static void fields_of_an_nrrd_file_follow_its_size(void** state) {
  (void)state;
  static const char old[] =
      "NRRD0004\n# a comment\nnumber: 24\ntype: uint8\ndimension: 3\nsizes: 4 3 2\n"
      "spacings: 0.5 1 2\naxis mins: 0 10 20\naxis maxs: 2 13 24\ncenters: cell cell cell\n"
      "thicknesses: nan nan 1.5\nlabels: \"x\" \"y\" \"z\"\nunits: \"mm\" \"mm\" \"mm\"\n"
      "encoding: raw\ncontent: made of zeros\n\n";
  static const char* const kept[] = {
      "\n# a comment\n",       "\nthicknesses: nan nan 1.5\n", "\nlabels: \"x\" \"y\" \"z\"\n",
      "\nspacings: 0.5 1 2\n", "\ncontent: made of zeros\n",   NULL};
  static const char* const longer[] = {"\nnumber: 120\n", "\nsizes: 4 3 10\n",
                                       "\naxis mins: 0 10 20\n", "\naxis maxs: 2 13 40\n", NULL};
  static const char* const wider[] = {"\nnumber: 1200\n", "\nsizes: 40 3 10\n",
                                      "\naxis mins: 0 10 20\n", "\naxis maxs: 20 13 40\n", NULL};
  static const char* const cut[] = {"\nnumber: 30\n", "\nsizes: 10 1 3\n", "\naxis mins: 1 11 24\n",
                                    "\naxis maxs: 6 12 30\n", NULL};
  save_text("old.nrrd", old, 24);
  swr_ok("extend old.nrrd --size 4,3,10 -q");
  assert_lines("old.nrrd", kept);
  assert_lines("old.nrrd", longer);
  swr_ok("extend old.nrrd --size 40,3,10 -q");
  assert_lines("old.nrrd", kept);
  assert_lines("old.nrrd", wider);
  swr_ok("copy old.nrrd cut.nrrd --region 2,1,2:10,1,3 --compress deflate -q");
  assert_lines("cut.nrrd", kept);
  assert_lines("cut.nrrd", cut);
  /* A word is no number of samples. */
  save_text("word.nrrd",
            "NRRD0004\nnumber: many\ntype: uint8\ndimension: 2\nsizes: 4 3\nencoding: raw\n\n", 12);
  swr_ok("extend word.nrrd --size 4,5 -q");
  assert_lines("word.nrrd", (const char* const[]){"\nnumber: many\n", "\nsizes: 4 5\n", NULL});
}

/* --- Axes that are dropped --- */

static void a_volume_of_a_series_has_its_own_time(void** state) {
  (void)state;
  static const char* const pairs[][2] = {{"series.nii", "one.nii"}, {"packed.nii.gz", "one.nii"}};
  make_nifti("series.nii", 5, 0);
  swr_ok("copy series.nii packed.nii.gz -q");
  for (int i = 0; i < 2; ++i) {
    swr_ok("copy %s %s --volume 3 -q", pairs[i][0], pairs[i][1]);
    assert_true(float_at(pairs[i][1], 136) == 17.5F); /* toffset */
    assert_true(float_at(pairs[i][1], 92) == 2.5F); /* TR, for the series that it may go back to */
    swr_ok("copy %s %s --region 0,0,0,4:6,5,4,1 --squeeze -q", pairs[i][0], pairs[i][1]);
    assert_true(float_at(pairs[i][1], 136) == 20);
    swr_ok("copy %s part.nii --region 0,0,0,2:6,5,4,2 -q", pairs[i][0]);
    assert_true(float_at("part.nii", 136) == 15);
    swr_ok("copy part.nii one.nii --volume 3 -q"); /* indices stay */
    assert_true(float_at("one.nii", 136) == 17.5F);
  }
}

/* A plane of a volume that is cut at the third slice; its pixels are in RAS at (-2y + 7, 2x + 8,
 * 3z + 9). */
static void a_plane_of_a_volume_keeps_its_place_in_space(void** state) {
  (void)state;
  make_nifti("volume.nii", 1, 0);
  swr_ok("copy volume.nii plane.nii --volume 2 -q");
  assert_true(float_at("plane.nii", 280 + 12) == 7);
  assert_true(float_at("plane.nii", 280 + 28) == 8);
  assert_true(float_at("plane.nii", 280 + 44) == 15);
  assert_true(float_at("plane.nii", 88) == 3); /* how thick it is */
  swr_ok("copy volume.nii plane.nrrd --volume 2 -q");
  static const char* const lines[] = {"\nspace: left-posterior-superior\n",
                                      "\nspace directions: (0,-2,0) (2,0,0)\n",
                                      "\nspace origin: (-7,-8,15)\n", NULL};
  assert_lines("plane.nrrd", lines);
  swr_ok("copy plane.nrrd back.nii -q");
  assert_true(float_at("back.nii", 280 + 44) == 15);
  swr_ok("copy plane.nii back.nrrd -q");
  assert_lines("back.nrrd", lines);
  /* In a stack it is where it was. */
  swr_ok("copy volume.nii above.nrrd --volume 3 -q");
  swr_ok("stack plane.nrrd above.nrrd stack.nrrd --step 3 -q");
  assert_lines("stack.nrrd", (const char* const[]){"\nspace directions: (0,-2,0) (2,0,0) (0,0,3)\n",
                                                   "\nspace origin: (-7,-8,15)\n", NULL});
  swr_warns("three-dimensional space", "copy volume.nii plane.mha --volume 2 -q");
}

/* One axis of a sagittal plane runs along z, which two dimensions do not have. */
static void a_plane_that_stands_upright_keeps_its_place_in_space(void** state) {
  (void)state;
  save_text("sagittal.nrrd",
            "NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: 4 3 2\n"
            "space directions: (0,1,0) (0,0,-2) (3,0,0)\nspace origin: (10,20,30)\n"
            "encoding: raw\n\n",
            24);
  static const char* const lines[] = {"\nspace directions: (0,1,0) (0,0,-2)\n",
                                      "\nspace origin: (13,20,30)\n", NULL};
  swr_ok("copy sagittal.nrrd plane.nrrd --volume 1 -q");
  assert_lines("plane.nrrd", lines);
  swr_ok("copy sagittal.nrrd plane.nii --volume 1 -q");
  swr_ok("copy plane.nii again.nrrd -q");
  assert_lines("again.nrrd", lines);
  swr_ok("copy sagittal.nrrd cut.nrrd --region 1,1,1:2,2,1 --squeeze -q");
  assert_lines("cut.nrrd", (const char* const[]){"\nspace origin: (13,21,28)\n", NULL});
}

/* Such as a second image. */
static void bytes_after_the_pixels_are_not_overwritten_and_not_copied(void** state) {
  (void)state;
  const char* const names[] = {"two.mha", "two.nrrd", "two.nii", "two.mrc",
                               "two.npy", "two.gipl", "two.vti", "two.vtk"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    swr_ok("make %s --size 6,5,4 --type int16 -q", names[i]);
    FILE* file = fopen(names[i], "ab");
    assert_non_null(file);
    append(file, "another image", 13);
    fclose(file);
    snapshot* before = snapshot_take();
    swr_fails(SWR_ERROR_UNSUPPORTED, "13 bytes after", "extend %s --size 6,5,7", names[i]);
    swr_fails(SWR_ERROR_UNSUPPORTED, "13 bytes after", "extend %s --size 9,5,4", names[i]);
    swr_fails(SWR_ERROR_UNSUPPORTED, "13 bytes after", "copy %s copy.nrrd --strict", names[i]);
    assert_unchanged(before);
    swr_warns("13 bytes after", "copy %s copy.nrrd -q", names[i]);
    swr_ok("copy %s copy.nrrd --no-metadata --strict -q", names[i]);
    swr_ok("compare %s copy.nrrd -q", names[i]);
    snapshot_free(before);
    clear_folder();
  }
}

/* The same of a file of pixels that has no header. */
static void bytes_after_detached_pixels_are_told_of(void** state) {
  (void)state;
  const char* const names[] = {"two.mhd", "two.nhdr", "two.hdr"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    swr_ok("make %s --size 6,5,4 --type int16 -q", names[i]);
    char pixels[256];
    data_file_of(names[i], pixels);
    for (int bytes = 1; bytes <= 14; bytes += 13) {
      FILE* file = fopen(pixels, "ab");
      assert_non_null(file);
      append(file, "another image", bytes == 1 ? 1 : 13);
      fclose(file);
      const char* const words = bytes == 1 ? "1 byte after" : "14 bytes after";
      snapshot* before = snapshot_take();
      swr_warns(words, "verify %s", names[i]);
      swr_fails(SWR_ERROR_UNSUPPORTED, words, "verify %s --strict", names[i]);
      swr_fails(SWR_ERROR_UNSUPPORTED, words, "extend %s --size 6,5,7", names[i]);
      swr_fails(SWR_ERROR_UNSUPPORTED, words, "copy %s copy.mha --strict", names[i]);
      assert_unchanged(before);
      swr_warns(words, "copy %s copy.mha -q", names[i]);
      snapshot_free(before);
      remove("copy.mha");
    }
    clear_folder();
  }
}

/* A pair without NIfTI's magic. */
static void an_analyze_file_is_copied_and_not_changed(void** state) {
  (void)state;
  swr_ok("make pair.hdr --size 6,5,4 --type int16 --spacing 0.5,0.75,2 -q");
  int64_t bytes = 0;
  unsigned char* header = load_file("pair.hdr", &bytes);
  memset(header + 344, 0, 4);
  save_file("pair.hdr", header, 348);
  free(header);
  swr_ok("make part.mha --size 2,2,2 --type int16 --pattern noise -q");
  snapshot* before = snapshot_take();
  const char* const paths[] = {"pair.hdr", "pair.img"};
  for (int i = 0; i < 2; ++i) {
    swr_fails(SWR_ERROR_UNSUPPORTED, "Analyze 7.5", "paste part.mha %s --at 0,0,0", paths[i]);
    swr_fails(SWR_ERROR_UNSUPPORTED, "to a .nii file", "extend %s --size 6,5,7", paths[i]);
    swr_fails(SWR_ERROR_UNSUPPORTED, "Analyze 7.5", "redact %s --region 0,0,0:1,1,1", paths[i]);
    assert_unchanged(before);
  }
  swr_ok("copy pair.hdr new.nii -q");
  swr_ok("compare pair.hdr new.nii -q");
  swr_ok("paste part.mha new.nii --at 0,0,0 -q");
  snapshot_free(before);
}

int main(void) {
  TEST(an_extension_that_describes_the_shape_is_kept_with_a_warning);
  TEST(a_strict_copy_fails_where_another_warns);
  TEST(bytes_after_the_pixels_are_not_overwritten_and_not_copied);
  TEST(bytes_after_detached_pixels_are_told_of);
  TEST(an_analyze_file_is_copied_and_not_changed);
  TEST(fields_of_an_nrrd_file_follow_its_size);
  TEST(a_volume_of_a_series_has_its_own_time);
  TEST(a_plane_of_a_volume_keeps_its_place_in_space);
  TEST(a_plane_that_stands_upright_keeps_its_place_in_space);
  return run_all_tests("swr and headers");
}
