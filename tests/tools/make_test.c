/* swr make: patterns that depend on the pixel's place alone; Ctrl-C; progress. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

static void file_is_the_same_for_any_divisions(void** state) {
  (void)state;
  const char* const patterns[] = {"ramp", "sphere", "noise"};
  const char* const types[] = {"uint8", "int8",   "uint16", "int16",   "uint32",
                               "int32", "uint64", "int64",  "float32", "float64"};
  for (int p = 0; p < 3; ++p) {
    for (int i = 0; i < 10; ++i) {
      swr_ok("make one.mha --size 40,30,20 --type %s --pattern %s --divisions 1", types[i],
             patterns[p]);
      swr_ok("make many.mha --size 40,30,20 --type %s --pattern %s --divisions 7", types[i],
             patterns[p]);
      int64_t one = 0, many = 0;
      unsigned char *a = load_file("one.mha", &one), *b = load_file("many.mha", &many);
      assert_int_equal(one, many);
      assert_memory_equal(a, b, (size_t)one);
      free(a);
      free(b);
    }
  }
}

static double pixel(const volume* v, int64_t number) {
  return component_load(v->bytes + number * volume_pixel_bytes(v), v->component);
}

static void ramp_goes_from_zero_to_the_largest_value(void** state) {
  (void)state;
  const struct {
    const char* type;
    double top;
  } types[] = {{"uint8", 255},           {"int8", 127},         {"uint16", 65535}, {"int16", 32767},
               {"uint32", 4294967295.0}, {"int32", 2147483647}, {"float32", 1},    {"float64", 1}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
    swr_ok("make ramp.mha --size 50,40,30 --type %s", types[i].type);
    volume v = read_volume("ramp.mha");
    assert_string_equal(swr_component_name(v.component), types[i].type);
    const int64_t last = region_pixels(&v.region) - 1;
    assert_true(pixel(&v, 0) == 0);
    assert_true(pixel(&v, last) > types[i].top * (1 - 1e-6) && pixel(&v, last) <= types[i].top);
    for (int64_t x = 1; x < 50; ++x) assert_true(pixel(&v, x) >= pixel(&v, x - 1));
    assert_true(pixel(&v, 49) > pixel(&v, 0));
    assert_true(pixel(&v, 50 * 39) > pixel(&v, 0));
    volume_free(&v);
  }
}

static void sphere_is_bright_in_the_middle_and_round_in_space(void** state) {
  (void)state;
  swr_ok("make sphere.mha --size 41,21,11 --type uint8 --pattern sphere --spacing 1,2,4");
  volume v = read_volume("sphere.mha");
  const int64_t middle = (5 * 21 + 10) * 41 + 20;
  assert_true(pixel(&v, middle) > 240);
  assert_true(pixel(&v, 0) == 0);
  /* 8 mm along each axis */
  assert_true(pixel(&v, middle + 8) > 0);
  assert_true(pixel(&v, middle + 8) == pixel(&v, middle + 4 * 41));
  assert_true(pixel(&v, middle + 8) == pixel(&v, middle + 2 * 41 * 21));
  assert_true(pixel(&v, middle + 8) == pixel(&v, middle - 8));
  volume_free(&v);
}

static void noise_uses_the_whole_range(void** state) {
  (void)state;
  swr_ok("make noise.mha --size 64,64,64 --type uint8 --pattern noise");
  volume v = read_volume("noise.mha");
  int64_t seen[256] = {0}, same = 0;
  const int64_t count = region_pixels(&v.region);
  for (int64_t i = 0; i < count; ++i) ++seen[v.bytes[i]];
  for (int value = 0; value < 256; ++value)
    assert_in_range(seen[value], count / 256 * 3 / 4, count / 256 * 5 / 4);
  for (int64_t i = 64; i < count; ++i) same += v.bytes[i] == v.bytes[i - 64];
  assert_true(same < count / 128);
  volume_free(&v);
}

static void geometry_and_start_index_are_as_asked_for(void** state) {
  (void)state;
  swr_ok(
      "make image.nrrd --size 8x9x10 --type int32 --index 5,-6,7 --spacing 0.5,0.25,3 --origin "
      "-1,2.5,1e2");
  char* document = swr_json("info image.nrrd --json");
  assert_has(document, "\"size\":[8,9,10],\"index\":[5,-6,7],\"component\":\"int32\"");
  assert_has(document, "\"spacing\":[0.5,0.25,3.0],\"origin\":[-1.0,2.5,100.0]");
  free(document);
  swr_fails(SWR_ERROR_ARGUMENT, "(ERROR_ARGUMENT)", "make image.nrrd --size 8,9 --spacing 1,0");
}

static void image_larger_than_the_memory_stays_inside_it(void** state) {
  (void)state;
  char* document = swr_json("make large.mha --size 512,512,128 --type uint16 --memory 4M --json");
  assert_int_equal((int)json_number(document, "bytes"), 512 * 512 * 128 * 2);
  assert_true(json_number(document, "peak_buffer_bytes") <= 4 << 20);
  assert_true(json_number(document, "pieces") >= 16);
  free(document);
}

/* Whether the process has a file open in this folder. A new one has no name: its link says
 * "/folder/#123 (deleted)". */
static int has_file_here(pid_t process) {
  char here[4096], entry[320], target[4096];
  assert_non_null(getcwd(here, sizeof here));
  snprintf(entry, sizeof entry, "/proc/%d/fd", (int)process);
  DIR* list = opendir(entry);
  assert_non_null(list);
  int found = 0;
  for (struct dirent* each = readdir(list); each && !found; each = readdir(list)) {
    snprintf(entry, sizeof entry, "/proc/%d/fd/%s", (int)process, each->d_name);
    const ssize_t length = readlink(entry, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    found = strncmp(target, here, strlen(here)) == 0;
  }
  closedir(list);
  return found;
}

/* Until the write has begun; a minute at most. */
static void wait_for_a_file_of(pid_t process) {
  const struct timespec tick = {0, 20 * 1000000};
  for (int i = 0; i < 3000 && !has_file_here(process); ++i) nanosleep(&tick, NULL);
}

/* Work for minutes that needs little disk until it is interrupted. */
#define LONG_WORK \
  "--size 4096,4096,400 --type uint16 --pattern noise --compress deflate:9 --threads 1"

static void interrupt_leaves_the_old_file_and_no_litter(void** state) {
  (void)state;
  const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  swr_ok("make image.nii.gz --size 6,5,4");
  snapshot* before = snapshot_take();
  for (int i = 0; i < 3; ++i) {
    FILE* err = tmpfile();
    assert_non_null(err);
    const pid_t process = swr_start(fileno(err), "make image.nii.gz " LONG_WORK);
    wait_for_a_file_of(process);
    assert_int_equal(kill(process, signals[i]), 0);
    assert_int_equal(swr_wait(process), SWR_CANCELLED);
    char text[1024] = "";
    rewind(err);
    assert_true(fread(text, 1, sizeof text - 1, err) > 0);
    fclose(err);
    assert_has(text, "(CANCELLED)");
    assert_unchanged(before);
  }
  snapshot_free(before);
}

/* While it waits for a lock, a command does not look at the flag. */
static void second_signal_ends_the_process_at_once(void** state) {
  (void)state;
  const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  swr_ok("make image.mha --size 6,5,4");
  snapshot* before = snapshot_take();
  for (int i = 0; i < 3; ++i) {
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, "image.mha"));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_ok(w, swr_set_option(w, "paste.sole", "on"));
    assert_ok(w, swr_begin(w));
    const pid_t process = swr_start(-1, "extend image.mha --size 6,5,9 --option lock=wait --quiet");
    wait_for_a_file_of(process);
    const struct timespec moment = {0, 50 * 1000000};
    nanosleep(&moment, NULL);
    assert_int_equal(kill(process, signals[i]), 0);
    nanosleep(&moment, NULL);
    assert_int_equal(waitpid(process, NULL, WNOHANG), 0);
    assert_int_equal(kill(process, signals[i]), 0);
    assert_int_equal(swr_wait(process), -signals[i]);
    assert_ok(w, swr_abandon(w));
    swr_writer_destroy(w);
    assert_unchanged(before);
  }
  snapshot_free(before);
}

/* What a process writes to a terminal until it ends. */
static void read_terminal(int terminal, char* text, size_t room) {
  size_t length = 0;
  struct pollfd ready = {terminal, POLLIN, 0};
  while (poll(&ready, 1, 60000) > 0) {
    char part[512];
    const ssize_t got = read(terminal, part, sizeof part);
    if (got <= 0) break;
    const size_t kept = (size_t)got < room - 1 - length ? (size_t)got : room - 1 - length;
    memcpy(text + length, part, kept);
    length += kept;
  }
  text[length] = '\0';
}

static void terminal_shows_a_bar_with_rate_and_time_left(void** state) {
  (void)state;
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) skip();
  const int other_side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  assert_true(other_side >= 0);
  const pid_t process = swr_start(other_side,
                                  "make out.nii.gz --size 512,512,96 --type uint16 --pattern noise "
                                  "--compress deflate:9 --threads 1 --json");
  close(other_side);
  static char text[1 << 16];
  read_terminal(terminal, text, sizeof text);
  close(terminal);
  assert_int_equal(swr_wait(process), 0);
  assert_has(text, "\rmake  [");
  assert_has(text, "B/s");
  assert_has(text, " left");
  assert_has(text, "\r\033[K"); /* wiped off at the end */
}

static void quiet_shows_nothing_on_a_terminal(void** state) {
  (void)state;
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) skip();
  const int other_side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  assert_true(other_side >= 0);
  const pid_t process = swr_start(other_side,
                                  "make out.nii.gz --size 512,512,32 --type uint16 --pattern noise "
                                  "--compress deflate:9 --quiet");
  close(other_side);
  char text[256];
  read_terminal(terminal, text, sizeof text);
  close(terminal);
  assert_int_equal(swr_wait(process), 0);
  assert_string_equal(text, "");
}

int main(void) {
  TEST(file_is_the_same_for_any_divisions);
  TEST(ramp_goes_from_zero_to_the_largest_value);
  TEST(sphere_is_bright_in_the_middle_and_round_in_space);
  TEST(noise_uses_the_whole_range);
  TEST(geometry_and_start_index_are_as_asked_for);
  TEST(image_larger_than_the_memory_stays_inside_it);
  TEST(interrupt_leaves_the_old_file_and_no_litter);
  TEST(second_signal_ends_the_process_at_once);
  TEST(terminal_shows_a_bar_with_rate_and_time_left);
  TEST(quiet_shows_nothing_on_a_terminal);
  return run_all_tests("swr make");
}
