/* Runs the command `swr` as a user does, and looks at what it printed and how it ended. */
#ifndef SWR_TESTS_COMMAND_H
#define SWR_TESTS_COMMAND_H

#include "support/child.h"
#include "support/support.h"

/* How a run ended: its exit code (minus the signal's number if one killed it), standard output
 * and standard error, with a zero after them. */
typedef struct outcome {
  int code;
  char* out;
  size_t out_bytes;
  char* err;
} outcome;

#if defined(__GNUC__)
#define COMMAND_FORMAT(at) __attribute__((format(printf, at, at + 1)))
#else
#define COMMAND_FORMAT(at)
#endif

/* `words` are the arguments, with one space between them; no argument has a space in it. */
outcome swr_run(const char* words, ...) COMMAND_FORMAT(1);
/* The same for arguments of any bytes; the list ends with NULL. `in` is the file of standard input,
 * if it is not NULL. */
outcome swr_run_words(const char* const* words, const char* in);
void outcome_free(outcome* o);

/* Each of these skips a test whose format has no such pixels or so many dimensions. */

/* Exits with 0, without an error or a warning. The result is standard output, to be freed. */
char* swr_output(const char* words, ...) COMMAND_FORMAT(1);
void swr_ok(const char* words, ...) COMMAND_FORMAT(1);
/* The same, but for warnings that the new file cannot state a unit of the old one. */
void swr_copies(const char* words, ...) COMMAND_FORMAT(1);
/* Exits with 0, and a warning has `words` in it. */
void swr_warns(const char* words, const char* line, ...) COMMAND_FORMAT(2);
/* Exits with `code`, prints nothing on standard output, and says `why` on standard error. */
void swr_fails(int code, const char* why, const char* words, ...) COMMAND_FORMAT(3);
/* As swr_output(), for commands with --json: the document is valid, and comes back without white
 * space. */
char* swr_json(const char* words, ...) COMMAND_FORMAT(1);

/* A region as arguments: its start index ("3,-2,7"), and with its size ("3,-2,7:5,4,6"). Valid
 * until the fourth call from now. */
const char* index_argument(const swr_region* region);
const char* box_argument(const swr_region* region);
/* The box of that size whose first pixel has this distance from the volume's first one. */
swr_region box_in(const volume* v, int64_t x, int64_t y, int64_t z, int64_t size_x, int64_t size_y,
                  int64_t size_z);

/* `text` has `part` in it. */
#define assert_has(text, part) expect_words(text, part, __FILE__, __LINE__)
void expect_no_words(const char* text, const char* part, const char* file, int line);
#define assert_lacks(text, part) expect_no_words(text, part, __FILE__, __LINE__)
/* The number of a field of a document without white space. */
double json_number(const char* document, const char* field);
/* Checks that it is valid, and takes the white space out. */
char* json_compact(const char* document);

/* The command as a process: its standard error goes to `err`, a file descriptor. See swr_wait(). */
swr_process swr_start(int err, const char* words, ...) COMMAND_FORMAT(2);

#endif
