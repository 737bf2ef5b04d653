#include "process.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace swr::tool {

void prepare_process() {
  // The lowest free descriptor is the one that is missing. Input that can only be written to, and
  // output that can only be read, fail as closed ones do.
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
    if (::fcntl(standard, F_GETFD) >= 0) continue;
    static_cast<void>(::open("/dev/null", standard == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace swr::tool
