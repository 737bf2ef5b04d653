/* Every pair of settings of a writer, with every kind of source: either swr_check() and the write
 * refuse it with the same message, or the write succeeds and passes the checks of checked.h. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

static swr_region small(void) {
  return region_3d(0, 0, 0, 14, 12, 9);
}

static swr_region large(void) {
  return region_3d(0, 0, 0, 14, 12, 13);
}

static swr_region box(void) {
  return region_3d(3, 2, 4, 8, 7, 3);
}

/* --- Settings. Those of one group exclude each other. --- */

static swr_status in_three(swr_writer* w) {
  return swr_set_divisions(w, 3);
}
static swr_status in_very_many(swr_writer* w) {
  return swr_set_divisions(w, 1000);
}
static swr_status as_the_library_likes(swr_writer* w) {
  return swr_set_divisions(w, -1);
}
static swr_status a_box(swr_writer* w) {
  const swr_region region = box();
  return swr_set_paste_region(w, &region);
}
static swr_status a_slab(swr_writer* w) {
  const swr_region region = region_3d(0, 0, 7, 14, 12, 2);
  return swr_set_paste_region(w, &region);
}
static swr_status larger(swr_writer* w) {
  const swr_region region = large();
  return swr_set_image_region(w, &region);
}
static swr_status region_of_the_file(swr_writer* w) {
  return swr_set_image_region(w, NULL);
}
static swr_status fail_if_there(swr_writer* w) {
  return swr_set_existing(w, SWR_EXISTING_FAIL);
}
static swr_status replace(swr_writer* w) {
  return swr_set_existing(w, SWR_EXISTING_REPLACE);
}
static swr_status update(swr_writer* w) {
  return swr_set_existing(w, SWR_EXISTING_UPDATE);
}
static swr_status extend(swr_writer* w) {
  return swr_set_existing(w, SWR_EXISTING_EXTEND);
}
static swr_status three_components(swr_writer* w) {
  return swr_set_pixel_type(w, SWR_INT16, 3, SWR_KIND_VECTOR);
}
static swr_status stored_as_bytes(swr_writer* w) {
  return swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR);
}
static swr_status from_float(swr_writer* w) {
  return swr_set_source_type(w, SWR_FLOAT32);
}
static swr_status from_grey(swr_writer* w) {
  const swr_status status = swr_set_pixel_type(w, SWR_UINT8, 3, SWR_KIND_RGB);
  return status ? status : swr_set_source_components(w, 1);
}
static swr_status clamping(swr_writer* w) {
  return swr_set_conversion(w, SWR_CONVERSION_CLAMP);
}
static swr_status spaced(swr_writer* w) {
  const double spacing[] = {0.5, 2, 3};
  return swr_set_spacing(w, spacing, 3);
}
static swr_status with_metadata(swr_writer* w) {
  return swr_set_metadata(w, "Station", "seven");
}
static swr_status little_memory(swr_writer* w) {
  return swr_set_memory_limit(w, 1 << 20);
}
static swr_status more_memory(swr_writer* w) {
  return swr_set_memory_limit(w, 3 << 20);
}
static swr_status one_thread(swr_writer* w) {
  return swr_set_threads(w, 1);
}
static swr_status three_threads(swr_writer* w) {
  return swr_set_threads(w, 3);
}
static swr_status uncompressed(swr_writer* w) {
  return swr_set_compression(w, "none", 0);
}
static swr_status compressed(swr_writer* w) {
  return swr_set_compression(w, "deflate", 1);
}
static swr_status filled(swr_writer* w) {
  return swr_set_fill_value(w, 7);
}
static swr_status without_rollback(swr_writer* w) {
  return swr_set_rollback(w, 0);
}
static swr_status synchronous(swr_writer* w) {
  return swr_set_sync(w, 1);
}
static swr_status in_nrrd(swr_writer* w) {
  return swr_set_format(w, "NRRD");
}
static swr_status outside_allowed(swr_writer* w) {
  return swr_set_option(w, "detached.outside", "allow");
}
static swr_status small_slots(swr_writer* w) {
  return swr_set_option(w, "deflate.slot", "4096");
}
static swr_status much_slack(swr_writer* w) {
  return swr_set_option(w, "deflate.slack", "80");
}
static swr_status by_zlib(swr_writer* w) {
  return swr_set_option(w, "deflate.engine", "zlib");
}
static swr_status erasing(swr_writer* w) {
  return swr_set_option(w, "erase", "on");
}
static swr_status sole(swr_writer* w) {
  return swr_set_option(w, "paste.sole", "on");
}
static swr_status waiting(swr_writer* w) {
  return swr_set_option(w, "lock", "wait");
}

static int32_t go_on(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                     void* user) {
  (void)pieces_done, (void)pieces, (void)bytes_done, (void)bytes, (void)user;
  return 0;
}
static swr_status with_progress(swr_writer* w) {
  return swr_set_progress(w, go_on, NULL);
}
static void hear(swr_log_level level, const char* message, void* user) {
  (void)level, (void)message, (void)user;
}
static swr_status with_log(swr_writer* w) {
  return swr_set_log(w, hear, NULL);
}

enum { own_bytes = 1 << 16 };
static unsigned char own[2][own_bytes];
static swr_status own_buffers(swr_writer* w) {
  void* const buffers[] = {own[0], own[1]};
  return swr_set_buffers(w, buffers, 2, own_bytes);
}
static swr_status own_small_buffer(swr_writer* w) {
  void* const buffers[] = {own[0]};
  return swr_set_buffers(w, buffers, 1, 1000);
}

typedef struct setting {
  const char* name;
  swr_status (*apply)(swr_writer* w);
  char group;
} setting;

#define SETTING(function, group) \
  { #function, function, group }
static const setting settings[] = {
    SETTING(in_three, 'd'),
    SETTING(in_very_many, 'd'),
    SETTING(as_the_library_likes, 'd'),
    SETTING(a_box, 'p'),
    SETTING(a_slab, 'p'),
    SETTING(larger, 'i'),
    SETTING(region_of_the_file, 'i'),
    SETTING(fail_if_there, 'e'),
    SETTING(replace, 'e'),
    SETTING(update, 'e'),
    SETTING(extend, 'e'),
    SETTING(three_components, 't'),
    SETTING(stored_as_bytes, 't'),
    SETTING(from_float, 's'),
    SETTING(from_grey, 't'),
    SETTING(clamping, 'c'),
    SETTING(spaced, 'g'),
    SETTING(with_metadata, 'm'),
    SETTING(little_memory, 'l'),
    SETTING(more_memory, 'l'),
    SETTING(one_thread, 'n'),
    SETTING(three_threads, 'n'),
    SETTING(uncompressed, 'z'),
    SETTING(compressed, 'z'),
    SETTING(filled, 'f'),
    SETTING(without_rollback, 'r'),
    SETTING(synchronous, 'y'),
    SETTING(in_nrrd, 'o'),
    SETTING(outside_allowed, 'u'),
    SETTING(small_slots, 'S'),
    SETTING(much_slack, 'k'),
    SETTING(by_zlib, 'E'),
    SETTING(erasing, 'x'),
    SETTING(sole, 'P'),
    SETTING(waiting, 'w'),
    SETTING(with_progress, 'R'),
    SETTING(with_log, 'L'),
    SETTING(own_buffers, 'b'),
    SETTING(own_small_buffer, 'b'),
};
enum { setting_count = sizeof settings / sizeof settings[0] };

/* --- Files --- */

typedef struct scene {
  const char* path;
  int is_there; /* an image is in the way, or to be changed */
} scene;

static const scene scenes[] = {
    {"x.mha", 1}, {"x.nii.gz", 1}, {"x.nhdr", 1}, {"x.mha", 0}, {"x.nii.gz", 0}, {"x.mhd", 0},
};
enum { scene_count = sizeof scenes / sizeof scenes[0] };

/* The numbers fit every type and are exact in it. */
static volume numbers(const swr_region* region, swr_component component, int32_t components) {
  volume v = volume_new(region, component, components);
  const int64_t count = region_pixels(region) * components;
  const int64_t size = swr_component_bytes(component);
  for (int64_t i = 0; i < count; ++i)
    component_store(v.bytes + i * size, component, (double)(i * 7 % 120));
  return v;
}

static void set_scene(const scene* s) {
  clear_folder();
  if (!s->is_there) return;
  const swr_region region = small();
  volume v = volume_new(&region, SWR_INT16, 1);
  volume_fill(&v, 3);
  checks_off("a file to begin with");
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, s->path));
  describe(w, &v);
  assert_ok(w, swr_write(w, pull_volume, &v));
  swr_writer_destroy(w);
  checks_on();
  volume_free(&v);
}

static int litter(void) {
  DIR* const folder = opendir(".");
  assert_non_null(folder);
  int count = 0;
  for (struct dirent* entry = readdir(folder); entry; entry = readdir(folder))
    count += entry->d_name[0] == '.' && strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
  closedir(folder);
  return count;
}

/* --- Sources. Each runs the write to its end, or to the first call that fails. --- */

static swr_status from_memory(swr_writer* w, const volume* v) {
  source s = source_of(v);
  s.how = LENDS_ALL;
  const swr_status status = swr_write(w, pull_source, &s);
  source_free(&s);
  return status;
}

static swr_status from_a_callback(swr_writer* w, const volume* v) {
  source s = source_of(v);
  const swr_status status = swr_write(w, pull_source, &s);
  source_free(&s);
  return status;
}

static swr_status from_several_threads(swr_writer* w, const volume* v) {
  return swr_write(w, pull_volume, (void*)v);
}

static void make_source_file(const char* path, const volume* v) {
  checks_off("the source of what is checked");
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_region(w, &v->region));
  assert_ok(w, swr_set_pixel_type(w, v->component, v->components,
                                  v->components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR));
  assert_ok(w, swr_write(w, pull_volume, (void*)v));
  swr_writer_destroy(w);
  checks_on();
}

/* One file for each type, created when it is first needed. */
static swr_status from_a_reader(swr_writer* w, const volume* v) {
  char path[64];
  snprintf(path, sizeof path, "../source-%d-%d.nrrd", (int)v->component, (int)v->components);
  if (!file_exists(path)) make_source_file(path, v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  const swr_status status = swr_write(w, swr_reader_pull, r);
  swr_reader_destroy(r);
  return status;
}

/* From the last slice to the first. */
static swr_status from_puts(swr_writer* w, const volume* v) {
  swr_region part = v->region;
  swr_status status = swr_begin(w);
  if (status) return status;
  if (swr_get_split_region(w, 0, 1, &part)) part = v->region;
  const int64_t first = part.index[2], count = part.size[2];
  part.size[2] = 1;
  for (int64_t slice = count; slice-- > 0 && !status;) {
    part.index[2] = first + slice;
    const int64_t bytes = region_pixels(&part) * volume_pixel_bytes(v);
    void* data = malloc((size_t)bytes);
    assert_non_null(data);
    volume_get(v, &part, data);
    status = swr_put(w, &part, data, bytes);
    free(data);
  }
  return status ? status : swr_finish(w);
}

typedef swr_status (*deliver)(swr_writer* w, const volume* v);

/* --- One pair --- */

typedef struct counts {
  int done, refused;
} counts;

static void fail_pair(const setting* a, const setting* b, const scene* s, const char* what,
                      swr_status status, const char* message) {
  fail_msg("%s and %s, %s %s: %s: %s: %s", a->name, b->name, s->path, s->is_there ? "there" : "new",
           what, swr_status_name(status), message);
}

static void apply(swr_writer* w, const setting* which) {
  assert_ok(w, which->apply(w));
}

static void try_pair(const setting* a, const setting* b, const scene* s, deliver run, counts* n) {
  set_scene(s);
  const swr_region region = small(), all = large();
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, s->path));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  if (run == from_several_threads) assert_ok(w, swr_set_pull_threads(w, 3));
  apply(w, a);
  if (b != a) apply(w, b);
  swr_component component = SWR_INT16;
  int32_t components = 1;
  char why[1024];
  const swr_status expected = swr_check(w);
  snprintf(why, sizeof why, "%s", swr_writer_message(w));
  if (!expected) assert_ok(w, swr_get_pulled_type(w, &component, &components));
  volume v = numbers(&all, component, components);
  const swr_status status = run(w, &v);
  const char* const message = swr_writer_message(w);
  /* A reader brings the region that the check misses. */
  const int is_told = run != from_a_reader || !strstr(why, "the image region is not set");
  if (is_told && status != expected)
    fail_pair(a, b, s, "the check told otherwise", status, message);
  if (is_told && strcmp(message, why) != 0) fail_pair(a, b, s, why, status, message);
  if ((status == SWR_OK) != (message[0] == '\0')) fail_pair(a, b, s, "message", status, message);
  if (failed_checks() > 0) fail_pair(a, b, s, "see above", status, message);
  if (litter() > 0) fail_pair(a, b, s, "hidden files are left", status, message);
  ++*(status ? &n->refused : &n->done);
  volume_free(&v);
  swr_writer_destroy(w);
}

/* Each pair is tried in one scene with each source; together the sources cover all scenes. */
static void walk(deliver run, int turn) {
  counts n = {0, 0};
  assert_int_equal(mkdir("here", 0777), 0);
  assert_int_equal(chdir("here"), 0);
  for (int a = 0; a < setting_count; ++a) {
    for (int b = a; b < setting_count; ++b) {
      if (b != a && settings[a].group == settings[b].group) continue;
      const scene* s = &scenes[(a + b + turn) % scene_count];
      const int swapped = (a + turn) % 2;
      try_pair(&settings[swapped ? b : a], &settings[swapped ? a : b], s, run, &n);
    }
  }
  assert_int_equal(chdir(".."), 0);
  print_message("%d pairs written, %d refused\n", n.done, n.refused);
  assert_true(n.done > n.refused);
}

static void pairs_from_memory_are_refused_or_right(void** state) {
  (void)state;
  walk(from_memory, 0);
}

static void pairs_from_a_callback_are_refused_or_right(void** state) {
  (void)state;
  walk(from_a_callback, 1);
}

static void pairs_from_several_threads_are_refused_or_right(void** state) {
  (void)state;
  walk(from_several_threads, 2);
}

static void pairs_from_a_reader_are_refused_or_right(void** state) {
  (void)state;
  walk(from_a_reader, 3);
}

static void pairs_from_puts_are_refused_or_right(void** state) {
  (void)state;
  walk(from_puts, 4);
}

int main(void) {
  TEST(pairs_from_memory_are_refused_or_right);
  TEST(pairs_from_a_callback_are_refused_or_right);
  TEST(pairs_from_several_threads_are_refused_or_right);
  TEST(pairs_from_a_reader_are_refused_or_right);
  TEST(pairs_from_puts_are_refused_or_right);
  return run_all_tests("pairs");
}
