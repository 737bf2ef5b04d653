/* What the tests use of POSIX and mingw-w64 does not have. Every source of the tests includes it
 * first. A test that needs what Windows does not have, or only for administrators, is skipped where
 * it asks for it. */
#pragma once

#include <direct.h>
#include <errno.h>
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

void _skip(const char* const file, const int line); /* of CMocka */

static inline int swr_skipped(const char* what) {
  _skip(what, 0);
  return -1;
}

static inline char* mkdtemp(char* name) {
  static unsigned made;
  char* const end = name + strlen(name);
  for (int tries = 0; tries < 1000; ++tries) {
    unsigned number = (unsigned)_getpid() * 7919U + ++made;
    for (char* at = end - 6; at < end; ++at, number /= 26) *at = (char)('a' + number % 26);
    if (_mkdir(name) == 0) return name;
  }
  return NULL;
}

static inline int swr_mkdir(const char* path, int mode) {
  (void)mode;
  return _mkdir(path);
}
#define mkdir(path, mode) swr_mkdir(path, mode)

#ifndef __cplusplus
static inline int swr_remove(const char* path) {
  return remove(path) == 0 ? 0 : _rmdir(path);
}
#define remove(path) swr_remove(path)
#endif

#define lstat(path, facts) stat(path, facts)
#define S_ISLNK(mode) 0

static inline int symlink(const char* target, const char* path) {
  (void)target, (void)path;
  return swr_skipped("symbolic links");
}
static inline int mkfifo(const char* path, int mode) {
  (void)path, (void)mode;
  return swr_skipped("named pipes");
}
static inline int fork(void) {
  return swr_skipped("fork");
}
#define geteuid() 1
#define getuid() 1

int __stdcall CreateHardLinkA(const char* made, const char* of, void* none);
static inline int link(const char* of, const char* made) {
  return CreateHardLinkA(made, of, NULL) ? 0 : -1;
}

static inline int setenv(const char* name, const char* value, int replace) {
  if (!replace && getenv(name)) return 0;
  return _putenv_s(name, value);
}
static inline int unsetenv(const char* name) {
  return _putenv_s(name, "");
}

#ifdef __cplusplus
}
#endif
