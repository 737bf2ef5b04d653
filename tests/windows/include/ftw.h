/* nftw() as far as the tests need it: depth first, and no change of folder. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FTW_F, FTW_D, FTW_DP, FTW_DEPTH = 8, FTW_PHYS = 1 };
struct FTW {
  int base, level;
};

typedef int nftw_action(const char* path, const struct stat* facts, int type, struct FTW* walk);

static inline int nftw(const char* path, nftw_action* act, int most, int flags) {
  struct stat facts;
  struct FTW walk = {0, 0};
  if (stat(path, &facts) != 0) return -1;
  if (!S_ISDIR(facts.st_mode)) return act(path, &facts, FTW_F, &walk);
  DIR* folder = opendir(path);
  if (!folder) return -1;
  int done = 0;
  for (struct dirent* entry = readdir(folder); entry && done == 0; entry = readdir(folder)) {
    char below[1024];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
    done = nftw(below, act, most, flags);
  }
  closedir(folder);
  return done != 0 ? done : act(path, &facts, FTW_DP, &walk);
}
