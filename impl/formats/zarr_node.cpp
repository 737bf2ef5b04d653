#include "formats/zarr_node.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "storage/file.h"

namespace swr {
namespace {

std::string in_folder(const std::string& folder, std::string_view name) {
  return text(folder, '/', name);
}

// The metadata of an array or group in the folder; empty if there is none. Version 3 first: a
// folder may have both, for programs that know version 2 only.
std::string metadata_in(const std::string& folder, OpenFiles& files) {
  for (const std::string_view name : {zarr_node_name, zarr_array_name, zarr_group_name}) {
    std::string path = in_folder(folder, name);
    if (!files.is_there(path)) continue;
    refuse_links(folder, name);
    return path;
  }
  return {};
}

Json read_document(const std::string& path, OpenFiles& files) {
  const std::shared_ptr<const File> file = files.open(path);
  if (file->size() > static_cast<int64_t>(most_json_bytes)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": has ", file->size(), " bytes; swr reads ", most_json_bytes,
         " at most");
  }
  return parse_json(read_head(*file, file->size()), path);
}

// Attributes are in the metadata itself, or in a file beside it.
Json attributes_of(const std::string& metadata, const Json& document, OpenFiles& files) {
  if (name_of(metadata) == zarr_node_name) {
    const Json* const attributes = document.find("attributes");
    return attributes ? *attributes : Json();
  }
  const std::string folder = folder_of(metadata);
  const std::string path = in_folder(folder, zarr_attributes_name);
  if (!files.is_there(path)) return {};
  refuse_links(folder, zarr_attributes_name);
  return read_document(path, files);
}

// A name in a file of others: it must stay in the folder.
void check_inside(const std::string& name, const std::string& where) {
  bool is_inside = !name.empty() && name.front() != '/' && name.find('\\') == name.npos &&
                   name.find('\0') == name.npos && name.find(':') == name.npos;
  for (size_t begin = 0, end; begin <= name.size(); begin = end + 1) {
    end = std::min(name.find('/', begin), name.size());
    is_inside = is_inside && name.substr(begin, end - begin) != "..";
  }
  if (!is_inside)
    fail(SWR_ERROR_UNSUPPORTED, where, ": \"", name, "\" is not the path of an array in the group");
}

// Of a group.
class GroupReader {
 public:
  GroupReader(const std::string& folder, const std::string& metadata, const Json& document,
              OpenFiles& files)
      : folder_(folder), metadata_(metadata), files_(files) {
    node_.group_folder = folder;
    node_.group_path = metadata;
    node_.attributes = attributes_of(metadata, document, files);
    node_.ngff = read_ngff(node_.attributes, metadata);
  }

  ZarrNode find() {
    const std::string name = files_.dataset().empty() ? finest() : files_.dataset();
    check_inside(name, metadata_);
    refuse_links(folder_, name);
    node_.folder = in_folder(folder_, name);
    node_.array_path = metadata_in(node_.folder, files_);
    if (node_.array_path.empty())
      fail(SWR_ERROR_NOT_FOUND, metadata_, ": there is no array \"", name, "\"");
    node_.array = read_document(node_.array_path, files_);
    if (is_zarr_group(node_.array, node_.array_path))
      fail(SWR_ERROR_UNSUPPORTED, metadata_, ": \"", name, "\" is a group, not an array");
    find_level(name);
    if (!node_.ngff) node_.attributes = attributes_of(node_.array_path, node_.array, files_);
    return std::move(node_);
  }

 private:
  std::string finest() const {
    if (node_.ngff) return node_.ngff->levels.at(0).path;
    fail(SWR_ERROR_UNSUPPORTED, metadata_,
         ": this group does not say which of its arrays is an image; name the folder of one");
  }

  // An array that is no level of the image has nothing from its group.
  void find_level(const std::string& name) {
    if (!node_.ngff) return;
    const auto& levels = node_.ngff->levels;
    const auto found = std::ranges::find(levels, name, &NgffLevel::path);
    if (found == levels.end()) {
      node_.ngff.reset();
    } else {
      node_.level = static_cast<size_t>(found - levels.begin());
    }
  }

  const std::string& folder_;
  const std::string& metadata_;
  OpenFiles& files_;
  ZarrNode node_;
};

// Whether one of the several resolutions of an image in the group is the array of this name.
bool has_level(const ZarrMultiscale& group, const std::string& name) {
  const auto ngff = read_ngff(group.attributes, group.path);
  return ngff && ngff->levels.size() > 1 &&
         std::ranges::find(ngff->levels, name, &NgffLevel::path) != ngff->levels.end();
}

}  // namespace

std::optional<ZarrNode> find_zarr_node(const std::string& path, OpenFiles& files) {
  const bool is_given = !files.is_folder(path);
  const std::string metadata = is_given ? path : metadata_in(path, files);
  if (metadata.empty()) return std::nullopt;
  const std::string folder = is_given ? folder_of(path) : path;
  Json document = read_document(metadata, files);
  if (is_zarr_group(document, metadata)) {
    return GroupReader(folder, metadata, document, files).find();
  }
  ZarrNode node;
  node.array_path = metadata;
  node.folder = folder;
  node.attributes = attributes_of(metadata, document, files);
  node.array = std::move(document);
  return node;
}

std::optional<ZarrMultiscale> find_zarr_multiscale(const std::string& array_folder,
                                                   OpenFiles& files) try {
  constexpr int most_groups = 8;
  std::string inner = array_folder, name;
  for (int depth = 0; depth < most_groups; ++depth) {
    ZarrMultiscale group;
    group.folder = folder_of(inner);
    group.path = group.folder == inner ? "" : metadata_in(group.folder, files);
    if (group.path.empty()) break;
    const Json document = read_document(group.path, files);
    if (!is_zarr_group(document, group.path)) break;
    group.attributes = attributes_of(group.path, document, files);
    name = name.empty() ? name_of(inner) : text(name_of(inner), '/', name);
    if (has_level(group, name)) return group;
    inner = group.folder;
  }
  return std::nullopt;
} catch (const Error&) {
  return std::nullopt;
}

}  // namespace swr
