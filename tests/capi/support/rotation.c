/* Combinations that take turns, where testing all of them proves no more than some. */
#include <stdlib.h>

#include "sanitized.h"
#include "support/support.h"

static int64_t number_of_kind(const test_case* t) {
  int number = 0;
  while (t->kind && number < variant_number() && variant_at(number) != t->kind) ++number;
  return number;
}

static int64_t seed(void) {
  const char* const text = getenv("SWR_TEST_SEED");
  return text ? strtoll(text, NULL, 10) : 0;
}

int takes_its_turn(const test_case* t, int64_t number, int64_t every) {
  return (number + number_of_kind(t) + seed() % every) % every == 0;
}

/* The turns of .ci/run and of the kinds go by the number modulo 96. */
enum { other_turns = 96 };

int64_t cases_every(void) {
  const char* const text = getenv("SWR_TEST_EVERY");
  const int64_t every = text && getenv("SWR_TEST_SEED") ? strtoll(text, NULL, 10) : 1;
  return every > 1 ? every : 1;
}

int case_takes_its_turn(int64_t number) {
  return (number + seed() / other_turns) % cases_every() == 0;
}

/* Under wine, calls of the system take a hundred times as long. */
#ifdef _WIN32
enum { calls_are_slow = 1 };
#else
enum { calls_are_slow = 0 };
#endif

int kind_takes_its_turn(int number, int test) {
  if (getenv("SWR_TEST_ALL_KINDS") || (!SANITIZED && !getenv("SWR_TEST_SEED"))) return 1;
  return (number + test + seed()) % (SANITIZED || calls_are_slow ? 3 : 2) == 0;
}
