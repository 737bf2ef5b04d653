/* Combinations that take turns, where testing all of them proves no more than some. */
#include <stdlib.h>

#include "support/support.h"

static int64_t number_of_kind(const test_case* t) {
  int number = 0;
  while (t->kind && number < variant_number() && variant_at(number) != t->kind) ++number;
  return number;
}

int takes_its_turn(const test_case* t, int64_t number, int64_t every) {
  const char* const seed = getenv("SWR_TEST_SEED");
  const int64_t first = seed ? strtoll(seed, NULL, 10) % every : 0;
  return (number + number_of_kind(t) + first) % every == 0;
}
