/* Programs that the tests run: processes_posix.c, processes_windows.c. */
#ifndef SWR_TESTS_PROCESSES_H
#define SWR_TESTS_PROCESSES_H

#include "command.h"

/* Runs a program to its end: see start_process(). `in` is the file of standard input, or NULL. */
outcome run_process(char* const* words, const char* in);
/* At paths of any length. */
void remove_file(const char* path);
void make_folder(const char* path);
void remove_folder(const char* path);
/* As far as this system has a program that can tell. */
int is_json(const char* document);

#endif
