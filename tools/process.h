// Prepares the process of the command.
#pragma once

namespace swr::tool {

// Opens standard input, output and error if they are closed, so that no file gets their
// descriptors. Using them is still an error. Exceeding the file size limit (ulimit -f) becomes an
// error with a message instead of a signal that ends the process.
void prepare_process();

}  // namespace swr::tool
