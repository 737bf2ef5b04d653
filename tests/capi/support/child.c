#include "child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { most_words = 16 };
static const char mark[] = "--child";

void act_as_child(int argc, char** argv, child_act act) {
  if (argc < 2 || strcmp(argv[1], mark) != 0) return;
#ifndef _WIN32
  alarm(200); /* also if the test was ended meanwhile */
#endif
  const int code = act(argv + 2);
  fflush(NULL);
  _exit(code);
}

child child_start(const char* const* words) {
  char* program = own_program();
  char* all[most_words + 3] = {program, (char*)mark};
  for (int i = 0; words[i]; ++i) {
    assert_true(i < most_words);
    all[i + 2] = (char*)words[i];
  }
  int to_child[2], to_parent[2];
  make_pipe(to_child);
  make_pipe(to_parent);
  fflush(NULL);
  const child c = {start_process(all, to_child[0], to_parent[1], -1), to_child[1], to_parent[0]};
  close(to_child[0]);
  close(to_parent[1]);
  free(program);
  return c;
}

void child_wait(const child* c) {
  char byte;
  assert_int_equal(read(c->hear, &byte, 1), 1);
}

void child_tell(const child* c) {
  assert_int_equal(write(c->tell, "t", 1), 1);
}

int child_end(const child* c) {
  const int code = swr_wait(c->process);
  close(c->tell);
  close(c->hear);
  return code;
}

int child_says(void) {
  return write(STDOUT_FILENO, "s", 1) == 1;
}

int child_hears(void) {
  char byte;
  return read(STDIN_FILENO, &byte, 1) == 1;
}
