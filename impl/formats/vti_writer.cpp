#include "formats/vti_writer.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "base/checked.h"
#include "base/error.h"
#include "codecs/xml.h"
#include "formats/header_text.h"
#include "formats/header_writer.h"
#include "formats/vti_strings.h"

namespace swr {
namespace {

constexpr size_t index_width = 10;  // of numbers in an extent, which have 31 bits
constexpr int new_length_bytes = 8;
constexpr std::string_view end_tags = "\n  </AppendedData>\n</VTKFile>\n";
constexpr std::string_view bare_end_tags = "</AppendedData></VTKFile>";
constexpr std::array<double, 9> identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};

std::string attribute(std::string_view name, std::string_view value) {
  return text(" ", name, "=\"", xml_escaped(value), "\"");
}

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::string without_blanks(std::string text) {
  std::erase_if(text, is_blank);
  return text;
}

// Geometry with three axes, whatever the image has.
struct Space {
  std::array<double, 3> spacing{1, 1, 1}, first{};
  std::array<double, 9> direction = identity;

  explicit Space(const Image& image) {
    const int n = std::min(image.dimensions(), vti_axes);
    if (image.placement) {
      spacing = image.placement->spacing;
      direction = image.placement->direction;
      first = image.placement->origin;
      for (int row = 0; row < vti_axes; ++row) {
        for (int axis = 0; axis < n; ++axis)
          first[row] += direction[3 * row + axis] * spacing[axis] *
                        static_cast<double>(image.region.index[axis]);
      }
      return;
    }
    const auto position = image.first_pixel_position();
    for (int row = 0; row < n; ++row) {
      spacing[row] = image.spacing[row];
      first[row] = position[row];
      for (int axis = 0; axis < n; ++axis)
        direction[3 * row + axis] = image.direction[row * image.dimensions() + axis];
    }
  }
};

class Writer : HeaderWriter<VtiSource> {
 public:
  Writer(const Image& image, const NewFileRequest& request)
      : HeaderWriter("VTI", image, request), is_rewrite_(request.rewritten != nullptr) {}

  NewFile write() {
    check_image();
    NewFile file;
    take_metadata(file);
    file.header = tags();
    const int64_t length = std::ssize(file.header) + 1 + new_length_bytes;
    file.header.append(static_cast<size_t>(round_up(length, data_alignment) - length), ' ');
    file.header += "_" + vti_length(image_.bytes(), new_length_bytes, false);
    check_header_length(file.header, path_);
    file.layout.order = {n_, image_.region.size, swr_component_bytes(image_.pixel.component),
                         image_.pixel.components};
    file.layout.parts = {DataPart{path_, std::ssize(file.header), 0, image_.bytes()}};
    file.trailer = end_tags;
    if (source_) tell_losses(file);
    return file;
  }

 private:
  const bool is_rewrite_;  // of the base
  Metadata metadata_;      // what can be held of it

  void check_image() const {
    check_storable(image_, path_);
    check_axes(vti_axes);
    if (!vti_type_name(image_.pixel.component)) refuse("pixels of ", image_.pixel.text());
  }

  std::string tags() const {
    const std::string extent = extents(), room = room_after(extent);
    return text(
        "<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" "
        "byte_order=\"LittleEndian\" header_type=\"UInt64\"",
        source_ ? source_->header.root_kept.attributes : "", ">\n  <ImageData",
        attribute("WholeExtent", extent), room, geometry(), own_attributes(),
        source_ ? source_->header.image_kept.attributes : "", ">\n", fields(), "    <Piece",
        attribute("Extent", extent), room,
        source_ ? source_->header.pieces.front().kept.attributes : "", ">\n", pixels(),
        "      <CellData>\n      </CellData>\n    </Piece>\n  </ImageData>\n"
        "  <AppendedData encoding=\"raw\">\n   ");
  }

  std::string extents() const {
    std::string list;
    for (int axis = 0; axis < vti_axes; ++axis)
      list += text(axis > 0 ? " 0 " : "0 ", axis < n_ ? image_.region.size[axis] - 1 : 0);
    return list;
  }

  // For growth, which lengthens a number. Outside of the quotes, since there are readers that take
  // two blanks of a list for a zero (vtk.js).
  static std::string room_after(const std::string& extent) {
    const std::string longest = text("0 ", std::string(index_width, '9'), " 0 ");
    return std::string(vti_axes * longest.size() - extent.size(), ' ');
  }

  // Text of the base stays as it is where it says the same.
  std::string geometry() const {
    const Space space(image_);
    const bool has_base = source_ && base_->image.dimensions() == n_;
    const Space old(has_base ? base_->image : image_);
    const VtiHeader* const header = has_base ? &source_->header : nullptr;
    const bool from_zero = header && starts_at_zero(*header);
    std::string all;
    all += attribute("Origin", from_zero && space.first == old.first && !header->origin.empty()
                                   ? header->origin
                                   : list_of(space.first));
    all += attribute("Spacing", header && space.spacing == old.spacing && !header->spacing.empty()
                                    ? header->spacing
                                    : list_of(space.spacing));
    const bool keeps = header && space.direction == old.direction;
    if (keeps ? !header->direction.empty() : space.direction != identity)
      all += attribute("Direction", keeps ? header->direction : list_of(space.direction));
    return all;
  }

  bool starts_at_zero(const VtiHeader& header) const {
    const VtiExtent extent = vti_extent(header.whole_extent, path_);
    return extent[0] == 0 && extent[2] == 0 && extent[4] == 0;
  }

  template <size_t count>
  static std::string list_of(const std::array<double, count>& numbers) {
    std::string list;
    for (const double number : numbers)
      list += (list.empty() ? "" : " ") + double_text(number + 0.0);
    return list;
  }

  std::string own_attributes() const {
    std::string all;
    const int by_sizes = n_ < vti_axes || image_.region.size[2] == 1 ? 2 : 3;
    if (n_ != by_sizes) all += attribute("swr_dimensions", std::to_string(n_));
    const auto& index = image_.region.index;
    if (std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; }))
      all += attribute("swr_index", start_index_text(image_.region));
    return all;
  }

  // Fields of the old file that mean the same in the new one, and the metadata.
  std::string fields() const {
    return vti_fields(source_ ? source_->header.fields : std::vector<VtiFields>(), metadata_);
  }

  // A new entry cannot have the name of an array of the old file that is no string.
  void take_metadata(NewFile& file) {
    std::unordered_set<std::string_view> taken;
    if (source_) {
      for (const VtiFields& each : source_->header.fields)
        taken.insert(each.others.begin(), each.others.end());
    }
    for (const auto& [name, value] : image_.metadata) {
      const char* fault = vti_string_fault(name, value);
      if (!fault && taken.contains(name) && !base_->image.find_metadata(name))
        fault = "the file has another FieldData of that name";
      if (fault) {
        file.remarks.push_back(
            {text("VTI cannot hold the metadata \"", name, "\": ", fault), true, name});
      } else {
        metadata_.set(name, value);
      }
    }
  }

  // What the pixels are for VTK: "Scalars", "Vectors" or "Tensors"; as in the old header, if it has
  // pixels of as many components.
  const char* role(const VtiArray* old) const {
    const PixelType& pixel = image_.pixel;
    if (old && !old->name.empty() && base_->image.pixel.components == pixel.components) {
      const VtiPiece& piece = source_->header.pieces.front();
      if (old->name == piece.scalars) return "Scalars";
      if (old->name == piece.vectors) return "Vectors";
      if (old->name == piece.tensors) return "Tensors";
    }
    const bool is_vectors =
        pixel.components == vti_axes &&
        (pixel.kind == SWR_KIND_VECTOR || pixel.kind == SWR_KIND_COVARIANT_VECTOR);
    return is_vectors ? "Vectors" : "Scalars";
  }

  std::string pixels() const {
    const PixelType& pixel = image_.pixel;
    const VtiArray* const old = source_ ? pixel_array(source_->header.pieces.front()) : nullptr;
    const std::string as = role(old);
    const bool is_scalars = as == "Scalars";
    const std::string name = old && !old->name.empty() ? old->name
                             : is_scalars              ? "scalars"
                                                       : "vectors";
    std::string own;
    if (vti_kind(pixel.component, pixel.components, !is_scalars) != pixel.kind)
      own = attribute("swr_kind", swr_kind_name(pixel.kind));
    const bool keeps = source_ && source_->describes(pixel.components);
    const std::string inside = keeps ? old->kept.inside : "";
    return text("      <PointData", attribute(as, name), ">\n        <DataArray",
                attribute("type", vti_type_name(pixel.component)), attribute("Name", name),
                attribute("NumberOfComponents", std::to_string(pixel.components)),
                " format=\"appended\" offset=\"0\"", own, keeps ? old->kept.attributes : "",
                inside.empty() ? "/>" : text(">", inside, "</DataArray>"),
                "\n      </PointData>\n");
  }

  void tell_losses(NewFile& file) const {
    std::string list;
    for (const std::string& field : source_->lost_fields(image_.pixel.components))
      list += (list.empty() ? "" : ", ") + field;
    if (list.empty()) return;
    if (is_rewrite_) {
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the file must be rewritten for this, and would lose ",
           list, "; copy the image to another file");
    }
    file.remarks.push_back(
        {text("the file has further data, which the new one does not have: ", list)});
  }
};

}  // namespace

std::vector<std::string> VtiSource::own_fields() const {
  std::vector<std::string> fields = lost_fields(0);
  const bool has_fields = std::ranges::any_of(header.fields, [](const VtiFields& each) {
    return each.is_carried && !each.holds_only_strings();
  });
  if (has_fields && std::ranges::find(fields, "FieldData") == fields.end())
    fields.emplace_back("FieldData");
  return fields;
}

bool VtiSource::describes(int components) const {
  const VtiPiece& piece = header.pieces.front();
  const VtiArray* const pixels = pixel_array(piece);
  const auto old = pixels->components.empty() ? 1 : integer_of(trimmed(pixels->components));
  return pixels->kept.is_carried && old == components;
}

std::vector<std::string> VtiSource::lost_fields(int components) const {
  std::vector<std::string> fields;
  const VtiPiece& piece = header.pieces.front();
  const VtiArray* const pixels = pixel_array(piece);
  for (const VtiArray& array : piece.arrays) {
    if (&array != pixels) fields.push_back(text("PointData \"", array.name, "\""));
  }
  if (std::ranges::any_of(header.pieces, &VtiPiece::has_cells)) fields.emplace_back("CellData");
  if (const auto& names = pixels->kept.names; !names.empty() && !describes(components)) {
    const size_t more = names.size() - 1;
    fields.push_back(text(names.front(), more > 0 ? text(" and ", more, " more") : "", " of \"",
                          pixels->name, "\""));
  }
  if (!piece.kept.is_carried) fields.push_back(text("Piece's ", piece.kept.names.back()));
  const bool loses_fields = std::ranges::any_of(header.fields, [](const VtiFields& each) {
    return !each.is_carried && !each.holds_only_strings();
  });
  if (loses_fields) fields.emplace_back("FieldData");
  return fields;
}

bool VtiSource::has_pixels_alone() const {
  const VtiPiece& piece = header.pieces.front();
  return header.pieces.size() == 1 && piece.arrays.size() == 1 && !piece.has_cells &&
         piece.arrays.front().offset == 0;
}

bool VtiSource::has_plain_trailer() const {
  return without_blanks(trailer) == bare_end_tags;
}

int64_t VtiSource::end_tag_bytes() const {
  size_t end = 0;
  const auto skip_blanks = [&] {
    while (end < trailer.size() && is_blank(trailer[end])) ++end;
  };
  for (const char letter : bare_end_tags) {
    skip_blanks();
    if (end == trailer.size() || trailer[end++] != letter) return 0;
  }
  skip_blanks();
  return static_cast<int64_t>(end);
}

bool VtiSource::has_cut_trailer() const {
  const std::string tags = without_blanks(trailer);
  return !tags.empty() && tags != bare_end_tags && bare_end_tags.starts_with(tags);
}

std::string vti_length(int64_t bytes, int width, bool big_endian) {
  std::string word(static_cast<size_t>(width), '\0');
  for (int i = 0; i < width; ++i)
    word[static_cast<size_t>(big_endian ? width - 1 - i : i)] =
        static_cast<char>((bytes >> (8 * i)) & 0xff);
  return word;
}

NewFile plan_vti(const Image& image, const NewFileRequest& request) {
  return Writer(image, request).write();
}

}  // namespace swr
