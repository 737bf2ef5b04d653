#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "children.h"
#include "fault_plan.h"
#include "storage/storage_test.h"

namespace swr::faulty {

namespace {

constexpr const char* mark = "--child";

}  // namespace

std::optional<int> act_as_child(int argc, char** argv, const Child& child) {
  if (argc < 3 || std::string(argv[1]) != mark) return std::nullopt;
  unnamed_files = std::string(argv[2]) == "unnamed";
  return child({argv + 3, argv + argc});
}

int run_child(const std::vector<std::string>& words) {
  wchar_t program[MAX_PATH];
  assert_true(::GetModuleFileNameW(nullptr, program, MAX_PATH) < MAX_PATH);
  std::wstring line = L"\"" + std::wstring(program) + L"\" ";
  for (std::string word : {std::string(mark), std::string(unnamed_files ? "unnamed" : "named")})
    line += std::wstring(word.begin(), word.end()) + L" ";
  for (const std::string& word : words) line += std::wstring(word.begin(), word.end()) + L" ";
  STARTUPINFOW start{};
  start.cb = sizeof start;
  PROCESS_INFORMATION made{};
  assert_true(::CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr,
                               &start, &made));
  DWORD code = 0;
  assert_int_equal(::WaitForSingleObject(made.hProcess, INFINITE), WAIT_OBJECT_0);
  assert_true(::GetExitCodeProcess(made.hProcess, &code));
  ::CloseHandle(made.hThread);
  ::CloseHandle(made.hProcess);
  return static_cast<int>(code);
}

void die() {
  ::TerminateProcess(::GetCurrentProcess(), 0);
  ::abort();
}

size_t open_files() {
  DWORD count = 0;
  assert_true(::GetProcessHandleCount(::GetCurrentProcess(), &count));
  return count;
}

}  // namespace swr::faulty
