#include "formats/metaimage_writer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "formats/metaimage_names.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr size_t most_key_bytes = 200;          // MetaIO keeps names in 255 bytes
constexpr size_t most_value_bytes = 32767;      // and values in a little more,
constexpr size_t most_descriptive_bytes = 200;  // but descriptive fields in 255
constexpr int stream_bytes_width = 20;          // the digits of any int64_t

// Why a header cannot hold a piece of metadata so that every reader can read it; nullptr if it can.
const char* fault_of(const std::string& key, const std::string& value) {
  const bool descriptive = is_descriptive_field(key);
  if (is_reserved_key(key) || (is_metaimage_field(key) && !descriptive))
    return "the format uses that name itself";
  if (key.empty() || key.size() > most_key_bytes || trimmed(key) != key)
    return "the name is empty, too long, or has blanks at its ends";
  if (has_control_character(key) || key.find_first_of("=:#\t") != std::string::npos)
    return "the name has '=', ':', '#' or a control character";
  const std::string_view words = trimmed(value);
  if (words.empty() || words.front() != value.front() || value.front() == '=' ||
      value.front() == ':') {
    return "the value is empty, or begins with a blank or a separator";
  }
  if (has_control_character(value))
    return "the value has more than one line, or control characters";
  if (value.size() > (descriptive ? most_descriptive_bytes : most_value_bytes))
    return "the value is too long for other programs";
  return nullptr;
}

// One letter for each axis, the side from which it comes: R or L, A or P, I or S, chosen as in ITK;
// '?' if there are not three axes.
std::string anatomical_orientation(const Image& image) {
  const int n = image.dimensions();
  std::string letters(static_cast<size_t>(n), '?');
  if (n != 3) return letters;
  std::array<bool, 3> used{};
  for (int axis = 0; axis < 3; ++axis) {
    int main_row = -1;
    for (int row = 0; row < 3; ++row) {
      if (used[row]) continue;
      if (main_row < 0 || std::abs(image.direction[row * 3 + axis]) >
                              std::abs(image.direction[main_row * 3 + axis]))
        main_row = row;
    }
    used[main_row] = true;
    letters[axis] = "RAILPS"[main_row + (image.direction[main_row * 3 + axis] < 0 ? 3 : 0)];
  }
  return letters;
}

const MetaImageSource* source_of(const NewFileRequest& request) {
  return request.base ? dynamic_cast<const MetaImageSource*>(request.base->header.get()) : nullptr;
}

size_t space_axes(const Image& image) {
  return static_cast<size_t>(std::min(image.dimensions(), 3));
}

bool has_space_units_of(const Image& image, const Image& other) {
  return std::equal(image.units.begin(), image.units.begin() + space_axes(image),
                    other.units.begin());
}

class Writer {
 public:
  Writer(const Image& image, const NewFileRequest& request, const std::string& data_file)
      : image_(image),
        request_(request),
        old_(source_of(request) ? &request.base->image : nullptr),
        n_(image.dimensions()),
        same_axes_(old_ && old_->dimensions() == n_),
        draft_(old_ ? source_of(request)->draft : HeaderDraft(metaimage_syntax(n_))),
        data_file_(data_file) {}

  NewMetaImageHeader write() {
    // A header without filler gets none: other programs would show it as metadata.
    const bool is_filled = (!old_ || draft_.has_filler()) && data_file_ == "LOCAL";
    draft_.remove_filler();
    write_head();
    write_geometry();
    write_metadata();
    write_pixel();
    draft_.erase("HeaderSize");
    draft_.set("ElementDataFile", data_file_);
    if (is_filled && !request_.is_compressed()) draft_.fill(data_alignment, 0);
    if (is_filled && request_.is_compressed()) draft_.add_room();
    NewMetaImageHeader header{draft_.text(), {}, std::move(remarks_)};
    if (request_.is_compressed())
      header.stream_bytes_field = {static_cast<int64_t>(draft_.value_offset("CompressedDataSize")),
                                   stream_bytes_width};
    return header;
  }

 private:
  const Image& image_;
  const NewFileRequest& request_;
  // the image of the header that this one starts from; null if there is none
  const Image* const old_;
  const int n_;
  const bool same_axes_;  // the old image has as many
  HeaderDraft draft_;
  const std::string data_file_;
  std::vector<Remark> remarks_;

  template <typename Number>
  void list(std::string_view name, int count, const Number& number) {
    std::string values;
    for (int i = 0; i < count; ++i) values += (i > 0 ? " " : "") + double_text(number(i) + 0.0);
    draft_.set(name, values);
  }

  // The one of these fields that the old header has, in the order in which readers look; else the
  // usual one.
  std::string field_of(std::initializer_list<std::string_view> names, std::string_view usual) {
    const std::string_view found = draft_.first_of(names);
    return std::string(found.empty() ? usual : found);
  }

  // Sets a flag, unless the field is absent and the default is right.
  void set_flag(std::string_view name, bool value, bool if_absent) {
    const auto* const line = draft_.field(name);
    if (line ? metaimage_flag(line->value) != value : !old_ || value != if_absent)
      draft_.set(name, value ? "True" : "False");
  }

  void write_head() {
    if (!old_) draft_.set("ObjectType", "Image");
    if (!same_axes_) draft_.set("NDims", text(n_));
    set_flag("BinaryData", true, true);
    set_flag(field_of({"BinaryDataByteOrderMSB", "ElementByteOrderMSB"}, "BinaryDataByteOrderMSB"),
             false, false);
    set_flag("CompressedData", request_.is_compressed(), false);
    // The length is known only at the end: blanks after the number leave room for it.
    if (request_.is_compressed())
      draft_.set("CompressedDataSize", "0" + std::string(stream_bytes_width - 1, ' '));
    else
      draft_.erase("CompressedDataSize");
  }

  void write_geometry() {
    const bool same_direction = same_axes_ && same_units() && has_direction_of(image_, *old_) &&
                                has_spacing_of(image_, *old_);
    const double unit = write_unit();
    if (!same_direction) {
      list(field_of({"ElementDirection", "TransformMatrix", "Rotation", "Orientation"},
                    "TransformMatrix"),
           n_ * n_, [&](int i) { return image_.direction[(i % n_) * n_ + i / n_]; });
    }
    if (!same_axes_ || !same_units() || !has_first_pixel_of(image_, *old_)) {
      const auto position = image_.first_pixel_position();
      list(field_of({"ElementOrigin", "ImagePosition", "Origin", "Position", "Offset"}, "Offset"),
           n_, [&](int i) { return to_unit(position[i], i < 3 ? unit : 1); });
    }
    if (!same_axes_) list("CenterOfRotation", n_, [](int) { return 0.0; });
    if (!same_direction) {
      draft_.set("AnatomicalOrientation", anatomical_orientation(image_));
      list(field_of({"ElementSpacing", "ElementSize"}, "ElementSpacing"), n_,
           [&](int i) { return to_unit(image_.spacing[i], i < 3 ? unit : 1); });
    }
    if (image_.is_out_of_plane())
      remarks_.push_back({"MetaImage cannot store how an image of " + text(n_) +
                          " dimensions is placed in three-dimensional space"});
  }

  // Returns the size of the unit.
  double write_unit() {
    const swr_unit unit = metaimage_unit(image_, old_, 0);
    if (old_ && has_space_units_of(image_, *old_)) return size_of(unit);
    if (unit == SWR_UNIT_NONE) {
      draft_.erase("DistanceUnits");
    } else {
      draft_.set("DistanceUnits", unit_name(unit));
    }
    return size_of(unit);
  }

  bool same_units() const { return old_ && old_->units == image_.units; }

  void write_metadata() {
    const MetadataChange change =
        metadata_change(old_ ? old_->metadata : Metadata(), image_.metadata);
    draft_.erase_pairs(change.removed);
    for (const std::string& key : change.removed) {
      if (is_descriptive_field(key)) draft_.erase(key);
    }
    Metadata pairs;
    for (const auto& [key, value] : change.set) {
      if (const char* fault = fault_of(key, value)) {
        remarks_.push_back(
            {text("MetaImage cannot hold the metadata \"", key, "\": ", fault), true, key});
      } else if (is_descriptive_field(key)) {
        draft_.set(key, value);
      } else {
        pairs.set(key, value);
      }
    }
    draft_.set_pairs(pairs);
    const auto& index = image_.region.index;
    write_note(start_index_key, start_index_text(image_.region),
               std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; }));
    const PixelType& pixel = image_.pixel;
    write_note(kind_key, swr_kind_name(pixel.kind),
               pixel.kind != metaimage_default_kind(pixel.component, pixel.components));
  }

  void write_note(std::string_view key, std::string_view value, bool wanted) {
    if (wanted) {
      draft_.set_pair(key, value);
    } else {
      draft_.erase_pair(key);
    }
  }

  void write_pixel() {
    std::string sizes;
    for (int axis = 0; axis < n_; ++axis)
      sizes += (axis > 0 ? " " : "") + text(image_.region.size[axis]);
    draft_.set("DimSize", sizes);
    const PixelType& pixel = image_.pixel;
    if (pixel.components > 1 ||
        (draft_.field("ElementNumberOfChannels") && old_->pixel.components != pixel.components))
      draft_.set("ElementNumberOfChannels", text(pixel.components));
    if (!old_ || !(old_->scale == image_.scale)) write_scale();
    if (old_ && old_->pixel.component == pixel.component) return;
    draft_.set("ElementType", metaimage_type(pixel.component));
    // These fields describe values of the old type.
    for (const auto* name : {"ElementMin", "ElementMax", "ElementNBits"}) draft_.erase(name);
  }

  void write_scale() {
    draft_.erase("ElementToIntensityFunctionSlope");
    draft_.erase("ElementToIntensityFunctionOffset");
    if (image_.scale.is_identity()) return;
    draft_.set("ElementToIntensityFunctionSlope", double_text(image_.scale.slope));
    draft_.set("ElementToIntensityFunctionOffset", double_text(image_.scale.intercept));
  }
};

}  // namespace

NewMetaImageHeader write_metaimage_header(const Image& image, const NewFileRequest& request,
                                          const std::string& data_file) {
  return Writer(image, request, data_file).write();
}

// DistanceUnits applies to the first three axes; a new header uses only units that MetaIO knows.
swr_unit metaimage_unit(const Image& image, const Image* old, int axis) {
  if (axis >= 3) return SWR_UNIT_NONE;
  const swr_unit unit = image.units[0];
  if (old && has_space_units_of(image, *old)) return unit;
  const bool is_one_unit = std::all_of(image.units.begin(), image.units.begin() + space_axes(image),
                                       [&](swr_unit other) { return other == unit; });
  const bool is_known =
      unit == SWR_UNIT_MILLIMETRE || unit == SWR_UNIT_MICROMETRE || unit == SWR_UNIT_CENTIMETRE;
  return is_one_unit && is_known ? unit : SWR_UNIT_NONE;
}

std::optional<std::string> grown_metaimage_header(const MetaImageSource& source,
                                                  const Image& grown) {
  HeaderDraft draft = source.draft;
  const size_t length = draft.bytes();
  const int axis = grown.dimensions() - 1;
  draft.set("DimSize", with_number(draft.field("DimSize")->value, static_cast<size_t>(axis),
                                   grown.region.size[axis]));
  if (!draft.fit(length) && !source.is_whole_file) return std::nullopt;
  return draft.text();
}

}  // namespace swr
