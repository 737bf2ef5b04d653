/* Two changes that begin at the same moment, in two processes or two threads. */
#ifndef SWR_TESTS_MEETING_H
#define SWR_TESTS_MEETING_H

#include <pthread.h>

#include "changes.h"

/* What both share, also across processes. */
typedef struct meeting {
  pthread_barrier_t barrier;
  change changes[2];
  unsigned delays[2]; /* microseconds */
  swr_status statuses[2];
  char words[2][256];
} meeting;

meeting* meeting_new(void);
void meeting_free(meeting* m);
/* Makes both changes; their statuses and messages are in the meeting then. */
void meet_in_processes(meeting* m);
void meet_in_threads(meeting* m);
/* Whether the file holds the volume, which is freed. */
int file_holds(const char* path, volume* expected);

#endif
