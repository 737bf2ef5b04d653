#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "system.h"

namespace swr::tool {
namespace {

volatile std::sig_atomic_t flag = 0;
bool ends_with_pipes = false;  // as the process began

extern "C" void raise_flag(int) {
  flag = 1;
}

}  // namespace

void prepare_process() {
  // open() takes the lowest free descriptor, which is the missing one. Input that is only writable
  // and output that is only readable fail like closed ones.
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
    if (::fcntl(standard, F_GETFD) >= 0) continue;
    static_cast<void>(::open("/dev/null", standard == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

std::vector<std::string> command_words(int argc, char** argv) {
  return {argv + std::min(argc, 1), argv + argc};
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = raise_flag;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (int number : signals) {
    struct sigaction before {};
    // Signals that the parent ignores (nohup, a background job of a shell) stay ignored.
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    sigaction(number, &action, nullptr);
  }
}

bool interrupted() {
  return flag != 0;
}

void outlive_pipes() {
  struct sigaction before {};
  if (sigaction(SIGPIPE, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  std::signal(SIGPIPE, SIG_IGN);
  ends_with_pipes = true;
}

void end_with_pipes() {
  if (ends_with_pipes) std::signal(SIGPIPE, SIG_DFL);
}

bool is_terminal(Stream stream) {
  return isatty(static_cast<int>(stream)) == 1;
}

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int64_t peak_process_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace swr::tool
