#include "formats/nrrd_writer.h"

#include <algorithm>

#include "formats/nrrd_metadata.h"
#include "formats/nrrd_names.h"
#include "formats/nrrd_new_geometry.h"
#include "formats/nrrd_source.h"
#include "image/unit.h"

namespace swr {
namespace {

// The fields with one word for each axis of the header.
constexpr std::string_view axis_fields[] = {"spacings", "axis mins",   "axis maxs",
                                            "centers",  "kinds",       "labels",
                                            "units",    "thicknesses", "space directions"};
const NrrdSource* source_of(const NewFileRequest& request) {
  return request.base ? dynamic_cast<const NrrdSource*>(request.base->header.get()) : nullptr;
}

// Whether the image is a crop or an extension of `from`: common pixels have the same position.
bool lies_as(const Image& image, const Image& from) {
  const auto n = static_cast<size_t>(image.dimensions());
  return has_spacing_of(image, from) && has_direction_of(image, from) &&
         std::equal(image.origin.begin(), image.origin.begin() + n, from.origin.begin()) &&
         image.units == from.units && image.placement.has_value() == from.placement.has_value();
}

class Writer {
 public:
  Writer(const Image& image, const NewFileRequest& request, const std::string& data_file)
      : image_(image),
        source_(source_of(request)),
        old_(source_ ? &request.base->image : nullptr),
        compressed_(request.is_compressed()),
        data_file_(data_file),
        n_(image.dimensions()),
        draft_(source_ ? source_->draft : HeaderDraft(nrrd_syntax)) {
    plan_axes(request);
  }

  NewNrrdHeader write() {
    // A header without filler gets none: other programs would show it as comments.
    const bool is_filled = (!source_ || draft_.has_filler()) && data_file_.empty();
    if (source_) {
      draft_.remove_filler();
      arrange_axes();
    } else {
      begin();
    }
    write_shape();
    write_geometry();
    write_encoding();
    write_metadata();
    write_magic();
    NewNrrdHeader header;
    if (is_filled && !compressed_) draft_.fill(data_alignment, 1);
    if (is_filled && compressed_) draft_.add_room();
    header.text = draft_.text() + (data_file_.empty() ? "\n" : "");
    header.component_axis = components_ >= 0 ? components_ : 0;
    header.remarks = std::move(remarks_);
    return header;
  }

 private:
  const Image& image_;
  const NrrdSource* const source_;
  // the image of the header that this one starts from; null if there is none
  const Image* const old_;
  const bool compressed_;
  const std::string data_file_;
  const int n_;
  HeaderDraft draft_;
  std::vector<Remark> remarks_;
  const char* kind_ = nullptr;  // of the component axis
  int components_ = -1;         // the component axis of the new header; -1: none
  bool keeps_axes_ = false;     // the axes are those of the old header, perhaps in another order
  bool lies_as_old_ = false;    // every pixel keeps its position
  // the space of the old header stays, with the fields of axes outside it
  bool keeps_space_ = false;

  int axes() const { return n_ + (components_ >= 0 ? 1 : 0); }
  bool kind_changes() const { return !old_ || old_->pixel.kind != image_.pixel.kind; }

  // An existing header keeps its component axis, even one of size 1. In a new file that axis comes
  // first, where every reader expects it; a rewritten file has it where it was.
  void plan_axes(const NewFileRequest& request) {
    kind_ = nrrd_kind(image_.pixel);
    components_ = kind_ ? 0 : -1;
    if (!source_ || old_->dimensions() != n_) return;
    const int old_components = source_->axes.component_axis;
    if (old_->pixel.components != image_.pixel.components ||
        (kind_changes() && (old_components >= 0) != (kind_ != nullptr)))
      return;
    keeps_axes_ = true;
    lies_as_old_ = lies_as(image_, *old_);
    keeps_space_ = lies_as_old_ || fits_old_space();
    components_ = old_components < 0 ? -1 : request.rewritten ? old_components : 0;
  }

  // Whether vectors in the old header's space can give the position of the image.
  bool fits_old_space() const {
    const NrrdSpace& space = source_->axes.space;
    if (space.axes == 0 || space.axes > n_ || image_.units != old_->units) return false;
    for (int axis = 0; axis < n_; ++axis) {
      if (source_->axes.in_space[static_cast<size_t>(axis)]) {
        for (int row = space.axes; row < n_; ++row)
          if (image_.direction[row * n_ + axis] != 0) return false;
      } else if (image_.spacing[axis] != old_->spacing[axis]) {
        return false;
      } else {
        for (int row = 0; row < n_; ++row)
          if (image_.direction[row * n_ + axis] != old_->direction[row * n_ + axis]) return false;
      }
    }
    return std::count(source_->axes.in_space.begin(), source_->axes.in_space.end(), true) ==
               space.axes &&
           std::equal(image_.origin.begin() + space.axes, image_.origin.begin() + n_,
                      old_->origin.begin() + space.axes);
  }

  void begin() {
    HeaderDraft::Line magic;
    magic.role = HeaderDraft::Role::field;
    magic.name = nrrd_magic_field;
    magic.value = "NRRD0004";
    magic.tail = "\n";
    draft_.take(magic);
    for (const char* comment : {"# Complete NRRD file format specification at:\n",
                                "# http://teem.sourceforge.net/nrrd/format.html\n"})
      draft_.take({HeaderDraft::Role::comment, {}, {}, {}, comment});
  }

  // Reorders the words of each axis with the axes. If the axes are new, these fields are erased.
  void arrange_axes() {
    const int from = source_->axes.component_axis;
    if (keeps_axes_ && from == components_) return;
    for (const auto name : axis_fields) {
      const auto* const line = draft_.field(name);
      if (!line) continue;
      auto words = nrrd_axis_words(*line);
      if (!keeps_axes_ || std::ssize(words) != source_->axes.count) {
        draft_.erase(name);
        continue;
      }
      const std::string component = words[static_cast<size_t>(from)];
      words.erase(words.begin() + from);
      words.insert(words.begin() + components_, component);
      draft_.set(name, joined_nrrd_words(words));
    }
  }

  void write_shape() {
    const swr_component component = image_.pixel.component;
    if (!old_ || old_->pixel.component != component) {
      draft_.set("type", nrrd_type(component));
      // These fields describe values of the old type.
      for (const auto* name : {"min", "max", "old min", "old max", "block size"})
        draft_.erase(name);
    }
    if (!old_ || source_->axes.count != axes()) draft_.set("dimension", text(axes()));
    set_nrrd_axis_words(draft_, "sizes", n_, components_, text(image_.pixel.components),
                        [&](int axis) { return text(image_.region.size[axis]); });
    std::vector<int64_t> sizes(image_.region.size.begin(), image_.region.size.begin() + n_);
    sizes.push_back(image_.pixel.components);
    set_nrrd_number(draft_, sizes);
  }

  void write_geometry() {
    if (!keeps_space_) {
      write_nrrd_geometry(draft_, image_, components_);
    } else {
      move_axes();
      if (!lies_as_old_) write_directions_in_old_space();
      if (source_->axes.has_origin || !lies_as_old_) write_origin_in_old_space();
    }
    if (!keeps_axes_) {
      set_nrrd_axis_words(draft_, "kinds", n_, components_, kind_ ? kind_ : "",
                          [](int) { return "domain"; });
    } else if (kind_changes()) {
      restate_kind();
    }
  }

  // Requires: arrange_axes() was called.
  void move_axes() {
    NrrdAxes axes = source_->axes;
    axes.domain.clear();
    for (int axis = 0; axis < this->axes(); ++axis) {
      if (axis != components_) axes.domain.push_back(axis);
    }
    axes.component_axis = components_;
    move_nrrd_bounds(draft_, axes, *old_, image_);
  }

  // The first pixel moves if the image is cropped or extended at its low side.
  void write_origin_in_old_space() {
    if (has_first_pixel_of(image_, *old_)) return;
    if (!draft_.field("space origin") && lies_as_old_) return;
    const auto position = nrrd_first_pixel(image_);
    const auto numbers = source_->axes.space.from_lps(position.data());
    draft_.set("space origin", nrrd_vector_text(numbers.data(), source_->axes.space.axes));
  }

  void write_directions_in_old_space() {
    if (has_direction_of(image_, *old_) && has_spacing_of(image_, *old_)) return;
    set_nrrd_axis_words(draft_, "space directions", n_, components_, "none",
                        [&](int axis) -> std::string {
                          if (!source_->axes.in_space[static_cast<size_t>(axis)]) return "none";
                          std::array<double, max_dimensions> vector{};
                          for (int row = 0; row < n_; ++row)
                            vector[row] = image_.direction[row * n_ + axis] * image_.spacing[axis];
                          vector = source_->axes.space.from_lps(vector.data());
                          return nrrd_vector_text(vector.data(), source_->axes.space.axes);
                        });
  }

  void restate_kind() {
    const auto* const line = draft_.field("kinds");
    if (components_ < 0 || !kind_) return;
    auto words = line ? nrrd_axis_words(*line) : std::vector<std::string>();
    if (std::ssize(words) != axes()) {
      set_nrrd_axis_words(draft_, "kinds", n_, components_, kind_, [](int) { return "domain"; });
      return;
    }
    words[static_cast<size_t>(components_)] = kind_;
    draft_.set("kinds", joined_nrrd_words(words));
  }

  void write_encoding() {
    const auto* const endian = draft_.field("endian");
    if (swr_component_bytes(image_.pixel.component) > 1 &&
        (!endian || lower_case(trimmed(endian->value)) != "little"))
      draft_.set("endian", "little");
    if (!old_) draft_.set("encoding", "");
    const std::string encoding = lower_case(trimmed(draft_.field("encoding")->value));
    const bool is_gzip = encoding == "gzip" || encoding == "gz";
    if (compressed_ ? !is_gzip : encoding != "raw")
      draft_.set("encoding", compressed_ ? "gzip" : "raw");
    draft_.erase("line skip");
    draft_.erase("byte skip");
    if (data_file_.empty()) {
      draft_.erase("data file");
    } else {
      draft_.set("data file", data_file_);
    }
  }

  // The number of coordinates in the measurement frame's vectors.
  int space_axes() const {
    if (const auto* const line = draft_.field("space dimension"))
      return static_cast<int>(integer_of(trimmed(line->value)).value_or(0));
    if (!draft_.field("space")) return 0;
    return keeps_space_ ? source_->axes.space.axes : 3;
  }

  void write_metadata() {
    const MetadataChange change =
        metadata_change(old_ ? old_->metadata : Metadata(), image_.metadata);
    draft_.erase_pairs(change.removed);
    for (const std::string& key : change.removed) {
      if (!nrrd_field_of(key).empty()) draft_.erase(nrrd_field_of(key));
    }
    Metadata pairs;
    for (const auto& [key, value] : change.set) {
      if (const char* fault = nrrd_metadata_fault(key, value, space_axes())) {
        remarks_.push_back(
            {text("NRRD cannot hold the metadata \"", key, "\": ", fault), true, key});
      } else if (const auto name = nrrd_field_of(key); !name.empty()) {
        draft_.set(name, in_old_space(key, value));
      } else {
        pairs.set(key, value);
      }
    }
    // If the space was replaced, the frame must be stated in the new one.
    if (const std::string* frame = image_.find_metadata(nrrd_measurement_frame_key);
        frame && !draft_.field("measurement frame") &&
        !nrrd_metadata_fault(std::string(nrrd_measurement_frame_key), *frame, space_axes()))
      draft_.set("measurement frame", *frame);
    draft_.set_pairs(pairs);
    const auto& index = image_.region.index;
    write_note(start_index_key, start_index_text(image_.region),
               std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; }));
    const swr_kind read_kind = keeps_axes_ && !kind_changes() ? image_.pixel.kind
                               : kind_                        ? find_nrrd_kind(kind_)->kind
                                                              : SWR_KIND_SCALAR;
    if (!keeps_axes_ || kind_changes())
      write_note(kind_key, swr_kind_name(image_.pixel.kind), read_kind != image_.pixel.kind);
    write_scale();
  }

  // Metadata has the measurement frame in LPS; the header needs it in its own space.
  std::string in_old_space(std::string_view key, const std::string& value) const {
    if (key != nrrd_measurement_frame_key || !keeps_space_) return value;
    const NrrdSpace& space = source_->axes.space;
    NrrdHeader header;
    header.fields["measurement frame"] = {value, 0};
    std::vector<std::string> words;
    for (const NrrdVector& vector :
         nrrd_vectors(header, "measurement frame", space.axes, space.axes)) {
      auto numbers = *vector;
      for (int row = 0; row < space.axes; ++row)
        numbers[row] = space.to_lps[row] < 0 ? 0.0 - numbers[row] : numbers[row];
      words.push_back(nrrd_vector_text(numbers.data(), space.axes));
    }
    return joined_nrrd_words(words);
  }

  void write_scale() {
    const ValueScale& scale = image_.scale;
    if (old_ && old_->scale == scale) return;
    write_note(nrrd_value_scale_key, double_text(scale.slope) + " " + double_text(scale.intercept),
               !scale.is_identity());
    if (!scale.is_identity())
      remarks_.push_back(
          {"NRRD has no field for the value scale: it is kept in a key/value pair that swr reads, "
           "and other programs see the stored values",
           false});
  }

  void write_note(std::string_view key, std::string_view value, bool wanted) {
    if (wanted) {
      draft_.set_pair(key, value);
    } else {
      draft_.erase_pair(key);
    }
  }

  // Sets the version to the least that the fields need.
  void write_magic() {
    const bool frame = draft_.field("measurement frame");
    const std::string_view needed = frame ? "NRRD0005" : draft_.field("space") ? "NRRD0004" : "";
    const std::string now = draft_.field(nrrd_magic_field)->value;
    if (!source_) {
      draft_.set(nrrd_magic_field, frame ? "NRRD0005" : "NRRD0004");
    } else if (now < needed) {
      draft_.set(nrrd_magic_field, needed);
    }
  }
};

}  // namespace

NewNrrdHeader write_nrrd_header(const Image& image, const NewFileRequest& request,
                                const std::string& data_file) {
  return Writer(image, request, data_file).write();
}

}  // namespace swr
