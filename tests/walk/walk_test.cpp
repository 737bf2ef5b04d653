// A random walk over the interface: images are created, changed, grown, copied, compressed, and
// writes are interrupted, in a folder with files of users. After each step every file must match a
// model in memory. A failure prints the seed and the step; walk_test --seed N repeats the walk.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "checked/checked.h"
#include "walk/steps.h"

extern "C" {
#include "support/support.h"
}

namespace swr::walk {
namespace {

namespace fs = std::filesystem;

constexpr int steps_of_a_walk = 60;

struct Arguments {
  uint64_t seed = 1;
  int64_t walks = 60;
  double seconds = 0;  // 0: until the walks are done
  bool detached = true;
};

Arguments arguments_of(int count, char** words) {
  Arguments arguments;
  arguments.walks /= cases_every();
  if (const char* const walks = std::getenv("SWR_TEST_WALKS"))
    arguments.walks = std::strtoll(walks, nullptr, 10);
  if (const char* const seed = std::getenv("SWR_TEST_SEED"))
    arguments.seed = std::strtoull(seed, nullptr, 10);
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--seed")
      arguments.seed = std::strtoull(words[i + 1], nullptr, 10), arguments.walks = 1;
    if (name == "--walks") arguments.walks = std::strtoll(words[i + 1], nullptr, 10);
    if (name == "--detached") arguments.detached = std::strcmp(words[i + 1], "off") != 0;
    if (name == "--seconds") arguments.seconds = std::strtod(words[i + 1], nullptr);
  }
  return arguments;
}

struct Totals {
  int64_t walks = 0, steps = 0, writes = 0, refusals = 0;
};

// Whether all went well.
bool walk(uint64_t seed, bool detached, Totals& totals) {
  fs::remove_all("walk");
  fs::create_directory("walk");
  fs::current_path("walk");
  Walk walk(seed, detached);
  int step = 0;
  try {
    for (; step < steps_of_a_walk; ++step) {
      walk.step();
      if (failed_checks() > 0) throw Wrong("see above");
    }
  } catch (const Wrong& wrong) {
    for (const std::string& line : walk.history()) std::fprintf(stderr, "  %s\n", line.c_str());
    std::fprintf(stderr, "seed %llu, step %d: %s\n", static_cast<unsigned long long>(seed), step,
                 wrong.what());
    return false;
  }
  fs::current_path("..");
  ++totals.walks;
  totals.steps += step;
  totals.writes += walk.writes();
  totals.refusals += walk.refusals();
  return true;
}

int run_all(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  Totals totals;
  std::printf("seeds from %llu\n", static_cast<unsigned long long>(arguments.seed));
  std::fflush(stdout);
  for (uint64_t seed = arguments.seed;; ++seed) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    if (arguments.seconds > 0 ? passed.count() > arguments.seconds
                              : totals.walks >= arguments.walks)
      break;
    if (!walk(seed, arguments.detached, totals)) return 1;
  }
  std::printf("%lld walks of %d steps: %lld writes, %lld refused\n",
              static_cast<long long>(totals.walks), steps_of_a_walk,
              static_cast<long long>(totals.writes), static_cast<long long>(totals.refusals));
  return totals.walks > 0 && totals.writes > totals.refusals ? 0 : 1;
}

}  // namespace
}  // namespace swr::walk

int main(int count, char** words) {
  return swr::walk::run_all(swr::walk::arguments_of(count, words));
}
