/* Names of every script, long paths, and names that are no text: the main work of the command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "processes.h"

#define WORDS(...) ((const char* const[]){__VA_ARGS__, NULL})

static char* printed(int code, const char* const* words) {
  outcome o = swr_run_words(words, NULL);
  if (o.code != code) print_error("%s: exit code %d, not %d\n%s", words[0], o.code, code, o.err);
  assert_int_equal(o.code, code);
  free(code == 0 ? o.err : o.out);
  return code == 0 ? o.out : o.err;
}

static void runs(const char* const* words) {
  free(printed(0, words));
}

/* Makes an image, copies it, pastes a box of one into the other, and grows it. */
static void check_main_work(const char* from, const char* to) {
  runs(WORDS("make", from, "--size", "6,5,4", "--type", "int16", "--pattern", "ramp"));
  runs(WORDS("copy", from, to));
  char* same = printed(0, WORDS("compare", from, to));
  assert_has(same, "the same");
  free(same);
  runs(WORDS("make", from, "--size", "6,5,4", "--type", "int16", "--pattern", "noise"));
  runs(WORDS("paste", from, to, "--region", "1,1,1:2,2,2", "--at", "3,2,1"));
  runs(WORDS("extend", to, "--size", "6,5,7"));
  char* whole = printed(0, WORDS("verify", to));
  assert_has(whole, to);
  assert_has(whole, "whole");
  free(whole);
  char* told = printed(0, WORDS("info", to)); /* JSON holds text only */
  assert_has(told, to);
  free(told);
  char* facts = printed(0, WORDS("info", to, "--json"));
  char* compact = json_compact(facts);
  assert_has(compact, "\"size\":[6,5,7]");
  free(compact);
  free(facts);
  runs(WORDS("recover", to));
}

static void names_of_every_script_are_written_and_read(void** state) {
  (void)state;
  check_main_work("\u00fcber \u540d.mha", "\u00e4 \u4e2d.nii.gz");
  check_main_work("\U0001f9e0.nrrd", "\u00e4 \u4e2d.mhd");
}

static void pictures_and_headers_have_such_names_too(void** state) {
  (void)state;
  runs(WORDS("make", "\u00e4 \u4e2d.mha", "--size", "6,5,4", "--type", "uint8"));
  runs(WORDS("preview", "\u00e4 \u4e2d.mha", "\u540d.png"));
  runs(WORDS("preview", "\u00e4 \u4e2d.mha", "\u540d.png")); /* replaces the first */
  FILE* raw = fopen("pixels.raw", "wb");
  assert_non_null(raw);
  assert_int_equal(fwrite("abcdef", 1, 6, raw), 6);
  fclose(raw);
  runs(WORDS("describe", "pixels.raw", "--size", "3,2", "--type", "uint8", "--as",
             "\u00e4 \u4e2d.nhdr"));
  char* why = printed(SWR_ERROR_EXISTS, WORDS("describe", "pixels.raw", "--size", "3,2", "--type",
                                              "uint8", "--as", "\u00e4 \u4e2d.nhdr"));
  assert_has(why, "\u00e4 \u4e2d.nhdr");
  free(why);
  char* facts = printed(0, WORDS("info", "\u00e4 \u4e2d.nhdr"));
  assert_has(facts, "pixels.raw");
  free(facts);
}

/* Longer than the 260 characters that programs for Windows often allow. */
static void long_paths_are_written_and_read(void** state) {
  (void)state;
  char from[1024] = "", to[1100] = "";
  while (strlen(from) < 600) {
    strcat(from, "a folder with a name of 35 letters/");
    make_folder(from);
  }
  snprintf(to, sizeof to, "%s\u00e4 \u4e2d.mhd", from);
  strcat(from, "image.nii.gz");
  check_main_work(from, to);
  strcpy(strstr(to, ".mhd"), ".png");
  runs(WORDS("preview", from, to));
  remove_file(to);
  remove_file(from);
  for (const char* const* suffix = WORDS(".mhd", ".raw"); *suffix; ++suffix) {
    strcpy(to + strlen(to) - 4, *suffix);
    remove_file(to);
  }
  for (size_t end = strlen(from); end > 0; --end) {
    if (from[end - 1] != '/') continue;
    from[end - 1] = '\0';
    remove_folder(from);
  }
}

static void messages_have_the_name(void** state) {
  (void)state;
  char* why = printed(SWR_ERROR_NOT_FOUND, WORDS("info", "\u00e4 \u4e2d.mha"));
  assert_has(why, "swr: \u00e4 \u4e2d.mha: ");
  free(why);
  why = printed(64, WORDS("copy", "\u00e4 \u4e2d.mha"));
  assert_has(why, "Usage: swr copy");
  free(why);
  why = printed(64, WORDS("paint", "\u00e4 \u4e2d.mha"));
  assert_has(why, "paint");
  free(why);
}

/* Quotes and backslashes are special in command lines of Windows. */
static void words_arrive_as_they_are(void** state) {
  (void)state;
  char* why = printed(64, WORDS("\\a \"b\\\" c\\"));
  assert_has(why, "\\a \"b\\\" c\\");
  free(why);
}

static void standard_streams_hold_images(void** state) {
  (void)state;
  runs(WORDS("make", "\u4e2d.mha", "--size", "6,5,4", "--type", "int16", "--pattern", "ramp"));
  outcome o = swr_run_words(WORDS("copy", "-", "copied.nii.gz", "--quiet"), "\u4e2d.mha");
  assert_int_equal(o.code, 0);
  outcome_free(&o);
  char* same = printed(0, WORDS("compare", "\u4e2d.mha", "copied.nii.gz"));
  free(same);
  o = swr_run_words(WORDS("copy", "copied.nii.gz", "-", "--format", "NRRD", "--quiet"), NULL);
  assert_int_equal(o.code, 0);
  save_file("back.nrrd", o.out, o.out_bytes);
  outcome_free(&o);
  same = printed(0, WORDS("compare", "\u4e2d.mha", "back.nrrd"));
  free(same);
}

/* Linux takes names as bytes; on Windows they have to be UTF-8 inside the library. */
static void names_that_are_no_text_are_names_or_refused(void** state) {
  (void)state;
#ifdef _WIN32
  char* why = printed(64, WORDS("info", "\xed\xa0\x80.mha")); /* half of a pair in UTF-16 */
  assert_has(why, "word 2 of the command line is not valid UTF-16");
  free(why);
#else
  check_main_work("\xff.mha", "\xfe.nii.gz");
#endif
}

int main(void) {
  TEST(names_of_every_script_are_written_and_read);
  TEST(pictures_and_headers_have_such_names_too);
  TEST(long_paths_are_written_and_read);
  TEST(messages_have_the_name);
  TEST(words_arrive_as_they_are);
  TEST(standard_streams_hold_images);
  TEST(names_that_are_no_text_are_names_or_refused);
  return run_all_tests("names");
}
