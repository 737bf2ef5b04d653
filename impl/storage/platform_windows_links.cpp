// Symbolic links and junctions on Windows.
#include <algorithm>
#include <cstring>

#include "storage/platform_windows.h"

namespace swr::system {

using namespace on_windows;

namespace {

constexpr size_t longest_wide = longest_path + 40;

// The name that the system gives an open file: "\\?\C:\a", "\\?\UNC\server\share\a", or
// "\\?\Volume{...}\a" where the volume has no letter. Servers that cannot tell the whole name
// tell the one by which it was opened. Returns its length, or 0.
DWORD final_name(HANDLE file, wchar_t* name) {
  for (const DWORD how :
       {FILE_NAME_NORMALIZED | VOLUME_NAME_DOS, FILE_NAME_OPENED | VOLUME_NAME_DOS,
        FILE_NAME_NORMALIZED | VOLUME_NAME_GUID}) {
    const DWORD units = ::GetFinalPathNameByHandleW(file, name, longest_wide, how);
    if (units > 0 && units < longest_wide) return units;
  }
  return 0;
}

// The same from wine, which otherwise says no names of more than 260 characters. On Windows the
// name begins with "\Device", and is of no use.
DWORD object_name(HANDLE file, wchar_t* name) {
  constexpr auto name_class = static_cast<OBJECT_INFORMATION_CLASS>(1);
  struct Answer {
    UNICODE_STRING name;
    wchar_t letters[longest_wide];
  } found{};
  ULONG bytes = 0;
  if (::NtQueryObject(file, name_class, &found, sizeof found, &bytes) < 0) return 0;
  const size_t units = found.name.Length / sizeof(wchar_t);
  if (units >= longest_wide || std::wcsncmp(found.name.Buffer, L"\\??\\", 4) != 0) return 0;
  std::memcpy(name, found.name.Buffer, found.name.Length);
  name[units] = L'\0';
  name[1] = L'\\';
  return static_cast<DWORD>(units);
}

// The name without its prefix, where another one stays: "C:\a", "\\server\share\a".
const wchar_t* without_prefix(wchar_t* name) {
  if (std::wcsncmp(name, L"\\\\?\\UNC\\", 8) == 0) {
    name[6] = L'\\';
    return name + 6;
  }
  const bool has_letter = std::wcsncmp(name, L"\\\\?\\", 4) == 0 && name[4] && name[5] == L':';
  return has_letter ? name + 4 : name;
}

// As UTF-8 with slashes, without a zero at the end; returns its length.
ResultOf<size_t> put_text(const wchar_t* name, char* buffer, size_t bytes) {
  char text[4 * longest_path];
  narrow(name, text, sizeof text);
  const size_t length = std::strlen(text);
  if (length == 0 || length > bytes) return {0, std::errc::filename_too_long};
  std::replace_copy(text, text + length, buffer, '\\', '/');
  return {length};
}

}  // namespace

ResultOf<size_t> read_link(const char* path, char* buffer, size_t bytes) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {0, place.reason()};
  Opened link;
  const NTSTATUS status =
      link.open(Place(place), FILE_READ_ATTRIBUTES, FILE_OPEN, FILE_OPEN_REPARSE_POINT);
  if (status < 0) return {0, reason_of_status(status)};
  // The head of a symbolic link: tag, length, reserved; places of the names; flags; names.
  struct SymbolicLink {
    ULONG tag;
    USHORT bytes, reserved;
    USHORT name_at, name_bytes, shown_at, shown_bytes;
    ULONG is_relative;
    wchar_t names[8192];
  } found{};
  DWORD got = 0;
  if (!is_link(link.get()) ||
      !::DeviceIoControl(link.get(), FSCTL_GET_REPARSE_POINT, nullptr, 0, &found,
                         sizeof found - sizeof(wchar_t), &got, nullptr) ||
      found.tag != IO_REPARSE_TAG_SYMLINK)
    return {0, std::errc::invalid_argument};
  const size_t names_bytes = sizeof found.names - sizeof(wchar_t);
  if (found.name_at > names_bytes || found.name_bytes > names_bytes - found.name_at)
    return {0, std::errc::io_error};
  wchar_t* name = found.names + found.name_at / sizeof(wchar_t);
  name[found.name_bytes / sizeof(wchar_t)] = L'\0';
  if (std::wcsncmp(name, L"\\??\\", 4) == 0) name[1] = L'\\';
  return put_text(name, buffer, bytes);
}

ResultOf<size_t> real_path(const char* path, char* buffer, size_t bytes) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {0, place.reason()};
  Opened file;
  const NTSTATUS status = file.open(Place(place), FILE_READ_ATTRIBUTES, FILE_OPEN, 0);
  if (status < 0) return {0, reason_of_status(status)};
  wchar_t name[longest_wide];
  if (final_name(file.get(), name) == 0 && object_name(file.get(), name) == 0)
    return {0, std::errc::filename_too_long};
  return put_text(without_prefix(name), buffer, bytes);
}

}  // namespace swr::system
