// A folder that is held open: what is done in it is done in this very folder, whoever renames it or
// puts a symbolic link in its place meanwhile. Who can rename its entries still can, between a look
// and an act; but what they get under a name there is theirs to rename or to remove anyway.
#pragma once

#include <string>

#include "storage/identity.h"
#include "storage/platform.h"

namespace swr {

// Takes no memory: a rollback may have none. Names are those of entries; a path stands for its last
// name.
class HeldFolder {
 public:
  HeldFolder() = default;
  // Links::no_follow: no part of the path may be a symbolic link, so that a path that was found to
  // be inside another folder cannot lead out of it any more.
  HeldFolder(const std::string& path, system::Links links) noexcept;
  static HeldFolder of(const std::string& path) noexcept;  // in which the path's last name is
  HeldFolder(HeldFolder&& other) noexcept;
  HeldFolder& operator=(HeldFolder&& other) noexcept;
  ~HeldFolder();

  std::errc reason() const { return held_.reason; }  // why it is not held

  system::ResultOf<system::Handle> open(const std::string& path, system::Access access) const;
  system::Result facts(const std::string& path, system::Facts& found) const noexcept;
  system::Result replace(const std::string& from, const std::string& to) const noexcept;
  system::Result rename_new(const std::string& from, const std::string& to) const noexcept;
  system::Result remove(const std::string& path) const noexcept;

 private:
  explicit HeldFolder(system::ResultOf<system::Handle> held) noexcept : held_(held) {}

  system::ResultOf<system::Handle> held_{system::Handle::none, std::errc::bad_file_descriptor};
};

// Takes the name away from this file. Nothing happens if another one, or none, has it.
system::Result remove_if_named(const Identity& file, const std::string& name) noexcept;

}  // namespace swr
