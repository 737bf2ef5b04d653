#include "formats/nifti_writer.h"

#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "base/error.h"
#include "formats/header_text.h"
#include "formats/nifti_file.h"
#include "formats/nifti_forms.h"
#include "formats/nifti_geometry.h"

namespace swr {
namespace {

constexpr int64_t page = 4096;
// lengths of extensions and the offset of the pixels are multiples of this
constexpr int64_t offset_unit = 16;

const NiftiSource* source_of(const NewFileRequest& request) {
  return request.base ? dynamic_cast<const NiftiSource*>(request.base->header.get()) : nullptr;
}

template <typename Values>
bool same_first(const Values& a, const Values& b, int count) {
  return std::equal(a.begin(), a.begin() + count, b.begin());
}

bool same_placement(const Image& a, const Image& b) {
  if (!a.placement || !b.placement) return !a.placement && !b.placement;
  return a.placement->direction == b.placement->direction &&
         a.placement->origin == b.placement->origin && a.placement->spacing == b.placement->spacing;
}

// Whether `a` is a crop or an extension of `b` in space, so that common pixels have the same
// position. Axes after the third may differ in number.
bool same_space(const Image& a, const Image& b) {
  const int n = a.dimensions(), m = b.dimensions(), axes = std::min(n, 3);
  if (n != m && std::min(n, m) < 3) return false;
  for (int row = 0; row < axes; ++row) {
    for (int axis = 0; axis < axes; ++axis) {
      if (a.direction[row * n + axis] != b.direction[row * m + axis]) return false;
    }
  }
  return same_first(a.spacing, b.spacing, axes) && same_first(a.origin, b.origin, axes) &&
         same_first(a.units, b.units, axes) && same_placement(a, b);
}

bool same_axis(const Image& a, const Image& b, int axis) {
  return axis < b.dimensions() && a.spacing[axis] == b.spacing[axis] &&
         a.origin[axis] == b.origin[axis] && a.units[axis] == b.units[axis];
}

class Writer {
 public:
  Writer(const Image& image, const NewFileRequest& request, const NiftiPlace& place)
      : image_(image),
        path_(request.path),
        source_(source_of(request)),
        old_(source_ ? &request.base->image : nullptr),
        base_region_(request.base_region),
        place_(place),
        n_(image.dimensions()) {
    if (source_) header_ = source_->header;
    header_.big_endian = false;
    header_.pair = place.pair;
  }

  NewNiftiHeader write() {
    NewNiftiHeader out;
    out.shape = spread_over_nifti(image_, old_, header_, path_);
    write_space();
    write_time();
    for (int axis = 4; axis < n_; ++axis) {
      if (!old_ || !same_axis(image_, *old_, axis)) write_nifti_step(image_, axis, header_, path_);
    }
    write_slices();
    write_values();
    const Metadata entries = write_metadata();
    out.offset = finish(entries, out.bytes);
    if (source_ && size_changes()) {
      for (Remark& remark : remarks_on_size(*source_)) remarks_.push_back(std::move(remark));
    }
    out.remarks = std::move(remarks_);
    return out;
  }

 private:
  const Image& image_;
  const std::string& path_;
  const NiftiSource* const source_;
  // the image of the header that this one starts from; null if there is none
  const Image* const old_;
  const std::optional<Region>& base_region_;
  const NiftiPlace place_;
  const int n_;
  NiftiHeader header_;
  std::vector<Remark> remarks_;

  // Whether every pixel keeps the position that the old header gives it. If the new image has fewer
  // axes, only the box that it covers is compared.
  bool lies_as_old() const {
    if (!old_ || n_ >= old_->dimensions()) return old_ && same_space(image_, *old_);
    Image part = *old_;
    if (base_region_) part.set_region(*base_region_);
    part.set_region(image_.region);
    return same_space(image_, part);
  }

  bool size_changes() const {
    return old_->dimensions() != n_ || !same_first(old_->region.size, image_.region.size, n_);
  }

  // Whether the axis is new: the old image does not have it, although its header may.
  bool says_nothing_of(int axis) const {
    return image_.spacing[axis] == 1 && image_.origin[axis] == 0 &&
           image_.units[axis] == SWR_UNIT_NONE;
  }

  // The number of pixels that are cut off in front, also along an axis that is dropped.
  int64_t cut(int axis) const {
    if (!old_ || axis >= old_->dimensions()) return 0;
    if (axis < n_) return image_.region.index[axis] - old_->region.index[axis];
    return base_region_ ? base_region_->index[axis] - old_->region.index[axis] : 0;
  }
  int64_t size(int axis) const { return axis < n_ ? image_.region.size[axis] : 1; }

  // If the position in space is still right, both forms of the old header stay, with their codes,
  // and only their offsets move. Otherwise new forms are written.
  void write_space() {
    if (lies_as_old()) {
      move_nifti_space(header_, {cut(0), cut(1), cut(2)});
      return;
    }
    const NiftiForms before = old_ ? nifti_forms(header_) : NiftiForms();
    const int code = before.chosen == NiftiForms::Chosen::sform   ? header_.sform_code
                     : before.chosen == NiftiForms::Chosen::qform ? header_.qform_code
                                                                  : 1;
    const int sform_code = header_.sform_code, qform_code = header_.qform_code;
    write_nifti_space(image_, header_, path_);
    const bool by_matrix = before.chosen == NiftiForms::Chosen::sform || header_.qform_code == 0;
    const bool has_rotation = header_.qform_code > 0;
    if (before.chosen == NiftiForms::Chosen::none) return;
    header_.sform_code = by_matrix ? code : before.differ ? 0 : sform_code;
    header_.qform_code = !has_rotation ? 0 : !by_matrix ? code : before.differ ? 0 : qform_code;
    if (!before.differ) return;
    remarks_.push_back({text(
        "the image has a new position in space: the ", by_matrix ? "qform (code " : "sform (code ",
        by_matrix ? qform_code : sform_code, "), which contradicts it, is left out")});
  }

  void write_time() {
    if (n_ < 4) {
      if (!old_) header_.units = header_.units & 0x07;
      if (old_) move_nifti_time(header_, cut(3));
      return;
    }
    if (old_ && same_axis(image_, *old_, 3)) return move_nifti_time(header_, cut(3));
    if (old_ && old_->dimensions() < 4 && says_nothing_of(3)) return;
    write_nifti_time(image_, header_, path_);
  }

  // The numbers of the acquired slices shift with a crop. An alternating order is not valid for
  // some of the slices.
  void write_slices() {
    const int axis = header_.slice_axis();
    const bool has_axis = old_ && axis >= 0 && axis < old_->dimensions();
    const bool says_nothing =
        header_.slice_code == 0 && header_.slice_start == 0 && header_.slice_end == 0;
    if (!has_axis || says_nothing) return;
    if (cut(axis) == 0 && size(axis) >= old_->region.size[axis]) return;
    const int64_t last = size(axis) - 1;
    const int64_t start = header_.slice_start - cut(axis), end = header_.slice_end - cut(axis);
    header_.slice_start = std::clamp<int64_t>(start, 0, last);
    header_.slice_end = std::clamp<int64_t>(end, 0, last);
    const bool is_whole = start == header_.slice_start && end == header_.slice_end;
    const bool in_order =
        header_.slice_code == nifti_slices_upwards || header_.slice_code == nifti_slices_downwards;
    if (is_whole || header_.slice_code == 0 || (in_order && start <= last && end >= 0)) return;
    remarks_.push_back({text("the order of slices (slice_code ", header_.slice_code,
                             ") is not valid for a part of them and is left out")});
    header_.slice_code = nifti_slices_unknown;
  }

  // A scale that the old file does not state is not written.
  void write_values() {
    if (!old_ || !(old_->scale == image_.scale)) {
      header_.slope = image_.scale.slope;
      header_.intercept = image_.scale.intercept;
    }
    if (old_ && old_->pixel.component != image_.pixel.component)
      header_.global_max = header_.global_min = 0;
  }

  std::string* field_of(std::string_view key, size_t& room) {
    if (key == nifti_description_key) return room = nifti_description_room, &header_.description;
    if (key == nifti_auxiliary_file_key)
      return room = nifti_auxiliary_file_room, &header_.auxiliary_file;
    if (key == nifti_intent_name_key) return room = nifti_intent_name_room, &header_.intent_name;
    return nullptr;
  }

  // Stores a text in the header field with this key, if there is one and the text fits.
  bool take_field(const std::string& key, const std::string& value) {
    size_t room = 0;
    std::string* const field = field_of(key, room);
    if (!field || value.empty()) return false;
    if (old_ && trimmed(*field) == value) return true;
    if (value.size() > room || trimmed(value) != value) return false;
    *field = value;
    return true;
  }

  void clear_fields() {
    for (const std::string_view key :
         {nifti_description_key, nifti_auxiliary_file_key, nifti_intent_name_key}) {
      size_t room = 0;
      std::string& field = *field_of(key, room);
      const std::string* const value = image_.find_metadata(key);
      if (!value || *value != trimmed(field)) field.clear();
    }
  }

  // The entries of swr's extension: metadata, and notes about what the header alone would not say.
  Metadata write_metadata() {
    Metadata entries;
    clear_fields();
    add_notes(entries);
    int64_t bytes = 0;
    for (const auto& [key, value] : image_.metadata) {
      if (take_field(key, value)) continue;
      const int64_t needed = std::ssize(key) + std::ssize(value);
      const char* const fault = is_nifti_note(key) ? "swr uses that name itself"
                                : key.empty()      ? "the name is empty"
                                : bytes + 2 * needed > nifti_extension_limit / 2
                                    ? "the metadata would be longer than swr reads back"
                                    : nullptr;
      if (fault) {
        remarks_.push_back(
            {text("NIfTI cannot hold the metadata \"", key, "\": ", fault), true, key});
        continue;
      }
      bytes += needed + 8;
      entries.set(key, value);
    }
    return entries;
  }

  void add_notes(Metadata& entries) const {
    const NiftiShape seen = nifti_shape_of(header_, path_);
    const auto& index = image_.region.index;
    if (std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; })) {
      entries.set(start_index_key, start_index_text(image_.region));
    }
    if (seen.pixel.kind != image_.pixel.kind)
      entries.set(nifti_kind_key, swr_kind_name(image_.pixel.kind));
    if (seen.dimensions != n_) entries.set(nifti_dimensions_key, std::to_string(n_));
    const auto first = image_.first_pixel_position();
    if (std::none_of(first.begin() + 4, first.end(), [](double value) { return value != 0; }))
      return;
    std::string text;
    for (int axis = 4; axis < n_; ++axis) text += swr::text(axis > 4 ? " " : "", first[axis]);
    entries.set(nifti_origin_key, text);
  }

  std::string other_extensions() {
    std::string bytes;
    if (!source_) return bytes;
    for (const NiftiExtension& extension : source_->extensions.others)
      bytes += nifti_extension_bytes(extension);
    // In front of pixels, what is left out is reported by bytes_before().
    if (source_->extensions.damaged && source_->header.pair)
      remarks_.push_back(
          {"the extensions of the old header are damaged, and what follows the "
           "damage is left out"});
    return bytes;
  }

  // Extensions reach up to the pixels, because some readers would take zeros in between for another
  // extension. swr's own extension is therefore padded to the page size; without it the pixels are
  // not aligned.
  int64_t finish(const Metadata& entries, std::string& bytes) {
    const std::string others = other_extensions();
    const int64_t begin = header_.bytes() + 4 + std::ssize(others);
    const bool aligned = place_.aligned && (others.empty() || !entries.empty());
    std::string own = make_nifti_extension(entries, 0);
    if (aligned && !own.empty()) {
      own = make_nifti_extension(entries, round_up(begin + std::ssize(own), page) - begin);
    }
    const int64_t end = begin + std::ssize(own);
    if (end - header_.bytes() > nifti_extension_limit)
      fail(SWR_ERROR_UNSUPPORTED, path_,
           ": the extensions are longer than the 64 MiB that are read back");
    const int64_t offset = place_.pair ? 0 : round_up(end, aligned ? page : offset_unit);
    header_.vox_offset = static_cast<double>(offset);
    header_.extended = !own.empty() || !others.empty();
    bytes = nifti_header_bytes(header_) + others + own;
    return offset;
  }
};

}  // namespace

bool is_nifti_note(std::string_view key) {
  return key == start_index_key || key == nifti_kind_key || key == nifti_dimensions_key ||
         key == nifti_origin_key;
}

std::vector<std::string> NiftiSource::own_fields() const {
  std::vector<std::string> names;
  const auto add = [&](const char* name, bool says_something) {
    if (says_something) names.emplace_back(name);
  };
  const bool is_of_components =
      header.intent_code >= nifti_general_matrix && header.intent_code <= nifti_vector;
  add("intent_code", header.intent_code != 0 && !is_of_components);
  add("cal_min and cal_max", header.calibration_min != 0 || header.calibration_max != 0);
  add("dim_info", header.dim_info != 0);
  add("slice_code", header.slice_code != 0);
  add("slice_duration", header.slice_duration != 0);
  const NiftiForms forms = nifti_forms(header);
  add("qform", forms.differ && forms.chosen == NiftiForms::Chosen::sform);
  add("sform", forms.differ && forms.chosen == NiftiForms::Chosen::qform);
  for (const NiftiExtension& extension : extensions.others)
    names.push_back("extension " + nifti_extension_name(extension.code));
  return names;
}

NewNiftiHeader write_nifti_header(const Image& image, const NewFileRequest& request,
                                  const NiftiPlace& place) {
  return Writer(image, request, place).write();
}

std::vector<Remark> remarks_on_size(const NiftiSource& source) {
  std::vector<Remark> remarks;
  for (const NiftiExtension& extension : source.extensions.others) {
    if (!describes_shape(extension.code)) continue;
    remarks.push_back({text("the extension ", nifti_extension_name(extension.code),
                            " describes the image's size, which changes; it is kept as it is"),
                       false});
  }
  return remarks;
}

}  // namespace swr
