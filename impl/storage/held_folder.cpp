#include "storage/held_folder.h"

#include <algorithm>
#include <utility>

#include "storage/paths.h"

namespace swr {

namespace {

const char* last_name(const std::string& path) {
  const size_t slash = path.rfind('/');
  return path.c_str() + (slash == std::string::npos ? 0 : slash + 1);
}

}  // namespace

HeldFolder::HeldFolder(const std::string& path, system::Links links) noexcept
    : held_(system::hold_folder(path.c_str(), links)) {}

HeldFolder HeldFolder::of(const std::string& path) noexcept {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return HeldFolder(system::hold_folder(".", system::Links::follow));
  if (slash > system::longest_path)
    return HeldFolder({system::Handle::none, std::errc::filename_too_long});
  const size_t end = std::max(slash, root_bytes(path));
  char folder[system::longest_path + 1];
  std::copy_n(path.begin(), end, folder);
  folder[end] = '\0';
  return HeldFolder(system::hold_folder(folder, system::Links::follow));
}

HeldFolder::HeldFolder(HeldFolder&& other) noexcept
    : held_(std::exchange(other.held_, {system::Handle::none, std::errc::bad_file_descriptor})) {}

HeldFolder& HeldFolder::operator=(HeldFolder&& other) noexcept {
  std::swap(held_, other.held_);
  return *this;
}

HeldFolder::~HeldFolder() {
  if (held_) static_cast<void>(system::close(held_.value));
}

system::ResultOf<system::Handle> HeldFolder::open(const std::string& path,
                                                  system::Access access) const {
  if (!held_) return held_;
  return system::open_in(held_.value, last_name(path), access);
}

system::Result HeldFolder::facts(const std::string& path, system::Facts& found) const noexcept {
  if (!held_) return {held_.reason};
  return system::facts_in(held_.value, last_name(path), found);
}

system::Result HeldFolder::replace(const std::string& from, const std::string& to) const noexcept {
  if (!held_) return {held_.reason};
  return system::replace_in(held_.value, last_name(from), last_name(to));
}

system::Result HeldFolder::rename_new(const std::string& from,
                                      const std::string& to) const noexcept {
  if (!held_) return {held_.reason};
  return system::rename_new_in(held_.value, last_name(from), last_name(to));
}

system::Result HeldFolder::remove(const std::string& path) const noexcept {
  if (!held_) return {held_.reason};
  return system::remove_in(held_.value, last_name(path));
}

system::Result remove_if_named(const Identity& file, const std::string& name) noexcept {
  const HeldFolder folder = HeldFolder::of(name);
  system::Facts facts;
  const auto known = folder.facts(name, facts);
  if (system::means_absent(known.reason)) return {};
  if (!known || !file.is_of(identity_of(facts), true)) return known;
  const auto removed = folder.remove(name);
  return system::means_absent(removed.reason) ? system::Result{} : removed;
}

}  // namespace swr
