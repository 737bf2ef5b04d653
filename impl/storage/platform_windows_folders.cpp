// Folders on Windows: opening, holding, listing and flushing them.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "storage/platform_windows.h"

// Not in the headers.
extern "C" NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE folder, HANDLE event, void* routine,
                                               void* context, IO_STATUS_BLOCK* done, void* buffer,
                                               ULONG bytes, FILE_INFORMATION_CLASS kind,
                                               BOOLEAN one_entry, UNICODE_STRING* pattern,
                                               BOOLEAN again);

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

// What is in an open folder, some names at a time.
class Names {
 public:
  // `pattern`: as for the shell, or null for all names.
  Names(HANDLE folder, const wchar_t* pattern) : folder_(folder) {
    if (pattern) ::RtlInitUnicodeString(&pattern_, pattern);
  }

  // Whether there are further names.
  bool read() {
    IO_STATUS_BLOCK done;
    status_ =
        NtQueryDirectoryFile(folder_, nullptr, nullptr, nullptr, &done, buffer_, sizeof buffer_,
                             both_names_class, FALSE, pattern_.Buffer ? &pattern_ : nullptr, FALSE);
    return status_ >= 0;
  }

  // Those that were read last.
  template <typename Take>
  void pass(const Take& take) const {
    size_t at = 0, next = 0;
    do {
      at += next;
      FILE_BOTH_DIR_INFORMATION entry;
      constexpr size_t head = offsetof(FILE_BOTH_DIR_INFORMATION, FileName);
      std::memcpy(&entry, buffer_ + at, head);
      wchar_t name[longest_name + 1];
      const size_t units = std::min<size_t>(entry.FileNameLength / sizeof name[0], longest_name);
      std::memcpy(name, buffer_ + at + head, units * sizeof name[0]);
      name[units] = L'\0';
      take(static_cast<const wchar_t*>(name));
      next = entry.NextEntryOffset;
    } while (next > 0);
  }

  // Why read() returned false; nothing if all names were read.
  std::errc reason() const {
    constexpr ULONG no_more = 0x80000006, none_matches = 0xC000000F;
    const auto status = static_cast<ULONG>(status_);
    return status == no_more || status == none_matches ? std::errc{} : reason_of_status(status_);
  }

 private:
  static constexpr auto both_names_class = static_cast<FILE_INFORMATION_CLASS>(3);

  HANDLE folder_;
  UNICODE_STRING pattern_{};
  NTSTATUS status_ = 0;
  alignas(8) unsigned char buffer_[8192] = {};
};

// Calls `take` with each name in the folder that matches the pattern; null: with all of them. Not
// with FindFirstFile(), which lets nobody remove the folder meanwhile, or rename what is in it.
template <typename Take>
std::errc find(const char* folder, const wchar_t* pattern, const Take& take) {
  const KernelPath place(folder);
  if (place.reason() != std::errc{}) return place.reason();
  Opened opened;
  NTSTATUS status = opened.open(Place(place), FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);
  if (status < 0) return reason_of_status(status);
  Names names(opened.get(), pattern);
  while (names.read()) names.pass(take);
  return names.reason();
}

}  // namespace

Result list(const char* folder, void (*take)(void* user, const char* name), void* user) {
  return {find(folder, nullptr, [&](const wchar_t* entry) {
    char name[4 * longest_name];
    narrow(entry, name, sizeof name);
    if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) take(user, name);
  })};
}

void sweep_unnamed(const char* folder) {
  static_cast<void>(find(folder, L".swr-unnamed-*", [&](const wchar_t* entry) {
    KernelPath path(folder);
    if (NameOfUnnamed::matches(entry) && path.append_entry(entry)) remove_if_closed(Place(path));
  }));
}

}  // namespace swr::system
