/* Another process of a test: the test's program, started again in the same folder. Unlike a child
 * of fork() it is the same on every system. child_posix.c, child_windows.c */
#ifndef SWR_TESTS_CHILD_H
#define SWR_TESTS_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#ifdef _WIN32
typedef intptr_t swr_process;
#else
typedef pid_t swr_process;
#endif

/* `words` begin with the path of the program and end with NULL; they are UTF-8 on Windows. The
 * descriptors are those of its standard streams, or -1. */
swr_process start_process(char* const* words, int in, int out, int err);
/* Its exit code; minus the signal's number if one ended it. */
int swr_wait(swr_process process);
/* Whether swr_wait() returns at once. */
int has_ended(swr_process process);
/* Ends it at once, as if the machine had stopped. */
void kill_process(swr_process process);
/* The same for this process. */
void die(void);
/* Whether this is what swr_wait() returns of a process that ended so. */
int was_killed(int code);

typedef struct child {
  swr_process process;
  int tell, hear; /* its standard input and output */
} child;

/* What a child does with its words; its result is the exit code. It must not assert, and there are
 * checks of its writes (checked/checked.h) unless it switches them off. */
typedef int (*child_act)(char** words);
/* Each program with children calls this first in main(): in a child it does not return. */
void act_as_child(int argc, char** argv, child_act act);
child child_start(const char* const* words);
/* Until the child has called child_says(). */
void child_wait(const child* c);
/* The child's child_hears() returns. */
void child_tell(const child* c);
/* Its exit code, as of swr_wait(). */
int child_end(const child* c);

/* In the child: a word to its parent, and one from it. Both return 0 if the parent is gone. */
int child_says(void);
int child_hears(void);

/* Of the system: the path of this program, to be freed; a pipe. */
char* own_program(void);
void make_pipe(int ends[2]);

#endif
