#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "children.h"
#include "fault_plan.h"
#include "storage/storage_test.h"

namespace swr::faulty {

namespace {

constexpr const char* mark = "--child";

HANDLE start(const std::vector<std::string>& words) {
  wchar_t program[MAX_PATH];
  assert_true(::GetModuleFileNameW(nullptr, program, MAX_PATH) < MAX_PATH);
  std::string arguments = text(mark, ' ', unnamed_files ? "unnamed" : "named");
  for (const std::string& word : words) arguments += ' ' + word;
  std::wstring line = L"\"" + std::wstring(program) + L"\" ";
  line.append(arguments.begin(), arguments.end());
  STARTUPINFOW how{};
  how.cb = sizeof how;
  PROCESS_INFORMATION made{};
  // Under wine a start has failed for no reason of the test; the number may tell why.
  for (int tries = 0; !::CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, 0, nullptr,
                                        nullptr, &how, &made);
       ++tries) {
    print_error("a child cannot be started: error %lu\n", ::GetLastError());
    assert_true(tries < 3);
    ::Sleep(200);
  }
  ::CloseHandle(made.hThread);
  return made.hProcess;
}

// Its exit code.
int end_of(HANDLE child) {
  DWORD code = 0;
  assert_int_equal(::WaitForSingleObject(child, INFINITE), WAIT_OBJECT_0);
  assert_true(::GetExitCodeProcess(child, &code));
  ::CloseHandle(child);
  return static_cast<int>(code);
}

}  // namespace

std::optional<int> act_as_child(int argc, char** argv, const Child& child) {
  if (argc < 3 || std::string(argv[1]) != mark) return std::nullopt;
  unnamed_files = std::string(argv[2]) == "unnamed";
  return child({argv + 3, argv + argc});
}

int run_child(const std::vector<std::string>& words) {
  return end_of(start(words));
}

int run_and_kill_child(const std::vector<std::string>& words, std::chrono::microseconds life) {
  const HANDLE child = start(words);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(life);
  const bool is_over =
      ::WaitForSingleObject(child, static_cast<DWORD>(milliseconds.count())) == WAIT_OBJECT_0;
  constexpr UINT killed = 99;
  if (!is_over) ::TerminateProcess(child, killed);
  const int code = end_of(child);
  return code == killed ? -1 : code;
}

void die() {
  ::TerminateProcess(::GetCurrentProcess(), 0);
  ::abort();
}

// Those of the folder "work" that cannot be opened by one alone.
size_t open_files() {
  size_t count = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("work", none)) {
    if (entry.is_directory()) continue;
    const HANDLE alone = ::CreateFileW(entry.path().c_str(), GENERIC_READ, 0, nullptr,
                                       OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (alone == INVALID_HANDLE_VALUE) ++count;
    if (alone != INVALID_HANDLE_VALUE) ::CloseHandle(alone);
  }
  return count;
}

}  // namespace swr::faulty
