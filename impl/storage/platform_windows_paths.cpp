// Paths, facts and reasons of failures on Windows.
#include <cstring>

#include "storage/platform_windows.h"

namespace swr::system::on_windows {

namespace {

// UTF-8 to UTF-16; the number of units without the zero at the end, or the reason.
ResultOf<size_t> widen(const char* text, wchar_t* wide, size_t room) {
  const int units =
      ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, static_cast<int>(room));
  if (units > 0) return {static_cast<size_t>(units) - 1};
  return {0, ::GetLastError() == ERROR_INSUFFICIENT_BUFFER ? std::errc::filename_too_long
                                                           : std::errc::invalid_argument};
}

bool starts_with(const wchar_t* text, const wchar_t* begin) {
  return std::wcsncmp(text, begin, std::wcslen(begin)) == 0;
}

constexpr DWORD disk_quota_exceeded = 1295;  // not in every header
constexpr int64_t ticks_in_second = 10'000'000, ticks_to_1970 = 11'644'473'600 * ticks_in_second;

int64_t nanoseconds(LARGE_INTEGER time) {
  return (time.QuadPart - ticks_to_1970) * 100;
}

// The clock that stamps files is set every 16 ms; that of a server, perhaps later. FAT stores even
// seconds.
int64_t tick_of(int64_t changed) {
  constexpr int64_t second = 1'000'000'000, of_clock = 20'000'000;
  return changed % second == 0 ? 2 * second : of_clock;
}

Facts::Kind kind_of(HANDLE file, DWORD attributes) {
  if (is_link(file)) return Facts::Kind::link;
  if (attributes & FILE_ATTRIBUTE_DIRECTORY) return Facts::Kind::folder;
  return ::GetFileType(file) == FILE_TYPE_DISK ? Facts::Kind::file : Facts::Kind::other;
}

// Windows decides by access lists who may do what; the mode has only what the file says itself.
uint32_t mode_of(DWORD attributes) {
  const uint32_t readable = attributes & FILE_ATTRIBUTE_DIRECTORY ? 0555 : 0444;
  return attributes & FILE_ATTRIBUTE_READONLY ? readable : readable | 0200;
}

}  // namespace

std::errc reason_of(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME: return std::errc::no_such_file_or_directory;
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_PARAMETER: return std::errc::invalid_argument;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: return std::errc::file_exists;
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD: return std::errc::permission_denied;
    case ERROR_SHARING_VIOLATION:
    case ERROR_USER_MAPPED_FILE: return std::errc::device_or_resource_busy;
    case ERROR_LOCK_VIOLATION:
    case ERROR_IO_PENDING: return std::errc::resource_unavailable_try_again;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case disk_quota_exceeded: return std::errc::no_space_on_device;
    case ERROR_FILE_TOO_LARGE: return std::errc::file_too_large;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES: return std::errc::not_enough_memory;
    case ERROR_TOO_MANY_OPEN_FILES: return std::errc::too_many_files_open;
    case ERROR_DIR_NOT_EMPTY: return std::errc::directory_not_empty;
    case ERROR_DIRECTORY: return std::errc::not_a_directory;
    case ERROR_FILENAME_EXCED_RANGE: return std::errc::filename_too_long;
    case ERROR_INVALID_FUNCTION:
    case ERROR_NOT_SUPPORTED:
    case ERROR_CALL_NOT_IMPLEMENTED: return std::errc::operation_not_supported;
    case ERROR_WRITE_PROTECT: return std::errc::read_only_file_system;
    case ERROR_TOO_MANY_LINKS: return std::errc::too_many_links;
    case ERROR_NOT_SAME_DEVICE: return std::errc::cross_device_link;
    case ERROR_INVALID_HANDLE: return std::errc::bad_file_descriptor;
    case ERROR_CANT_RESOLVE_FILENAME: return std::errc::too_many_symbolic_link_levels;
    case ERROR_OPERATION_ABORTED: return std::errc::interrupted;
    default: return std::errc::io_error;
  }
}

std::errc reason_of_status(NTSTATUS status) {
  switch (static_cast<ULONG>(status)) {
    case 0xC0000056:  // the name is being deleted, and is gone when the file is closed
      return std::errc::no_such_file_or_directory;
    case 0xC00000BA: return std::errc::is_a_directory;
    case 0xC0000103: return std::errc::not_a_directory;
    case 0xC0000121: return std::errc::permission_denied;  // cannot delete
    default: return reason_of(::RtlNtStatusToDosError(status));
  }
}

KernelPath::KernelPath(const char* path) {
  set(path);
  if (reason_ != std::errc{}) length_ = 0;
  text_[length_] = L'\0';
}

void KernelPath::set(const char* path) {
  wchar_t given[room], full[room];
  const auto units = widen(path, given, room);
  reason_ = units.reason;
  if (!units) return;
  if (units.value == 0) {
    reason_ = std::errc::no_such_file_or_directory;
    return;
  }
  for (wchar_t* at = given; *at; ++at) {
    if (*at == L'/') *at = L'\\';
  }
  DWORD length = ::GetFullPathNameW(given, room, full, nullptr);
  const wchar_t* rest = full;
  const wchar_t* begin = L"\\??\\";
  if (length == 0 || length >= room - 8) {
    reason_ = length == 0 ? reason_of(::GetLastError()) : std::errc::filename_too_long;
    return;
  }
  if (starts_with(full, L"\\\\?\\")) {
    rest += 4;
  } else if (starts_with(full, L"\\\\.\\")) {  // a device, such as "NUL"
    reason_ = std::errc::invalid_argument;
    return;
  } else if (starts_with(full, L"\\\\")) {
    rest += 2;
    begin = L"\\??\\UNC\\";
  }
  // Behind another colon is the name of a stream.
  const wchar_t* const colon = std::wcschr(rest, L':');
  if (colon && (colon != rest + 1 || std::wcschr(colon + 1, L':'))) {
    reason_ = std::errc::invalid_argument;
    return;
  }
  length_ = 0;
  if (!append(begin) || !append(rest)) reason_ = std::errc::filename_too_long;
}

bool KernelPath::append(const wchar_t* more) {
  const size_t units = std::wcslen(more);
  if (length_ + units >= room) return false;
  std::memcpy(text_ + length_, more, (units + 1) * sizeof(wchar_t));
  length_ += units;
  return true;
}

bool KernelPath::append_entry(const wchar_t* name) {
  const bool has_separator = length_ > 0 && text_[length_ - 1] == L'\\';
  return (has_separator || append(L"\\")) && append(name);
}

EntryName::EntryName(const char* name) {
  const auto units = widen(name, text_, longest_name + 1);
  reason_ = units.reason;
  length_ = units.value;
  if (reason_ == std::errc{} && (length_ == 0 || std::wcspbrk(text_, L"\\/:")))
    reason_ = std::errc::invalid_argument;
}

NameOfUnnamed::NameOfUnnamed() {
  unsigned char random[random_count];
  if (!fill_random(random)) return;
  std::wcscpy(text, begin);
  length = std::size(begin) - 1;
  for (const unsigned char byte : random)
    text[length++] = L"abcdefghijklmnopqrstuvwxyz012345"[byte % 32];
  text[length] = L'\0';
}

bool NameOfUnnamed::matches(const wchar_t* name) {
  return starts_with(name, begin) && std::wcslen(name) == std::size(begin) - 1 + random_count;
}

Opened::~Opened() {
  if (handle_) ::NtClose(handle_);
}

Handle Opened::release() {
  const Handle file = handle_from(handle_);
  handle_ = nullptr;
  return file;
}

NTSTATUS Opened::open(const Place& place, ACCESS_MASK access, ULONG disposition, ULONG options,
                      ULONG share) {
  UNICODE_STRING name;
  name.Buffer = const_cast<wchar_t*>(place.text);
  name.Length = name.MaximumLength = static_cast<USHORT>(place.length * sizeof(wchar_t));
  OBJECT_ATTRIBUTES object{};
  object.Length = sizeof object;
  object.RootDirectory = place.folder;
  object.ObjectName = &name;
  object.Attributes = OBJ_CASE_INSENSITIVE;
  IO_STATUS_BLOCK done;
  return ::NtCreateFile(&handle_, access | SYNCHRONIZE, &object, &done, nullptr,
                        FILE_ATTRIBUTE_NORMAL, share, disposition,
                        options | FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0);
}

ResultOf<Handle> opened_at(const Place& place, ACCESS_MASK access, ULONG disposition,
                           ULONG options) {
  Opened file;
  const NTSTATUS status = file.open(place, access, disposition, options);
  if (status < 0) return {Handle::none, reason_of_status(status)};
  if (options & FILE_OPEN_REPARSE_POINT && is_link(file.get())) {
    const bool is_folder = (options & FILE_DIRECTORY_FILE) != 0;
    return {Handle::none,
            is_folder ? std::errc::not_a_directory : std::errc::too_many_symbolic_link_levels};
  }
  return {file.release()};
}

void narrow(const wchar_t* wide, char* text, size_t bytes) {
  text[0] = '\0';
  if (::WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, static_cast<int>(bytes), nullptr,
                            nullptr) == 0)
    text[0] = '\0';
}

bool is_link(HANDLE file) {
  constexpr DWORD surrogate = 0x20000000;  // links and mount points; others stand for themselves
  FILE_ATTRIBUTE_TAG_INFO found{};
  return ::GetFileInformationByHandleEx(file, FileAttributeTagInfo, &found, sizeof found) &&
         (found.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) && (found.ReparseTag & surrogate);
}

Result facts_of(HANDLE file, Facts& found) {
  BY_HANDLE_FILE_INFORMATION all{};
  FILE_STANDARD_INFO standard{};
  FILE_BASIC_INFO basic{};
  if (!::GetFileInformationByHandle(file, &all) ||
      !::GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof standard) ||
      !::GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof basic))
    return {reason_of(::GetLastError())};
  const int64_t changed = nanoseconds(basic.ChangeTime);
  found = {.kind = kind_of(file, all.dwFileAttributes),
           .device = all.dwVolumeSerialNumber,
           // The number has a part that changes when its record is used again, so that the time of
           // birth, which programs can set, is not needed.
           .inode = uint64_t{all.nFileIndexHigh} << 32 | all.nFileIndexLow,
           .birth = 0,
           .modified = nanoseconds(basic.LastWriteTime),
           .changed = changed,
           .tick = tick_of(changed),
           .size = standard.EndOfFile.QuadPart,
           .mode = mode_of(all.dwFileAttributes),
           .owner = 0,
           .group = 0,
           .links = standard.DeletePending ? 0 : all.nNumberOfLinks};
  return {};
}

Result facts_at(const Place& place, Links links, Facts& found) {
  Opened file;
  const NTSTATUS opened = file.open(place, FILE_READ_ATTRIBUTES, FILE_OPEN,
                                    links == Links::no_follow ? FILE_OPEN_REPARSE_POINT : 0);
  return opened < 0 ? result_of(opened) : facts_of(file.get(), found);
}

}  // namespace swr::system::on_windows
