/* Nobody waits: fork() skips the test (compat.h). */
#pragma once

#define WNOHANG 1
#define WIFEXITED(status) ((status) == 0)
#define WEXITSTATUS(status) (status)
#define WIFSIGNALED(status) ((status) != 0)
#define WTERMSIG(status) (status)

static inline int waitpid(int process, int* status, int options) {
  (void)process, (void)status, (void)options;
  return -1;
}
