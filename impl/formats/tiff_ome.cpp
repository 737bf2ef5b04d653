#include "formats/tiff_ome.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "codecs/xml.h"
#include "formats/header_text.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr std::string_view ome_notes_begin = "<!--swr 1\n", ome_notes_end = "-->";
constexpr int64_t most_blocks = int64_t{1} << 20;

std::optional<int64_t> count_of(const XmlElement& element, std::string_view name) {
  const XmlAttribute* const attribute = element.find(name);
  if (!attribute) return std::nullopt;
  const auto number = integer_of(attribute->value);
  return number && *number >= 0 ? number : std::nullopt;
}

double length_of(const XmlElement& element, std::string_view name) {
  const XmlAttribute* const attribute = element.find(name);
  const auto number = attribute ? double_of(attribute->value) : std::nullopt;
  return number && *number > 0 && std::isfinite(*number) ? *number : 0;
}

swr_unit unit_of(const XmlElement& element, const std::string& name, swr_unit missing) {
  const XmlAttribute* const attribute = element.find(name);
  if (!attribute) return missing;
  // micro is one of two letters
  const std::string_view value = attribute->value;
  if (value == "\xc2\xb5m" || value == "\xce\xbcm") return SWR_UNIT_MICROMETRE;
  if (value == "\xc2\xb5s" || value == "\xce\xbcs") return SWR_UNIT_MICROSECOND;
  return unit_of_name(value);
}

class OmeReader {
 public:
  explicit OmeReader(std::string_view text) : text_(text) {}

  // Nothing for what expat does not read: the description is then a text like any other.
  std::optional<OmeText> read() {
    constexpr XmlLimits limits{.document_bytes = size_t{64} << 20};
    XmlVisitor visitor;
    visitor.begin = [&](const XmlElement& element) { return take(element); };
    try {
      if (walk_xml(text_, {}, visitor, limits) != XmlWalk::ended) return std::nullopt;
    } catch (const Error&) {
      return std::nullopt;
    }
    if (!has_pixels_ || ome_.axes[index_of('C')].size % ome_.samples != 0) return std::nullopt;
    read_notes();
    return ome_;
  }

 private:
  std::string_view text_;
  OmeText ome_;
  bool has_pixels_ = false, has_channel_ = false;

  // False if the text is not OME-XML of pixels.
  bool take(const XmlElement& element) {
    const std::string_view name = xml_local_name(element.name);
    if (name == "Image") ++ome_.images;
    if (ome_.images > 1) return true;
    if (name == "Pixels") return !std::exchange(has_pixels_, true) && read_pixels(element);
    if (name == "TiffData") return read_planes(element);
    if (name == "Channel" && !std::exchange(has_channel_, true))
      ome_.samples = std::max<int64_t>(1, count_of(element, "SamplesPerPixel").value_or(1));
    return true;
  }

  size_t index_of(char name) const {
    return static_cast<size_t>(std::ranges::find(ome_.axes, name, &OmeAxis::name) -
                               ome_.axes.begin());
  }

  bool read_pixels(const XmlElement& element) {
    const XmlAttribute* const order = element.find("DimensionOrder");
    if (!order || order->value.size() != 5 || !order->value.starts_with("XY")) return false;
    std::string sorted(order->value.substr(2));
    std::ranges::sort(sorted);
    if (sorted != "CTZ") return false;
    for (size_t i = 0; i < 3; ++i) {
      OmeAxis& axis = ome_.axes[i];
      axis.name = order->value[2 + i];
      const std::string name = std::string("Size") + axis.name;
      const auto size = count_of(element, name);
      if (!size || *size < 1) return false;
      axis.size = *size;
      axis.begin = element.find(name)->offset;
      axis.length = element.find(name)->width;
    }
    constexpr std::string_view names = "XYZ";
    for (size_t i = 0; i < 3; ++i) {
      const std::string name = std::string("PhysicalSize") + names[i];
      const swr_unit unit = unit_of(element, name + "Unit", SWR_UNIT_MICROMETRE);
      const double length = from_unit(length_of(element, name), size_of(unit));
      if (quantity_of(unit) != Quantity::length || !(length > 0) || !std::isfinite(length))
        continue;
      ome_.spacing[i] = length;
      ome_.units[i] = unit;
    }
    const swr_unit unit = unit_of(element, "TimeIncrementUnit", SWR_UNIT_SECOND);
    if (quantity_of(unit) != Quantity::time) return true;
    ome_.time_step = from_unit(length_of(element, "TimeIncrement"), size_of(unit));
    ome_.time_unit = unit;
    return true;
  }

  // Without a count it is one plane if the page is named, else all.
  bool read_planes(const XmlElement& element) {
    if (std::ssize(ome_.planes) == most_blocks) return false;
    OmePlanes planes;
    const auto page = count_of(element, "IFD"), count = count_of(element, "PlaneCount");
    planes.page = page.value_or(0);
    planes.count = count ? *count : page ? 1 : -1;
    if (count) {
      planes.count_begin = element.find("PlaneCount")->offset;
      planes.count_length = element.find("PlaneCount")->width;
    }
    for (size_t i = 0; i < 3; ++i)
      planes.first[i] = count_of(element, std::string("First") + ome_.axes[i].name).value_or(0);
    ome_.planes.push_back(planes);
    return true;
  }

  void read_notes() {
    const size_t begin = text_.rfind(ome_notes_begin);
    if (begin == std::string_view::npos) return;
    const size_t first = begin + std::string_view("<!--").size();
    const size_t end = text_.find(ome_notes_end, first);
    if (end != std::string_view::npos) ome_.notes = text_.substr(first, end - first);
  }
};

std::string attribute(std::string_view name, std::string_view value) {
  return text(" ", name, "=\"", value, "\"");
}

// Of OME's enumerations of units, which are those of lengths and of times that swr has.
std::string ome_unit_name(swr_unit unit) {
  switch (unit) {
    case SWR_UNIT_MICROMETRE: return "\xc2\xb5m";
    case SWR_UNIT_MICROSECOND: return "\xc2\xb5s";
    case SWR_UNIT_ANGSTROM: return "\xc3\x85";
    default: return unit_name(unit);
  }
}

// Two attributes, such as TimeIncrement and TimeIncrementUnit. The unit is `missing` where the axis
// has another quantity or none, and where a double in its unit cannot be the number.
std::string measure(std::string_view name, double number, swr_unit unit, swr_unit missing) {
  if (quantity_of(unit) != quantity_of(missing) ||
      (unit != SWR_UNIT_ANGSTROM && !is_in_every_unit(number)))
    unit = missing;
  return attribute(name, text(to_unit(number, size_of(unit)))) +
         attribute(text(name, "Unit"), ome_unit_name(unit));
}

std::string type_name(swr_component component) {
  switch (component) {
    case SWR_FLOAT32: return "float";
    case SWR_FLOAT64: return "double";
    default: return swr_component_name(component);
  }
}

// In a comment there are no two hyphens together. A backslash before one is taken off with the
// notes' other ones.
std::string comment_text(const std::string& notes) {
  std::string out;
  for (const char c : notes) {
    if (c == '-' && !out.empty() && out.back() == '-') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::optional<OmeText> read_ome(std::string_view text) {
  return OmeReader(text).read();
}

std::vector<int64_t> pages_of_ome(const OmeText& ome, int64_t pages) {
  std::array<int64_t, 3> sizes{};
  int64_t all = 1;
  for (size_t i = 0; i < 3; ++i) {
    sizes[i] = ome.size(ome.axes[i]);
    if (sizes[i] < 1 || multiply_overflows(all, sizes[i], all) || all > pages) return {};
  }
  if (all != pages) return {};
  std::vector<int64_t> found(static_cast<size_t>(pages), -1);
  std::vector<OmePlanes> blocks = ome.planes;
  if (blocks.empty()) blocks.push_back({0, -1});
  for (const OmePlanes& block : blocks) {
    for (size_t i = 0; i < 3; ++i) {
      if (block.first[i] >= sizes[i]) return {};
    }
    const int64_t first = block.first[0] + sizes[0] * (block.first[1] + sizes[1] * block.first[2]);
    const int64_t count = block.count < 0 ? pages - first : block.count;
    if (count > pages - first || block.page > pages - count) return {};
    for (int64_t i = 0; i < count; ++i) found[static_cast<size_t>(first + i)] = block.page + i;
  }
  std::vector<int64_t> sorted = found;
  std::ranges::sort(sorted);
  for (int64_t i = 0; i < pages; ++i) {
    if (sorted[static_cast<size_t>(i)] != i) return {};
  }
  return found;
}

std::string ome_text(const Image& image, int64_t pages, const std::string& notes) {
  const int n = image.dimensions();
  const int64_t slices = n > 2 ? image.region.size[2] : 1;
  const std::string components = std::to_string(image.pixel.components);
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME "
      "xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://www.openmicroscopy.org/Schemas/OME/2016-06 "
      "http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd\">"
      "<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYZCT\"";
  out += attribute("Type", type_name(image.pixel.component));
  out += attribute("SizeX", std::to_string(image.region.size[0]));
  out += attribute("SizeY", std::to_string(image.region.size[1]));
  out += attribute("SizeZ", std::to_string(slices));
  out += attribute("SizeC", components);
  out += attribute("SizeT", std::to_string(pages / slices));
  constexpr std::string_view names = "XYZ";
  for (int axis = 0; axis < std::min(n, 3); ++axis) {
    if (!(image.spacing[axis] > 0)) continue;
    const std::string name = std::string("PhysicalSize") + names[static_cast<size_t>(axis)];
    out += measure(name, image.spacing[axis], image.units[axis], SWR_UNIT_MILLIMETRE);
  }
  if (n == 4 && quantity_of(image.units[3]) == Quantity::time && image.spacing[3] > 0)
    out += measure("TimeIncrement", image.spacing[3], image.units[3], SWR_UNIT_SECOND);
  out += text("><Channel ID=\"Channel:0:0\"", attribute("SamplesPerPixel", components),
              "/><TiffData IFD=\"0\"", attribute("PlaneCount", std::to_string(pages)),
              "/></Pixels></Image>");
  out += "<!--" + comment_text(notes);
  // lines without text are room for larger numbers
  constexpr size_t least_room = 32, multiple = 64;
  out.resize((out.size() + least_room + multiple) / multiple * multiple, '\n');
  return out + "--></OME>";
}

std::optional<std::string> grown_ome(std::string description, int64_t size) {
  const auto ome = read_ome(description);
  if (!ome || ome->planes.size() > 1) return std::nullopt;
  const auto slowest = std::find_if(ome->axes.rbegin(), ome->axes.rend(),
                                    [&](const OmeAxis& axis) { return ome->size(axis) > 1; });
  // a further channel has a name and a colour
  if (slowest == ome->axes.rend() || slowest->name == 'C') return std::nullopt;
  int64_t pages = size;
  for (const OmeAxis& axis : ome->axes) {
    if (axis.name != slowest->name) pages = checked_multiply(pages, ome->size(axis));
  }
  struct Change {
    size_t begin, length;
    int64_t number;
  };
  std::vector<Change> changes = {{slowest->begin, slowest->length, size}};
  if (!ome->planes.empty()) {
    const OmePlanes& planes = ome->planes[0];
    if (planes.count_length > 0) {
      changes.push_back({planes.count_begin, planes.count_length, pages});
    } else if (planes.count >= 0) {
      return std::nullopt;
    }
  }
  std::ranges::sort(changes, std::greater<>(), &Change::begin);
  for (const Change& change : changes)
    description.replace(change.begin, change.length, std::to_string(change.number));
  return description;
}

}  // namespace swr
