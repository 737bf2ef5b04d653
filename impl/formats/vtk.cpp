// VTK's legacy format, as VTK and ITK write and read it: structured points alone, which are images.
//
//   # vtk DataFile Version 3.0
//   swr image (3-D)                          the title
//   BINARY
//   DATASET STRUCTURED_POINTS
//   DIMENSIONS 512 512 200
//   SPACING 0.5 0.5 2
//   ORIGIN -10.5 20.25 30                    the position of the first pixel
//   POINT_DATA 52428800
//   SCALARS scalars short 1                  or COLOR_SCALARS color_scalars 3: rgb of uint8, or 4;
//   LOOKUP_TABLE default                     or VECTORS vectors float: vectors of 3
//   [pixels, x fastest, big-endian]
//   [line end, METADATA of VTK]
//
// There are always three sizes. The title of a new file ends in the number of dimensions; of files
// that do not say it, those with one plane have two, as in ITK. Blanks before the sizes leave room
// for growth, and blanks after the origin let the pixels begin at a page. Numbers that are written
// as text are read; colours are then parts of 1, and are uint8 as in VTK.
#include <algorithm>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "formats/header_writer.h"
#include "formats/vtk_header.h"
#include "formats/vtk_trailer.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr size_t most_title_bytes = 255;  // VTK reads no more
constexpr std::string_view usual_title = "swr image";

class VtkSource : public SourceHeader {
 public:
  VtkSource(VtkHeader read, std::shared_ptr<const File> file, int64_t pixels_end, int64_t words)
      : header(std::move(read)), trailer(std::move(file), pixels_end, words) {}

  std::vector<std::string> own_fields() const override {
    std::vector<std::string> fields;
    if (!header.fields.empty()) fields.emplace_back("FIELD");
    if (trailer.has_metadata()) fields.emplace_back("METADATA");
    if (header.is_text && !trailer.is_plain()) fields.emplace_back("further data after the pixels");
    return fields;
  }

  const VtkHeader header;
  const VtkTrailer trailer;
};

const VtkSource& source_of(const Description& file) {
  return dynamic_cast<const VtkSource&>(*file.header);
}

// --- The number of dimensions ---

std::string mark_of(int dimensions) {
  return text(" (", dimensions, "-D)");
}

int dimensions_of(std::string_view title, const std::array<int64_t, vtk_axes>& size) {
  for (int n = 1; n <= vtk_axes; ++n) {
    if (title.ends_with(mark_of(n)) &&
        std::all_of(size.begin() + n, size.end(), [](int64_t other) { return other == 1; }))
      return n;
  }
  return size[2] == 1 ? 2 : 3;
}

// Shortened, with a remark, if the number has no room in it.
std::string title_of(const VtkHeader* old, int n, const std::array<int64_t, vtk_axes>& size,
                     std::vector<Remark>& remarks) {
  std::string title(old ? std::string_view(old->title) : usual_title);
  if (old && dimensions_of(title, size) == n) return title;
  for (int other = 1; other <= vtk_axes; ++other) {
    if (title.ends_with(mark_of(other))) title.resize(title.size() - mark_of(other).size());
  }
  const size_t room = most_title_bytes - mark_of(n).size();
  if (title.size() > room) {
    remarks.push_back({text("the title has ", title.size(), " bytes; the last ones give way to \"",
                            trimmed(mark_of(n)), "\"")});
    title.resize(room);
  }
  return title + mark_of(n);
}

// --- Reading ---

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with(vtk_first_line);
}

// `long` has the width that fits the file.
void settle_long(PixelType& pixel, const VtkHeader& header, const File& file, int64_t points) {
  const auto end = try_multiply(points, pixel.bytes());
  if (header.is_text || (end && *end <= file.size() - static_cast<int64_t>(header.end))) return;
  pixel.component = pixel.component == SWR_INT64 ? SWR_INT32 : SWR_UINT32;
}

void read_geometry(const VtkHeader& header, Image& image, const std::string& path) {
  image.set_default_geometry();
  std::array<double, max_dimensions> position{};
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    if (!(header.spacing[axis] > 0))
      fail(SWR_ERROR_UNSUPPORTED, path, ": the spacing of ", axis_text(axis), " is ",
           header.spacing[axis], "; swr reads spacings above 0");
    image.spacing[axis] = header.spacing[axis];
    position[axis] = header.origin[axis];
  }
  image.set_origin_from_first_pixel(position);
}

Layout layout_of(const Image& image, const std::string& path, int64_t offset) {
  Layout layout;
  layout.order.dimensions = image.dimensions();
  layout.order.size = image.region.size;
  layout.order.component_bytes = swr_component_bytes(image.pixel.component);
  layout.order.components = image.pixel.components;
  layout.big_endian = true;
  layout.parts = {DataPart{path, offset, 0, image.bytes()}};
  return layout;
}

Description read(const std::string& path, OpenFiles& files) {
  const std::shared_ptr<const File> file = files.open(path);
  VtkHeader header = read_vtk_header(*file);
  Description found;
  Image& image = found.image;
  image.region.dimensions = dimensions_of(header.title, header.size);
  std::copy_n(header.size.begin(), image.dimensions(), image.region.size.begin());
  image.pixel = header.pixel;
  const auto points = bytes_of_axes(header.size.data(), vtk_axes, 1);
  if (header.has_long && points) settle_long(image.pixel, header, *file, *points);
  if (!bytes_of_axes(header.size.data(), vtk_axes, image.pixel.bytes()))
    fail(SWR_ERROR_CORRUPT, path, ": an image of ", image.region.text(),
         " has more bytes than there can be");
  read_geometry(header, image, path);
  const auto end = static_cast<int64_t>(header.end);
  found.layout = layout_of(image, path, end);
  found.header_bytes = end;
  const bool is_text = header.is_text;
  if (is_text) {
    found.layout.storage = Text{.component = image.pixel.component, .fractions = header.is_colour};
    found.layout.big_endian = false;
    found.read_only = "its pixels are written as text";
  }
  const auto source = std::make_shared<VtkSource>(
      std::move(header), file, is_text ? end : checked_add(end, image.bytes()),
      is_text ? image.bytes() / swr_component_bytes(image.pixel.component) : 0);
  if (!is_text) found.trailer_bytes = source->trailer.own_bytes();
  found.header = source;
  return found;
}

// --- New files ---

// The lines in front of the pixels; empty if VTK has no such pixels. Of two ways to say the same,
// the one of the old header stays.
std::string lines_of_pixels(const PixelType& pixel, const VtkHeader* old) {
  const auto named = [&](std::string_view usual) {
    return !old || old->array.empty() ? std::string(usual) : old->array;
  };
  const bool as_before = old && old->pixel.components == pixel.components;
  const std::string_view keyword = as_before ? std::string_view(old->keyword) : std::string_view();
  const bool is_colour = pixel.kind == SWR_KIND_RGB || pixel.kind == SWR_KIND_RGBA ||
                         (keyword == "color_scalars" && pixel.components < 3);
  if (is_colour && pixel.component == SWR_UINT8)
    return text("COLOR_SCALARS ", named("color_scalars"), " ", pixel.components, "\n");
  if (pixel.kind != default_kind(pixel.components)) return {};
  const char* const type = vtk_type_name(pixel.component);
  if (pixel.components == vtk_axes && keyword != "scalars")
    return text("VECTORS ", named("vectors"), " ", type, "\n");
  return text("SCALARS ", named("scalars"), " ", type, " ", pixel.components,
              "\nLOOKUP_TABLE default\n");
}

class Writer : HeaderWriter<VtkSource> {
 public:
  Writer(const Image& image, const NewFileRequest& request) : HeaderWriter("VTK", image, request) {
    size_.fill(1);
    std::copy_n(image.region.size.begin(), std::min(n_, vtk_axes), size_.begin());
  }

  NewFile write() {
    check_image();
    const VtkHeader* const old = source_ ? &source_->header : nullptr;
    const std::string pixels = lines_of_pixels(image_.pixel, old);
    NewFile file;
    std::string first =
        text(vtk_first_line, " 3.0\n", title_of(old, n_, size_, file.remarks),
             "\nBINARY\nDATASET STRUCTURED_POINTS\n", fields(file.remarks), "DIMENSIONS ", sizes(),
             "\nSPACING ", spacing(), "\nORIGIN ", origin());
    const std::string last =
        text("\nPOINT_DATA ", right_aligned(points(), number_field_width), "\n", pixels);
    const int64_t length = std::ssize(first) + std::ssize(last);
    first.append(static_cast<size_t>(round_up(length, data_alignment) - length), ' ');
    file.header = first + last;
    check_header_length(file.header, path_);
    file.layout = layout_of(image_, path_, std::ssize(file.header));
    file.trailer = "\n";  // as VTK
    if (source_) take_trailer(file);
    return file;
  }

 private:
  std::array<int64_t, vtk_axes> size_{};

  void check_image() const {
    check_storable(image_, path_);
    check_axes(vtk_axes);
    if (lines_of_pixels(image_.pixel, nullptr).empty())
      refuse("pixels of ", image_.pixel.text(),
             "; it has scalars and vectors, and rgb and rgba of uint8");
  }

  bool has_old_axes() const { return source_ && base_->image.dimensions() == n_; }
  int64_t points() const { return image_.bytes() / image_.pixel.bytes(); }

  std::string sizes() const {
    std::string list;
    for (int axis = 0; axis < vtk_axes; ++axis)
      list += (axis > 0 ? " " : "") + right_aligned(size_[axis], number_field_width);
    return list;
  }

  std::string spacing() const {
    const auto& old = source_ ? base_->image.spacing : image_.spacing;
    return list_of(image_.spacing, old, source_ ? source_->header.spacing_text : "", 1);
  }

  std::string origin() const {
    if (has_old_axes() && has_first_pixel_of(image_, base_->image))
      return source_->header.origin_text;
    const auto first = image_.first_pixel_position();
    const auto old = source_ ? base_->image.first_pixel_position() : first;
    return list_of(first, old, source_ ? source_->header.origin_text : "", 0);
  }

  // Numbers that stay keep their text, as do those of axes that the image does not have; `rest` is
  // for such axes of a new file.
  template <typename Numbers>
  std::string list_of(const Numbers& numbers, const Numbers& old, const std::string& old_text,
                      double rest) const {
    const auto words = words_of({old_text, 0}, vtk_axes);
    std::string list;
    for (int axis = 0; axis < vtk_axes; ++axis) {
      const bool stays = has_old_axes() && (axis >= n_ || numbers[axis] == old[axis]);
      list += axis > 0 ? " " : "";
      list += stays ? std::string(words[static_cast<size_t>(axis)].text)
                    : double_text((axis < n_ ? numbers[axis] : rest) + 0.0);
    }
    return list;
  }

  // Numbers that are written as text cannot be in a binary file.
  std::string fields(std::vector<Remark>& remarks) const {
    if (!source_ || source_->header.fields.empty()) return {};
    if (!source_->header.is_text) return source_->header.fields;
    remarks.push_back(
        {"the FIELD in front of the pixels is written as text, and the new file is "
         "binary: it does not have it"});
    return {};
  }

  // METADATA are of an array of so many components, of any type.
  void take_trailer(NewFile& file) const {
    const VtkTrailer& trailer = source_->trailer;
    if (!trailer.is_plain()) {
      if (!source_->header.is_text) return;  // those bytes are counted by read_image()
      file.remarks.push_back(
          {"the file has further data after its pixels, such as a second array, "
           "which the new one does not have"});
    } else if (base_->image.pixel.components == image_.pixel.components) {
      if (!trimmed(trailer.bytes()).empty()) file.trailer = trailer.without_ranges();
    } else if (trailer.has_metadata()) {
      file.remarks.push_back(
          {text("the METADATA after the pixels, such as the components' names, "
                "are of pixels of ",
                base_->image.pixel.components, " components; the new file does not have them")});
    }
  }
};

NewFile plan(const Image& image, const NewFileRequest& request) {
  return Writer(image, request).write();
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const VtkSource& source = source_of(file);
  const int axis = grown.dimensions() - 1;
  const int64_t size = grown.region.size[axis];
  if (file.layout.is_text() || size > std::numeric_limits<int32_t>::max()) return std::nullopt;
  auto sizes = patch_number(source.header.dimensions.value(), static_cast<size_t>(axis), size);
  auto points = patch_number(source.header.points.value(), 0, grown.bytes() / grown.pixel.bytes());
  if (!sizes || !points) return std::nullopt;
  Growth growth;
  growth.patches = {std::move(*sizes), std::move(*points)};
  growth.trailer = source.trailer.without_ranges();
  return growth;
}

std::vector<HeaderPatch> outdate(const Description& file) {
  const VtkTrailer& trailer = source_of(file).trailer;
  if (file.layout.is_text()) return {};
  std::string changed = trailer.without_ranges(true);
  if (changed == trailer.bytes()) return {};
  return {{trailer.begin(), std::move(changed)}};
}

constexpr Suffix suffixes[] = {{".vtk", Compression::never}};

}  // namespace

extern const Format vtk_format;
const Format vtk_format = {
    .name = "VTK",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN,
    .least_dimensions = 1,
    .most_dimensions = vtk_axes,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
    .outdate = outdate,
};

}  // namespace swr
