// Folders on Windows: opening, holding, listing and flushing them.
#include <cstring>

#include "storage/platform_windows.h"

namespace swr::system {

using namespace on_windows;

namespace {

constexpr ACCESS_MASK held_folder_access = FILE_TRAVERSE | FILE_READ_ATTRIBUTES;

// Opens the path part by part, so that no part can be a link at the moment of its use.
ResultOf<Handle> open_without_links(const KernelPath& path) {
  // The root: "\??\C:\", or "\??\UNC\server\share\".
  const wchar_t* end = path.text() + 4;
  for (int names = std::wcsncmp(end, L"UNC\\", 4) == 0 ? 3 : 1; names > 0 && *end; ++end)
    names -= *end == L'\\';
  Place part(path);
  part.length = static_cast<size_t>(end - path.text());
  auto folder = opened_at(part, held_folder_access, FILE_OPEN, FILE_DIRECTORY_FILE);
  while (folder && *end) {
    const wchar_t* const begin = end;
    while (*end && *end != L'\\') ++end;
    part.text = begin;
    part.length = static_cast<size_t>(end - begin);
    part.folder = handle_of(folder.value);
    if (*end) ++end;
    if (part.length == 0) continue;
    const auto next = opened_at(part, held_folder_access, FILE_OPEN,
                                FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT);
    static_cast<void>(close(folder.value));
    folder = next;
  }
  return folder;
}

}  // namespace

// With the right to add files, without which a folder cannot be flushed, if this user has it.
ResultOf<Handle> open_folder(const char* path, Links links) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {Handle::none, place.reason()};
  const ULONG options = FILE_DIRECTORY_FILE | options_of(links);
  const auto folder =
      opened_at(Place(place), FILE_GENERIC_READ | FILE_ADD_FILE, FILE_OPEN, options);
  if (folder.reason != std::errc::permission_denied) return folder;
  return opened_at(Place(place), FILE_GENERIC_READ, FILE_OPEN, options);
}

Result flush_folder(Handle folder) {
  const Result done = flush(folder);
  // A user who may not add files has changed no entry; some file systems flush no folders.
  const bool has_none = done.reason == std::errc::permission_denied ||
                        done.reason == std::errc::invalid_argument ||
                        done.reason == std::errc::operation_not_supported;
  return has_none ? Result{} : done;
}

ResultOf<Handle> hold_folder(const char* path, Links links) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {Handle::none, place.reason()};
  if (links == Links::no_follow) return open_without_links(place);
  return opened_at(Place(place), held_folder_access, FILE_OPEN, FILE_DIRECTORY_FILE);
}

ResultOf<Handle> open_in(Handle folder, const char* name, Access access) {
  const EntryName entry(name);
  if (entry.reason() != std::errc{}) return {Handle::none, entry.reason()};
  return opened_at(Place(folder, entry), access_of(access), FILE_OPEN,
                   FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT);
}

Result facts_in(Handle folder, const char* name, Facts& found) {
  const EntryName entry(name);
  if (entry.reason() != std::errc{}) return {entry.reason()};
  return facts_at(Place(folder, entry), Links::no_follow, found);
}

Result make_folder(const char* path, uint32_t) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {place.reason()};
  Opened folder;
  return result_of(
      folder.open(Place(place), FILE_READ_ATTRIBUTES, FILE_CREATE, FILE_DIRECTORY_FILE));
}

namespace {

// Calls `take` with each entry of the folder that matches the pattern.
template <typename Take>
std::errc find(const char* folder, const wchar_t* pattern, const Take& take) {
  KernelPath place(folder);
  if (place.reason() != std::errc{}) return place.reason();
  if (!place.append_entry(pattern)) return std::errc::filename_too_long;
  place.make_win32();
  WIN32_FIND_DATAW entry;
  struct Search {
    HANDLE handle;
    ~Search() {
      if (handle != INVALID_HANDLE_VALUE) ::FindClose(handle);
    }
  } const search{::FindFirstFileW(place.text(), &entry)};
  if (search.handle == INVALID_HANDLE_VALUE) return reason_of(::GetLastError());
  do {
    take(entry);
  } while (::FindNextFileW(search.handle, &entry));
  const DWORD error = ::GetLastError();
  return error == ERROR_NO_MORE_FILES ? std::errc{} : reason_of(error);
}

}  // namespace

Result list(const char* folder, void (*take)(void* user, const char* name), void* user) {
  return {find(folder, L"*", [&](const WIN32_FIND_DATAW& entry) {
    char name[4 * longest_name];
    narrow(entry.cFileName, name, sizeof name);
    if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) take(user, name);
  })};
}

void sweep_unnamed(const char* folder) {
  static_cast<void>(find(folder, L".swr-unnamed-*", [&](const WIN32_FIND_DATAW& entry) {
    KernelPath path(folder);
    if (NameOfUnnamed::matches(entry.cFileName) && path.append_entry(entry.cFileName))
      remove_if_closed(Place(path));
  }));
}

}  // namespace swr::system
