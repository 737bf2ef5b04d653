#include "storage/platform_windows.h"

#include <bcrypt.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace swr::system {

using namespace on_windows;

namespace {

OVERLAPPED at(int64_t offset) {
  OVERLAPPED place{};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return place;
}

constexpr ACCESS_MASK new_file_access = FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE;
ResultOf<Handle> create_at(const KernelPath& path) {
  if (path.reason() != std::errc{}) return {Handle::none, path.reason()};
  Opened file;
  const NTSTATUS status =
      file.open(Place(path), new_file_access, FILE_CREATE, FILE_NON_DIRECTORY_FILE);
  if (status >= 0) return {file.release()};
  const bool is_going = status == static_cast<NTSTATUS>(0xC0000056);  // its name is not free yet
  return {Handle::none, is_going ? std::errc::file_exists : reason_of_status(status)};
}

}  // namespace

bool means_quota_exceeded(std::errc) {
  return false;  // is a full disk here
}

ResultOf<Handle> open_existing(const char* path, Access access, Links links) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {Handle::none, place.reason()};
  return opened_at(Place(place), access_of(access), FILE_OPEN,
                   FILE_NON_DIRECTORY_FILE | options_of(links));
}

ResultOf<Handle> create_new(const char* path, uint32_t) {
  return create_at(KernelPath(path));
}

// The file has a name, but nobody can open it, and it disappears with its last handle, at the
// latest when the process ends. If that happens before the mark is set, sweep_unnamed() removes it.
ResultOf<Handle> create_unnamed(const char* folder, uint32_t) {
  for (int tries = 0; tries < 100; ++tries) {
    const NameOfUnnamed name;
    if (!name.is_made()) return {Handle::none, std::errc::io_error};
    KernelPath path(folder);
    if (path.reason() == std::errc{} && !path.append_entry(name.text))
      return {Handle::none, std::errc::filename_too_long};
    const auto made = create_at(path);
    if (made.reason == std::errc::file_exists) continue;
    if (!made) return made;
    const auto going = set_disposition(handle_of(made.value), true);
    if (going) return made;
    static_cast<void>(on_windows::remove(Place(path), false));
    static_cast<void>(close(made.value));
    return {Handle::none, going.reason};
  }
  return {Handle::none, std::errc::file_exists};
}

Result close(Handle file) {
  return result_of(::NtClose(handle_of(file)));
}

ResultOf<Handle> duplicate(Handle file) {
  HANDLE again = nullptr;
  const HANDLE here = ::GetCurrentProcess();
  if (!::DuplicateHandle(here, handle_of(file), here, &again, 0, FALSE, DUPLICATE_SAME_ACCESS))
    return {Handle::none, reason_of(::GetLastError())};
  return {handle_from(again)};
}

ResultOf<size_t> read(Handle file, void* buffer, size_t bytes, int64_t offset) {
  OVERLAPPED place = at(offset);
  DWORD got = 0;
  if (::ReadFile(handle_of(file), buffer, static_cast<DWORD>(bytes), &got, &place)) return {got};
  const DWORD error = ::GetLastError();
  if (error == ERROR_HANDLE_EOF) return {0};
  return {0, reason_of(error)};
}

ResultOf<size_t> write(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  OVERLAPPED place = at(offset);
  DWORD put = 0;
  if (::WriteFile(handle_of(file), buffer, static_cast<DWORD>(bytes), &put, &place)) return {put};
  return {0, reason_of(::GetLastError())};
}

ResultOf<size_t> write_through(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  return write(file, buffer, bytes, offset);
}

Result flush(Handle file) {
  return result_of(::FlushFileBuffers(handle_of(file)));
}

// NTFS writes zeros up to the first byte that is written far behind the end, except into a sparse
// file.
Result resize(Handle file, int64_t size) {
  constexpr int64_t large = int64_t{1} << 20;
  LARGE_INTEGER now{};
  if (::GetFileSizeEx(handle_of(file), &now) && size - now.QuadPart > large) {
    DWORD none = 0;
    static_cast<void>(::DeviceIoControl(handle_of(file), FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0,
                                        &none, nullptr));
  }
  FILE_END_OF_FILE_INFO end{};
  end.EndOfFile.QuadPart = size;
  return result_of(
      ::SetFileInformationByHandle(handle_of(file), FileEndOfFileInfo, &end, sizeof end));
}

Result reserve(Handle file, int64_t offset, int64_t bytes) {
  FILE_STANDARD_INFO now{};
  if (!::GetFileInformationByHandleEx(handle_of(file), FileStandardInfo, &now, sizeof now))
    return {reason_of(::GetLastError())};
  const int64_t end = offset + bytes;
  if (end > now.AllocationSize.QuadPart) {
    FILE_ALLOCATION_INFO space{};
    space.AllocationSize.QuadPart = end;
    if (!::SetFileInformationByHandle(handle_of(file), FileAllocationInfo, &space, sizeof space))
      return {reason_of(::GetLastError())};
  }
  if (end <= now.EndOfFile.QuadPart) return {};
  FILE_END_OF_FILE_INFO longer{};
  longer.EndOfFile.QuadPart = end;
  return result_of(
      ::SetFileInformationByHandle(handle_of(file), FileEndOfFileInfo, &longer, sizeof longer));
}

void will_need(Handle, int64_t, int64_t) {}

Result facts(Handle file, Facts& found) {
  return facts_of(handle_of(file), found);
}

int64_t file_clock() {
  FILETIME now;
  ::GetSystemTimeAsFileTime(&now);
  const int64_t ticks = int64_t{now.dwHighDateTime} << 32 | now.dwLowDateTime;
  return (ticks - 116'444'736'000'000'000) * 100;
}

Result facts(const char* path, Links links, Facts& found) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {place.reason()};
  return facts_at(Place(place), links, found);
}

Result may(const char* path, Wish wish) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {place.reason()};
  Opened file;
  return result_of(wish == Wish::change_file
                       ? file.open(Place(place), FILE_WRITE_DATA, FILE_OPEN, 0)
                       : file.open(Place(place), FILE_ADD_FILE, FILE_OPEN, FILE_DIRECTORY_FILE));
}

Result set_mode(Handle file, uint32_t mode) {
  FILE_BASIC_INFO facts{};
  if (!::GetFileInformationByHandleEx(handle_of(file), FileBasicInfo, &facts, sizeof facts))
    return {reason_of(::GetLastError())};
  DWORD wanted = facts.FileAttributes & ~DWORD{FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_NORMAL};
  if ((mode & 0200) == 0) wanted |= FILE_ATTRIBUTE_READONLY;
  if (wanted == (facts.FileAttributes & ~DWORD{FILE_ATTRIBUTE_NORMAL})) return {};
  facts = {};  // the times stay
  facts.FileAttributes = wanted ? wanted : FILE_ATTRIBUTE_NORMAL;
  return result_of(
      ::SetFileInformationByHandle(handle_of(file), FileBasicInfo, &facts, sizeof facts));
}

// Owners are no numbers: all files have owner and group 0, and this user too.
Result set_owner(Handle, uint32_t, uint32_t) {
  return {};
}

ResultOf<size_t> attribute_names(const char*, char*, size_t) {
  return {0, std::errc::operation_not_supported};
}

ResultOf<size_t> attribute(const char*, const char*, void*, size_t) {
  return {0, std::errc::operation_not_supported};
}

ResultOf<size_t> attribute(Handle, const char*, void*, size_t) {
  return {0, std::errc::operation_not_supported};
}

Result set_attribute(Handle, const char*, const void*, size_t) {
  return {std::errc::operation_not_supported};
}

Result remove_attribute(Handle, const char*) {
  return {std::errc::operation_not_supported};
}

// A file that holds a lock of a byte gets no other one of it: the old lock is released first. If
// the new one is refused, none is held.
Result lock(Handle file, Lock kind, int64_t byte, bool wait) {
  OVERLAPPED place = at(byte);
  const BOOL had = ::UnlockFileEx(handle_of(file), 0, 1, 0, &place);
  const DWORD why = had ? ERROR_NOT_LOCKED : ::GetLastError();
  const bool has_none = why == ERROR_NOT_LOCKED || why == ERROR_LOCK_VIOLATION;  // the latter: wine
  if (!has_none) return {reason_of(why)};
  if (kind == Lock::none) return {};
  const DWORD flags = (kind == Lock::exclusive ? LOCKFILE_EXCLUSIVE_LOCK : 0) |
                      (wait ? 0 : LOCKFILE_FAIL_IMMEDIATELY);
  place = at(byte);
  return result_of(::LockFileEx(handle_of(file), flags, 0, 1, 0, &place));
}

// Tries a shared lock, so that several can ask at the same time. Who wants to know holds no lock.
ResultOf<bool> is_locked(Handle file, int64_t byte) {
  OVERLAPPED place = at(byte);
  if (::LockFileEx(handle_of(file), LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place)) {
    ::UnlockFileEx(handle_of(file), 0, 1, 0, &place);
    return {false};
  }
  const std::errc reason = reason_of(::GetLastError());
  if (reason == std::errc::resource_unavailable_try_again) return {true};
  return {false, reason};
}

Result fill_random(std::span<unsigned char> bytes) {
  return result_of(::BCryptGenRandom(nullptr, bytes.data(), static_cast<ULONG>(bytes.size()),
                                     BCRYPT_USE_SYSTEM_PREFERRED_RNG));
}

void machine_name(char* name, size_t bytes) {
  wchar_t wide[64] = L"";
  DWORD room = sizeof wide;
  if (::RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Cryptography", L"MachineGuid",
                     RRF_RT_REG_SZ, nullptr, wide, &room) != ERROR_SUCCESS)
    wide[0] = L'\0';
  char id[128], host[128];
  narrow(wide, id, sizeof id);
  DWORD units = std::size(wide);
  if (!::GetComputerNameW(wide, &units)) wide[0] = L'\0';
  narrow(wide, host, sizeof host);
  std::snprintf(name, bytes, "%s@%s", id, host);
}

// The time of the start, which the system changes with its clock: two names of one start are
// taken for two starts then, never two starts for one.
void boot_name(char* name, size_t bytes) {
  struct TimeOfDay {
    LARGE_INTEGER start;
    char rest[40];
  } found{};
  ULONG got = 0;
  name[0] = '\0';
  if (::NtQuerySystemInformation(SystemTimeOfDayInformation, &found, sizeof found, &got) >= 0)
    std::snprintf(name, bytes, "windows-%lld", static_cast<long long>(found.start.QuadPart));
}

uint32_t process() {
  return ::GetCurrentProcessId();
}

uint32_t effective_user() {
  return 0;
}

}  // namespace swr::system
