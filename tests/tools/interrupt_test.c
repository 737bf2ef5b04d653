/* Ctrl-C and what a terminal shows while the command works. */
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

/* Runs the command until it ends, and returns its exit code. */
static int run_on_terminal(const char* arguments, char* text, size_t room) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) skip();
  const int other_side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  assert_true(other_side >= 0);
  const pid_t process = swr_start(other_side, "%s", arguments);
  close(other_side);
  read_terminal(terminal, text, room);
  close(terminal);
  return swr_wait(process);
}

static void terminal_shows_a_bar_with_rate_and_time_left(void** state) {
  (void)state;
  static char text[1 << 16];
  assert_int_equal(run_on_terminal("make out.nii.gz --size 512,512,96 --type uint16 "
                                   "--pattern noise --compress deflate:9 --threads 1 --json",
                                   text, sizeof text),
                   0);
  assert_has(text, "\rmake  [");
  assert_has(text, "B/s");
  assert_has(text, " left");
  assert_has(text, "\r\033[K"); /* wiped off at the end */
}

static void quiet_shows_nothing_on_a_terminal(void** state) {
  (void)state;
  char text[256];
  assert_int_equal(run_on_terminal("make out.nii.gz --size 512,512,32 --type uint16 "
                                   "--pattern noise --compress deflate:9 --quiet",
                                   text, sizeof text),
                   0);
  assert_string_equal(text, "");
}

int main(void) {
  TEST(interrupt_leaves_the_old_file_and_no_litter);
  TEST(second_signal_ends_the_process_at_once);
  TEST(terminal_shows_a_bar_with_rate_and_time_left);
  TEST(quiet_shows_nothing_on_a_terminal);
  return run_all_tests("Ctrl-C and progress");
}
