#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "children.h"
#include "storage/storage_test.h"

namespace swr::faulty {

namespace {

Child act;

pid_t start(const std::vector<std::string>& words) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act(words));
  return child;
}

}  // namespace

std::optional<int> act_as_child(int, char**, const Child& child) {
  act = child;
  return std::nullopt;
}

int run_child(const std::vector<std::string>& words) {
  const pid_t child = start(words);
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int run_and_kill_child(const std::vector<std::string>& words, std::chrono::microseconds life) {
  const pid_t child = start(words);
  std::this_thread::sleep_for(life);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void die() {
  ::_exit(0);
}

size_t open_files() {
  size_t count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd");
       entry != std::filesystem::directory_iterator(); ++entry)
    ++count;
  return count;
}

}  // namespace swr::faulty
