#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "support.h"

extern char** environ;

static void redirect(posix_spawn_file_actions_t* actions, int from, int to) {
  if (from >= 0) assert_int_equal(posix_spawn_file_actions_adddup2(actions, from, to), 0);
}

/* To be freed. A program of another architecture is run by the words in SWR_TEST_EMULATOR: without
 * help the system may not know how to. */
static char** words_to_run(char* const* words) {
  static char* const emulated[] = {"/bin/sh", "-c", "exec $SWR_TEST_EMULATOR \"$0\" \"$@\""};
  const size_t before = getenv("SWR_TEST_EMULATOR") ? 3 : 0;
  size_t count = 0;
  while (words[count]) ++count;
  char** all = calloc(before + count + 1, sizeof *all);
  assert_non_null(all);
  memcpy(all, emulated, before * sizeof *all);
  memcpy(all + before, words, count * sizeof *all);
  return all;
}

swr_process start_process(char* const* words, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
  redirect(&actions, in, STDIN_FILENO);
  redirect(&actions, out, STDOUT_FILENO);
  redirect(&actions, err, STDERR_FILENO);
  char** all = words_to_run(words);
  pid_t process = -1;
  assert_int_equal(posix_spawn(&process, all[0], &actions, NULL, all, environ), 0);
  free(all);
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

int swr_wait(swr_process process) {
  int status = 0;
  assert_int_equal(waitpid(process, &status, 0), process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int has_ended(swr_process process) {
  siginfo_t ended = {0};
  assert_int_equal(waitid(P_PID, (id_t)process, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
  return ended.si_pid != 0;
}

void kill_process(swr_process process) {
  assert_int_equal(kill(process, SIGKILL), 0);
}

int was_killed(int code) {
  return code == -SIGKILL;
}

void die(void) {
  kill(getpid(), SIGKILL);
}

char* own_program(void) {
  char* path = realpath("/proc/self/exe", NULL);
  assert_non_null(path);
  return path;
}

/* Other children do not hold its ends open. */
void make_pipe(int ends[2]) {
  assert_int_equal(pipe(ends), 0);
  for (int i = 0; i < 2; ++i) assert_int_equal(fcntl(ends[i], F_SETFD, FD_CLOEXEC), 0);
}
