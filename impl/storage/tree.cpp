#include "storage/tree.h"

#include <cstring>
#include <utility>

namespace swr {
namespace {

using Kind = system::Facts::Kind;

// Needs no memory of the heap: it runs when there is none, too.
class Remover {
 public:
  system::Result begin(const std::string& path) noexcept {
    const auto real = system::real_path(path.c_str(), path_, system::longest_path);
    if (!real) return {real.reason};
    path_[length_ = real.value] = '\0';
    return {};
  }

  // What cannot be removed makes the removal of its folder fail, so that it need not be noted.
  system::Result remove_folder() noexcept {
    const auto held = system::hold_folder(path_, system::Links::no_follow);
    if (!held) return {held.reason};
    const system::Handle outer = std::exchange(folder_, held.value);
    const auto listed = system::list(path_, take, this);
    folder_ = outer;
    static_cast<void>(system::close(held.value));
    return listed ? system::remove_folder(path_) : listed;
  }

 private:
  static void take(void* remover, const char* name) {
    static_cast<Remover*>(remover)->remove_entry(name);
  }

  void remove_entry(const char* name) noexcept {
    system::Facts facts;
    if (!system::facts_in(folder_, name, facts)) return;
    if (facts.kind != Kind::folder) {
      static_cast<void>(system::remove_in(folder_, name));
      return;
    }
    const size_t before = length_, bytes = std::strlen(name);
    if (before + 1 + bytes > system::longest_path) return;
    path_[before] = '/';
    std::memcpy(path_ + before + 1, name, bytes + 1);
    length_ = before + 1 + bytes;
    static_cast<void>(remove_folder());
    path_[length_ = before] = '\0';
  }

  char path_[system::longest_path + 1] = {};
  size_t length_ = 0;
  system::Handle folder_ = system::Handle::none;  // that of the path
};

}  // namespace

system::Result remove_tree(const std::string& path) noexcept {
  system::Facts facts;
  const auto known = system::facts(path.c_str(), system::Links::no_follow, facts);
  if (system::means_absent(known.reason)) return {};
  if (!known) return known;
  if (facts.kind != Kind::folder) return {};
  Remover remover;
  const auto begun = remover.begin(path);
  return begun ? remover.remove_folder() : begun;
}

}  // namespace swr
