#include "files.h"

#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "on_windows.h"
#include "status.h"

namespace swr::tool {
namespace {

// The folder's lock: as long as it is open, nobody else can open it. The system removes it with its
// last handle, at the latest when the process ends.
constexpr const wchar_t* lock_name = L"lock";

int last_code() {
  switch (::GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND: return ENOENT;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: return EEXIST;
    case ERROR_ACCESS_DENIED: return EACCES;
    case ERROR_SHARING_VIOLATION: return EBUSY;
    case ERROR_DISK_FULL: return ENOSPC;
    case ERROR_INVALID_NAME: return EINVAL;
    default: return EIO;
  }
}

struct Opening {
  DWORD access, sharing, disposition, flags;
};
constexpr DWORD shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr Opening to_read{GENERIC_READ, shared, OPEN_EXISTING, 0};
constexpr Opening to_create{GENERIC_WRITE, shared, CREATE_NEW, 0};
constexpr Opening to_lock{GENERIC_WRITE | DELETE, 0, OPEN_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE};

// A descriptor of the C library, or -1; errno says why.
int open_file(const std::filesystem::path& path, const Opening& how) {
  const HANDLE file = ::CreateFileW(path.c_str(), how.access, how.sharing, nullptr, how.disposition,
                                    FILE_ATTRIBUTE_NORMAL | how.flags, nullptr);
  if (file == INVALID_HANDLE_VALUE) {
    errno = last_code();
    return -1;
  }
  const int number =
      _open_osfhandle(reinterpret_cast<intptr_t>(file),
                      _O_BINARY | _O_NOINHERIT | (how.access == GENERIC_READ ? _O_RDONLY : 0));
  if (number < 0) ::CloseHandle(file);
  return number;
}

HANDLE handle_of(int descriptor) {
  return reinterpret_cast<HANDLE>(_get_osfhandle(descriptor));
}

bool is_link(const std::filesystem::path& path) {
  const DWORD attributes = ::GetFileAttributesW(path.c_str());
  return attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

std::string random_name() {
  std::random_device random;
  std::string name(6, 'a');
  for (char& letter : name) letter = static_cast<char>('a' + random() % 26);
  return name;
}

// A folder whose files are still open when it should go, goes when the process ends.
void remove_at_exit(const std::filesystem::path& folder) {
  static std::vector<std::filesystem::path> made;
  made.push_back(folder);
  if (made.size() > 1) return;
  std::atexit([] {
    for (const std::filesystem::path& each : made) ::RemoveDirectoryW(each.c_str());
  });
}

void remove_files(const std::filesystem::path& folder, std::string_view of_ours) {
  std::error_code none;
  for (std::filesystem::directory_iterator at(folder, none), end; !none && at != end;
       at.increment(none)) {
    if (text_of(at->path().filename()).find(of_ours) != std::string::npos)
      ::DeleteFileW(at->path().c_str());
  }
}

}  // namespace

// The C++ library of mingw-w64 counts one name of every file.
uint64_t name_count(const std::filesystem::path& path) {
  const HANDLE file = ::CreateFileW(path.c_str(), 0, shared, nullptr, OPEN_EXISTING,
                                    FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return 0;
  BY_HANDLE_FILE_INFORMATION facts{};
  const bool known = ::GetFileInformationByHandle(file, &facts) != 0;
  ::CloseHandle(file);
  return known ? facts.nNumberOfLinks : 0;
}

std::filesystem::path path_of(const std::string& name) {
  std::filesystem::path path(std::u8string(name.begin(), name.end()));
  path.make_preferred();
  constexpr size_t longest = 240;  // of paths without "\\?\", less than 260 for names in folders
  const std::wstring& text = path.native();
  if (text.size() < longest || text.starts_with(L"\\\\")) return path;
  std::error_code none;
  const auto whole = std::filesystem::absolute(path, none).lexically_normal();
  return none ? path : std::filesystem::path(L"\\\\?\\" + whole.native());
}

std::string text_of(const std::filesystem::path& path) {
  const std::u8string name = path.generic_u8string();
  return {name.begin(), name.end()};
}

std::FILE* create_file(const std::string& name) {
  const int descriptor = open_file(path_of(name), to_create);
  return descriptor < 0 ? nullptr : _fdopen(descriptor, "wb");
}

Descriptor::Descriptor(const std::string& path, For what)
    : number_(open_file(path_of(path), what == For::reading ? to_read : to_create)) {
  const int code = errno;
  if (number_ < 0)
    throw Failure(SWR_ERROR_IO, path + ": could not be opened: " + std::strerror(code));
}

Descriptor::~Descriptor() {
  if (number_ >= 0) _close(number_);
}

bool is_file_of(int descriptor, const std::string& path) {
  const HANDLE named = ::CreateFileW(path_of(path).c_str(), FILE_READ_ATTRIBUTES, shared, nullptr,
                                     OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (named == INVALID_HANDLE_VALUE) return false;
  BY_HANDLE_FILE_INFORMATION a{}, b{};
  const bool are_known = ::GetFileInformationByHandle(handle_of(descriptor), &a) &&
                         ::GetFileInformationByHandle(named, &b);
  ::CloseHandle(named);
  return are_known && a.dwVolumeSerialNumber == b.dwVolumeSerialNumber &&
         a.nFileIndexHigh == b.nFileIndexHigh && a.nFileIndexLow == b.nFileIndexLow;
}

std::string name_of(int descriptor) {
  std::wstring name(32768, L'\0');
  const DWORD units = ::GetFinalPathNameByHandleW(handle_of(descriptor), name.data(),
                                                  static_cast<DWORD>(name.size()), 0);
  if (units == 0 || units >= name.size()) return "";
  name.resize(units);
  const bool has_letter = name.starts_with(L"\\\\?\\") && name.find(L':') == 5;
  const auto text = utf8_of(has_letter ? name.substr(4) : name);
  return text ? text_of(path_of(*text)) : "";
}

// Nobody can wait for a pipe, and reading from it cannot be ended by Ctrl-C.
bool is_ready(int descriptor) {
  const HANDLE file = handle_of(descriptor);
  if (::GetFileType(file) != FILE_TYPE_PIPE) return true;
  DWORD bytes = 0;
  const bool has_end = !::PeekNamedPipe(file, nullptr, 0, nullptr, &bytes, nullptr);
  if (has_end || bytes > 0) return true;
  ::Sleep(10);
  return false;
}

std::string temporary_folder() {
  const wchar_t* const chosen = _wgetenv(L"TMPDIR");
  if (chosen && *chosen) return text_of(chosen);
  wchar_t path[MAX_PATH + 2] = L"";
  ::GetTempPathW(MAX_PATH + 1, path);  // ends with a separator
  return text_of(std::filesystem::path(path).parent_path());
}

// The folder of this user's scratch files gives its access list to what is made in it.
int make_private_folder(const std::string& parent, std::string_view prefix, std::string& path) {
  path = parent + "/" + std::string(prefix) + random_name();
  const std::filesystem::path folder = path_of(path);
  if (!::CreateDirectoryW(folder.c_str(), nullptr)) {
    errno = last_code();
    if (errno == EEXIST) errno = EAGAIN;
    return -1;
  }
  remove_at_exit(folder);
  const int lock = open_file(folder / lock_name, to_lock);
  if (lock < 0 && (errno == ENOENT || errno == EBUSY)) errno = EAGAIN;
  return lock;
}

void remove_private_folder(const std::string& path, std::string_view of_ours) noexcept {
  try {
    const std::filesystem::path folder = path_of(path);
    remove_files(folder, of_ours);
    ::RemoveDirectoryW(folder.c_str());
  } catch (const std::exception&) {
    // The next process removes it.
  }
}

void remove_dead_folder(const std::string& path, std::string_view of_ours) noexcept {
  try {
    const std::filesystem::path folder = path_of(path);
    if (is_link(folder)) return;
    {
      const Descriptor lock(open_file(folder / lock_name, to_lock));
      if (lock.number() < 0) return;  // it is in use
      remove_files(folder, of_ours);
    }
    ::RemoveDirectoryW(folder.c_str());
  } catch (const std::exception&) {
    // It stays for the next time.
  }
}

}  // namespace swr::tool
