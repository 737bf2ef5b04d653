#include "storage/tree.h"

#include <new>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "storage/held_folder.h"

namespace swr {
namespace {

using Kind = system::Facts::Kind;

// What cannot be removed makes the removal of its folder fail, so that it need not be noted.
void remove_entries(const std::string& folder) {
  std::vector<std::string> folders;
  {
    const HeldFolder held(folder, system::Links::no_follow);
    for (const std::string& name : names_in(folder)) {
      system::Facts facts;
      if (!held.facts(name, facts)) continue;
      if (facts.kind == Kind::folder) {
        folders.push_back(text(folder, '/', name));
      } else {
        static_cast<void>(held.remove(name));
      }
    }
  }
  for (const std::string& each : folders) {
    remove_entries(each);
    static_cast<void>(system::remove_folder(each.c_str()));
  }
}

}  // namespace

system::Result remove_tree(const std::string& path) noexcept {
  try {
    const auto facts = facts_if_there(path, system::Links::no_follow);
    if (!facts || facts->kind != Kind::folder) return {};
    remove_entries(text(real_folder_of(path), '/', name_of(path)));
  } catch (const std::bad_alloc&) {
    return {std::errc::not_enough_memory};
  } catch (const std::exception&) {
    return {std::errc::io_error};
  }
  return system::remove_folder(path.c_str());
}

}  // namespace swr
