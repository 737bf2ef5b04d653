#include "interrupt.h"

#include <csignal>

namespace swr::tool {
namespace {

volatile std::sig_atomic_t flag = 0;
bool ends_with_pipes = false;  // as the process began

extern "C" void raise_flag(int) {
  flag = 1;
}

}  // namespace

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

}  // namespace swr::tool
