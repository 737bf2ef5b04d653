#include "command.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "processes.h"

enum { most_words = 64, most_text = 4096 };

/* The words of a command line; they point into `text`. */
typedef struct command_line {
  char text[most_text];
  char* words[most_words + 2];
} command_line;

static void split(command_line* line, const char* format, va_list arguments) {
  const int length = vsnprintf(line->text, sizeof line->text, format, arguments);
  assert_in_range(length, 0, most_text - 1);
  int count = 0;
  line->words[count++] = SWR_COMMAND;
  for (char* word = strtok(line->text, " "); word; word = strtok(NULL, " ")) {
    assert_true(count <= most_words);
    line->words[count++] = word;
  }
  line->words[count] = NULL;
}

static outcome run_line(const char* format, va_list arguments) {
  command_line line;
  split(&line, format, arguments);
  return run_process(line.words, NULL);
}

/* As expected of a command that exits with `code`. */
static outcome expected_outcome(int code, const char* words, va_list arguments) {
  const outcome o = run_line(words, arguments);
  if (o.code == code) return o;
  skip_if_too_narrow(o.code, o.err);
  print_error("swr %s: exit code %d, not %d\n%s", words, o.code, code, o.err);
  fail();
  return o;
}

outcome swr_run(const char* words, ...) {
  va_list arguments;
  va_start(arguments, words);
  const outcome o = run_line(words, arguments);
  va_end(arguments);
  return o;
}

outcome swr_run_words(const char* const* words, const char* in) {
  char* all[most_words + 2] = {SWR_COMMAND};
  for (int i = 0; words[i]; ++i) {
    assert_true(i < most_words);
    all[i + 1] = (char*)words[i];
  }
  return run_process(all, in);
}

swr_process swr_start(int err, const char* words, ...) {
  command_line line;
  va_list arguments;
  va_start(arguments, words);
  split(&line, words, arguments);
  va_end(arguments);
  return start_process(line.words, -1, -1, err);
}

void outcome_free(outcome* o) {
  free(o->out);
  free(o->err);
}

static void without_lost_units(char* lines) {
  for (char* line; (line = strstr(lines, " files cannot hold the unit "));) {
    while (line > lines && line[-1] != '\n') --line;
    const char* const end = strchr(line, '\n');
    memmove(line, end ? end + 1 : "", end ? strlen(end + 1) + 1 : 1);
  }
}

static char* output_of(const char* words, va_list arguments) {
  const outcome o = expected_outcome(0, words, arguments);
  assert_lacks(o.err, "swr: "); /* a busy machine may have been slow enough for lines of progress */
  free(o.err);
  return o.out;
}

char* swr_output(const char* words, ...) {
  va_list arguments;
  va_start(arguments, words);
  char* out = output_of(words, arguments);
  va_end(arguments);
  return out;
}

void swr_ok(const char* words, ...) {
  va_list arguments;
  va_start(arguments, words);
  free(output_of(words, arguments));
  va_end(arguments);
}

void swr_copies(const char* words, ...) {
  va_list arguments;
  va_start(arguments, words);
  outcome o = expected_outcome(0, words, arguments);
  va_end(arguments);
  without_lost_units(o.err);
  assert_lacks(o.err, "swr: ");
  outcome_free(&o);
}

void swr_fails(int code, const char* why, const char* words, ...) {
  va_list arguments;
  va_start(arguments, words);
  outcome o = expected_outcome(code, words, arguments);
  va_end(arguments);
  assert_has(o.err, why);
  assert_string_equal(o.out, "");
  outcome_free(&o);
}

void swr_warns(const char* words, const char* line, ...) {
  va_list arguments;
  va_start(arguments, line);
  outcome o = expected_outcome(0, line, arguments);
  va_end(arguments);
  assert_has(o.err, "swr: warning: ");
  assert_has(o.err, words);
  outcome_free(&o);
}

static const char* argument_of(const swr_region* region, int with_size) {
  static char texts[4][256];
  static int next = 0;
  char* text = texts[next++ % 4];
  size_t length = 0;
  for (int part = 0; part <= with_size; ++part) {
    const int64_t* numbers = part ? region->size : region->index;
    for (int32_t i = 0; i < region->dimensions; ++i) {
      const char* before = i ? "," : part ? ":" : "";
      length += (size_t)snprintf(text + length, sizeof texts[0] - length, "%s%lld", before,
                                 (long long)numbers[i]);
    }
  }
  return text;
}

const char* index_argument(const swr_region* region) {
  return argument_of(region, 0);
}
const char* box_argument(const swr_region* region) {
  return argument_of(region, 1);
}

swr_region box_in(const volume* v, int64_t x, int64_t y, int64_t z, int64_t size_x, int64_t size_y,
                  int64_t size_z) {
  const int64_t* first = v->region.index;
  return region_3d(first[0] + x, first[1] + y, first[2] + z, size_x, size_y, size_z);
}

char* json_compact(const char* document) {
  if (!is_json(document)) {
    print_error("not JSON: %s\n", document);
    fail();
  }
  char* compact = malloc(strlen(document) + 1);
  assert_non_null(compact);
  char* to = compact;
  int in_text = 0;
  for (const char* from = document; *from; ++from) {
    if (*from == '"' && (from == document || from[-1] != '\\')) in_text = !in_text;
    if (in_text || !isspace((unsigned char)*from)) *to++ = *from;
  }
  *to = '\0';
  return compact;
}

char* swr_json(const char* words, ...) {
  va_list arguments;
  va_start(arguments, words);
  char* out = output_of(words, arguments);
  va_end(arguments);
  char* compact = json_compact(out);
  free(out);
  return compact;
}

void expect_no_words(const char* text, const char* part, const char* file, int line) {
  if (!strstr(text, part)) return;
  print_error("\"%s\" is in \"%s\"\n", part, text);
  _fail(file, line);
}

double json_number(const char* document, const char* field) {
  char key[128];
  snprintf(key, sizeof key, "\"%s\":", field);
  const char* at = strstr(document, key);
  if (!at) print_error("no field \"%s\" in %s\n", field, document);
  assert_non_null(at);
  return strtod(at + strlen(key), NULL);
}
