// The process that the command runs in: what it finds there, and what it makes of it.
#pragma once

namespace swr::tool {

// Opens what is closed of standard input, output and error, so that no file gets their descriptors.
// Using them stays an error. Lets a file that the limit of the shell (ulimit -f) makes too large be
// an error with a message instead of the end of the process.
void prepare_process();

}  // namespace swr::tool
