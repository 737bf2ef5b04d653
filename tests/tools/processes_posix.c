#define _XOPEN_SOURCE 700
#include "processes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char* text_of(FILE* file, size_t* bytes) {
  const long length = (fseek(file, 0, SEEK_END), ftell(file));
  assert_true(length >= 0);
  char* text = calloc(1, (size_t)length + 1);
  assert_non_null(text);
  rewind(file);
  assert_int_equal(fread(text, 1, (size_t)length, file), length);
  fclose(file);
  *bytes = (size_t)length;
  return text;
}

outcome run_process(char* const* words, const char* in) {
  FILE *out = tmpfile(), *err = tmpfile();
  assert_non_null(out);
  assert_non_null(err);
  const int input = in ? open(in, O_RDONLY) : -1;
  assert_true(!in || input >= 0);
  outcome o;
  o.code = swr_wait(start_process(words, input, fileno(out), fileno(err)));
  if (input >= 0) close(input);
  size_t err_bytes;
  o.out = text_of(out, &o.out_bytes);
  o.err = text_of(err, &err_bytes);
  return o;
}

int is_json(const char* document) {
  FILE* python = popen("/usr/bin/python3 -m json.tool >/dev/null", "w");
  assert_non_null(python);
  fputs(document, python);
  return pclose(python) == 0;
}

void remove_file(const char* path) {
  assert_int_equal(unlink(path), 0);
}

void make_folder(const char* path) {
  assert_int_equal(mkdir(path, 0755), 0);
}

void remove_folder(const char* path) {
  assert_int_equal(rmdir(path), 0);
}
