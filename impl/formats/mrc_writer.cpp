#include "formats/mrc_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "formats/header_text.h"
#include "formats/mrc_geometry.h"
#include "formats/notes.h"

namespace swr {
namespace {

// The header that a new one starts from.
const MrcSource* source_of(const NewFileRequest& request) {
  return request.base ? dynamic_cast<const MrcSource*>(request.base->header.get()) : nullptr;
}

class Writer {
 public:
  Writer(const Image& image, const NewFileRequest& request)
      : image_(image),
        path_(request.path),
        source_(source_of(request)),
        old_(source_ ? &request.base->image : nullptr),
        n_(image.dimensions()) {
    if (source_) header_ = source_->header;
  }

  NewFile write(const Storage& storage) {
    check_image();
    header_.set_pixel(image_.pixel, path_);
    header_.forget_statistics();
    write_kind_of_file();
    for (int axis = 0; axis < mrc_spatial_axes; ++axis) write_axis(axis);
    write_position();
    write_metadata();
    header_.set_integer(mrc::extended_bytes, static_cast<int32_t>(extended_.size()));
    const int64_t offset = mrc_header_bytes + std::ssize(extended_);
    NewFile file;
    file.layout = mrc_layout(image_, storage, offset, path_);
    file.layout.big_endian = header_.big_endian();
    (file.layout.is_compressed() ? file.stream_prefix : file.header) = header_.bytes() + extended_;
    file.remarks = std::move(remarks_);
    return file;
  }

 private:
  const Image& image_;
  const std::string& path_;
  const MrcSource* const source_;
  const Image* const old_;  // what the header that this one starts from says; null without one
  const int n_;
  MrcHeader header_;
  std::string extended_;
  std::vector<Remark> remarks_;

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": MRC cannot hold ", parts...);
  }

  int64_t size(int axis) const { return axis < n_ ? image_.region.size[axis] : 1; }
  double spacing(int axis) const { return axis < n_ ? image_.spacing[axis] : 1; }

  void check_image() const {
    check_storable(image_, path_);
    if (n_ < 2 || n_ > 4) refuse("an image of ", n_, " dimensions; it has 2 to 4");
    for (int axis = 0; axis < n_; ++axis) {
      if (!(image_.spacing[axis] > 0)) refuse("a spacing that is not positive");
    }
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    if (size(0) > most || size(1) > most || size(2) > most / size(mrc_volumes_axis))
      refuse("an image of ", image_.region.text(), ": its sizes have 31 bits");
  }

  // What the space group says besides symmetry: whether sections are images, a volume, or volumes.
  void write_kind_of_file() {
    constexpr int32_t images = 0, volume = 1, volumes = 401;
    const int32_t group = header_.integer(mrc::space_group);
    const bool of_images =
        has_suffix(path_, ".mrcs") || has_suffix(path_, ".st") || has_suffix(path_, ".ali");
    if (old_ && old_->dimensions() == n_ && !(n_ == 3 && group == images && size(2) == 1)) return;
    const bool is_stack = n_ == 2 || (n_ == 3 && of_images && size(2) > 1);
    header_.set_integer(mrc::space_group, n_ == 4 ? volumes : is_stack ? images : volume);
  }

  // What the old header says of an axis stays where it is still so.
  void write_axis(int axis) {
    const auto pixels = static_cast<int32_t>(size(axis));
    const auto volumes = static_cast<int32_t>(axis == 2 ? size(mrc_volumes_axis) : 1);
    const bool is_kept =
        old_ && old_->dimensions() == n_ &&
        header_.integer(mrc::space_group) == source_->header.integer(mrc::space_group) &&
        (axis >= n_ || old_->spacing[axis] == image_.spacing[axis]);
    if (is_kept) {
      resize_mrc_axis(header_, axis, pixels, volumes);
    } else {
      header_.set_integer(mrc::size, axis, pixels * volumes);
      header_.set_integer(mrc::grid, axis, pixels);
      set_length(axis, spacing(axis) * pixels);
    }
  }

  void set_length(int axis, double length) {
    const auto value = static_cast<float>(length);
    if (!std::isfinite(value) || value <= 0) refuse("a spacing of ", spacing(axis));
    header_.set_number(mrc::cell, axis, value);
  }

  void write_position() {
    const auto first = image_.first_pixel_position();
    bool is_zero = true, has_start = false;
    // What the header says of an axis that the image does not have stays.
    const int written =
        old_ && old_->dimensions() == n_ ? std::min(n_, mrc_spatial_axes) : mrc_spatial_axes;
    for (int axis = 0; axis < written; ++axis) {
      const int64_t start = axis < n_ ? image_.region.index[axis] : 0;
      const bool fits = start == static_cast<int32_t>(start);
      header_.set_integer(mrc::start, axis, fits ? static_cast<int32_t>(start) : 0);
      has_start = has_start || start != 0;
    }
    const Image seen = as_read();
    const Format* const format = format_by_suffix(path_);
    const bool is_found = header_.has_mark() || (format && format->name == "MRC");
    if (is_found && old_ && old_->dimensions() == n_ && is_at_first_pixel_of(seen)) return;
    if (!header_.has_mark() && header_.add_mark()) {
      remarks_.push_back(
          {"the header is one of before the year 2000, without an origin; what it "
           "has in the bytes 196 to 219 gives way to it"});
    }
    for (int axis = 0; axis < written; ++axis) {
      const auto value = axis < n_ ? static_cast<float>(first[axis]) : 0.0F;
      if (!std::isfinite(value)) refuse("an origin of ", first[axis]);
      header_.set_number(mrc::origin, axis, value);
      is_zero = is_zero && value == 0;
    }
    if (is_zero && has_start) header_.set_number(mrc::origin, 0, -0.0F);
  }

  // Up to the rounding of the cell's lengths, which the start index is counted in.
  bool is_at_first_pixel_of(const Image& seen) const {
    const auto wanted = image_.first_pixel_position(), found = seen.first_pixel_position();
    for (int axis = 0; axis < std::min(n_, mrc_spatial_axes); ++axis) {
      const double most = 2.0 * std::numeric_limits<float>::epsilon() * std::abs(wanted[axis]);
      if (!(std::abs(wanted[axis] - found[axis]) <= most)) return false;
    }
    return true;
  }

  // The image as the header says it so far.
  Image as_read() const {
    Image seen;
    seen.region = image_.region;
    read_mrc_geometry(header_, seen);
    return seen;
  }

  bool has_start_in_fields() const {
    for (int axis = 0; axis < n_; ++axis) {
      const int64_t start = image_.region.index[axis];
      if (axis < mrc_spatial_axes ? start != static_cast<int32_t>(start) : start != 0) return false;
    }
    return true;
  }

  // Empty if the header need not say it.
  std::string place_of_volumes() const {
    if (n_ <= mrc_volumes_axis) return {};
    const double spacing = image_.spacing[mrc_volumes_axis];
    const double first = image_.first_pixel_position()[mrc_volumes_axis];
    if (spacing == 1 && first == 0) return {};
    return double_text(spacing) + " " + double_text(first);
  }

  static const char* fault_of(const std::string& key, size_t bytes) {
    if (is_mrc_note(key)) return "swr uses that name itself";
    if (key.empty()) return "the name is empty";
    if (bytes > static_cast<size_t>(most_mrc_extended_bytes) / 4)
      return "the metadata would be longer than swr reads back";
    return nullptr;
  }

  void write_metadata() {
    const std::vector<std::string> labels = new_labels();
    Metadata notes;
    if (!has_start_in_fields()) notes.set(start_index_key, start_index_text(image_.region));
    if (const std::string place = place_of_volumes(); !place.empty())
      notes.set(mrc_volumes_key, place);
    size_t bytes = 0;
    for (const auto& [key, value] : image_.metadata) {
      if (is_label(key, value, labels)) continue;
      bytes += key.size() + value.size();
      if (const char* const fault = fault_of(key, bytes)) {
        remarks_.push_back(
            {text("MRC cannot hold the metadata \"", key, "\": ", fault), true, key});
      } else {
        notes.set(key, value);
      }
    }
    header_.set_labels(labels);
    write_extended(notes);
  }

  static bool fits_label(const std::string& value) {
    return !value.empty() && value.size() <= mrc_label_room && !has_control_character(value) &&
           trimmed(value) == value;
  }

  // The labels of the metadata, by their numbers. One that the old header has stays, whatever is in
  // it and wherever it is; others need one in front of them, which is how programs find them.
  std::vector<std::string> new_labels() const {
    std::vector<std::string> old, labels;
    if (source_) old = source_->header.all_labels();
    old.resize(most_mrc_labels);
    bool has_gap = false;
    for (size_t i = 0; i < old.size(); ++i) {
      const std::string* const value = image_.find_metadata(text(mrc_label_key, i + 1));
      const bool is_taken =
          value && !value->empty() && (*value == old[i] || (!has_gap && fits_label(*value)));
      labels.push_back(is_taken ? *value : std::string());
      has_gap = has_gap || !is_taken;
    }
    while (!labels.empty() && labels.back().empty()) labels.pop_back();
    return labels;
  }

  static bool is_label(const std::string& key, const std::string& value,
                       const std::vector<std::string>& labels) {
    if (!key.starts_with(mrc_label_key) || value.empty()) return false;
    for (size_t i = 0; i < labels.size(); ++i) {
      if (key == text(mrc_label_key, i + 1)) return labels[i] == value;
    }
    return false;
  }

  // An extended header of another program stays. Pixels after notes begin at a page.
  void write_extended(const Metadata& notes) {
    if (source_ && source_->has_foreign_header()) {
      keep_extended(notes);
      return;
    }
    if (!notes.empty()) header_.set_text(mrc::extended_type, 4, own_mrc_type);
    if (notes.empty() && source_ && source_->has_own_notes())
      header_.set_text(mrc::extended_type, 4, std::string(4, '\0'));
    if (notes.empty()) return;
    extended_ = notes_text(notes);
    const int64_t offset = round_up(mrc_header_bytes + std::ssize(extended_) + 1, data_alignment);
    extended_.resize(static_cast<size_t>(offset - mrc_header_bytes), '\0');
  }

  void keep_extended(const Metadata& notes) {
    extended_ = source_->extended;
    if (std::ssize(extended_) != header_.integer(mrc::extended_bytes))
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the extended header of ",
           header_.integer(mrc::extended_bytes), " bytes is longer than swr reads, or is cut off");
    for (const auto& [key, value] : notes) {
      if (is_mrc_note(key)) refuse(key, " ", value, " beside an ", source_->type());
    }
    for (const auto& [key, value] : notes) {
      remarks_.push_back(
          {text("MRC cannot hold the metadata \"", key, "\" beside an ", source_->type()), true,
           key});
    }
    if (old_->region.size == image_.region.size) return;
    for (Remark& remark : remarks_on_sections(*source_)) remarks_.push_back(std::move(remark));
  }
};

}  // namespace

bool is_mrc_note(std::string_view key) {
  return key == start_index_key || key == mrc_volumes_key;
}

bool MrcSource::has_own_notes() const {
  Metadata notes;
  return header.text(mrc::extended_type, own_mrc_type.size()) == own_mrc_type &&
         read_notes(extended, notes);
}

std::string MrcSource::type() const {
  const std::string_view field = header.text(mrc::extended_type, 4);
  const std::string_view type = trimmed(field.substr(0, field.find('\0')));
  return type.empty() ? "extended header without a type" : "extended header " + in_quotes(type);
}

std::vector<std::string> MrcSource::own_fields() const {
  std::vector<std::string> names;
  const int32_t group = header.integer(mrc::space_group);
  if (group > 1 && header.volumes() == 0) names.push_back(text("ispg ", group));
  if (has_foreign_header()) names.push_back(type());
  return names;
}

Layout mrc_layout(const Image& image, const Storage& storage, int64_t offset,
                  const std::string& path) {
  Layout layout;
  layout.order.dimensions = image.dimensions();
  layout.order.size = image.region.size;
  layout.order.component_bytes = swr_component_bytes(image.pixel.component);
  layout.order.components = image.pixel.components;
  layout.storage = storage;
  auto* const stream = std::get_if<Deflate>(&layout.storage);
  if (stream) stream->prefix = offset;
  layout.parts = {DataPart{path, stream ? 0 : offset, 0, image.bytes()}};
  return layout;
}

NewFile write_mrc_header(const Image& image, const NewFileRequest& request) {
  return Writer(image, request).write(request.storage);
}

std::vector<Remark> remarks_on_sections(const MrcSource& source) {
  if (!source.has_foreign_header()) return {};
  return {{text("the ", source.type(),
                " may tell of each section; it stays as it was for the old size")}};
}

}  // namespace swr
