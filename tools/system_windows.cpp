#include <fcntl.h>
#include <io.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "on_windows.h"
#include "status.h"
#include "system.h"

namespace swr::tool {
namespace {

volatile std::sig_atomic_t flag = 0;
UINT code_page_before = 0;

// The C library has taken the handler back when it calls it: a second Ctrl-C ends the process.
extern "C" void raise_flag(int) {
  flag = 1;
}

HANDLE handle_of(Stream stream) {
  return reinterpret_cast<HANDLE>(_get_osfhandle(static_cast<int>(stream)));
}

// The code page belongs to the console, not to this process.
void print_utf8() {
  if (!is_terminal(Stream::output) && !is_terminal(Stream::error)) return;
  code_page_before = ::GetConsoleOutputCP();
  ::SetConsoleOutputCP(CP_UTF8);
  std::atexit([] { ::SetConsoleOutputCP(code_page_before); });
}

}  // namespace

void prepare_process() {
  for (int standard = 0; standard <= 2; ++standard) {
    if (_get_osfhandle(standard) < 0)
      static_cast<void>(_open("NUL", standard == 0 ? _O_WRONLY : _O_RDONLY));
    _setmode(standard, _O_BINARY);
  }
  print_utf8();
  // The codes that clear a line, which progress uses.
  DWORD mode = 0;
  const HANDLE console = handle_of(Stream::error);
  if (::GetConsoleMode(console, &mode))
    ::SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

// The C library has the words in the code page of the user, which has not every name.
std::vector<std::string> command_words(int, char**) {
  int count = 0;
  const std::unique_ptr<LPWSTR, decltype(&::LocalFree)> words(
      ::CommandLineToArgvW(::GetCommandLineW(), &count), ::LocalFree);
  if (!words) throw std::bad_alloc();
  std::vector<std::string> all;
  for (int i = 1; i < count; ++i) {
    auto word = utf8_of(words.get()[i]);
    if (!word)
      throw UsageError("word " + std::to_string(i) +
                       " of the command line is not valid UTF-16, so it has no UTF-8: rename the "
                       "file");
    all.push_back(std::move(*word));
  }
  return all;
}

void catch_interrupts() {
  for (const int number : {SIGINT, SIGTERM, SIGBREAK}) {
    const auto before = std::signal(number, raise_flag);
    if (before == SIG_IGN) std::signal(number, SIG_IGN);
  }
}

bool interrupted() {
  return flag != 0;
}

void outlive_pipes() {}

void end_with_pipes() {}

// Not isatty(), which says yes for NUL.
bool is_terminal(Stream stream) {
  DWORD mode = 0;
  return ::GetConsoleMode(handle_of(stream), &mode) != 0;
}

int terminal_width() {
  CONSOLE_SCREEN_BUFFER_INFO found{};
  if (!::GetConsoleScreenBufferInfo(handle_of(Stream::error), &found)) return 80;
  const int width = found.srWindow.Right - found.srWindow.Left;  // without the last column
  return width > 0 ? width : 80;
}

int64_t peak_process_bytes() {
  PROCESS_MEMORY_COUNTERS found{};
  found.cb = sizeof found;
  if (!::GetProcessMemoryInfo(::GetCurrentProcess(), &found, sizeof found)) return 0;
  return static_cast<int64_t>(found.PeakWorkingSetSize);
}

}  // namespace swr::tool
