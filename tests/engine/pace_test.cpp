// Whether the pace finds the faster mode, with times from a model instead of a clock.
#include "engine/pace.h"

#include "image/cmocka_cpp.h"

namespace swr {
namespace {

// A machine on which a mebibyte takes this many nanoseconds in each mode.
struct Machine {
  int64_t threaded, alone, work;
};

// How many of `count` mebibytes go through each mode.
int64_t inline_share(Pace& pace, const Machine& machine, Pace::Figures& now, int count) {
  int64_t alone = 0;
  for (int i = 0; i < count; ++i) {
    now.bytes += 1 << 20;
    now.elapsed_nanoseconds += pace.is_inline() ? machine.alone : machine.threaded;
    now.work_nanoseconds += machine.work;
    if (!pace.is_inline() && machine.threaded > machine.work)
      now.waiting_nanoseconds += machine.threaded - machine.work;
    alone += pace.is_inline() ? 1 : 0;
    pace.observe(now);
  }
  return alone;
}

void threads_that_pay_are_kept(void**) {
  Pace pace;
  Pace::Figures now;
  // Two threads take half the time: no trial is needed to see it.
  const Machine machine{500'000, 1'000'000, 900'000};
  assert_int_equal(inline_share(pace, machine, now, 4000), 0);
}

void threads_that_only_cost_are_given_up(void**) {
  Pace pace;
  Pace::Figures now;
  const Machine machine{1'200'000, 800'000, 700'000};
  assert_true(inline_share(pace, machine, now, 4000) > 3600);
}

void the_mode_follows_a_source_that_changes(void**) {
  Pace pace;
  Pace::Figures now;
  const Machine cheap{1'200'000, 800'000, 700'000}, dear{900'000, 1'700'000, 1'600'000};
  inline_share(pace, cheap, now, 2000);
  assert_true(pace.is_inline());
  inline_share(pace, dear, now, 4000);
  assert_true(inline_share(pace, dear, now, 2000) < 500);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(threads_that_pay_are_kept),
      cmocka_unit_test(threads_that_only_cost_are_given_up),
      cmocka_unit_test(the_mode_follows_a_source_that_changes),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
