// Ctrl-C: asks the running write to stop, which leaves the old file.
#pragma once

namespace swr::tool {

// From now on SIGINT, SIGTERM and SIGHUP only set the flag. A second signal of the same kind ends
// the process at once.
void catch_interrupts();
bool interrupted();

// A pipe whose reader went away does not end this process, which has a folder to remove: writing to
// it fails. end_with_pipes() lets it end the process again, unless the parent ignores that signal.
void outlive_pipes();
void end_with_pipes();

}  // namespace swr::tool
