// The number of buffers of a write, and their total size.
#include "plan/memory.h"

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on

#include <initializer_list>

namespace swr {
namespace {

constexpr int64_t mebibyte = int64_t{1} << 20;

MemoryFacts staged(int64_t piece) {
  MemoryFacts facts;
  facts.source_piece_bytes = facts.stored_piece_bytes = piece;
  facts.staged_pieces = true;
  return facts;
}

void two_buffers_are_the_least(void**) {
  const MemoryPlan plenty = plan_memory(staged(mebibyte), 256 * mebibyte),
                   little = plan_memory(staged(mebibyte), 2 * mebibyte),
                   none = plan_memory(staged(mebibyte), 1);
  assert_true(plenty.pieces >= little.pieces);
  assert_int_equal(little.pieces, 2);
  assert_true(little.need <= 2 * mebibyte);
  assert_int_equal(none.pieces, 2);
  assert_true(none.need > 1);  // which the caller refuses
}

void the_need_stays_inside_any_limit_that_can_be_met(void**) {
  for (const bool compresses : {false, true}) {
    for (const bool converts : {false, true}) {
      for (int threads = 1; threads <= 16; ++threads) {
        MemoryFacts facts = staged(mebibyte / 2);
        facts.streams = true;
        facts.compresses = compresses;
        facts.directory_bytes = compresses ? mebibyte / 8 : 0;
        facts.converts = converts;
        facts.threads = threads;
        const int64_t least = plan_memory(facts, 1).need;
        for (int64_t limit = least; limit < 64 * least; limit += least / 2) {
          const MemoryPlan plan = plan_memory(facts, limit);
          assert_true(plan.need <= limit);
          assert_true(plan.threads >= 1 && plan.threads <= threads);
        }
      }
    }
  }
}

void what_is_kept_of_a_directory_counts(void**) {
  MemoryFacts facts = staged(mebibyte);
  facts.streams = facts.compresses = true;
  const int64_t without = plan_memory(facts, 256 * mebibyte).need;
  facts.directory_bytes = 12345;
  assert_int_equal(plan_memory(facts, 256 * mebibyte).need, without + 12345);
}

// Whole slots of the usual size, on any number of threads, with or without conversion.
void compression_gets_along_with_two_mebibytes(void**) {
  for (const bool converts : {false, true}) {
    MemoryFacts facts = staged(mebibyte / 16);
    facts.streams = true;
    facts.compresses = true;
    facts.converts = converts;
    facts.threads = 16;
    facts.block = facts.source_block = mebibyte / 4;
    const MemoryPlan plan = plan_memory(facts, 2 * mebibyte);
    assert_true(plan.need <= 2 * mebibyte);
    assert_int_equal(plan.threads, 1);
    assert_true(plan.blocks >= 2);
  }
}

void every_pull_thread_has_a_buffer(void**) {
  MemoryFacts facts = staged(mebibyte);
  facts.pull_threads = 6;
  assert_true(plan_memory(facts, 256 * mebibyte).pieces >= 7);
}

void the_applications_own_buffers_cost_nothing(void**) {
  MemoryFacts facts = staged(100 * mebibyte);
  facts.own_buffers = true;
  assert_int_equal(plan_memory(facts, mebibyte).need, 0);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(two_buffers_are_the_least),
      cmocka_unit_test(what_is_kept_of_a_directory_counts),
      cmocka_unit_test(the_need_stays_inside_any_limit_that_can_be_met),
      cmocka_unit_test(compression_gets_along_with_two_mebibytes),
      cmocka_unit_test(every_pull_thread_has_a_buffer),
      cmocka_unit_test(the_applications_own_buffers_cost_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
