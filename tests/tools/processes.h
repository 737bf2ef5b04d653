/* Programs that the tests run: processes_posix.c, processes_windows.c. */
#ifndef SWR_TESTS_PROCESSES_H
#define SWR_TESTS_PROCESSES_H

#include "command.h"

/* `words` begin with the path of the program and end with NULL; they are UTF-8 on Windows. The
 * descriptors are those of its standard streams, or -1. */
swr_process start_process(char* const* words, int in, int out, int err);
/* Runs it to its end. `in` is the file of standard input, or NULL. */
outcome run_process(char* const* words, const char* in);
/* At paths of any length. */
void remove_file(const char* path);
void make_folder(const char* path);
void remove_folder(const char* path);
/* As far as this system has a program that can tell. */
int is_json(const char* document);

#endif
