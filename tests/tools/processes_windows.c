#include "processes.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

#include "support/wide.h"

enum { most_units = 32768 };

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
