// Processes of the fault tests: children_posix.cpp forks, children_windows.cpp starts the
// program again.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace swr::faulty {

// wine takes a hundred times as long for a call as Linux, and for a child.
#ifdef _WIN32
inline constexpr bool calls_are_cheap = false;
#else
inline constexpr bool calls_are_cheap = true;
#endif

// What a child does with its words. Its result is its exit code, unless it dies before.
using Child = std::function<int(const std::vector<std::string>& words)>;

// Each program calls this first in main(). A value is the exit code of this process, which is a
// child.
std::optional<int> act_as_child(int argc, char** argv, const Child& child);
// Runs a child in the same folder, with unnamed files as here, and returns its exit code.
// Requires: act_as_child() was called.
int run_child(const std::vector<std::string>& words);
// The same, but kills it after this time, from outside. Returns -1 if it was killed.
int run_and_kill_child(const std::vector<std::string>& words, std::chrono::microseconds life);
// Ends this process as if it was killed, with exit code 0: no destructor runs.
[[noreturn]] void die();
// How many files this process has open; of the folder "work" at least.
size_t open_files();

}  // namespace swr::faulty
