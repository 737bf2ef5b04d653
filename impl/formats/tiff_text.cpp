#include "formats/tiff_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "formats/header_text.h"
#include "formats/notes.h"

namespace swr {
namespace {

constexpr std::string_view imagej_begin = "ImageJ=", shape_key = "\"shape\"";
constexpr std::string_view notes_begin = "\nswr 1\n";
constexpr int count_digits = 10;

// The fewest digits from which the number can be read back exactly.
std::string number_text(double number) {
  return text(number);
}

std::string counted(int64_t number) {
  std::string digits = std::to_string(number);
  if (std::ssize(digits) < count_digits)
    digits.insert(0, static_cast<size_t>(count_digits) - digits.size(), '0');
  return digits;
}

int64_t count_of(std::string_view text) {
  const auto number = integer_of(trimmed(text));
  return number && *number > 0 ? *number : 1;
}

bool is_own_line(std::string_view key) {
  constexpr std::string_view own[] = {"ImageJ",     "images", "channels", "slices", "frames",
                                      "hyperstack", "mode",   "unit",     "spacing"};
  return std::ranges::find(own, key) != std::end(own);
}

void read_imagej_line(std::string_view line, TiffText& text) {
  const size_t at = line.find('=');
  const std::string_view key = trimmed(line.substr(0, at));
  const std::string_view value =
      at == std::string_view::npos ? std::string_view() : trimmed(line.substr(at + 1));
  if (key == "images") text.images = count_of(value);
  if (key == "channels") text.channels = count_of(value);
  if (key == "slices") text.slices = count_of(value);
  if (key == "frames") text.frames = count_of(value);
  if (key == "unit") text.unit = value;
  if (key == "spacing") {
    const auto spacing = double_of(value);
    if (spacing && std::isfinite(*spacing)) text.spacing = std::abs(*spacing);
  }
  if (!is_own_line(key)) text.other_lines.append(line) += '\n';
}

void read_imagej(std::string_view description, TiffText& text) {
  text.kind = TiffText::Kind::imagej;
  const size_t notes = description.find(notes_begin);
  if (notes != std::string_view::npos) {
    text.has_notes = read_notes(description.substr(notes + 1), text.notes);
    description = description.substr(0, notes + 1);
  }
  HeaderLines lines(description);
  HeaderLine line;
  while (lines.next(line)) read_imagej_line(line.text, text);
  text.is_one_stretch = text.images > 1;
}

// What is after the key of the shape in a description that is JSON, tifffile's; nothing in others.
std::string_view after_shape_key(std::string_view description) {
  if (!description.starts_with('{')) return {};
  int depth = 0;
  bool is_value = false;  // after a colon
  for (size_t at = 0; at < description.size(); ++at) {
    const char c = description[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ':' || c == ',') is_value = c == ':';
    if (c != '"') continue;
    const size_t begin = at;
    for (++at; at < description.size() && description[at] != '"'; ++at) {
      if (description[at] == '\\') ++at;
    }
    const std::string_view rest = description.substr(std::min(at + 1, description.size()));
    if (depth == 1 && !is_value && description.substr(begin, at + 1 - begin) == shape_key)
      return rest;
  }
  return {};
}

// The characters between the brackets of the shape.
std::string_view shape_list(std::string_view description) {
  const std::string_view rest = after_shape_key(description);
  const size_t begin = rest.find('['), end = rest.find(']');
  if (begin == rest.npos || end == rest.npos || end < begin) return {};
  return rest.substr(begin + 1, end - begin - 1);
}

// Whether a description is what tifffile writes without being told anything.
bool says_no_more(std::string_view description) {
  constexpr size_t brace = 1;
  if (!description.substr(brace).starts_with(shape_key)) return false;
  const size_t end = description.find(']');
  if (end == description.npos) return true;
  const std::string_view rest = trimmed(description.substr(end + 1));
  return rest == "}" || rest == ", \"truncated\": true}" || rest == ", \"truncated\": false}";
}

void read_shape(std::string_view description, TiffText& text) {
  std::string_view list = shape_list(description);
  text.has_more_than_shape = !says_no_more(description);
  text.kind = TiffText::Kind::shape;
  text.is_one_stretch = description.find("\"truncated\": true") != std::string_view::npos;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const auto size = integer_of(trimmed(list.substr(0, comma)));
    if (!size || *size < 1) {
      text.shape.clear();
      return;
    }
    text.shape.push_back(*size);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

void read_ome_text(std::string_view description, TiffText& text) {
  text.kind = TiffText::Kind::ome;
  text.ome = read_ome(description);
  if (!text.ome) return;
  text.has_notes = read_notes(text.ome->notes, text.notes);
  text.ome->notes = {};
}

template <typename Number>
std::string listed(int count, const Number& number) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i > 0 ? " " : "") + number(i);
  return list;
}

std::string placement_text(const Placement& place) {
  std::string list;
  for (const double number : place.direction) list += number_text(number) + " ";
  for (const double number : place.spacing) list += number_text(number) + " ";
  for (const double number : place.origin) list += number_text(number) + " ";
  list.pop_back();
  return list;
}

// What is as a reader expects it without a note is not noted.
Metadata notes_of(const Image& image) {
  const int n = image.dimensions();
  Image plain = image;
  plain.set_default_geometry();
  const auto first = image.first_pixel_position();
  Metadata notes;
  notes.set(tiff_note::size,
            listed(n, [&](int axis) { return std::to_string(image.region.size[axis]); }));
  notes.set(tiff_note::spacing,
            listed(n, [&](int axis) { return number_text(image.spacing[axis]); }));
  const auto is_set = [&](const auto& values, int count) {
    return std::any_of(values.begin(), values.begin() + count, [](auto v) { return v != 0; });
  };
  if (is_set(first, n))
    notes.set(tiff_note::first, listed(n, [&](int axis) { return number_text(first[axis]); }));
  if (is_set(image.region.index, n)) notes.set(start_index_key, start_index_text(image.region));
  if (!std::equal(image.direction.begin(), image.direction.begin() + n * n,
                  plain.direction.begin()))
    notes.set(tiff_note::direction,
              listed(n * n, [&](int entry) { return number_text(image.direction[entry]); }));
  if (is_set(image.units, n))
    notes.set(tiff_note::units, listed(n, [&](int axis) {
                const swr_unit unit = image.units[axis];
                return std::string(unit == SWR_UNIT_NONE ? "-" : unit_name(unit));
              }));
  if (image.placement) notes.set(tiff_note::placement, placement_text(*image.placement));
  if (!image.scale.is_identity() || image.scale.stated)
    notes.set(tiff_note::scale,
              number_text(image.scale.slope) + " " + number_text(image.scale.intercept));
  if (image.pixel.kind != SWR_KIND_SCALAR) notes.set(kind_key, swr_kind_name(image.pixel.kind));
  for (const auto& [key, value] : image.metadata)
    notes.set(std::string(tiff_note::metadata) + key, value);
  return notes;
}

// The place of a line "key=..." in a text without notes, with its line end; nothing if there is
// none.
std::optional<std::pair<size_t, size_t>> find_line(const std::string& description,
                                                   std::string_view key) {
  const std::string head = "\n" + std::string(key) + "=";
  const size_t at = description.find(head);
  if (at == std::string::npos) return std::nullopt;
  const size_t end = description.find('\n', at + 1);
  return std::pair(at + 1, end == std::string::npos ? description.size() : end + 1);
}

void set_line(std::string& description, std::string_view key, int64_t number) {
  if (const auto line = find_line(description, key))
    description.replace(line->first, line->second - line->first, text(key, "=", number, "\n"));
}

std::optional<std::string> grown_imagej(const std::string& description, const Image& grown,
                                        int64_t pages) {
  const TiffText text = tiff_text_of(description);
  if (text.has_notes) {
    const swr_unit unit = unit_of_name(text.unit);
    const double unit_mm = unit == SWR_UNIT_NONE ? 1 : size_of(unit);
    return imagej_text({grown, pages, text.unit, unit_mm, text.other_lines, false});
  }
  std::string changed = description;
  if (const auto line = find_line(changed, "images"))
    changed.erase(line->first, line->second - line->first);
  const int64_t size = grown.region.size[grown.dimensions() - 1];
  set_line(changed, text.frames > 1 ? "frames" : text.slices > 1 ? "slices" : "channels", size);
  return changed;
}

std::optional<std::string> grown_shape(std::string description, const Image& grown) {
  const std::string_view list = shape_list(description);
  const TiffText text = tiff_text_of(description);
  // Axes of size 1 in front of the slowest one would have to grow instead.
  if (text.shape.empty() || text.is_one_stretch) return std::nullopt;
  const size_t begin = static_cast<size_t>(list.data() - description.data());
  const size_t length = std::min(list.find(','), list.size());
  return description.replace(begin, length,
                             std::to_string(grown.region.size[grown.dimensions() - 1]));
}

}  // namespace

TiffText tiff_text_of(std::string_view description) {
  TiffText text;
  if (description.starts_with(imagej_begin)) read_imagej(description, text);
  if (!after_shape_key(description).empty()) read_shape(description, text);
  if (trimmed(description).ends_with("OME>")) read_ome_text(description, text);
  return text;
}

std::string imagej_text(const NewTiffText& text) {
  const Image& image = text.image;
  const int n = image.dimensions();
  std::string out(imagej_begin);
  out += "1.11a\n";
  if (text.is_one_stretch) out.append("images=").append(counted(text.pages)) += '\n';
  if (n > 2) out.append("slices=").append(counted(image.region.size[2])) += '\n';
  if (n > 3) out.append("frames=").append(counted(text.pages / image.region.size[2])) += '\n';
  if (n > 2 && image.pixel.components == 1) out += "hyperstack=true\nmode=grayscale\n";
  if (!text.unit.empty()) out.append("unit=").append(text.unit) += '\n';
  if (!text.unit.empty() && n > 2 && image.spacing[2] > 0)
    out.append("spacing=").append(number_text(image.spacing[2] / text.unit_mm)) += '\n';
  out += text.other_lines + notes_text(notes_of(image));
  // lines without text are room for larger numbers
  constexpr size_t least_room = 12, multiple = 32;
  out.resize((out.size() + least_room + multiple) / multiple * multiple - 1, '\n');
  return out;
}

std::string own_ome_text(const Image& image, int64_t pages) {
  return ome_text(image, pages, notes_text(notes_of(image)));
}

std::optional<std::string> grown_tiff_text(const std::string& description, const Image& grown,
                                           int64_t pages) {
  switch (tiff_text_of(description).kind) {
    case TiffText::Kind::imagej: return grown_imagej(description, grown, pages);
    case TiffText::Kind::shape: return grown_shape(description, grown);
    case TiffText::Kind::ome:
      if (tiff_text_of(description).has_notes) return own_ome_text(grown, pages);
      return grown_ome(description, grown.region.size[grown.dimensions() - 1]);
    case TiffText::Kind::other: break;
  }
  return description;
}

}  // namespace swr
