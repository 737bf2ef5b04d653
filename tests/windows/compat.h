/* What the tests use of POSIX and mingw-w64 does not have. Every source of the tests includes it
 * first. A test that needs what Windows does not have, or only for administrators, is skipped where
 * it asks for it. */
#pragma once

#include <direct.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <process.h>
#include <stdint.h>
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

static inline void* memmem(const void* in, size_t bytes, const void* part, size_t part_bytes) {
  for (size_t at = 0; at + part_bytes <= bytes; ++at) {
    char* const here = (char*)in + at;
    if (memcmp(here, part, part_bytes) == 0) return here;
  }
  return NULL;
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
/* A link to a folder: a junction. wine makes none, but sees the links of its host, whose program
 * makes one. */
static inline int swr_link_folder(const char* folder, const char* path) {
  char command[2048];
  snprintf(command, sizeof command, "mklink /J \"%s\" \"%s\" >NUL 2>NUL", path, folder);
  for (char* at = command + 9; *at != '>'; ++at)
    if (*at == '/') *at = '\\';
  system(command);
  if (_access(path, 0) == 0) return 0;
  const char* from = folder[1] == ':' ? folder + 2 : folder;
  _spawnl(_P_WAIT, "Z:\\bin\\ln", "ln", "-s", from, path, NULL); /* says nothing about its end */
  for (int tries = 0; tries < 100 && _access(path, 0) != 0; ++tries) usleep(20000);
  if (_access(path, 0) == 0) return 0;
  return swr_skipped("links to folders");
}

#ifndef __cplusplus
/* cmd.exe runs what the line says, unless that is a program of POSIX or of its host. */
static inline int swr_system(const char* line) {
  static const char* const programs[] = {"bash", "cp", "fish", "groff", "rm", "zsh", "/usr/bin/"};
  for (size_t i = 0; i < sizeof programs / sizeof programs[0]; ++i) {
    if (strncmp(line, programs[i], strlen(programs[i])) == 0)
      return swr_skipped("programs of POSIX");
  }
  return system(line);
}
#define system(line) swr_system(line)
#endif

static inline int mkfifo(const char* path, int mode) {
  (void)path, (void)mode;
  return swr_skipped("named pipes");
}
static inline int pipe(int ends[2]) {
  (void)ends;
  return swr_skipped("pipes to a forked process");
}
static inline int fork(void) {
  return swr_skipped("fork");
}
#define SIGKILL 9
static inline int kill(int process, int signal) {
  (void)process, (void)signal;
  return swr_skipped("signals");
}

/* Users and groups are no numbers, and rights are no bits. */
typedef unsigned uid_t, gid_t;
static inline uid_t geteuid(void) {
  return 1;
}
static inline uid_t getuid(void) {
  return 1;
}
static inline int seteuid(uid_t user) {
  (void)user;
  return swr_skipped("users");
}
static inline int setegid(gid_t group) {
  (void)group;
  return swr_skipped("groups");
}
static inline int chown(const char* path, uid_t user, gid_t group) {
  (void)path, (void)user, (void)group;
  return swr_skipped("owners");
}

/* Not under its own name, which windows.h declares otherwise. */
int __stdcall swr_create_hard_link(const char* made, const char* of,
                                   void* none) __asm__("CreateHardLinkA");
static inline int link(const char* of, const char* made) {
  return swr_create_hard_link(made, of, NULL) ? 0 : -1;
}

/* The number of a file, which stat() does not know: the last two of the facts. */
int __stdcall swr_facts_of_file(intptr_t file,
                                uint32_t facts[13]) __asm__("GetFileInformationByHandle");
static inline uint64_t swr_file_number(const char* path) {
  uint32_t facts[13] = {0};
  const int file = _open(path, _O_RDONLY);
  swr_facts_of_file(_get_osfhandle(file), facts);
  _close(file);
  return (uint64_t)facts[11] << 32 | facts[12];
}

/* Locks of an open file, as the library has them. */
struct flock {
  short l_type, l_whence;
  int64_t l_start, l_len;
};
#define F_WRLCK 1
#define F_OFD_SETLK 38
int __stdcall swr_lock_file(intptr_t file, unsigned long flags, unsigned long none,
                            unsigned long bytes, unsigned long more_bytes,
                            void* place) __asm__("LockFileEx");
static inline int fcntl(int file, int command, const struct flock* lock) {
  const struct {
    uintptr_t internal[2];
    uint64_t offset;
    void* event;
  } place = {{0, 0}, (uint64_t)lock->l_start, NULL};
  const unsigned long exclusive_at_once = 3;
  (void)command;
  return swr_lock_file(_get_osfhandle(file), exclusive_at_once, 0, (unsigned long)lock->l_len, 0,
                       (void*)&place)
             ? 0
             : -1;
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
