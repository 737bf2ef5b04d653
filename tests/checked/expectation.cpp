#include "checked/expectation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string_view>
#include <unordered_map>

extern "C" {
#include "support/support.h"
}

namespace swr::checked {
namespace {

namespace fs = std::filesystem;

template <typename... Parts>
std::string words(const Parts&... parts) {
  std::ostringstream out;
  out.precision(17);
  (out << ... << parts);
  return out.str();
}

// Whether a journal or a staged file of this image is next to it, or in its folder: opening it then
// changes files.
bool has_company(const fs::path& path) try {
  const std::string start = "." + path.filename().string() + ".swr-";
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(path.parent_path(), failed)) {
    if (entry.path().filename().string().starts_with(start)) return true;
  }
  if (!fs::is_directory(path, failed)) return false;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.path().filename().string().find(".swr-") != std::string::npos) return true;
  }
  return false;
} catch (const fs::filesystem_error&) {
  return true;
}

// Names and bytes of all files of a folder; nothing if others change it meanwhile.
std::optional<std::string> content_of_folder(const fs::path& path) try {
  std::map<std::string, std::string> files;
  uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    std::string& content = files[entry.path().string()];
    if (!entry.is_regular_file()) continue;
    bytes += entry.file_size();
    if (bytes > static_cast<uintmax_t>(most_bytes)) return {};
    std::ifstream in(entry.path(), std::ios::binary);
    content.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::string all;
  for (const auto& [name, content] : files) all += words(name, ' ', content.size(), ' ', content);
  return all;
} catch (const fs::filesystem_error&) {
  return {};
}

std::optional<std::string> content_of(const fs::path& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) return content_of_folder(path);
  if (!fs::is_regular_file(path, failed)) return {};
  const uintmax_t bytes = fs::file_size(path, failed);
  if (failed || bytes > static_cast<uintmax_t>(most_bytes)) return {};
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  std::string content(static_cast<size_t>(bytes), '\0');
  in.read(content.data(), static_cast<std::streamsize>(bytes));
  content.resize(static_cast<size_t>(in.gcount()));
  return content;
}

// NIfTI stores the geometry as float32, and the origin belongs to a pixel that may be far away.
std::string difference(const char* what, const std::vector<double>& found,
                       const std::vector<double>& expected, double scale) {
  if (found.size() != expected.size())
    return words("the ", what, " has ", found.size(), " values, not ", expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const double tolerance = 1e-5 * std::max(scale, std::abs(expected[i]));
    if (!(std::abs(found[i] - expected[i]) <= tolerance))
      return words("value ", i, " of the ", what, " is ", found[i], ", not ", expected[i]);
  }
  return {};
}

// How far from the origin the first pixel is.
double reach(const ImageState& now) {
  double far = 1;
  for (int32_t axis = 0; axis < now.region.dimensions; ++axis) {
    const auto pixels = static_cast<double>(std::abs(now.region.index[axis]) + 1);
    far = std::max(far, pixels * now.spacing[static_cast<size_t>(axis)]);
  }
  return far;
}

// The expected pixels of the file; nothing if this model has no rule for them.
std::optional<Bytes> stored(const Chunk& chunk, const ImageState& now) {
  if (chunk.components != now.components) return {};
  if (chunk.component == now.component) return chunk.pixels;
  const auto in = static_cast<size_t>(swr_component_bytes(chunk.component)),
             out = static_cast<size_t>(swr_component_bytes(now.component));
  const size_t count = chunk.pixels.size() / in;
  Bytes pixels(count * out);
  for (size_t i = 0; i < count; ++i) {
    const long double exact = component_exact(&chunk.pixels[i * in], chunk.component);
    component_store_exact(&pixels[i * out], now.component, clamped(exact, now.component));
  }
  return pixels;
}

}  // namespace

Expectation::Expectation(const Told& told, bool others_write)
    : told_(told), others_write_(others_write) {
  std::error_code failed;
  const fs::path path = fs::absolute(told.path, failed);
  path_ = path.string();
  const bool is_there = fs::is_regular_file(path, failed) || fs::is_directory(path, failed);
  if (!told.keeps_old_file() || !is_there) return;
  old_bytes_ = content_of(path);
  ImageState state;
  old_unknown_ = has_company(path) || !read_state(path_, false, state, told_.dataset).empty();
  if (old_unknown_) return;
  take_dropped_index(state);
  old_ = std::move(state);
}

// Whether the format of the file does not hold what `flag` stands for, and the application lets it
// go.
bool Expectation::drops(const ImageState& state, uint32_t flag) const {
  uint32_t capabilities = 0;
  swr_format_capabilities(state.format.c_str(), &capabilities);
  return told_.drops_geometry && !(capabilities & flag);
}

// The application's image if its start index is not in the file, whose first pixel has index zero.
std::optional<swr_region> Expectation::dropped_index(const ImageState& state) const {
  if (told_.existing == SWR_EXISTING_EXTEND || !drops(state, SWR_HOLDS_START_INDEX)) return {};
  return told_.image;
}

// Into the application's index space. The file's pixels stay where they are in space.
void Expectation::take_dropped_index(ImageState& state) const {
  const auto image = dropped_index(state);
  if (!image || image->dimensions != state.region.dimensions) return;
  const auto n = static_cast<size_t>(image->dimensions);
  for (size_t axis = 0; axis < n; ++axis) {
    state.region.index[axis] = image->index[axis];
    const double distance = state.spacing[axis] * static_cast<double>(image->index[axis]);
    for (size_t row = 0; row < n; ++row)
      state.origin[row] -= state.direction[row * n + axis] * distance;
  }
}

// A region in the application's index space.
std::string Expectation::read_pixels(const ImageState& now, swr_region region,
                                     Bytes& pixels) const {
  if (const auto image = dropped_index(now)) {
    for (int32_t axis = 0; axis < region.dimensions; ++axis)
      region.index[axis] -= image->index[axis];
  }
  return read_part(path_, region, pixels, told_.dataset);
}

swr_component Expectation::source_component() const {
  if (told_.source != SWR_COMPONENT_UNKNOWN) return told_.source;
  if (told_.component != SWR_COMPONENT_UNKNOWN) return told_.component;
  return old_ ? old_->component : SWR_COMPONENT_UNKNOWN;
}

int32_t Expectation::source_components() const {
  if (told_.source_components > 0) return told_.source_components;
  if (told_.component != SWR_COMPONENT_UNKNOWN) return told_.components;
  return old_ ? old_->components : 0;
}

swr_region Expectation::written_region(const ImageState& now) const {
  return told_.part ? *told_.part : told_.image ? *told_.image : now.region;
}

std::string Expectation::header_problem(const ImageState& now) const {
  swr_region region = told_.image.value_or(now.region);
  if (old_) region = old_->region;
  if (old_ && told_.image && told_.existing == SWR_EXISTING_EXTEND)
    region = bounding_box(*told_.image, old_->region);
  if (!old_unknown_ && !same(now.region, region))
    return words("the image region is ", text_of(now.region), ", not ", text_of(region));
  const swr_component component = old_ ? old_->component : told_.component;
  const int32_t components = old_ ? old_->components : told_.components;
  if (component != SWR_COMPONENT_UNKNOWN && !old_unknown_ &&
      (now.component != component || now.components != components))
    return words("pixels are ", now.components, " x ", swr_component_name(now.component), ", not ",
                 components, " x ", swr_component_name(component));
  const double scale = reach(now);
  const auto check = [&](const char* what, uint32_t flag, const std::vector<double>& found,
                         const std::vector<double>& kept, const std::vector<double>& set,
                         double size) {
    if (old_) return difference(what, found, kept, size);
    return set.empty() || drops(now, flag) ? std::string() : difference(what, found, set, size);
  };
  const ImageState none;
  const ImageState& old = old_ ? *old_ : none;
  for (std::string problem :
       {check("spacing", SWR_HOLDS_SPACING, now.spacing, old.spacing, told_.spacing, 0),
        check("origin", SWR_HOLDS_ORIGIN, now.origin, old.origin, told_.origin, scale),
        check("direction", SWR_HOLDS_DIRECTION, now.direction, old.direction, told_.direction,
              1)}) {
    if (!problem.empty()) return problem;
  }
  if (old_ && now.metadata != old.metadata) return "the metadata is not that of the old file";
  if (old_ && now.format != old.format)
    return words("the format is ", now.format, ", not ", old.format);
  if (!old_ && !old_unknown_) {
    const std::unordered_map<std::string_view, std::string_view> entries(now.metadata.begin(),
                                                                         now.metadata.end());
    for (const auto& [key, value] : told_.metadata) {
      const auto found = entries.find(key);
      if (found == entries.end()) return words("the metadata has no ", key);
      if (found->second != value)
        return words("the metadata's ", key, " is ", found->second, ", not ", value);
    }
  }
  const std::string encoding = told_.compression.value_or(old_ ? old_->encoding : now.encoding);
  if (now.encoding != encoding) return words("the encoding is ", now.encoding, ", not ", encoding);
  return {};
}

std::string Expectation::mismatch(const ImageState& now, const swr_region& region,
                                  const Bytes& found, const Bytes& expected) const {
  if (found == expected) return {};
  const auto at = std::mismatch(found.begin(), found.end(), expected.begin());
  int64_t rest = (at.first - found.begin()) / now.pixel_bytes();
  swr_region where = region;
  for (int32_t axis = 0; axis < region.dimensions; ++axis) {
    where.index[axis] += rest % region.size[axis];
    where.size[axis] = 1;
    rest /= region.size[axis];
  }
  return words("the pixel at ", text_of(where), " is not what it has to be (",
               contains(written_region(now), where) ? "written" : "outside of what was written",
               ")");
}

// The delivered pieces: the last thousand, without the parts that later ones cover.
std::string Expectation::own_pixel_problem(const ImageState& now,
                                           const Delivered& delivered) const {
  constexpr std::ptrdiff_t most_pieces = 1000;
  const auto& pieces = delivered.pieces;
  for (auto chunk = pieces.rbegin();
       chunk != pieces.rend() && chunk - pieces.rbegin() < most_pieces; ++chunk) {
    const auto lies_over = [&](const Chunk& later) {
      return pixels_of(intersection(later.region, chunk->region)) > 0;
    };
    const auto expected = stored(*chunk, now);
    if (!expected || std::any_of(pieces.rbegin(), chunk, lies_over)) continue;
    Bytes found(expected->size());
    if (std::string problem = read_pixels(now, chunk->region, found); !problem.empty())
      return problem;
    if (std::string problem = mismatch(now, chunk->region, found, *expected); !problem.empty())
      return problem;
  }
  return {};
}

std::string Expectation::pixel_problem(const ImageState& now, const Delivered& delivered) const {
  if (!now.has_pixels || !delivered.complete || others_write_)
    return own_pixel_problem(now, delivered);
  if (old_unknown_ || (old_ && !old_->has_pixels)) return {};
  const int64_t pixel = now.pixel_bytes();
  Bytes model(now.pixels.size());
  if (told_.fill != 0) {
    const auto component = static_cast<size_t>(swr_component_bytes(now.component));
    for (size_t i = 0; i < model.size(); i += component)
      component_store(&model[i], now.component, told_.fill);
  }
  if (old_)
    copy_part(old_->region, pixel, old_->pixels.data(), old_->region, model.data(), now.region);
  const auto lay = [&](const Chunk& chunk) {
    const auto pixels = stored(chunk, now);
    if (!pixels) return false;
    const swr_region part = intersection(chunk.region, written_region(now));
    copy_part(part, pixel, pixels->data(), chunk.region, model.data(), now.region);
    return true;
  };
  for (auto chunk = delivered.spare.rbegin(); chunk != delivered.spare.rend(); ++chunk) {
    if (!lay(*chunk)) return {};
  }
  for (const Chunk& chunk : delivered.pieces) {
    if (!lay(chunk)) return {};
  }
  return mismatch(now, now.region, now.pixels, model);
}

std::string Expectation::problem_after_success(const Delivered& delivered) const {
  ImageState now;
  if (std::string problem = read_state(path_, true, now, told_.dataset); !problem.empty())
    return "the write returned SWR_OK, and the file cannot be read: " + problem;
  take_dropped_index(now);
  if (std::string problem = header_problem(now); !problem.empty()) return problem;
  return pixel_problem(now, delivered);
}

std::string Expectation::problem_after_failure() const {
  if (!told_.rollback || !old_bytes_ || others_write_) return {};
  const auto now = content_of(path_);
  if (!now) return "the write failed, and the old file is gone";
  return *now == *old_bytes_ ? std::string() : "the write failed, and the old file has changed";
}

}  // namespace swr::checked
