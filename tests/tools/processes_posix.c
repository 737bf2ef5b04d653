#define _XOPEN_SOURCE 700
#include "processes.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static void redirect(posix_spawn_file_actions_t* actions, int from, int to) {
  if (from >= 0) assert_int_equal(posix_spawn_file_actions_adddup2(actions, from, to), 0);
}

swr_process start_process(char* const* words, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
  redirect(&actions, in, STDIN_FILENO);
  redirect(&actions, out, STDOUT_FILENO);
  redirect(&actions, err, STDERR_FILENO);
  pid_t process = -1;
  assert_int_equal(posix_spawn(&process, words[0], &actions, NULL, words, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

int swr_wait(swr_process process) {
  int status = 0;
  assert_int_equal(waitpid(process, &status, 0), process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

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
