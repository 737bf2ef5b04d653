// Translates between Windows and the types of platform.h. Files are opened by calls of the kernel
// (Nt...), which can act in a folder that is held open, and say why they fail more exactly than
// those of Win32.
#pragma once

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <winioctl.h>
#include <winternl.h>

#include <iterator>

#include "storage/platform.h"

namespace swr::system::on_windows {

inline HANDLE handle_of(Handle file) {
  return reinterpret_cast<HANDLE>(file);
}
inline Handle handle_from(HANDLE file) {
  return Handle{reinterpret_cast<intptr_t>(file)};
}

std::errc reason_of(DWORD error);             // GetLastError()
std::errc reason_of_status(NTSTATUS status);  // of the calls of the kernel
inline Result result_of(NTSTATUS status) {
  return {status < 0 ? reason_of_status(status) : std::errc{}};
}
inline Result result_of(BOOL done) {
  return {done ? std::errc{} : reason_of(::GetLastError())};
}

// A path for the kernel: absolute, with "\??\" before the drive, so that names of devices have no
// meaning and it may be longer than 260 characters. Allocates nothing.
class KernelPath {
 public:
  explicit KernelPath(const char* path);
  std::errc reason() const { return reason_; }  // why there is no such path
  const wchar_t* text() const { return text_; }
  size_t length() const { return length_; }
  bool append(const wchar_t* more);        // false if the path would be too long
  bool append_entry(const wchar_t* name);  // the same, of an entry of this folder

 private:
  void set(const char* path);

  static constexpr size_t room = longest_path + 40;
  wchar_t text_[room];
  size_t length_ = 0;
  std::errc reason_{};
};

// The entry `name` of a folder, without a separator.
class EntryName {
 public:
  explicit EntryName(const char* name);
  std::errc reason() const { return reason_; }
  const wchar_t* text() const { return text_; }
  size_t length() const { return length_; }

 private:
  wchar_t text_[longest_name + 1];
  size_t length_ = 0;
  std::errc reason_{};
};

// Where something is, or will be: a whole path, or an entry of a folder that is held open.
struct Place {
  const wchar_t* text;
  size_t length;  // in units of UTF-16
  HANDLE folder = nullptr;

  Place(const wchar_t* name, size_t units, HANDLE in) : text(name), length(units), folder(in) {}
  explicit Place(const KernelPath& path) : text(path.text()), length(path.length()) {}
  Place(Handle in, const EntryName& name)
      : text(name.text()), length(name.length()), folder(handle_of(in)) {}
};

// The name of a file that has no name in the eyes of others, because it is new or is being removed:
// random, and like no other name of swr.
class NameOfUnnamed {
 public:
  NameOfUnnamed();
  bool is_made() const { return length > 0; }
  static bool matches(const wchar_t* name);
  const wchar_t* random() const { return text + std::size(begin) - 1; }

  static constexpr wchar_t begin[] = L".swr-unnamed-";
  static constexpr size_t random_count = 10;
  wchar_t text[std::size(begin) + random_count] = L"";
  size_t length = 0;
};

// Closes a handle at the end of its scope, unless it is released.
class Opened {
 public:
  Opened() = default;
  ~Opened();
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  // `disposition`, `options` and `share` are those of NtCreateFile. Every file that is open can be
  // renamed and removed.
  NTSTATUS open(const Place& place, ACCESS_MASK access, ULONG disposition, ULONG options,
                ULONG share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
  HANDLE get() const { return handle_; }
  Handle release();

 private:
  HANDLE handle_ = nullptr;
};

constexpr ULONG options_of(Links links) {
  return links == Links::no_follow ? FILE_OPEN_REPARSE_POINT : 0;
}
constexpr ACCESS_MASK access_of(Access access) {
  return access == Access::change ? FILE_GENERIC_READ | FILE_GENERIC_WRITE : FILE_GENERIC_READ;
}
// With the option FILE_OPEN_REPARSE_POINT it fails for links.
ResultOf<Handle> opened_at(const Place& place, ACCESS_MASK access, ULONG disposition,
                           ULONG options);

// UTF-16 to UTF-8; "" if there is not enough room.
void narrow(const wchar_t* wide, char* text, size_t bytes);
// Whether the open handle is that of a symbolic link or of a junction.
bool is_link(HANDLE file);
Result facts_of(HANDLE file, Facts& found);
Result facts_at(const Place& place, Links links, Facts& found);
Result replace(const Place& from, const Place& to);
Result rename_new(HANDLE file, const Place& to);
Result rename_new(const Place& from, const Place& to);
Result remove(const Place& place, bool is_folder);
// Does nothing if the file is open.
void remove_if_closed(const Place& place);
// Whether the file is removed when its last handle is closed.
Result set_disposition(HANDLE file, bool removed);

}  // namespace swr::system::on_windows
