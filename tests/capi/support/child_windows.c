/* The command line of a program is one text, which the program itself divides into words. */
#include "child.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "wide.h"

enum { most_units = 32768, killed = 99 };

/* Adds a word in quotes. A quote in it, and backslashes in front of one, get a backslash. */
static void add_word(char* line, const char* word) {
  char* to = line + strlen(line);
  size_t backslashes = 0;
  if (to != line) *to++ = ' ';
  *to++ = '"';
  for (;; ++word) {
    if (*word == '\\') {
      ++backslashes;
      continue;
    }
    const int doubled = *word == '"' || !*word;
    for (size_t i = 0; i < backslashes * (doubled ? 2 : 1); ++i) *to++ = '\\';
    backslashes = 0;
    if (!*word) break;
    if (*word == '"') *to++ = '\\';
    *to++ = *word;
  }
  *to++ = '"';
  *to = '\0';
}

/* Another process can use it. */
static HANDLE inherited(int descriptor, DWORD standard) {
  const HANDLE file = descriptor >= 0 ? (HANDLE)_get_osfhandle(descriptor) : GetStdHandle(standard);
  SetHandleInformation(file, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  return file;
}

swr_process start_process(char* const* words, int in, int out, int err) {
  static char line[3 * most_units];
  static wchar_t wide[most_units];
  line[0] = '\0';
  for (; *words; ++words) add_word(line, *words);
  widen(line, wide);
  STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
  start.hStdInput = inherited(in, STD_INPUT_HANDLE);
  start.hStdOutput = inherited(out, STD_OUTPUT_HANDLE);
  start.hStdError = inherited(err, STD_ERROR_HANDLE);
  PROCESS_INFORMATION made;
  /* Under wine a start has failed for no reason of the test; the number may tell why. */
  for (int tries = 0; !CreateProcessW(NULL, wide, NULL, NULL, TRUE, 0, NULL, NULL, &start, &made);
       ++tries) {
    print_error("%s: cannot be started: error %lu\n", line, GetLastError());
    assert_true(tries < 3);
    Sleep(200);
  }
  CloseHandle(made.hThread);
  return (swr_process)made.hProcess;
}

int swr_wait(swr_process process) {
  DWORD code = 0;
  assert_int_equal(WaitForSingleObject((HANDLE)process, INFINITE), WAIT_OBJECT_0);
  assert_true(GetExitCodeProcess((HANDLE)process, &code));
  CloseHandle((HANDLE)process);
  return (int)code;
}

int has_ended(swr_process process) {
  return WaitForSingleObject((HANDLE)process, 0) == WAIT_OBJECT_0;
}

void kill_process(swr_process process) {
  assert_true(TerminateProcess((HANDLE)process, killed));
}

int was_killed(int code) {
  return code == killed;
}

void die(void) {
  TerminateProcess(GetCurrentProcess(), killed);
}

char* own_program(void) {
  wchar_t wide[MAX_PATH];
  char* path = malloc(4 * MAX_PATH);
  assert_non_null(path);
  assert_true(GetModuleFileNameW(NULL, wide, MAX_PATH) < MAX_PATH);
  assert_true(WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, 4 * MAX_PATH, NULL, NULL) > 0);
  return path;
}

void make_pipe(int ends[2]) {
  assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
}
