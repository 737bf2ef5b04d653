// What the command asks of the operating system about its process and its terminal:
// system_posix.cpp, system_windows.cpp. files.h has files and folders.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace swr::tool {

// Opens standard input, output and error if they are closed, so that no file gets their
// descriptors. Using them is still an error. Exceeding the file size limit (ulimit -f) becomes an
// error with a message instead of a signal that ends the process. On Windows the streams become
// binary, and what is printed on a console is UTF-8.
void prepare_process();

// The words of the command line after the name of the command; on Windows in UTF-8. Throws a
// UsageError for a word that has no UTF-8.
std::vector<std::string> command_words(int argc, char** argv);

// Ctrl-C: asks the running write to stop, which leaves the old file. From now on SIGINT, SIGTERM
// and SIGHUP (SIGBREAK on Windows) only set the flag. A second signal of the same kind ends the
// process at once.
void catch_interrupts();
bool interrupted();

// A pipe whose reader went away does not end this process, which has a folder to remove: writing to
// it fails. end_with_pipes() lets it end the process again, unless the parent ignores that signal.
// On Windows writing to such a pipe always fails.
void outlive_pipes();
void end_with_pipes();

enum class Stream { input, output, error };
bool is_terminal(Stream stream);
int terminal_width();  // of standard error: columns; 80 if it does not say
int64_t peak_process_bytes();

}  // namespace swr::tool
