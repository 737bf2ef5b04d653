#include "formats/zarr_folder.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "formats/zarr_metadata.h"
#include "storage/file.h"
#include "storage/sweep.h"

namespace swr {
namespace {

constexpr int most_depth = 64;
constexpr size_t most_headers = 64;  // a process may not have many open files
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

// What a writer of the folder's array has beside the metadata, or left there when it died. `names`:
// those in the folder, sorted. Asked about each of perhaps very many chunks.
bool is_staged(const std::string& folder, const std::vector<std::string>& names,
               const std::string& name) {
  return name.front() == '.' && std::ranges::any_of(metadata_names, [&](std::string_view other) {
           return std::ranges::binary_search(names, other) &&
                  is_unfinished(name, text(folder, '/', other));
         });
}

// `is_node`: it must have metadata. The folders of chunks in an array have none.
void check(const std::string& root, const std::string& folder, bool is_node, int depth) {
  const std::vector<std::string> names = names_in(folder);
  const bool has_metadata = std::ranges::any_of(names, is_metadata);
  if (depth > most_depth || (is_node && !has_metadata)) refuse(root, folder);
  for (const std::string& name : names) {
    const std::string entry = text(folder, '/', name);
    const auto facts = facts_if_there(entry, system::Links::no_follow);
    if (!facts || is_staged(folder, names, name)) continue;
    if (facts->kind == system::Facts::Kind::folder) {
      check(root, entry, !is_of_chunks(name), depth + 1);
    } else if (facts->kind != system::Facts::Kind::file ||
               (!is_metadata(name) && !is_of_chunks(name))) {
      refuse(root, entry);
    }
  }
}

void find_headers(const std::string& folder, int depth, std::vector<std::string>& headers) {
  bool is_node = false;
  for (const std::string_view name : {zarr_array_name, zarr_node_name, zarr_group_name}) {
    const std::string path = text(folder, '/', name);
    if (!file_exists(path)) continue;
    is_node = true;
    headers.push_back(path);
  }
  if (!is_node || depth > most_depth) return;
  for (const std::string& name : names_in(folder)) {
    const std::string inner = text(folder, '/', name);
    if (headers.size() < most_headers && is_folder(inner, system::Links::no_follow))
      find_headers(inner, depth + 1, headers);
  }
}

}  // namespace

std::vector<std::string> zarr_headers_in(const std::string& path) {
  std::vector<std::string> headers;
  if (is_folder(path)) find_headers(path, 0, headers);
  return headers;
}

void refuse_other_than_zarr(const std::string& path) {
  if (!is_folder(path) || names_in(path).empty()) return;
  check(path, path, true, 0);
}

}  // namespace swr
