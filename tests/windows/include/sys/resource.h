/* Windows has no limits of a process like these. A test of one that is reached is skipped. */
#pragma once

#define RLIMIT_FSIZE 1
#define SIGXFSZ 25

typedef uint64_t rlim_t;
struct rlimit {
  rlim_t rlim_cur, rlim_max;
};

static inline int getrlimit(int what, struct rlimit* limit) {
  (void)what, (void)limit;
  return swr_skipped("limits of a process");
}
static inline int setrlimit(int what, const struct rlimit* limit) {
  (void)what, (void)limit;
  return swr_skipped("limits of a process");
}
