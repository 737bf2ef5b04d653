// Ctrl-C: asks the running write to stop, which leaves the old file.
#pragma once

namespace swr::tool {

// From now on SIGINT, SIGTERM and SIGHUP only set the flag. A second signal of the same kind ends
// the process at once.
void catch_interrupts();
bool interrupted();

}  // namespace swr::tool
