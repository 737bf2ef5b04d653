#include "formats/zarr_folder.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "formats/zarr_metadata.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr int most_depth = 64;
constexpr std::array<std::string_view, 5> metadata_names = {
    zarr_array_name, zarr_group_name, zarr_attributes_name, zarr_node_name, ".zmetadata"};

bool is_metadata(const std::string& name) {
  return std::ranges::find(metadata_names, name) != metadata_names.end();
}

// Of a file or folder of chunks, such as "0", "2.0.1", "c" and "c.2.0".
bool is_of_chunks(std::string_view name) {
  if (name == "c") return true;
  if (name.starts_with("c.")) name.remove_prefix(2);
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         name.find("..") == name.npos && name.find_first_not_of("0123456789.") == name.npos;
}

[[noreturn]] void refuse(const std::string& path, const std::string& other) {
  fail(SWR_ERROR_EXISTS, path, ": a new image would replace this folder, and ", other,
       " is no part of a Zarr array or group; move it away, or write to another name");
}

// `is_node`: it must have metadata. The folders of chunks in an array have none.
void check(const std::string& root, const std::string& folder, bool is_node, int depth) {
  const std::vector<std::string> names = names_in(folder);
  const bool has_metadata = std::ranges::any_of(names, is_metadata);
  if (depth > most_depth || (is_node && !has_metadata)) refuse(root, folder);
  for (const std::string& name : names) {
    const std::string entry = text(folder, '/', name);
    const auto facts = facts_if_there(entry, system::Links::no_follow);
    if (!facts) continue;
    if (facts->kind == system::Facts::Kind::folder) {
      check(root, entry, !is_of_chunks(name), depth + 1);
    } else if (facts->kind != system::Facts::Kind::file ||
               (!is_metadata(name) && !is_of_chunks(name))) {
      refuse(root, entry);
    }
  }
}

}  // namespace

void refuse_other_than_zarr(const std::string& path) {
  if (!is_folder(path) || names_in(path).empty()) return;
  check(path, path, true, 0);
}

}  // namespace swr
