// VTK's XML image data (.vti), as VTK and ITK write and read it, with raw appended pixels;
// those in zlib blocks, in base64 and as text are read (vti_pixels.cpp).
//
//   <?xml version="1.0"?>
//   <VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
//     <ImageData WholeExtent="0 511 0 511 0 199" Origin="-10.5 20.25 30" Spacing="0.5 0.5 2"
//                Direction="1 0 0 0 1 0 0 0 1">        3 x 3, row-major
//       <Piece Extent="0 511 0 511 0 199">
//         <PointData Scalars="scalars">               or Vectors="vectors"
//           <DataArray type="Int16" Name="scalars" NumberOfComponents="1" format="appended"
//                      offset="0"/>
//   ...
//     <AppendedData encoding="raw">
//      _[bytes of the array, u64][pixels, x fastest]
//     </AppendedData>
//   </VTKFile>
//
// The origin is the position of index zero, which need not be in the extent. ITK takes it for that
// of the first pixel, so new extents begin at zero, where both agree; the start index is in an
// attribute swr_index. So are the number of dimensions (swr_dimensions) and the kind of the pixels
// (swr_kind of the array) if the rest of the header says another: programs skip attributes of
// others. Without swr_dimensions an image of one plane has two dimensions. Blanks after the
// extents leave room for growth, and blanks in front of "_" let the pixels begin at a page.
// Metadata are strings in FieldData (vti_strings.h).
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "formats/vti_header.h"
#include "formats/vti_pixels.h"
#include "formats/vti_writer.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr int64_t most_trailer_bytes = 4096;

bool recognise(std::string_view head, std::string_view) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  return trimmed(head).starts_with('<') && head.find("<VTKFile") != head.npos;
}

int dimensions_of(const VtiHeader& header, const VtiExtent& extent) {
  const int by_sizes = size_of_axis(extent, 2) == 1 ? 2 : 3;
  const auto n = integer_of(header.dimensions);
  if (!n || *n < 1 || *n > vti_axes) return by_sizes;
  for (auto axis = static_cast<size_t>(*n); axis < vti_axes; ++axis) {
    if (size_of_axis(extent, axis) != 1) return by_sizes;
  }
  return static_cast<int>(*n);
}

template <size_t count>
std::array<double, count> numbers_of(const std::string& list, const char* what,
                                     std::array<double, count> numbers, const std::string& path) {
  if (list.empty()) return numbers;
  const auto words = words_of({list, 0}, count + 1);
  bool is_good = words.size() == count;
  for (size_t i = 0; is_good && i < count; ++i) {
    const auto number = double_of(words[i].text);
    is_good = number && std::isfinite(*number);
    if (is_good) numbers[i] = *number;
  }
  if (!is_good)
    fail(SWR_ERROR_CORRUPT, path, ": the ", what, " \"", list.substr(0, 200), "\" is not ", count,
         " numbers");
  return numbers;
}

void read_geometry(const VtiHeader& header, const VtiExtent& extent, Image& image,
                   const std::string& path) {
  const int n = image.dimensions();
  image.set_default_geometry();
  Placement place;
  place.spacing = numbers_of<3>(header.spacing, "Spacing", {1, 1, 1}, path);
  place.origin = numbers_of<3>(header.origin, "Origin", {0, 0, 0}, path);
  place.direction = numbers_of<9>(header.direction, "Direction", {1, 0, 0, 0, 1, 0, 0, 0, 1}, path);
  for (size_t axis = 0; axis < vti_axes; ++axis) {
    if (!(place.spacing[axis] > 0))
      fail(SWR_ERROR_UNSUPPORTED, path, ": the spacing of ", axis_text(static_cast<int>(axis)),
           " is ", place.spacing[axis], "; swr reads spacings above 0");
  }
  // Where the first pixel is, and then where the pixel with the index zero of the image is.
  for (size_t row = 0; row < vti_axes; ++row) {
    for (size_t axis = 0; axis < vti_axes; ++axis) {
      const int64_t zero = axis < static_cast<size_t>(n) ? image.region.index[axis] : 0;
      place.origin[row] += place.direction[3 * row + axis] * place.spacing[axis] *
                           static_cast<double>(extent[2 * axis] - zero);
    }
  }
  for (int axis = 0; axis < n; ++axis) {
    image.spacing[axis] = place.spacing[axis];
    image.origin[axis] = place.origin[axis];
  }
  if (n == vti_axes) {
    std::copy_n(place.direction.begin(), 9, image.direction.begin());
    return;
  }
  image.placement = place;
  const auto& d = place.direction;
  constexpr double flat = 1e-6;
  if (n == 1 && std::abs(d[0]) > flat) image.direction[0] = d[0];
  if (n == 2 && std::abs(d[0] * d[4] - d[1] * d[3]) > flat)
    image.direction = {d[0], d[1], d[3], d[4]};
}

void read_region(const VtiHeader& header, const VtiExtent& extent, Image& image) {
  image.region.dimensions = dimensions_of(header, extent);
  bool from_zero = true;
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    image.region.size[axis] = size_of_axis(extent, static_cast<size_t>(axis));
    image.region.index[axis] = extent[static_cast<size_t>(2 * axis)];
    from_zero = from_zero && image.region.index[axis] == 0;
  }
  if (from_zero && !header.index.empty()) set_start_index(image.region, header.index);
}

Description read(const std::string& path, OpenFiles& files) {
  const auto file = files.open(path);
  VtiHeader header = read_vti_header(*file);
  const VtiExtent extent = vti_extent(header.whole_extent, path);
  Description found;
  Image& image = found.image;
  read_region(header, extent, image);
  image.pixel = vti_pixel_of_pieces(header, path);
  if (!bytes_of_axes(image.region.size.data(), image.dimensions(), image.pixel.bytes()))
    fail(SWR_ERROR_CORRUPT, path, ": an image of ", image.region.text(),
         " has more bytes than there can be");
  read_geometry(header, extent, image, path);
  for (const VtiFields& fields : header.fields) {
    for (const VtiString& string : fields.strings) image.set_metadata(string.name, string.value);
  }
  found.layout.order = {image.dimensions(), image.region.size,
                        swr_component_bytes(image.pixel.component), image.pixel.components};
  found.layout.big_endian = header.big_endian;
  const int64_t end = find_vti_pixels(header, extent, *file, found);
  for (DataPart& part : found.layout.parts) part.path = path;
  const bool is_first = found.layout.is_raw() && pixel_array(header.pieces.front())->offset == 0;
  found.header_bytes = header.data + (is_first ? header.length_bytes : 0);
  std::string trailer(static_cast<size_t>(most_trailer_bytes), '\0');
  trailer.resize(
      static_cast<size_t>(file->read_some(end, std::as_writable_bytes(std::span(trailer)))));
  const auto source = std::make_shared<VtiSource>(std::move(header), std::move(trailer));
  if (source->has_cut_trailer())
    fail(SWR_ERROR_CORRUPT, path, ": the file ends within the end tags after its pixels");
  found.trailer_bytes = source->end_tag_bytes();
  found.header = source;
  return found;
}

const VtiSource& source_of(const Description& file) {
  return dynamic_cast<const VtiSource&>(*file.header);
}

// What is said of the old values is not true of others. It becomes blanks.
std::vector<HeaderPatch> outdate(const Description& file) {
  std::vector<HeaderPatch> patches;
  for (const VtiPiece& piece : source_of(file).header.pieces) {
    const VtiArray* const array = pixel_array(piece);
    if (!array) continue;
    for (const auto& [begin, end] : array->ranges)
      patches.push_back({static_cast<int64_t>(begin), std::string(end - begin, ' ')});
  }
  return patches;
}

// The patch that gives an extent another number, and the blanks after it those that are left over.
std::optional<HeaderPatch> patch_extent(const VtiHeader& header, const VtiValue& extent,
                                        size_t which, int64_t number) {
  const std::string_view text = header.text;
  const size_t quote = extent.offset + extent.width;
  const size_t next = text.find_first_not_of(' ', quote + 1);
  if (next == text.npos) return std::nullopt;
  std::string list;
  const auto words = words_of({extent.text, 0}, size_t{2} * vti_axes);
  for (size_t i = 0; i < words.size(); ++i) {
    list += i > 0 ? " " : "";
    list += i == which ? std::to_string(number) : std::string(words[i].text);
  }
  list += text[quote];
  const bool is_end = text[next] == '>' || text[next] == '/';
  const size_t room = next - extent.offset - (is_end ? 0 : 1);  // a blank before an attribute
  if (list.size() > room) return std::nullopt;
  list.append(room - list.size(), ' ');
  return HeaderPatch{static_cast<int64_t>(extent.offset), std::move(list)};
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const VtiSource& source = source_of(file);
  const VtiHeader& header = source.header;
  const int64_t bytes = grown.bytes();
  const VtiValue& extent = header.pieces.front().extent;
  if (!source.has_pixels_alone() || !source.has_plain_trailer() || !extent.is_plain() ||
      !header.whole_extent.is_plain() ||
      (header.length_bytes == 4 && bytes > std::numeric_limits<uint32_t>::max()))
    return std::nullopt;
  const int axis = grown.dimensions() - 1;
  const auto word = static_cast<size_t>(2 * axis + 1);
  const int64_t first = vti_extent(extent, file.layout.parts[0].path)[word - 1];
  const int64_t last = first + grown.region.size[axis] - 1;
  if (last >= std::numeric_limits<int32_t>::max()) return std::nullopt;
  auto whole = patch_extent(header, header.whole_extent, word, last);
  auto piece = patch_extent(header, extent, word, last);
  if (!whole || !piece) return std::nullopt;
  Growth growth;
  growth.patches = outdate(file);
  growth.patches.push_back(std::move(*whole));
  growth.patches.push_back(std::move(*piece));
  growth.patches.push_back(
      {header.data, vti_length(bytes, header.length_bytes, header.big_endian)});
  growth.trailer = source.trailer;
  return growth;
}

constexpr Suffix suffixes[] = {{".vti", Compression::never}};

}  // namespace

extern const Format vti_format;
const Format vti_format = {
    .name = "VTI",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING |
                    SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION | SWR_HOLDS_METADATA,
    .least_dimensions = 1,
    .most_dimensions = vti_axes,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan_vti,
    .grow = grow,
    .outdate = outdate,
    .form = form_of_vti_pixels,
    .reader = read_vti_pixels,
};

}  // namespace swr
