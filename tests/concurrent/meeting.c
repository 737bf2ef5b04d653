#define _DEFAULT_SOURCE
#include "meeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

meeting* meeting_new(void) {
  meeting* m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(m != MAP_FAILED);
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&m->barrier, &attributes, 2);
  return m;
}

void meeting_free(meeting* m) {
  munmap(m, sizeof *m);
}

static void take_part(meeting* m, int number) {
  pthread_barrier_wait(&m->barrier);
  if (m->delays[number] > 0) usleep(m->delays[number]);
  m->statuses[number] = make_change(&m->changes[number], m->words[number]);
}

void meet_in_processes(meeting* m) {
  pid_t children[2];
  fflush(NULL);
  for (int i = 0; i < 2; ++i) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) {
      take_part(m, i);
      _exit(0);
    }
  }
  for (int i = 0; i < 2; ++i) {
    int status = 0;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

typedef struct participant {
  meeting* m;
  int number;
} participant;

static void* take_part_in_thread(void* argument) {
  participant* p = argument;
  take_part(p->m, p->number);
  return NULL;
}

void meet_in_threads(meeting* m) {
  pthread_t threads[2];
  participant all[2] = {{m, 0}, {m, 1}};
  for (int i = 0; i < 2; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, take_part_in_thread, &all[i]), 0);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
}

int file_holds(const char* path, volume* expected) {
  volume found = read_volume(path);
  const int same = region_equal(&found.region, &expected->region) &&
                   memcmp(found.bytes, expected->bytes, (size_t)volume_bytes(expected)) == 0;
  volume_free(&found);
  volume_free(expected);
  return same;
}
