// Whether a change of a file always shows, and how soon that is known.
#include "storage/file_state.h"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "storage_test.h"

namespace swr {
namespace {

void put(const std::string& path, int value) {
  std::ofstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.put(static_cast<char>(value));
}

void later_change_of_a_settled_file_shows(void**) {
  const std::string path = "settled.bin";
  std::ofstream(path, std::ios::binary).put(0);
  int settled = 0;
  // Up to some ticks, which are longer on Windows.
  const std::chrono::microseconds step(is_windows() ? 2500 : 250);
  for (int i = 0; i < (is_windows() ? 80 : 400); ++i) {
    put(path, i);
    std::this_thread::sleep_for(i % 40 * step);
    const FileState before = FileState::of(path);
    put(path, i + 1);  // of the same size
    if (!before.is_settled()) continue;
    ++settled;
    assert_false(before.is_same(FileState::of(path)));
  }
  assert_true(settled > 0);
  std::filesystem::remove(path);
}

void file_is_settled_after_a_few_ticks(void**) {
  const std::string path = "new.bin";
  std::ofstream(path, std::ios::binary).put(0);
  const auto begin = std::chrono::steady_clock::now();
  while (!FileState::of(path).is_settled()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    assert_true(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::later_change_of_a_settled_file_shows),
      cmocka_unit_test(swr::file_is_settled_after_a_few_ticks),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
