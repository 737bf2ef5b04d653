// Names of files on Windows: giving, taking, replacing and removing them.
#include <cstddef>
#include <cstring>
#include <iterator>

#include "storage/platform_windows.h"

namespace swr::system::on_windows {

namespace {

// Kinds of requests. The enumeration of the headers ends before the newer ones.
constexpr ULONG rename_class = 10;
constexpr ULONG link_class = 11;
constexpr ULONG disposition_class = 13;
constexpr ULONG disposition_ex_class = 64;
constexpr ULONG rename_ex_class = 65;

constexpr ULONG rename_replaces = 1, rename_posix = 2, rename_ignores_read_only = 0x40;
constexpr ULONG delete_it = 1, delete_posix = 2, delete_ignores_read_only = 0x10;

constexpr NTSTATUS access_denied = static_cast<NTSTATUS>(0xC0000022);
constexpr NTSTATUS sharing_violation = static_cast<NTSTATUS>(0xC0000043);
constexpr NTSTATUS cannot_delete = static_cast<NTSTATUS>(0xC0000121);
constexpr NTSTATUS name_collision = static_cast<NTSTATUS>(0xC0000035);

// Whether the system or the file system does not have this kind of request: Windows before 10,
// FAT, some servers, wine.
bool is_unsupported(NTSTATUS status) {
  switch (static_cast<ULONG>(status)) {
    case 0xC0000002:               // not implemented
    case 0xC0000003:               // invalid information class
    case 0xC000000D:               // invalid parameter
    case 0xC0000010:               // invalid device request
    case 0xC00000BB: return true;  // not supported
    default: return false;
  }
}

NTSTATUS set_information(HANDLE file, IO_STATUS_BLOCK* done, void* request, ULONG bytes,
                         ULONG kind) {
  using Call = NTSTATUS(NTAPI*)(HANDLE, IO_STATUS_BLOCK*, void*, ULONG, ULONG);
  const auto call = reinterpret_cast<Call>(reinterpret_cast<void*>(&::NtSetInformationFile));
  return call(file, done, request, bytes, kind);
}

// FILE_RENAME_INFORMATION and FILE_LINK_INFORMATION with their name, which follows the structure.
struct NameRequest {
  union {
    BOOLEAN replaces;  // of the older requests
    ULONG flags;
  };
  HANDLE folder;
  ULONG bytes;
  wchar_t name[longest_path + 40];
};

NTSTATUS request_name(HANDLE file, ULONG kind, ULONG flags, const Place& to) {
  NameRequest request;
  request.flags = flags;
  request.folder = to.folder;
  request.bytes = static_cast<ULONG>(to.length * sizeof(wchar_t));
  std::memcpy(request.name, to.text, request.bytes);
  IO_STATUS_BLOCK done;
  return set_information(
      file, &done, &request,
      static_cast<ULONG>(offsetof(NameRequest, name)) + request.bytes + ULONG{sizeof(wchar_t)},
      kind);
}

// Renames with the semantics of POSIX, under which the replaced file may be open; otherwise as the
// file system can.
NTSTATUS rename(HANDLE file, const Place& to, bool replaces) {
  const ULONG flags = replaces ? rename_replaces : 0;
  const NTSTATUS status =
      request_name(file, rename_ex_class, flags | rename_posix | rename_ignores_read_only, to);
  return is_unsupported(status) ? request_name(file, rename_class, flags, to) : status;
}

NTSTATUS open_to_rename(Opened& file, const Place& place) {
  return file.open(place, DELETE | FILE_READ_ATTRIBUTES, FILE_OPEN, FILE_OPEN_REPARSE_POINT);
}

// Another name in the folder of a file, which begins with `begin`.
class AsideName {
 public:
  AsideName(const Place& beside, const wchar_t* begin) : folder_(beside.folder) {
    const NameOfUnnamed name;
    size_t folder = beside.length;
    while (folder > 0 && beside.text[folder - 1] != L'\\') --folder;
    if (!name.is_made() || folder + 32 > std::size(text_)) return;
    std::memcpy(text_, beside.text, folder * sizeof(wchar_t));
    length_ = folder;
    for (const wchar_t* part : {begin, name.random()}) {
      for (; *part; ++part) text_[length_++] = *part;
    }
  }
  bool is_made() const { return length_ > 0; }
  Place place() const { return {text_, length_, folder_}; }

 private:
  wchar_t text_[longest_path + 40];
  size_t length_ = 0;
  HANDLE folder_;
};

bool is_same_file(HANDLE file, const Place& other) {
  Facts a, b;
  return facts_of(file, a) && facts_at(other, Links::no_follow, b) && a.device == b.device &&
         a.inode == b.inode;
}

// Removes a file that is read-only, where the request to ignore that is unknown.
NTSTATUS dispose_read_only(HANDLE file) {
  FILE_BASIC_INFO facts{};
  if (!::GetFileInformationByHandleEx(file, FileBasicInfo, &facts, sizeof facts))
    return cannot_delete;
  FILE_BASIC_INFO writable{};
  writable.FileAttributes = facts.FileAttributes & ~DWORD{FILE_ATTRIBUTE_READONLY};
  if (writable.FileAttributes == 0) writable.FileAttributes = FILE_ATTRIBUTE_NORMAL;
  if (!::SetFileInformationByHandle(file, FileBasicInfo, &writable, sizeof writable))
    return cannot_delete;
  FILE_DISPOSITION_INFO wanted{TRUE};
  IO_STATUS_BLOCK done;
  const NTSTATUS status = set_information(file, &done, &wanted, sizeof wanted, disposition_class);
  // Its other names stay.
  writable.FileAttributes = facts.FileAttributes;
  static_cast<void>(::SetFileInformationByHandle(file, FileBasicInfo, &writable, sizeof writable));
  return status;
}

NTSTATUS dispose_as_before_windows_10(HANDLE file) {
  FILE_DISPOSITION_INFO wanted{TRUE};
  IO_STATUS_BLOCK done;
  const NTSTATUS status = set_information(file, &done, &wanted, sizeof wanted, disposition_class);
  return status == cannot_delete ? dispose_read_only(file) : status;
}

// Elsewhere a file of which one name is being removed cannot be opened by its others, if at all,
// until it is closed: such names are of no use. Asks to remove nothing.
bool removes_names_at_once(HANDLE file) {
  ULONG flags = delete_posix;
  IO_STATUS_BLOCK done;
  return set_information(file, &done, &flags, sizeof flags, disposition_ex_class) >= 0;
}

// Removes the file. Where that takes effect only when it is closed, it gets another name first, so
// that its own is free at once; sweep_unnamed() removes it if the process dies in between.
NTSTATUS dispose(HANDLE file, const Place& place, bool is_folder) {
  ULONG flags = delete_it | delete_posix | delete_ignores_read_only;
  IO_STATUS_BLOCK done;
  const NTSTATUS status = set_information(file, &done, &flags, sizeof flags, disposition_ex_class);
  if (!is_unsupported(status)) return status;
  const AsideName aside(place, NameOfUnnamed::begin);
  const bool is_moved = !is_folder && aside.is_made() && rename(file, aside.place(), false) >= 0;
  const NTSTATUS older = dispose_as_before_windows_10(file);
  if (older < 0 && is_moved) static_cast<void>(rename(file, place, false));
  return older;
}

// For systems that replace no file while it is open, even by ourselves: the old file gets another
// name first, and is removed when it is closed. Between the two renames nothing has the name; a
// process that dies then leaves the old file under the other name, where nobody removes it.
// `refusal`: of the plain rename. If there is no old file, it stands: `file` is a folder with a
// file that is open.
Result replace_open_file(HANDLE file, const Place& to, NTSTATUS refusal) {
  Opened old;
  if (open_to_rename(old, to) < 0) return result_of(refusal);
  const AsideName aside(to, L".set-aside.swr-");
  if (!aside.is_made()) return {std::errc::filename_too_long};
  const NTSTATUS moved = rename(old.get(), aside.place(), false);
  if (moved < 0) return result_of(moved);
  const NTSTATUS named = rename(file, to, false);
  if (named < 0) {
    static_cast<void>(rename(old.get(), to, false));
    return result_of(named);
  }
  static_cast<void>(dispose_as_before_windows_10(old.get()));
  return {};
}

}  // namespace

Result set_disposition(HANDLE file, bool removed) {
  FILE_DISPOSITION_INFO wanted{static_cast<BOOLEAN>(removed)};
  IO_STATUS_BLOCK done;
  return result_of(set_information(file, &done, &wanted, sizeof wanted, disposition_class));
}

Result rename_new(HANDLE file, const Place& to) {
  return result_of(rename(file, to, false));
}

Result rename_new(const Place& from, const Place& to) {
  Opened file;
  const NTSTATUS opened = open_to_rename(file, from);
  return opened < 0 ? result_of(opened) : rename_new(file.get(), to);
}

Result replace(const Place& from, const Place& to) {
  Opened file;
  const NTSTATUS opened = open_to_rename(file, from);
  if (opened < 0) return result_of(opened);
  if (is_same_file(file.get(), to)) return {};  // both names stay, as POSIX says
  const NTSTATUS status = rename(file.get(), to, true);
  const bool is_open = status == access_denied || status == sharing_violation ||
                       status == cannot_delete || status == name_collision;
  return is_open ? replace_open_file(file.get(), to, status) : result_of(status);
}

Result remove(const Place& place, bool is_folder) {
  Opened file;
  const ULONG options =
      FILE_OPEN_REPARSE_POINT | (is_folder ? FILE_DIRECTORY_FILE : FILE_NON_DIRECTORY_FILE);
  const ACCESS_MASK access = DELETE | FILE_READ_ATTRIBUTES;
  NTSTATUS status = file.open(place, access | FILE_WRITE_ATTRIBUTES, FILE_OPEN, options);
  if (status == access_denied) status = file.open(place, access, FILE_OPEN, options);
  return result_of(status < 0 ? status : dispose(file.get(), place, is_folder));
}

void remove_if_closed(const Place& place) {
  Opened file;
  const NTSTATUS opened =
      file.open(place, DELETE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, FILE_OPEN,
                FILE_OPEN_REPARSE_POINT | FILE_NON_DIRECTORY_FILE, 0);
  if (opened >= 0 && !is_link(file.get()))
    static_cast<void>(dispose_as_before_windows_10(file.get()));
}

}  // namespace swr::system::on_windows

namespace swr::system {

using namespace on_windows;

Result replace_in(Handle folder, const char* from, const char* to) {
  const EntryName old_name(from), new_name(to);
  if (old_name.reason() != std::errc{}) return {old_name.reason()};
  if (new_name.reason() != std::errc{}) return {new_name.reason()};
  return on_windows::replace(Place(folder, old_name), Place(folder, new_name));
}

Result rename_new_in(Handle folder, const char* from, const char* to) {
  const EntryName old_name(from), new_name(to);
  if (old_name.reason() != std::errc{}) return {old_name.reason()};
  if (new_name.reason() != std::errc{}) return {new_name.reason()};
  return on_windows::rename_new(Place(folder, old_name), Place(folder, new_name));
}

Result remove_in(Handle folder, const char* name) {
  const EntryName entry(name);
  if (entry.reason() != std::errc{}) return {entry.reason()};
  return on_windows::remove(Place(folder, entry), false);
}

Result publish(Handle file, const char* to) {
  const KernelPath path(to);
  if (path.reason() != std::errc{}) return {path.reason()};
  if (const auto kept = set_disposition(handle_of(file), false); !kept) return kept;
  const auto named = on_windows::rename_new(handle_of(file), Place(path));
  if (!named) static_cast<void>(set_disposition(handle_of(file), true));
  return named;
}

Result replace(const char* from, const char* to) {
  const KernelPath old_path(from), new_path(to);
  if (old_path.reason() != std::errc{}) return {old_path.reason()};
  if (new_path.reason() != std::errc{}) return {new_path.reason()};
  return on_windows::replace(Place(old_path), Place(new_path));
}

// The file systems that remove a name at once also replace it so. If nobody can say, it does not.
bool replaces_at_once(const char* to) {
  const KernelPath path(to);
  if (path.reason() != std::errc{}) return false;
  Opened file;
  return open_to_rename(file, Place(path)) >= 0 && removes_names_at_once(file.get());
}

Result rename_new(const char* from, const char* to) {
  const KernelPath old_path(from), new_path(to);
  if (old_path.reason() != std::errc{}) return {old_path.reason()};
  if (new_path.reason() != std::errc{}) return {new_path.reason()};
  return on_windows::rename_new(Place(old_path), Place(new_path));
}

// Windows has no such call.
Result exchange(const char*, const char*) {
  return {std::errc::function_not_supported};
}

Result add_name(const char* of, const char* further) {
  const KernelPath path(of), new_path(further);
  if (path.reason() != std::errc{}) return {path.reason()};
  if (new_path.reason() != std::errc{}) return {new_path.reason()};
  Opened file;
  const NTSTATUS opened =
      file.open(Place(path), DELETE | FILE_WRITE_ATTRIBUTES, FILE_OPEN, FILE_OPEN_REPARSE_POINT);
  if (opened < 0) return result_of(opened);
  if (!removes_names_at_once(file.get())) return {std::errc::operation_not_supported};
  const NTSTATUS linked = request_name(file.get(), link_class, 0, Place(new_path));
  if (is_unsupported(linked)) return {std::errc::operation_not_supported};
  return result_of(linked);
}

Result remove(const char* path) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {place.reason()};
  return on_windows::remove(Place(place), false);
}

Result remove_folder(const char* path) {
  const KernelPath place(path);
  if (place.reason() != std::errc{}) return {place.reason()};
  return on_windows::remove(Place(place), true);
}

}  // namespace swr::system
