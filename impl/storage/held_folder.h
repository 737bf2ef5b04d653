// A folder that is held open: operations act in this very folder, even if another process renames
// it or puts a symbolic link in its place meanwhile. A user who can rename the folder's entries can
// still do so between a check and an operation; but such a user could rename or remove those
// entries anyway.
#pragma once

#include <string>

#include "storage/identity.h"
#include "storage/platform.h"

namespace swr {

// Allocates nothing, since a rollback may run without memory. Only the last name of a path is used.
class HeldFolder {
 public:
  HeldFolder() = default;
  // Links::no_follow: no part of the path may be a symbolic link, so that a path that was found to
  // be inside a folder cannot be redirected out of it.
  HeldFolder(const std::string& path, system::Links links) noexcept;
  static HeldFolder of(const std::string& path) noexcept;  // the folder of the path's last name
  HeldFolder(HeldFolder&& other) noexcept;
  HeldFolder& operator=(HeldFolder&& other) noexcept;
  ~HeldFolder();

  std::errc reason() const { return held_.reason; }  // why the folder could not be opened

  system::ResultOf<system::Handle> open(const std::string& path, system::Access access) const;
  system::Result facts(const std::string& path, system::Facts& found) const noexcept;
  system::Result replace(const std::string& from, const std::string& to) const noexcept;
  system::Result rename_new(const std::string& from, const std::string& to) const noexcept;
  system::Result remove(const std::string& path) const noexcept;

 private:
  explicit HeldFolder(system::ResultOf<system::Handle> held) noexcept : held_(held) {}

  system::ResultOf<system::Handle> held_{system::Handle::none, std::errc::bad_file_descriptor};
};

// Removes the name if it belongs to this file. Does nothing if it belongs to another file, or to
// none.
system::Result remove_if_named(const Identity& file, const std::string& name) noexcept;

}  // namespace swr
