/* Images with fewer axes in images with more: a volume into a series, out of one, and many into
 * one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static void make(const char* path, const char* size, const char* pattern) {
  swr_ok("make %s --size %s --type int16 --pattern %s --quiet", path, size, pattern);
}

static void same(const char* a, const char* b) {
  swr_ok("compare %s %s --quiet", a, b);
}

static void a_volume_goes_into_a_series_and_comes_out_again(void** state) {
  const test_case* t = *state;
  make(t->path, "6,5,4,3", "ramp");
  make("volume.mha", "6,5,4", "noise");
  swr_fails(SWR_ERROR_MISMATCH, "--at says where it goes", "paste volume.mha %s", t->path);
  swr_fails(SWR_ERROR_REGION, "not inside", "paste volume.mha %s --at 0,0,0,3", t->path);
  swr_ok("paste volume.mha %s --at 0,0,0,1 --quiet", t->path);
  swr_copies("copy %s out.mha --volume 1 --quiet", t->path);
  same("volume.mha", "out.mha");
  swr_copies("copy %s squeezed.mha --region 0,0,0,1:6,5,4,1 --squeeze --quiet", t->path);
  same("volume.mha", "squeezed.mha");
  swr_copies("copy %s kept.mha --region 0,0,0,1:6,5,4,1 --quiet", t->path);
  char* document = swr_json("info kept.mha --json");
  assert_has(document, "\"dimensions\":4");
  free(document);
  swr_fails(SWR_ERROR_REGION, "not inside", "copy %s out.mha --volume 3", t->path);
}

static void a_volume_is_appended_as_the_next_time_point(void** state) {
  const test_case* t = *state;
  make(t->path, "6,5,4,2", "ramp");
  make("volume.mha", "6,5,4", "noise");
  swr_copies("copy %s first.mha --volume 1 --quiet", t->path);
  swr_ok("paste volume.mha %s --at 0,0,0,2 --extend --quiet", t->path);
  char* document = swr_json("info %s --json", t->path);
  assert_has(document, "\"size\":[6,5,4,3]");
  free(document);
  swr_copies("copy %s last.mha --volume 2 --quiet", t->path);
  same("volume.mha", "last.mha");
  swr_copies("copy %s before.mha --volume 1 --quiet", t->path);
  same("first.mha", "before.mha");
}

static void a_stack_is_its_images_in_order(void** state) {
  const test_case* t = *state;
  make("a.mha", "6,5,4", "noise");
  make("b.mha", "6,5,4", "ramp");
  make("c.mha", "6,5,4", "sphere");
  const int has_step = holds(t, SWR_HOLDS_SPACING);
  swr_ok("stack a.mha b.mha c.mha %s --step %s --divisions 5 --quiet", t->path,
         has_step ? "2.5" : "1");
  char* document = swr_json("info %s --json", t->path);
  assert_has(document, "\"size\":[6,5,4,3]");
  assert_has(document,
             has_step ? "\"spacing\":[1.0,1.0,1.0,2.5]" : "\"spacing\":[1.0,1.0,1.0,1.0]");
  free(document);
  const char* const parts[] = {"a.mha", "b.mha", "c.mha"};
  for (int i = 0; i < 3; ++i) {
    swr_copies("copy %s out.mha --volume %d --quiet", t->path, i);
    same(parts[i], "out.mha");
  }
  /* Along an axis of theirs, also where the pixels of the images take turns. */
  for (int axis = 0; axis < 3; ++axis) {
    const int sizes[] = {6, 5, 4};
    int index[] = {0, 0, 0};
    index[axis] = sizes[axis];
    swr_ok("stack a.mha b.mha %s --axis %d --divisions 3 --quiet", t->path, axis);
    swr_copies("copy %s out.mha --region %d,%d,%d:6,5,4 --quiet", t->path, index[0], index[1],
               index[2]);
    swr_ok("make same.mha --size 6,5,4 --type int16 --quiet");
    swr_ok("paste out.mha same.mha --at 0,0,0 --quiet");
    same("b.mha", "same.mha");
  }
}

static void images_that_differ_are_no_stack(void** state) {
  (void)state;
  make("a.mha", "6,5,4", "noise");
  make("b.mha", "6,5,3", "noise");
  swr_ok("make c.mha --size 6,5,4 --type uint8 --quiet");
  swr_fails(SWR_ERROR_MISMATCH, "the region differs", "stack a.mha b.mha out.mha");
  swr_fails(SWR_ERROR_MISMATCH, "the pixel type differs", "stack a.mha c.mha out.mha");
  swr_fails(64, "--axis", "stack a.mha a.mha out.mha --axis 4");
  swr_ok("stack a.mha b.mha out.mha --axis 2 --quiet");
}

static void a_single_volume_keeps_its_time_step_in_a_stack(void** state) {
  (void)state;
  make("one.nii", "6,5,4", "noise");
  int64_t bytes = 0;
  unsigned char* file = load_file("one.nii", &bytes);
  const float step = 2.5F;
  memcpy(file + 76 + 4 * 4, &step, 4); /* pixdim[4] */
  file[40] = 4;                        /* dim[0] */
  save_file("one.nii", file, bytes);
  free(file);
  swr_ok("copy one.nii two.nii --quiet");
  swr_ok("stack one.nii two.nii series.nii --quiet");
  char* document = swr_json("info series.nii --json");
  assert_has(document, "\"size\":[6,5,4,2]");
  assert_has(document, "\"spacing\":[1.0,1.0,1.0,2.5]");
  free(document);
}

int main(void) {
  TEST_EACH(a_volume_goes_into_a_series_and_comes_out_again, SWR_CAN_PASTE);
  TEST_EACH(a_volume_is_appended_as_the_next_time_point, SWR_CAN_EXTEND);
  TEST_EACH(a_stack_is_its_images_in_order, SWR_CAN_STREAM);
  TEST(images_that_differ_are_no_stack);
  TEST(a_single_volume_keeps_its_time_step_in_a_stack);
  return run_all_tests("swr and series");
}
