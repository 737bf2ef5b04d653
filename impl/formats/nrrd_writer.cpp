#include "formats/nrrd_writer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace swr {
namespace {

// The fields that have a word for each axis of the header.
constexpr std::string_view axis_fields[] = {"spacings", "axis mins",   "axis maxs",
                                            "centers",  "kinds",       "labels",
                                            "units",    "thicknesses", "space directions"};
// Those that say where the image lies.
constexpr std::string_view geometry_fields[] = {
    "space",        "space dimension",  "space directions", "spacings",
    "axis mins",    "axis maxs",        "space units",      "units",
    "space origin", "measurement frame"};

bool is_one_line(std::string_view value) {
  return !trimmed(value).empty() && trimmed(value) == value &&
         value.find('\n') == std::string_view::npos;
}

// Whether the value is n vectors of n numbers, as the field wants them.
bool is_measurement_frame(const std::string& value, int n) {
  NrrdHeader header;
  header.fields["measurement frame"] = {value, 0};
  try {
    const auto vectors = nrrd_vectors(header, "measurement frame", n, n);
    return std::all_of(vectors.begin(), vectors.end(),
                       [](const NrrdVector& vector) { return vector.has_value(); });
  } catch (const Error&) {
    return false;
  }
}

bool has_unescapable(const std::string& text) {
  return text.find_first_of(std::string_view("\r\0", 2)) != std::string::npos;
}

// Why a header with a space of `axes` cannot hold a piece of metadata; nullptr if it can.
const char* fault_of(const std::string& key, const std::string& value, int axes) {
  if (is_reserved_key(key) || key == nrrd_value_scale_key) return "swr uses that name itself";
  if (key.empty() || key.front() == '#') return "the name is empty, or begins with '#'";
  const size_t colon = key.find(':');
  if (key.find(":=") != std::string::npos ||
      (colon != std::string::npos && is_nrrd_field(key.substr(0, colon))))
    return "the name has ':' where NRRD separates";
  if (has_unescapable(key) || has_unescapable(value))
    return "it has a carriage return or a zero byte";
  if ((key == nrrd_content_key || key == nrrd_sample_units_key) && !is_one_line(value))
    return "the value is empty, has blanks at its ends, or several lines";
  if (key == nrrd_measurement_frame_key &&
      (axes == 0 || !is_one_line(value) || !is_measurement_frame(value, axes))) {
    return "it is not one vector for each dimension, like (1,0,0) (0,1,0) (0,0,1)";
  }
  return nullptr;
}

// The field that a key of metadata stands for; empty if it is a key of its own.
std::string_view field_of(std::string_view key) {
  if (key == nrrd_content_key) return "content";
  if (key == nrrd_sample_units_key) return "sample units";
  if (key == nrrd_measurement_frame_key) return "measurement frame";
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> words_of_axes(const HeaderDraft::Line& line) {
  std::vector<std::string> words;
  for (const auto word : nrrd_words(line.value)) words.emplace_back(word);
  return words;
}

const NrrdSource* source_of(const NewFileRequest& request) {
  return request.base ? dynamic_cast<const NrrdSource*>(request.base->header.get()) : nullptr;
}

// Whether the image lies as one that is `from` cut or enlarged: every pixel is where it was.
bool lies_as(const Image& image, const Image& from) {
  const auto n = static_cast<size_t>(image.dimensions());
  return has_spacing_of(image, from) && has_direction_of(image, from) &&
         std::equal(image.origin.begin(), image.origin.begin() + n, from.origin.begin()) &&
         image.units == from.units && image.placement.has_value() == from.placement.has_value();
}

// "axis mins" and "axis maxs" follow the sizes and the start index.
void move_bounds(HeaderDraft& draft, const NrrdAxes& axes, const Image& before,
                 const Image& image) {
  const auto number = [&](std::string_view name, int axis) {
    const auto* const line = draft.field(name);
    const auto words = line ? words_of_axes(*line) : std::vector<std::string>();
    if (std::ssize(words) != axes.count) return double{NAN};
    return double_of(words[static_cast<size_t>(axis)]).value_or(NAN);
  };
  const auto* const centers = draft.field("centers");
  const auto center_words = centers ? words_of_axes(*centers) : std::vector<std::string>();
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    const int of_header = axes.domain[static_cast<size_t>(axis)];
    const auto at = static_cast<size_t>(of_header);
    const double least = number("axis mins", of_header), most = number("axis maxs", of_header);
    const bool node = at < center_words.size() && lower_case(center_words[at]) == "node";
    double gap = number("spacings", of_header);
    if (std::isnan(gap))
      gap = (most - least) / static_cast<double>(before.region.size[axis] - (node ? 1 : 0));
    const auto low = static_cast<double>(image.region.index[axis] - before.region.index[axis]);
    const auto high = low + static_cast<double>(image.region.size[axis] - before.region.size[axis]);
    const auto move = [&](std::string_view name, double value, double steps) {
      if (std::isnan(value) || steps == 0) return;
      auto words = words_of_axes(*draft.field(name));
      words[at] = std::isfinite(gap) ? double_text(value + gap * steps + 0.0) : "NaN";
      draft.set(name, joined(words));
    };
    move("axis mins", least, low);
    move("axis maxs", most, high);
  }
}

// "number" follows the sizes, where it is one.
void set_number(HeaderDraft& draft, const std::vector<int64_t>& sizes) {
  const auto* const line = draft.field("number");
  if (!line || !integer_of(trimmed(line->value))) return;
  int64_t product = 1;
  for (const int64_t size : sizes) product *= size;
  draft.set("number", text(product));
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
    // A header that had no filler gets none: other programs see it.
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
  const Image* const old_;  // what the header that this one starts from says; null without one
  const bool compressed_;
  const std::string data_file_;
  const int n_;
  HeaderDraft draft_;
  std::vector<Remark> remarks_;
  const char* kind_ = nullptr;  // of the component axis
  int components_ = -1;         // the component axis of the new header; -1: none
  bool keeps_axes_ = false;     // those of the old header, though perhaps in another order
  bool lies_as_old_ = false;    // every pixel is where it was
  bool keeps_space_ = false;    // the old header's, and what it says of axes that are not in it

  int axes() const { return n_ + (components_ >= 0 ? 1 : 0); }
  bool has_space() const { return n_ <= most_nrrd_space_axes; }
  bool kind_changes() const { return !old_ || old_->pixel.kind != image_.pixel.kind; }

  // An existing header keeps its component axis, also one of a single component. New files have it
  // first, where every reader expects it; one that is written again has it where it was.
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

  // Whether vectors in the old header's space say where the image lies.
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

  template <typename Word>
  void per_axis(std::string_view name, std::string_view component, const Word& word) {
    std::vector<std::string> words;
    words.reserve(static_cast<size_t>(n_) + 1);
    for (int axis = 0; axis < n_; ++axis) words.emplace_back(word(axis));
    if (components_ >= 0) words.insert(words.begin() + components_, std::string(component));
    draft_.set(name, joined(words));
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

  // The words of each axis go with it. Where the axes are others, what was said of them is gone.
  void arrange_axes() {
    const int from = source_->axes.component_axis;
    if (keeps_axes_ && from == components_) return;
    for (const auto name : axis_fields) {
      const auto* const line = draft_.field(name);
      if (!line) continue;
      auto words = words_of_axes(*line);
      if (!keeps_axes_ || std::ssize(words) != source_->axes.count) {
        draft_.erase(name);
        continue;
      }
      const std::string component = words[static_cast<size_t>(from)];
      words.erase(words.begin() + from);
      words.insert(words.begin() + components_, component);
      draft_.set(name, joined(words));
    }
  }

  void write_shape() {
    const swr_component component = image_.pixel.component;
    if (!old_ || old_->pixel.component != component) {
      draft_.set("type", nrrd_type(component));
      // What is said of the old numbers is not true of others.
      for (const auto* name : {"min", "max", "old min", "old max", "block size"})
        draft_.erase(name);
    }
    if (!old_ || source_->axes.count != axes()) draft_.set("dimension", text(axes()));
    per_axis("sizes", text(image_.pixel.components),
             [&](int axis) { return text(image_.region.size[axis]); });
    std::vector<int64_t> sizes(image_.region.size.begin(), image_.region.size.begin() + n_);
    sizes.push_back(image_.pixel.components);
    set_number(draft_, sizes);
  }

  void write_geometry() {
    if (!keeps_space_) {
      restate_geometry();
    } else {
      move_axes();
      if (!lies_as_old_) write_directions_in_old_space();
      if (source_->axes.has_origin || !lies_as_old_) write_origin_in_old_space();
    }
    if (!keeps_axes_) {
      per_axis("kinds", kind_ ? kind_ : "", [](int) { return "domain"; });
    } else if (kind_changes()) {
      restate_kind();
    }
  }

  // Bounds are those of the new order of axes already.
  void move_axes() {
    NrrdAxes axes = source_->axes;
    axes.domain.clear();
    for (int axis = 0; axis < this->axes(); ++axis) {
      if (axis != components_) axes.domain.push_back(axis);
    }
    axes.component_axis = components_;
    move_bounds(draft_, axes, *old_, image_);
  }

  // The first pixel moves where the image is cut or grows at its low side.
  void write_origin_in_old_space() {
    if (has_first_pixel_of(image_, *old_)) return;
    if (!draft_.field("space origin") && lies_as_old_) return;
    const auto position = image_.placement ? placed_first_pixel() : image_.first_pixel_position();
    const auto numbers = source_->axes.space.from_lps(position.data());
    draft_.set("space origin", nrrd_vector_text(numbers.data(), source_->axes.space.axes));
  }

  void write_directions_in_old_space() {
    if (has_direction_of(image_, *old_) && has_spacing_of(image_, *old_)) return;
    per_axis("space directions", "none", [&](int axis) -> std::string {
      if (!source_->axes.in_space[static_cast<size_t>(axis)]) return "none";
      std::array<double, max_dimensions> vector{};
      for (int row = 0; row < n_; ++row)
        vector[row] = image_.direction[row * n_ + axis] * image_.spacing[axis];
      vector = source_->axes.space.from_lps(vector.data());
      return nrrd_vector_text(vector.data(), source_->axes.space.axes);
    });
  }

  std::array<double, max_dimensions> placed_first_pixel() const {
    const Placement& place = *image_.placement;
    std::array<double, max_dimensions> position{};
    for (int row = 0; row < 3; ++row) {
      position[row] = place.origin[row];
      for (int axis = 0; axis < n_; ++axis)
        position[row] += place.direction[3 * row + axis] * image_.spacing[axis] *
                         static_cast<double>(image_.region.index[axis]);
    }
    return position;
  }

  // Whether two dimensions say all of where the image lies.
  bool needs_placement() const { return image_.is_out_of_plane() || (image_.placement && n_ == 1); }

  void restate_geometry() {
    for (const auto name : geometry_fields) draft_.erase(name);
    if (needs_placement()) return write_placement();
    if (n_ == 3) {
      draft_.set("space", "left-posterior-superior");
    } else if (has_space()) {
      draft_.set("space dimension", text(n_));
    }
    const auto position = image_.first_pixel_position();
    const auto unit = [&](int axis) { return size_of(image_.units[axis]); };
    if (has_space()) {
      per_axis("space directions", "none", [&](int axis) {
        double vector[max_dimensions];
        for (int row = 0; row < n_; ++row)
          vector[row] = image_.direction[row * n_ + axis] * image_.spacing[axis] / unit(row);
        return nrrd_vector_text(vector, n_);
      });
      double origin[max_dimensions];
      for (int row = 0; row < n_; ++row) origin[row] = position[row] / unit(row);
      draft_.set("space origin", nrrd_vector_text(origin, n_));
      write_space_units(n_);
    } else {
      per_axis("spacings", "NaN",
               [&](int axis) { return double_text(image_.spacing[axis] / unit(axis)); });
      per_axis("axis mins", "NaN",
               [&](int axis) { return double_text(position[axis] / unit(axis) + 0.0); });
      per_axis("centers", "???", [](int) { return "node"; });
      if (states_units(n_))
        per_axis("units", "\"\"", [&](int axis) { return quoted(image_.units[axis]); });
    }
  }

  void write_placement() {
    const Placement& place = *image_.placement;
    const double unit = size_of(image_.units[0]);
    draft_.set("space", "left-posterior-superior");
    per_axis("space directions", "none", [&](int axis) {
      double vector[3];
      for (int row = 0; row < 3; ++row)
        vector[row] = place.direction[3 * row + axis] * image_.spacing[axis] / unit;
      return nrrd_vector_text(vector, 3);
    });
    auto origin = placed_first_pixel();
    for (double& value : origin) value /= unit;
    draft_.set("space origin", nrrd_vector_text(origin.data(), 3));
    if (!states_units(1)) return;
    const std::string word = quoted(image_.units[0]);
    draft_.set("space units", text(word, " ", word, " ", word));
  }

  static std::string quoted(swr_unit unit) { return text('"', unit_name(unit), '"'); }

  bool states_units(int count) const {
    return std::any_of(image_.units.begin(), image_.units.begin() + count,
                       [](swr_unit unit) { return unit != SWR_UNIT_NONE; });
  }

  void write_space_units(int count) {
    if (!states_units(count)) return;
    std::vector<std::string> words;
    words.reserve(static_cast<size_t>(count));
    for (int row = 0; row < count; ++row) words.push_back(quoted(image_.units[row]));
    draft_.set("space units", joined(words));
  }

  void restate_kind() {
    const auto* const line = draft_.field("kinds");
    if (components_ < 0 || !kind_) return;
    auto words = line ? words_of_axes(*line) : std::vector<std::string>();
    if (std::ssize(words) != axes()) {
      per_axis("kinds", kind_, [](int) { return "domain"; });
      return;
    }
    words[static_cast<size_t>(components_)] = kind_;
    draft_.set("kinds", joined(words));
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

  // The axes that the measurement frame's vectors need.
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
      if (!field_of(key).empty()) draft_.erase(field_of(key));
    }
    Metadata pairs;
    for (const auto& [key, value] : change.set) {
      if (const char* fault = fault_of(key, value, space_axes())) {
        remarks_.push_back(
            {text("NRRD cannot hold the metadata \"", key, "\": ", fault), true, key});
      } else if (const auto name = field_of(key); !name.empty()) {
        draft_.set(name, in_old_space(key, value));
      } else {
        pairs.set(key, value);
      }
    }
    // Where the space was restated, the frame is in the new one.
    if (const std::string* frame = image_.find_metadata(nrrd_measurement_frame_key);
        frame && !draft_.field("measurement frame") &&
        !fault_of(std::string(nrrd_measurement_frame_key), *frame, space_axes()))
      draft_.set("measurement frame", *frame);
    draft_.set_pairs(pairs);
    const auto& index = image_.region.index;
    write_note(start_index_key, start_index_text(image_.region),
               std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; }));
    const swr_kind read_kind = keeps_axes_ && !kind_changes() ? image_.pixel.kind
                               : kind_                        ? nrrd_kind_read(kind_)
                                                              : SWR_KIND_SCALAR;
    if (!keeps_axes_ || kind_changes())
      write_note(kind_key, swr_kind_name(image_.pixel.kind), read_kind != image_.pixel.kind);
    write_scale();
  }

  // A measurement frame comes in LPS; its vectors go to the space that the header has.
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
    return joined(words);
  }

  void write_scale() {
    const ValueScale& scale = image_.scale;
    if (old_ && old_->scale == scale) return;
    write_note(nrrd_value_scale_key, double_text(scale.slope) + " " + double_text(scale.intercept),
               !scale.is_identity());
    if (!scale.is_identity())
      remarks_.push_back(
          {"NRRD has no field for the value scale: it is kept where swr finds it, "
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

  // The version that the fields need at least.
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

bool is_plain_kind(std::string_view kind) {
  constexpr std::string_view plain[] = {"domain",
                                        "space",
                                        "???",
                                        "none",
                                        "vector",
                                        "list",
                                        "stub",
                                        "scalar",
                                        "complex",
                                        "rgb-color",
                                        "rgba-color",
                                        "covariant-vector",
                                        "2d-symmetric-matrix",
                                        "3d-symmetric-matrix"};
  return std::find(std::begin(plain), std::end(plain), kind) != std::end(plain);
}

}  // namespace

std::vector<std::string> NrrdSource::own_fields() const {
  std::vector<std::string> names;
  for (const char* name : {"labels", "thicknesses", "old min", "old max", "min", "max"}) {
    if (draft.field(name)) names.emplace_back(name);
  }
  const auto any_word = [&](std::string_view name, auto&& counts) {
    const auto* const line = draft.field(name);
    const auto words = line ? words_of_axes(*line) : std::vector<std::string>();
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return counts(lower_case(word)); });
  };
  if (any_word("centers", [](const std::string& word) { return word == "node"; }))
    names.emplace_back("centerings");
  if (any_word("kinds", [](const std::string& word) { return !is_plain_kind(word); }))
    names.emplace_back("kinds");
  return names;
}

NewNrrdHeader write_nrrd_header(const Image& image, const NewFileRequest& request,
                                const std::string& data_file) {
  return Writer(image, request, data_file).write();
}

std::optional<std::string> grown_nrrd_lines(const NrrdSource& source, const Image& now,
                                            const Image& grown) {
  HeaderDraft draft = source.draft;
  const size_t length = draft.bytes();
  const int axis = grown.dimensions() - 1;
  const int of_header = source.axes.domain[static_cast<size_t>(axis)];
  draft.set("sizes", with_number(draft.field("sizes")->value, static_cast<size_t>(of_header),
                                 grown.region.size[axis]));
  std::vector<int64_t> sizes(source.axes.sizes.begin(),
                             source.axes.sizes.begin() + source.axes.count);
  sizes[static_cast<size_t>(of_header)] = grown.region.size[axis];
  set_number(draft, sizes);
  move_bounds(draft, source.axes, now, grown);
  const bool nothing_follows = draft.field("data file") && trimmed(source.after).empty();
  if (!draft.fit(length) && !nothing_follows) return std::nullopt;
  return draft.text();
}

}  // namespace swr
