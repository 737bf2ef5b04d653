#include "walk/folder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

namespace swr::walk {

namespace fs = std::filesystem;

namespace {

bool close(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::abs(x - y) <= 1e-4 * std::max(1.0, std::abs(y));
  });
}

std::string listed(const std::vector<double>& values) {
  std::string words;
  for (const double value : values) words += " " + std::to_string(value);
  return words;
}

// What differs first, or nothing.
std::string difference(const ImageState& found, const ImageState& model) {
  if (!checked::same(found.region, model.region))
    return "the region is " + checked::text_of(found.region) + ", not " +
           checked::text_of(model.region);
  if (found.component != model.component || found.components != model.components)
    return std::string("the pixel type is ") + swr_component_name(found.component) + " x " +
           std::to_string(found.components) + ", not " + swr_component_name(model.component) +
           " x " + std::to_string(model.components);
  if (!close(found.spacing, model.spacing))
    return "the spacing is" + listed(found.spacing) + ", not" + listed(model.spacing);
  if (!close(found.origin, model.origin))
    return "the origin is" + listed(found.origin) + ", not" + listed(model.origin);
  if (!close(found.direction, model.direction))
    return "the direction is" + listed(found.direction) + ", not" + listed(model.direction);
  for (const auto& [key, value] : model.metadata) {
    const auto entry = std::find_if(found.metadata.begin(), found.metadata.end(),
                                    [&key = key](const auto& other) { return other.first == key; });
    if (entry == found.metadata.end()) return "the metadata has no " + key;
    if (entry->second != value)
      return "the metadata " + key + " is " + entry->second + ", not " + value;
  }
  if (found.encoding != model.encoding)
    return "the encoding is " + found.encoding + ", not " + model.encoding;
  if (found.pixels == model.pixels) return {};
  const auto at = std::mismatch(found.pixels.begin(), found.pixels.end(), model.pixels.begin());
  return "byte " + std::to_string(at.first - found.pixels.begin()) + " of the pixels differs";
}

// The files of the tests' own chunked format, from its header: see chunks/.
std::set<std::string> chunk_files(const std::string& header) {
  std::istringstream lines(load(header));
  std::string line, word;
  std::vector<int64_t> size, chunk;
  while (std::getline(lines, line) && chunk.empty()) {
    std::istringstream words(line);
    words >> word;
    std::vector<int64_t>* const list = word == "size" ? &size : word == "chunk" ? &chunk : nullptr;
    for (int64_t number = 0; list && words >> number;) list->push_back(number);
  }
  std::vector<std::string> names{header.substr(0, header.rfind('.')) + ".c"};
  for (size_t axis = 0; axis < chunk.size(); ++axis) {
    std::vector<std::string> longer;
    for (const std::string& name : names) {
      for (int64_t at = 0; at * chunk[axis] < size[axis]; ++at)
        longer.push_back(name + (axis > 0 ? "_" : "") + std::to_string(at));
    }
    names = std::move(longer);
  }
  return {names.begin(), names.end()};
}

// Nothing that a write has put there for a while.
void check_names_in(const std::string& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".swr-") != std::string::npos)
      throw Wrong(entry.path().string() + " should not be there");
  }
}

// The first smaller version has every second pixel, along axes of which it has fewer.
void check_level(const std::string& name, const ImageState& image) {
  const std::unique_ptr<swr_reader, decltype(&swr_reader_destroy)> reader(swr_reader_create(),
                                                                          swr_reader_destroy);
  swr_region level{};
  if (swr_reader_set_option(reader.get(), "pyramid.level", "1") != SWR_OK ||
      swr_reader_open(reader.get(), name.c_str()) != SWR_OK ||
      swr_reader_get_image_region(reader.get(), &level) != SWR_OK)
    throw Wrong(name + ", level: " + swr_reader_message(reader.get()));
  const auto pixel = static_cast<size_t>(image.pixel_bytes());
  Bytes found(static_cast<size_t>(checked::pixels_of(level)) * pixel);
  if (swr_reader_read(reader.get(), &level, found.data(), static_cast<int64_t>(found.size())) !=
      SWR_OK)
    throw Wrong(name + ", level: " + swr_reader_message(reader.get()));
  const int32_t n = image.region.dimensions;
  std::vector<int64_t> at(static_cast<size_t>(n)), step(at);
  bool is_smaller = false;
  for (int32_t axis = 0; axis < n; ++axis) {
    const int64_t size = image.region.size[axis];
    step[static_cast<size_t>(axis)] = level.size[axis] == size ? 1 : 2;
    is_smaller = is_smaller || level.size[axis] < size;
    if (level.size[axis] != size && level.size[axis] != (size + 1) / 2)
      throw Wrong(name + ", level: the region is " + checked::text_of(level));
  }
  if (!is_smaller && checked::pixels_of(image.region) > 1)
    throw Wrong(name + ", level: it is as large as the image");
  for (size_t to = 0; to < found.size(); to += pixel) {
    int64_t number = 0;
    for (int32_t axis = n - 1; axis >= 0; --axis) {
      const auto i = static_cast<size_t>(axis);
      number = number * image.region.size[axis] + at[i] * step[i];
    }
    if (!std::equal(found.begin() + static_cast<std::ptrdiff_t>(to),
                    found.begin() + static_cast<std::ptrdiff_t>(to + pixel),
                    image.pixels.begin() + number * static_cast<std::ptrdiff_t>(pixel)))
      throw Wrong(name + ", level: the pixel at byte " + std::to_string(to) + " differs");
    for (size_t axis = 0; axis < at.size() && ++at[axis] == level.size[axis]; ++axis) at[axis] = 0;
  }
}

}  // namespace

std::string load(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void save(const std::string& name, const std::string& bytes) {
  std::ofstream(name, std::ios::binary) << bytes;
}

std::set<std::string> Picture::files() const {
  std::set<std::string> all = more_data;
  all.insert({header, data});
  return all;
}

Picture named(const std::string& name) {
  const std::unique_ptr<swr_reader, decltype(&swr_reader_destroy)> reader(swr_reader_create(),
                                                                          swr_reader_destroy);
  const char* data = nullptr;
  if (swr_reader_open(reader.get(), name.c_str()) != SWR_OK ||
      swr_reader_get_data_file(reader.get(), &data) != SWR_OK)
    throw Wrong(name + ": " + swr_reader_message(reader.get()));
  Picture picture;
  picture.data = fs::path(data).filename().string();
  picture.header = name;
  if (name.ends_with(".zarr")) picture.data = name;
  // A NIfTI pair may be opened by either of its names, and compressed pixels have either header.
  if (const size_t at = name.rfind(".img"); at != std::string::npos) {
    picture.header = name.substr(0, at) + ".hdr" + name.substr(at + 4);
    if (!fs::exists(picture.header)) picture.header = name.substr(0, at) + ".hdr";
  }
  if (name.ends_with(".chunks")) {
    picture.more_data = chunk_files(name);
    picture.more_data.erase(picture.data);
  }
  return picture;
}

std::set<std::string> Folder::names() const {
  std::set<std::string> all;
  for (const auto& [name, picture] : images) all.merge(picture.files());
  for (const auto& [name, bytes] : others) all.insert(name);
  return all;
}

void Folder::accept(const std::string& name, ImageState state, bool has_level, bool replaces) {
  Picture picture = named(name);
  // Other names of the same header are names of the same image, which this one has replaced. The
  // pixels that a replaced header named may stay under another name, as a file of the user.
  std::set<std::string> orphans;
  std::erase_if(images, [&](const auto& other) {
    if (other.second.header != picture.header) return false;
    orphans.merge(other.second.files());
    return other.first != name;
  });
  const auto old = images.find(name);
  for (const std::string& file : picture.files()) {
    const bool was_its_own = old != images.end() && old->second.files().count(file) > 0;
    if (!was_its_own && is_taken(file)) throw Wrong(name + " has taken " + file);
  }
  picture.state = std::move(state);
  picture.has_level = has_level;
  for (const std::string& file : picture.files()) orphans.erase(file);
  images[name] = std::move(picture);
  for (const std::string& orphan : orphans) {
    if (replaces && fs::exists(orphan)) others[orphan] = load(orphan);
  }
}

void Folder::check() const {
  for (const auto& [name, bytes] : others) {
    if (load(name) != bytes) throw Wrong("the user's " + name + " has changed");
  }
  const std::set<std::string> expected = names();
  for (const auto& entry : fs::directory_iterator(".")) {
    const std::string name = entry.path().filename().string();
    if (expected.count(name) == 0) throw Wrong(name + " should not be there");
  }
  for (const std::string& name : expected) {
    if (!fs::exists(name)) throw Wrong(name + " is gone");
  }
  for (const auto& [name, picture] : images) {
    ImageState found;
    std::string problem = checked::read_state(name, true, found);
    if (problem.empty()) problem = difference(found, picture.state);
    if (!problem.empty()) throw Wrong(name + ": " + problem);
    if (picture.has_level) check_level(name, picture.state);
    if (fs::is_directory(name)) check_names_in(name);
  }
}

}  // namespace swr::walk
