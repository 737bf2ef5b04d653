/* swr copy with - for standard input and standard output. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

/* A line for the shell, in which $SWR is the command. Its messages go to the file "messages". */
static int shell(const char* line) {
  char whole[1024];
  setenv("SWR", SWR_COMMAND, 1);
  setenv("TMPDIR", "scratch", 1);
  mkdir("scratch", 0700);
  snprintf(whole, sizeof whole, "exec 2>messages; %s", line);
  const int status = system(whole);
  assert_true(WIFEXITED(status));
  /* The scratch folder is empty after every run. */
  assert_int_equal(rmdir("scratch"), 0);
  return WEXITSTATUS(status);
}

static char* messages(void) {
  int64_t bytes = 0;
  char* text = (char*)load_file("messages", &bytes);
  assert_non_null(text);
  text = realloc(text, (size_t)bytes + 1);
  text[bytes] = '\0';
  return text;
}

static void assert_message(const char* words) {
  char* text = messages();
  assert_has(text, words);
  assert_lacks(text, "swr-stream-"); /* no name of a private folder */
  free(text);
}

static void make_image(void) {
  swr_ok("make image.mha --size 30,20,10 --type int16 --pattern noise --index 3,2,1 -q");
}

static void image_goes_through_pipes_in_every_format(void** state) {
  (void)state;
  const char* const options[] = {"--format NRRD",
                                 "--format NRRD --compress deflate",
                                 "--format MetaImage",
                                 "--format MetaImage --compress deflate:1",
                                 "--format NIfTI",
                                 "--format NIfTI --compress deflate",
                                 ""};
  make_image();
  for (size_t i = 0; i < sizeof options / sizeof options[0]; ++i) {
    char line[256];
    snprintf(line, sizeof line, "$SWR copy image.mha - %s | cat | $SWR copy - back.mha -q",
             options[i]);
    assert_int_equal(shell(line), 0);
    swr_ok("compare image.mha back.mha");
  }
  assert_int_equal(shell("cat image.mha | $SWR copy - - --format NRRD | cat > back.nrrd"), 0);
  swr_ok("compare image.mha back.nrrd");
}

static void output_has_the_bytes_of_a_file(void** state) {
  (void)state;
  make_image();
  swr_ok("copy image.mha plain.nii -q");
  assert_int_equal(shell("$SWR copy image.mha - --format NIfTI > streamed.nii"), 0);
  assert_message("standard output: created");
  int64_t a = 0, b = 0;
  unsigned char *plain = load_file("plain.nii", &a), *streamed = load_file("streamed.nii", &b);
  assert_int_equal(a, b);
  assert_memory_equal(plain, streamed, (size_t)a);
  free(plain);
  free(streamed);
  /* What was in the file that standard output is appended to stays. */
  save_file("more.bin", "before", 6);
  assert_int_equal(shell("$SWR copy image.mha - --format NIfTI -q >> more.bin"), 0);
  assert_int_equal(file_bytes("more.bin"), 6 + a);
}

static void redirected_file_with_detached_pixels_is_read(void** state) {
  (void)state;
  make_image();
  swr_ok("copy image.mha apart.nhdr -q");
  assert_int_equal(shell("$SWR copy - back.mha -q < apart.nhdr"), 0);
  swr_ok("compare image.mha back.mha");
}

static void torn_pipe_leaves_no_file_and_the_old_one(void** state) {
  (void)state;
  make_image();
  const int code = shell("head -c 9000 image.mha | $SWR copy - out.mha -q");
  assert_int_not_equal(code, 0);
  assert_message("standard input");
  assert_false(file_exists("out.mha"));
  save_file("out.mha", "old", 3);
  assert_int_not_equal(shell("head -c 9000 image.mha | $SWR copy - out.mha -q"), 0);
  assert_int_equal(file_bytes("out.mha"), 3);
  assert_int_equal(shell("$SWR copy - out.mha < /dev/null"), SWR_ERROR_FORMAT);
  /* Who reads standard output ends early: no file stays, see shell(). */
  swr_ok("make large.mha --size 512,512,8 --type uint8 -q");
  assert_int_equal(shell("$SWR copy large.mha - -q | head -c 100 > part.bin"), 0);
  assert_int_equal(file_bytes("part.bin"), 100);
}

static void failure_writes_nothing_to_standard_output(void** state) {
  (void)state;
  make_image();
  assert_int_equal(shell("$SWR copy image.mha - --type uint8 --convert exact > out.bin"),
                   SWR_ERROR_CONVERSION);
  assert_int_equal(file_bytes("out.bin"), 0);
  assert_int_equal(shell("$SWR copy image.mha - --format MRC > out.bin"), 64);
  assert_message("NRRD, MetaImage or NIfTI");
  assert_int_equal(shell("$SWR copy image.mha - --json > out.bin"), 64);
  assert_int_equal(shell("$SWR copy image.mha - > /dev/full"), SWR_ERROR_IO);
  assert_message("standard output");
}

static void file_of_standard_output_is_never_replaced(void** state) {
  (void)state;
  make_image();
  swr_ok("copy image.mha kept.mha -q");
  int64_t bytes = file_bytes("kept.mha");
  assert_int_equal(shell("$SWR copy image.mha /dev/stdout --format NRRD >> kept.mha"), 64);
  assert_message("standard output is redirected to this file");
  assert_int_equal(shell("$SWR make kept.mha --size 4,4 >> kept.mha"), 64);
  assert_int_equal(shell("$SWR paste image.mha kept.mha >> kept.mha"), 64);
  assert_int_equal(shell("$SWR copy kept.mha - >> kept.mha"), 64);
  assert_message("both IN and standard output");
  assert_int_equal(file_bytes("kept.mha"), bytes);
  swr_ok("compare image.mha kept.mha");
}

/* The command with standard input from a pipe that has bytes of image.mha, and more to come through
 * *to. */
static pid_t start_reading(int64_t first, int* to, const char* words) {
  int pipe_ends[2];
  assert_int_equal(pipe(pipe_ends), 0);
  assert_int_equal(fcntl(pipe_ends[1], F_SETFD, FD_CLOEXEC), 0);
  setenv("TMPDIR", "scratch", 1);
  mkdir("scratch", 0700);
  int64_t bytes = 0;
  unsigned char* image = load_file("image.mha", &bytes);
  assert_int_equal(write(pipe_ends[1], image, (size_t)first), first);
  free(image);
  const int kept = dup(STDIN_FILENO);
  dup2(pipe_ends[0], STDIN_FILENO);
  close(pipe_ends[0]);
  const pid_t process = swr_start(-1, "%s", words);
  dup2(kept, STDIN_FILENO);
  close(kept);
  *to = pipe_ends[1];
  return process;
}

/* Fails if none comes within 20 seconds. */
static void wait_for_stream_file(void) {
  for (int i = 0; i < 2000; ++i) {
    if (system("test ! -e scratch/swr-stream-killed && "
               "ls scratch/swr-stream-*/standard-input >/dev/null 2>&1") == 0)
      return;
    usleep(10000);
  }
  fail();
}

static void signal_leaves_no_private_folder(void** state) {
  (void)state;
  make_image();
  const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (int i = 0; i < 3; ++i) {
    int to = -1;
    const pid_t process = start_reading(5000, &to, "copy - out.mha -q");
    wait_for_stream_file();
    assert_int_equal(kill(process, signals[i]), 0);
    assert_int_equal(swr_wait(process), SWR_CANCELLED);
    close(to);
    assert_int_equal(rmdir("scratch"), 0);
    assert_false(file_exists("out.mha"));
  }
}

/* Nobody reads the warning about a byte after the pixels, while the private folder is there. */
static void broken_pipe_leaves_no_private_folder(void** state) {
  (void)state;
  make_image();
  assert_int_equal(system("printf x >> image.mha"), 0);
  setenv("TMPDIR", "scratch", 1);
  mkdir("scratch", 0700);
  int pipe_ends[2];
  assert_int_equal(pipe(pipe_ends), 0);
  close(pipe_ends[0]);
  const int out = open("out.mha", O_WRONLY | O_CREAT, 0600), kept = dup(STDOUT_FILENO);
  fflush(stdout);
  dup2(out, STDOUT_FILENO);
  close(out);
  const pid_t process = swr_start(pipe_ends[1], "copy image.mha - --format NRRD");
  dup2(kept, STDOUT_FILENO);
  close(kept);
  close(pipe_ends[1]);
  assert_int_not_equal(swr_wait(process), -SIGPIPE);
  assert_int_equal(rmdir("scratch"), 0);
}

/* What a killed process left goes with the next one; a folder in use, links and folders of others
 * stay. */
static void folder_of_a_killed_process_is_removed_by_the_next(void** state) {
  (void)state;
  make_image();
  int to = -1, to_living = -1;
  const pid_t killed = start_reading(5000, &to, "copy - out.mha -q");
  wait_for_stream_file();
  assert_int_equal(kill(killed, SIGKILL), 0);
  assert_int_equal(swr_wait(killed), -SIGKILL);
  close(to);
  assert_int_equal(system("test -e scratch/swr-stream-*/standard-input"), 0);
  assert_int_equal(system("mv scratch/swr-stream-* scratch/swr-stream-killed"), 0);
  const pid_t living = start_reading(5000, &to_living, "copy - living.mha -q");
  wait_for_stream_file();
  assert_false(file_exists("scratch/swr-stream-killed"));
  mkdir("victim", 0700);
  save_file("victim/standard-input", "mine", 4);
  mkdir("scratch/swr-stream-open", 0755);
  save_file("scratch/swr-stream-open/standard-input", "mine", 4);
  assert_int_equal(symlink("../victim", "scratch/swr-stream-link"), 0);
  mkdir("scratch/swr-stream-killed", 0700);
  save_file("scratch/swr-stream-killed/other", "mine", 4);
  assert_int_equal(symlink("../../victim/standard-input", "scratch/swr-stream-killed/standard-in"),
                   0);
  assert_int_equal(system(SWR_COMMAND " copy image.mha - -q | cat > whole.mha"), 0);
  swr_ok("compare image.mha whole.mha");
  assert_false(file_exists("scratch/swr-stream-killed/standard-in"));
  assert_int_equal(file_bytes("scratch/swr-stream-killed/other"), 4);
  assert_int_equal(file_bytes("victim/standard-input"), 4);
  assert_int_equal(file_bytes("scratch/swr-stream-open/standard-input"), 4);
  int64_t bytes = 0;
  unsigned char* image = load_file("image.mha", &bytes);
  assert_int_equal(write(to_living, image + 5000, (size_t)bytes - 5000), bytes - 5000);
  free(image);
  close(to_living);
  assert_int_equal(swr_wait(living), 0);
  swr_ok("compare image.mha living.mha");
  assert_int_equal(system("rm -r scratch/swr-stream-killed scratch/swr-stream-open "
                          "scratch/swr-stream-link && rmdir scratch"),
                   0);
}

/* Each looks for folders of killed processes while the others make theirs. */
static void processes_at_once_leave_each_other_s_folders(void** state) {
  (void)state;
  make_image();
  assert_int_equal(shell("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do"
                         "  { cat image.mha | $SWR copy - - -q > out$i.mha || echo $i >> bad; } &"
                         " done; wait; test ! -e bad"),
                   0);
  for (int i = 1; i <= 12; ++i) swr_ok("compare image.mha out%d.mha", i);
}

static void compressed_stream_is_read_or_named(void** state) {
  (void)state;
  make_image();
  swr_ok("copy image.mha image.nii.gz -q");
  assert_int_equal(shell("cat image.nii.gz | $SWR copy - back.mha -q"), 0);
  swr_ok("compare image.nii.gz back.mha");
  assert_int_not_equal(shell("gzip -c image.mha | $SWR copy - out.mha -q"), 0);
  assert_message("swr: standard input: ");
  assert_message("compressed with gzip");
  assert_int_not_equal(shell("gzip -c image.mha > image.gz; $SWR copy - out.mha < image.gz"), 0);
  assert_message("compressed with gzip");
  const struct {
    const char *name, *head;
  } kinds[] = {{"bzip2", "BZh91AY&SY"},
               {"xz", "\375\067zXZ"},
               {"zstd", "\050\265\057\375"},
               {"lz4", "\004\042\115\030"},
               {"zip", "PK\003\004"}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    char words[64], bytes[64];
    memset(bytes, 0x93, sizeof bytes);
    memcpy(bytes, kinds[i].head, strlen(kinds[i].head));
    save_file("image.z", bytes, sizeof bytes);
    assert_int_equal(shell("cat image.z | $SWR copy - - --format NRRD > out.nrrd"),
                     SWR_ERROR_FORMAT);
    snprintf(words, sizeof words, "compressed with %s:", kinds[i].name);
    assert_message(words);
  }
  assert_false(file_exists("out.mha"));
}

/* A limit of the size of files stands for a full disk. */
static void full_private_folder_is_named(void** state) {
  (void)state;
  make_image();
  assert_int_equal(shell("cat image.mha | (ulimit -f 8; $SWR copy - out.mha -q)"), SWR_ERROR_IO);
  assert_message(
      "/scratch, where standard input is kept: could not be written: File too large; "
      "make room there, or set TMPDIR to another folder");
  assert_int_equal(shell("ulimit -f 8; $SWR copy image.mha - -q > out.mha"), SWR_ERROR_IO);
  assert_message("swr: standard output: ");
  assert_message("until it is complete, the image is kept in ");
  assert_message("/scratch; make room there, or set TMPDIR to another folder");
  assert_int_equal(file_bytes("out.mha"), 0);
  assert_int_equal(shell("TMPDIR=gone $SWR copy image.mha - > out.mha"), SWR_ERROR_IO);
  assert_message("gone: a private folder");
  assert_message("set TMPDIR to another folder");
}

static void terminal_is_no_image(void** state) {
  (void)state;
  make_image();
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  char line[256];
  snprintf(line, sizeof line, "$SWR copy image.mha - > %s", ptsname(master));
  assert_int_equal(shell(line), 64);
  assert_message("terminal");
  snprintf(line, sizeof line, "$SWR copy - out.mha < %s", ptsname(master));
  assert_int_equal(shell(line), 64);
  close(master);
}

int main(void) {
  TEST(image_goes_through_pipes_in_every_format);
  TEST(output_has_the_bytes_of_a_file);
  TEST(redirected_file_with_detached_pixels_is_read);
  TEST(torn_pipe_leaves_no_file_and_the_old_one);
  TEST(failure_writes_nothing_to_standard_output);
  TEST(file_of_standard_output_is_never_replaced);
  TEST(signal_leaves_no_private_folder);
  TEST(broken_pipe_leaves_no_private_folder);
  TEST(folder_of_a_killed_process_is_removed_by_the_next);
  TEST(processes_at_once_leave_each_other_s_folders);
  TEST(compressed_stream_is_read_or_named);
  TEST(full_private_folder_is_named);
  TEST(terminal_is_no_image);
  return run_all_tests("standard streams");
}
