#include "process.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace swr::tool {

void prepare_process() {
  // open() takes the lowest free descriptor, which is the missing one. Input that is only writable
  // and output that is only readable fail like closed ones.
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
    if (::fcntl(standard, F_GETFD) >= 0) continue;
    static_cast<void>(::open("/dev/null", standard == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace swr::tool
