/* The command line of a program is one text, which the program itself divides into words. */
#include "processes.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

enum { most_units = 32768 };

/* Half of a pair of UTF-16 becomes such a half, as in names that are no text. */
static void widen(const char* text, wchar_t* wide) {
  const unsigned char* from = (const unsigned char*)text;
  while (*from) {
    if (from[0] == 0xed && from[1] >= 0xa0) {
      *wide++ = (wchar_t)((from[0] & 15) << 12 | (from[1] & 63) << 6 | (from[2] & 63));
      from += 3;
      continue;
    }
    const int bytes = *from < 0x80 ? 1 : *from < 0xe0 ? 2 : *from < 0xf0 ? 3 : 4;
    wide += MultiByteToWideChar(CP_UTF8, 0, (const char*)from, bytes, wide, 2);
    from += bytes;
  }
  *wide = 0;
}

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
  assert_true(CreateProcessW(NULL, wide, NULL, NULL, TRUE, 0, NULL, NULL, &start, &made));
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

/* An open file without a place in the test's folder. */
static int scratch_file(void) {
  wchar_t folder[MAX_PATH], name[MAX_PATH];
  GetTempPathW(MAX_PATH, folder);
  assert_true(GetTempFileNameW(folder, L"swr", 0, name) != 0);
  const HANDLE file = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                                  FILE_FLAG_DELETE_ON_CLOSE, NULL);
  assert_true(file != INVALID_HANDLE_VALUE);
  return _open_osfhandle((intptr_t)file, _O_BINARY | _O_RDWR);
}

static char* text_of(int file, size_t* bytes) {
  const long length = _lseek(file, 0, SEEK_END);
  assert_true(length >= 0);
  char* text = calloc(1, (size_t)length + 1);
  assert_non_null(text);
  _lseek(file, 0, SEEK_SET);
  assert_int_equal(_read(file, text, (unsigned)length), length);
  _close(file);
  *bytes = (size_t)length;
  return text;
}

outcome run_process(char* const* words, const char* in) {
  const int out = scratch_file(), err = scratch_file();
  static wchar_t name[most_units];
  if (in) widen(in, name);
  const int input = in ? _wopen(name, _O_RDONLY | _O_BINARY) : -1;
  assert_true(!in || input >= 0);
  outcome o;
  o.code = swr_wait(start_process(words, input, out, err));
  if (input >= 0) _close(input);
  size_t err_bytes;
  o.out = text_of(out, &o.out_bytes);
  o.err = text_of(err, &err_bytes);
  return o;
}

int is_json(const char* document) {
  return document[0] == '{' || document[0] == '[';
}

/* The whole path with a prefix, so that it may be long. */
static void whole_path(const char* path, wchar_t* whole) {
  static wchar_t wide[most_units];
  widen(path, wide);
  wcscpy(whole, L"\\\\?\\");
  assert_true(GetFullPathNameW(wide, most_units - 4, whole + 4, NULL) > 0);
}

void remove_file(const char* path) {
  static wchar_t whole[most_units];
  whole_path(path, whole);
  assert_true(DeleteFileW(whole));
}

void make_folder(const char* path) {
  static wchar_t whole[most_units];
  whole_path(path, whole);
  assert_true(CreateDirectoryW(whole, NULL));
}

void remove_folder(const char* path) {
  static wchar_t whole[most_units];
  whole_path(path, whole);
  assert_true(RemoveDirectoryW(whole));
}
