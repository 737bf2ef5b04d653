// Which calls the fault tests make fail.
#include "moments.h"

#include "storage/storage_test.h"

namespace swr {
namespace {

using faulty::Moments;
using Numbers = std::vector<int64_t>;

void choose_of_a_loop_takes_its_first_second_and_last_call(void**) {
  Moments moments(1);
  assert_true(moments.choose({7, 9, 9, 9, 9, 8}) == (Numbers{1, 2, 3, 5, 6, 7}));
}

void choose_of_no_calls_is_the_end_alone(void**) {
  Moments moments(1);
  assert_true(moments.choose({}) == Numbers{1});
}

void choose_leaves_out_what_is_no_candidate(void**) {
  Moments moments(1);
  assert_true(moments.choose({0, 5, 0, 5, 0}) == (Numbers{2, 4, 6}));
}

void choose_takes_all_new_stacks_and_some_known_ones(void**) {
  Moments moments(3);
  assert_true(moments.choose({1, 2, 3}) == (Numbers{1, 2, 3, 4}));
  assert_true(moments.choose({1, 2, 3, 4, 1}) == (Numbers{1, 4, 5, 6}));
}

void call_stack_of_one_call_in_a_loop_is_the_same(void**) {
  std::vector<uint64_t> stacks;
  volatile int rounds = 2;  // no compiler unrolls the loop
  for (int i = 0; i < rounds; ++i) stacks.push_back(faulty::call_stack());
  const uint64_t other = faulty::call_stack();
  assert_true(stacks[0] == stacks[1]);
  assert_true(stacks[1] != other);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(choose_of_a_loop_takes_its_first_second_and_last_call),
      cmocka_unit_test(choose_of_no_calls_is_the_end_alone),
      cmocka_unit_test(choose_leaves_out_what_is_no_candidate),
      cmocka_unit_test(choose_takes_all_new_stacks_and_some_known_ones),
      cmocka_unit_test(call_stack_of_one_call_in_a_loop_is_the_same),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
