// The platform of the fault tests on Windows: the linker puts these functions in the place of those
// of storage/platform_windows*.cpp (--wrap, see CMakeLists.txt), which they call.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <cerrno>
#include <cstdio>

#include "fault_plan.h"

namespace swr::system {

using faulty::Call;
using faulty::strikes;

namespace {

std::errc last_reason() {
  return std::errc{errno};
}

}  // namespace

// The symbol of a function of platform.h, as it is in the objects: wrap_<name>() is called in its
// place and calls real_<name>().
#define SWR_SEAM(type, name, symbol, ...)              \
  type real_##name(__VA_ARGS__) asm("__real_" symbol); \
  type wrap_##name(__VA_ARGS__) asm("__wrap_" symbol)

// A call that fails when its turn has come, and otherwise is the real one.
#define SWR_CALL(type, none, kind, name, symbol, parameters, arguments) \
  type real_##name parameters asm("__real_" symbol);                    \
  type wrap_##name parameters asm("__wrap_" symbol);                    \
  type wrap_##name parameters {                                         \
    if (strikes(kind)) return type none;                                \
    return real_##name arguments;                                       \
  }
#define SWR_RESULT \
  { last_reason() }
#define SWR_COUNT \
  { {}, last_reason() }
#define SWR_HANDLE \
  { Handle::none, last_reason() }

SWR_CALL(ResultOf<Handle>, SWR_HANDLE, Call::open, open_folder,
         "_ZN3swr6system11open_folderEPKcNS0_5LinksE", (const char* path, Links links),
         (path, links))
SWR_CALL(ResultOf<Handle>, SWR_HANDLE, Call::open, hold_folder,
         "_ZN3swr6system11hold_folderEPKcNS0_5LinksE", (const char* path, Links links),
         (path, links))
SWR_CALL(ResultOf<Handle>, SWR_HANDLE, Call::open, open_in,
         "_ZN3swr6system7open_inENS0_6HandleEPKcNS0_6AccessE",
         (Handle folder, const char* name, Access access), (folder, name, access))
SWR_CALL(ResultOf<Handle>, SWR_HANDLE, Call::duplicate, duplicate,
         "_ZN3swr6system9duplicateENS0_6HandleE", (Handle file), (file))
SWR_CALL(ResultOf<size_t>, SWR_COUNT, Call::pread, read, "_ZN3swr6system4readENS0_6HandleEPvyx",
         (Handle file, void* buffer, size_t bytes, int64_t offset), (file, buffer, bytes, offset))
SWR_CALL(Result, SWR_RESULT, Call::ftruncate, resize, "_ZN3swr6system6resizeENS0_6HandleEx",
         (Handle file, int64_t size), (file, size))
SWR_CALL(Result, SWR_RESULT, Call::fallocate, reserve, "_ZN3swr6system7reserveENS0_6HandleExx",
         (Handle file, int64_t offset, int64_t bytes), (file, offset, bytes))
SWR_CALL(Result, SWR_RESULT, Call::rename, replace_in,
         "_ZN3swr6system10replace_inENS0_6HandleEPKcS3_",
         (Handle folder, const char* from, const char* to), (folder, from, to))
SWR_CALL(Result, SWR_RESULT, Call::rename_new, rename_new_in,
         "_ZN3swr6system13rename_new_inENS0_6HandleEPKcS3_",
         (Handle folder, const char* from, const char* to), (folder, from, to))
SWR_CALL(Result, SWR_RESULT, Call::unlink, remove_in, "_ZN3swr6system9remove_inENS0_6HandleEPKc",
         (Handle folder, const char* name), (folder, name))
SWR_CALL(Result, SWR_RESULT, Call::may, may, "_ZN3swr6system3mayEPKcNS0_4WishE",
         (const char* path, Wish wish), (path, wish))
SWR_CALL(Result, SWR_RESULT, Call::link, publish, "_ZN3swr6system7publishENS0_6HandleEPKc",
         (Handle file, const char* to), (file, to))
SWR_CALL(Result, SWR_RESULT, Call::rename, replace, "_ZN3swr6system7replaceEPKcS2_",
         (const char* from, const char* to), (from, to))
SWR_CALL(Result, SWR_RESULT, Call::rename_new, rename_new, "_ZN3swr6system10rename_newEPKcS2_",
         (const char* from, const char* to), (from, to))
SWR_CALL(Result, SWR_RESULT, Call::link, add_name, "_ZN3swr6system8add_nameEPKcS2_",
         (const char* of, const char* further), (of, further))
SWR_CALL(Result, SWR_RESULT, Call::unlink, remove, "_ZN3swr6system6removeEPKc", (const char* path),
         (path))
SWR_CALL(Result, SWR_RESULT, Call::mkdir, make_folder, "_ZN3swr6system11make_folderEPKcj",
         (const char* path, uint32_t mode), (path, mode))
SWR_CALL(Result, SWR_RESULT, Call::rmdir, remove_folder, "_ZN3swr6system13remove_folderEPKc",
         (const char* path), (path))
SWR_CALL(Result, SWR_RESULT, Call::open, list, "_ZN3swr6system4listEPKcPFvPvS2_ES3_",
         (const char* folder, void (*take)(void* user, const char* name), void* user),
         (folder, take, user))
SWR_CALL(Result, SWR_RESULT, Call::fchmod, set_mode, "_ZN3swr6system8set_modeENS0_6HandleEj",
         (Handle file, uint32_t mode), (file, mode))
SWR_CALL(Result, SWR_RESULT, Call::fchown, set_owner, "_ZN3swr6system9set_ownerENS0_6HandleEjj",
         (Handle file, uint32_t owner, uint32_t group), (file, owner, group))
SWR_CALL(Result, SWR_RESULT, Call::lock, lock, "_ZN3swr6system4lockENS0_6HandleENS0_4LockExb",
         (Handle file, Lock kind, int64_t byte, bool wait), (file, kind, byte, wait))
SWR_CALL(ResultOf<bool>, SWR_COUNT, Call::lock, is_locked, "_ZN3swr6system9is_lockedENS0_6HandleEx",
         (Handle file, int64_t byte), (file, byte))

SWR_SEAM(ResultOf<Handle>, open_existing,
         "_ZN3swr6system13open_existingEPKcNS0_6AccessENS0_5LinksE", const char* path,
         Access access, Links links);
SWR_SEAM(ResultOf<Handle>, create_new, "_ZN3swr6system10create_newEPKcj", const char* path,
         uint32_t mode);
SWR_SEAM(ResultOf<Handle>, create_unnamed, "_ZN3swr6system14create_unnamedEPKcj",
         const char* folder, uint32_t mode);
SWR_SEAM(Result, close, "_ZN3swr6system5closeENS0_6HandleE", Handle file);
SWR_SEAM(ResultOf<size_t>, write, "_ZN3swr6system5writeENS0_6HandleEPKvyx", Handle file,
         const void* buffer, size_t bytes, int64_t offset);
SWR_SEAM(ResultOf<size_t>, write_through, "_ZN3swr6system13write_throughENS0_6HandleEPKvyx",
         Handle file, const void* buffer, size_t bytes, int64_t offset);
SWR_SEAM(Result, flush, "_ZN3swr6system5flushENS0_6HandleE", Handle file);
SWR_SEAM(Result, flush_folder, "_ZN3swr6system12flush_folderENS0_6HandleE", Handle folder);
SWR_SEAM(Result, facts_of_open, "_ZN3swr6system5factsENS0_6HandleERNS0_5FactsE", Handle file,
         Facts& found);
SWR_SEAM(Result, facts_at, "_ZN3swr6system5factsEPKcNS0_5LinksERNS0_5FactsE", const char* path,
         Links links, Facts& found);
SWR_SEAM(Result, facts_in, "_ZN3swr6system8facts_inENS0_6HandleEPKcRNS0_5FactsE", Handle folder,
         const char* name, Facts& found);
SWR_SEAM(void, machine_name, "_ZN3swr6system12machine_nameEPcy", char* name, size_t bytes);
SWR_SEAM(void, boot_name, "_ZN3swr6system9boot_nameEPcy", char* name, size_t bytes);

ResultOf<Handle> wrap_open_existing(const char* path, Access access, Links links) {
  if (strikes(Call::open)) return SWR_HANDLE;
  const auto opened = real_open_existing(path, access, links);
  Facts found;
  if (opened) faulty::count(&faulty::Looks::opened, real_facts_of_open(opened.value, found), found);
  return opened;
}

namespace {

ResultOf<Handle> known_as_new(ResultOf<Handle> made) {
  Facts found;
  if (made && real_facts_of_open(made.value, found)) faulty::forget(found);
  return made;
}

}  // namespace

ResultOf<Handle> wrap_create_new(const char* path, uint32_t mode) {
  if (strikes(Call::open, true)) return SWR_HANDLE;
  return known_as_new(real_create_new(path, mode));
}

ResultOf<Handle> wrap_create_unnamed(const char* folder, uint32_t mode) {
  if (strikes(Call::open, true)) return SWR_HANDLE;
  if (!faulty::unnamed_files) return {Handle::none, std::errc::operation_not_supported};
  return known_as_new(real_create_unnamed(folder, mode));
}

Result wrap_close(Handle file) {
  const bool fails = strikes(Call::close);
  const Result failed{last_reason()};
  const Result done = real_close(file);
  return fails ? failed : done;
}

ResultOf<size_t> wrap_write(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  if (strikes(Call::pwrite)) {
    if (!faulty::halves(bytes)) return SWR_COUNT;
    bytes /= 2;
  }
  const auto put = real_write(file, buffer, bytes, offset);
  faulty::die_after_half();
  faulty::count_written(static_cast<int64_t>(put.value));
  return put;
}

ResultOf<size_t> wrap_write_through(Handle file, const void* buffer, size_t bytes, int64_t offset) {
  return wrap_write(file, buffer, bytes, offset);
}

// Nobody looks at the disk itself: no need to wait for it.
Result wrap_flush(Handle) {
  if (strikes(Call::fsync)) return SWR_RESULT;
  return {};
}

Result wrap_flush_folder(Handle folder) {
  return wrap_flush(folder);
}

Result wrap_facts_of_open(Handle file, Facts& found) {
  if (strikes(Call::facts)) return SWR_RESULT;
  const Result known = real_facts_of_open(file, found);
  faulty::count(&faulty::Looks::looked_at, known, found);
  return faulty::as_original(known, found);
}

Result wrap_facts_at(const char* path, Links links, Facts& found) {
  if (strikes(Call::facts)) return SWR_RESULT;
  const Result known = real_facts_at(path, links, found);
  faulty::count(&faulty::Looks::looked_at, known, found);
  return faulty::as_original(known, found);
}

Result wrap_facts_in(Handle folder, const char* name, Facts& found) {
  if (strikes(Call::facts)) return SWR_RESULT;
  return faulty::as_original(real_facts_in(folder, name, found), found);
}

void wrap_machine_name(char* name, size_t bytes) {
  std::snprintf(name, bytes, "%s", faulty::machine.c_str());
}

void wrap_boot_name(char* name, size_t bytes) {
  std::snprintf(name, bytes, "%s", faulty::boot.c_str());
}

}  // namespace swr::system

namespace swr::faulty {

system::Result real_facts(const char* path, system::Links links, system::Facts& found) {
  return system::real_facts_at(path, links, found);
}

}  // namespace swr::faulty
