// Whole writes with sync whose power fails: at every step, of what was not flushed any part is
// lost. The old files or the new ones come back.
#include <algorithm>
#include <random>

#include "faulty_system.h"
#include "storage/storage_test.h"
#include "writes.h"

namespace swr {
namespace {

using writes::Files;
using writes::files_in;
using writes::Write;

void recover_twice(const std::string& what, const Write& write) {
  const std::string path = "left/" + write.file;
  int32_t recovered = 0;
  if (swr_recover(path.c_str(), nullptr) != SWR_OK)
    fail_msg("%s: it cannot be recovered", what.c_str());
  const Files found = files_in("left");
  if (swr_recover(path.c_str(), &recovered) != SWR_OK || recovered != 0)
    fail_msg("%s: the second recovery had something to do", what.c_str());
  if (files_in("left") != found)
    fail_msg("%s: the second recovery changed something", what.c_str());
}

void check_recovered(const std::string& what, const Write& write) {
  recover_twice(what, write);
  const Files found = files_in("left");
  if (found == write.before || found == write.after) return;
  for (const auto& [name, bytes] : found)
    print_error("%s, %zu bytes\n", name.c_str(), bytes.size());
  fail_msg("%s: neither the old nor the new files", what.c_str());
}

// Runs the write with all that it does on record.
void record(const Write& write) {
  write.set_up();
  faulty::record("work");
  swr_writer* writer = swr_writer_create();
  if (write.run(writer) != SWR_OK)
    fail_msg("%s: %s", write.name.c_str(), swr_writer_message(writer));
  swr_writer_destroy(writer);
}

void a_write_whose_power_fails_at_any_step_is_recovered(void**) {
  std::mt19937 random(20240301);
  for (const Write& write : writes::all(true)) {
    record(write);
    const int64_t steps = faulty::steps();
    assert_true(steps > 2);
    // All steps of short writes; of long ones a hundred, those at the end among them, where names
    // are given.
    const int64_t stride = std::max<int64_t>(1, steps / 100);
    for (int64_t back = 0; back <= steps; back += back < 30 ? 1 : stride) {
      const int64_t step = steps - back;
      for (unsigned round = 0; round < 6; ++round) {
        const std::string what =
            text(write.name, ", power failed after ", step, " of ", steps, " steps, round ", round);
        const unsigned odds = round == 0   ? 0
                              : round == 1 ? 8
                                           : 1 + round;  // of 8: none is kept, all, and in between
        const auto chance = [&] { return random() % 8 < odds; };
        if (!faulty::leave(step, chance, "left")) continue;
        check_recovered(what, write);
        if (back == 0 && files_in("left") != write.after)
          fail_msg("%s: what was complete is lost", what.c_str());
      }
    }
    faulty::stop_recording();
  }
}

// The simulation itself: without sync it does find what is lost.
void a_write_without_sync_can_be_lost(void**) {
  std::mt19937 random(3);
  int lost = 0;
  for (const Write& write : writes::all(false)) {
    record(write);
    for (int round = 0; round < 4; ++round) {
      const auto chance = [&] { return random() % 2 == 0; };
      if (!faulty::leave(faulty::steps(), chance, "left")) continue;
      lost += files_in("left") == write.after ? 0 : 1;
    }
    faulty::stop_recording();
  }
  assert_true(lost > 0);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const MemoryFolder home;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_write_whose_power_fails_at_any_step_is_recovered),
      cmocka_unit_test(a_write_without_sync_can_be_lost),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
