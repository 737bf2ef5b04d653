// Models a folder on a disk during a power failure: the changes in order, and what may be left of
// them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/platform.h"

namespace swr::faulty {

class DiskModel {
 public:
  explicit DiskModel(const std::string& folder);  // its current content is on the disk

  void open(system::Handle file, const std::string& path, bool is_unnamed,
            const system::Facts& facts);
  void duplicate(system::Handle file, system::Handle second);
  void close(system::Handle file);
  void write(system::Handle file, int64_t offset, std::string_view data);
  void resize(system::Handle file, int64_t size);
  void sync(system::Handle file);
  void rename(const std::string& from, const std::string& to);
  void exchange(const std::string& one, const std::string& other);
  void link(const std::string& from, const std::string& to);
  void link_open(system::Handle file, const std::string& to);
  void remove(const std::string& path);
  void make_folder(const std::string& path);

  int64_t steps() const { return static_cast<int64_t>(steps_.size()); }
  bool leave(int64_t step, const std::function<bool()>& chance, const std::string& into);

 private:
  // A file or a folder; names in folders refer to it by its index.
  struct Node {
    bool is_folder = false;
    std::string bytes;
    std::map<std::string, size_t> names;
    system::Facts facts{};
  };
  struct Step {
    enum class Kind { write, resize, sync, name, rename, exchange, remove };
    Kind kind;
    size_t node;         // whose bytes or names change, or that is flushed
    int64_t offset = 0;  // or the size
    std::string data{};  // or the name
    std::string to{};    // rename: the new name; exchange: the other one
    size_t named = 0;    // name: the node that gets it
  };
  struct Place {
    size_t folder;
    std::string name;
    bool is_known;
  };
  static constexpr size_t unknown = static_cast<size_t>(-1);

  size_t load(const std::filesystem::path& path);
  Place place_of(const std::string& path) const;
  size_t node_at(const Place& place) const;
  void add(const Step& step);
  static void apply(std::vector<Node>& nodes, const Step& step);
  bool is_flushed(size_t at, size_t end) const;
  static void describe(const std::vector<Node>& nodes, size_t node, std::string& text);
  static void save(const std::vector<Node>& nodes, size_t node, const std::filesystem::path& path);

  std::filesystem::path root_;
  std::vector<Node> first_;  // at the beginning of the recording; node 0 is the folder
  std::vector<Node> now_;
  std::vector<Step> steps_;
  std::map<system::Handle, size_t> open_;
  std::set<size_t> left_;  // the hash of each result that leave() has made
};

}  // namespace swr::faulty
