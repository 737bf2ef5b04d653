/* swr copy with - for standard input and standard output. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
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

static void assert_message(const char* words) {
  int64_t bytes = 0;
  char* text = (char*)load_file("messages", &bytes);
  assert_non_null(text);
  text = realloc(text, (size_t)bytes + 1);
  text[bytes] = '\0';
  assert_has(text, words);
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
  TEST(terminal_is_no_image);
  return run_all_tests("standard streams");
}
