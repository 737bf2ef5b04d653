// NRRD, as teem and ITK write and read it (teem.sourceforge.net/nrrd/format.html, versions 1 to 5).
// Text lines up to an empty one, then the pixels; or a header alone (.nhdr) that names its data
// files.
//
//   NRRD0004
//   # Complete NRRD file format specification at:
//   # http://teem.sourceforge.net/nrrd/format.html
//   type: float
//   dimension: 4                                            the axis of components counts
//   space: left-posterior-superior                          other than three dimensions: "space dimension: n"
//   sizes:                    3                  512 ...    components first
//   space directions: none (0.5,0,0) (0,0.5,0) (0,0,2)      direction times spacing
//   kinds: vector domain domain domain
//   endian: little
//   encoding: raw
//   space origin: (-10.5,20.25,30)                          the position of the first pixel
//   PatientName:=...                                        metadata
//   swr_index:=0 100 200                                    the start index, if it is not zero
//   # ........                                              so that the pixels of a .nrrd begin at a multiple of 4096
//
// A space has at most 8 axes: images of more dimensions keep spacing and origin in "spacings" and
// "axis mins", and no direction but the identity (which teem reads, but not ITK 5.2: it ends where
// a NRRD has more than nine). Pixels are read with their components as the first axis, or as the
// last: one plane for each.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "formats/data_parts.h"
#include "formats/nrrd_axes.h"
#include "formats/nrrd_header.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr size_t filler_line_bytes = 400;

constexpr Suffix suffixes[] = {{".nrrd"}, {".nhdr"}};

// Fields that are kept as metadata, under the keys that ITK gives them.
constexpr std::string_view content_key = "NRRD_content";
constexpr std::string_view sample_units_key = "NRRD_sample units";
constexpr std::string_view measurement_frame_key = "NRRD_measurement frame";

class LayoutReader {
 public:
  LayoutReader(const NrrdHeader& header, const NrrdAxes& axes, Description& file)
      : header_(header),
        axes_(axes),
        file_(file),
        component_bytes_(swr_component_bytes(axes.image.pixel.component)) {}

  void read() {
    Layout& layout = file_.layout;
    layout.order.dimensions = axes_.image.dimensions();
    layout.order.size = axes_.image.region.size;
    layout.order.component_bytes = component_bytes_;
    layout.order.components = axes_.image.pixel.components;
    layout.order.planar = axes_.planar() && axes_.image.pixel.components > 1;
    read_encoding();
    read_parts();
    read_skips();
  }

 private:
  const NrrdHeader& header_;
  const NrrdAxes& axes_;
  Description& file_;
  const int component_bytes_;

  void read_encoding() {
    Layout& layout = file_.layout;
    const std::string name = lower_case(header_.require("encoding").text);
    if (name == "raw") {
      layout.storage = Raw{};
    } else if (name == "gzip" || name == "gz") {
      layout.storage = Deflate{.wrapper = Deflate::Wrapper::gzip};
    } else if (name == "txt" || name == "text" || name == "ascii") {
      layout.storage = Text{axes_.image.pixel.component};
      file_.read_only = "its pixels are written as text";
      return;
    } else {
      header_.unsupported("pixels of the encoding \"", name.substr(0, 80),
                          "\"; swr reads raw, gzip and text");
    }
    const HeaderValue* endian = header_.find("endian");
    if (!endian && component_bytes_ == 1) return;
    if (!endian)
      header_.corrupt("there is no field \"endian\", and samples have ", component_bytes_,
                      " bytes");
    const std::string order = lower_case(endian->text);
    if (order != "little" && order != "big")
      header_.corrupt("\"endian: ", order.substr(0, 80), "\" is neither little nor big");
    layout.big_endian = order == "big";
  }

  int64_t all_bytes() const {
    return part_sizes(axes_.sizes.data(), axes_.count, axes_.count, component_bytes_).bytes;
  }

  void read_parts() {
    auto& parts = file_.layout.parts;
    const HeaderValue* data_file = header_.find("data file");
    if (!data_file) {
      if (!header_.has_empty_line)
        header_.corrupt("the header has neither an empty line at its end nor a \"data file\"");
      parts = {DataPart{header_.path, static_cast<int64_t>(header_.end), 0, all_bytes()}};
    } else if (words_of(*data_file, 2).empty()) {
      header_.corrupt("\"data file\" names no file");
    } else if (words_of(*data_file, 2)[0].text == "LIST") {
      read_list(*data_file);
    } else if (!read_pattern(*data_file)) {
      parts = {DataPart{data_path(header_.path, data_file->text), 0, 0, all_bytes()}};
    }
  }

  // Files of `file_axes` axes each; if that is all of them, each has an equal share of the last
  // one.
  PartSizes sizes_of_files(int64_t file_axes, int64_t files) const {
    if (file_axes < 1 || file_axes > axes_.count)
      header_.corrupt("data files of ", file_axes, " axes, where there are ", axes_.count);
    if (file_axes < axes_.count)
      return part_sizes(axes_.sizes.data(), axes_.count, static_cast<int>(file_axes),
                        component_bytes_);
    const int64_t last = axes_.sizes[axes_.count - 1];
    if (files < 1 || last % files != 0)
      header_.corrupt(files, " data files cannot share an axis of ", last, " evenly");
    return {files, all_bytes() / files};
  }

  void check_count(int64_t files, int64_t needed) const {
    if (files != needed)
      header_.corrupt("there are ", files, " data files, ", needed, " are needed");
  }

  void read_list(const HeaderValue& field) {
    const auto words = words_of(field, 3);
    const auto file_axes = words.size() == 2 ? integer_of(words[1].text)
                                             : std::optional<int64_t>(std::max(1, axes_.count - 1));
    if (words.size() > 2 || !file_axes)
      header_.corrupt("\"data file: ", field.text.substr(0, 80),
                      "\" is not LIST, or LIST and a number");
    const auto files = static_cast<int64_t>(header_.listed.size());
    const PartSizes sizes = sizes_of_files(*file_axes, files);
    check_count(files, sizes.count);
    file_.layout.parts = listed_parts(header_.path, header_.listed, sizes);
  }

  // "slice_%03d.raw first last step", and how many axes a file has, if it is not all but the last.
  bool read_pattern(const HeaderValue& field) {
    const auto words = words_of(field, 6);
    const auto pattern = parse_file_pattern(words[0].text, header_.path);
    if (!pattern || words.size() == 1) return false;
    std::vector<int64_t> numbers;
    for (size_t i = 1; i < words.size(); ++i) {
      const auto number = integer_of(words[i].text);
      if (!number) return false;
      numbers.push_back(*number);
    }
    if (numbers.size() < 3 || numbers.size() > 4)
      header_.corrupt("the pattern of the data files needs first, last and step");
    const int64_t files = numbers_between(numbers[0], numbers[1], numbers[2]);
    const PartSizes sizes =
        sizes_of_files(numbers.size() == 4 ? numbers[3] : std::max(1, axes_.count - 1), files);
    check_count(files, sizes.count);
    file_.layout.parts = numbered_parts(header_.path, *pattern, numbers[0], numbers[2], sizes);
    return true;
  }

  // "line skip" comes first, in the file; then "byte skip": in the file of raw pixels, in what a
  // compressed stream inflates to.
  void read_skips() {
    Layout& layout = file_.layout;
    const int64_t lines = header_.integer("line skip").value_or(0);
    const int64_t bytes = header_.integer("byte skip").value_or(0);
    if (lines < 0) header_.corrupt("\"line skip\" is ", lines);
    if (bytes < -1) header_.unsupported("\"byte skip\" is ", bytes);
    if (bytes == -1 && !layout.is_raw())
      header_.unsupported("\"byte skip\" is -1, but the pixels are not raw");
    if (bytes > 0 && lines > 0 && !layout.is_compressed())
      header_.unsupported("both lines and bytes are to be skipped");
    if (auto* const stream = std::get_if<Deflate>(&layout.storage)) stream->prefix = bytes;
    for (DataPart& part : layout.parts) {
      part.lines_to_skip = bytes == -1 ? 0 : lines;
      if (layout.is_compressed()) continue;
      if (bytes == -1) {
        part.offset = -1;
      } else if (__builtin_add_overflow(part.offset, bytes, &part.offset)) {
        header_.corrupt("\"byte skip\" is ", bytes);
      }
    }
  }
};

Description read(const std::string& path) {
  NrrdHeader header = read_nrrd_header(path);
  NrrdAxes axes = read_nrrd_axes(header);
  Description file;
  LayoutReader(header, axes, file).read();
  file.header_bytes = static_cast<int64_t>(header.end);
  file.image = std::move(axes.image);
  if (const HeaderValue* content = header.find("content"); content && !content->text.empty())
    header.metadata.set(content_key, content->text);
  if (const HeaderValue* units = header.find("sample units"); units && !units->text.empty())
    header.metadata.set(sample_units_key, units->text);
  if (!axes.measurement_frame.empty())
    header.metadata.set(measurement_frame_key, axes.measurement_frame);
  header.metadata.take(filler_key);
  header.metadata.close_gaps();
  file.image.metadata = std::move(header.metadata);
  return file;
}

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with("NRRD000") || head.starts_with("NRRD00.01");
}

class HeaderWriter {
 public:
  HeaderWriter(const Image& image, bool compressed)
      : image_(image),
        compressed_(compressed),
        n_(image.dimensions()),
        kind_(nrrd_kind(image.pixel)) {}

  // `data_file` is empty if the pixels follow the header.
  std::string write(const std::string& data_file) {
    write_head();
    write_axes();
    write_encoding();
    if (!data_file.empty()) field("data file", data_file);
    write_pairs();
    if (!data_file.empty()) return out_;
    if (!compressed_) fill();
    return out_ + "\n";
  }

 private:
  const Image& image_;
  const bool compressed_;
  const int n_;
  const char* const kind_;  // of the component axis; nullptr if there is none
  std::string out_;

  bool has_space() const { return n_ <= most_nrrd_space_axes; }
  void field(std::string_view name, std::string_view value) {
    out_ += text(name, ": ", value, "\n");
  }

  // One word for each axis of the file: `component` for the axis of components.
  template <typename Word>
  void per_axis(std::string_view name, std::string_view component, const Word& word) {
    std::string words = kind_ ? std::string(component) : "";
    for (int axis = 0; axis < n_; ++axis)
      words += (words.empty() ? "" : " ") + std::string(word(axis));
    field(name, words);
  }

  const std::string* metadata(std::string_view key) const { return image_.find_metadata(key); }

  void write_head() {
    out_ += metadata(measurement_frame_key) ? "NRRD0005\n" : "NRRD0004\n";
    out_ +=
        "# Complete NRRD file format specification at:\n# "
        "http://teem.sourceforge.net/nrrd/format.html\n";
    if (const std::string* content = metadata(content_key)) field("content", *content);
    field("type", nrrd_type(image_.pixel.component));
    field("dimension", text(n_ + (kind_ ? 1 : 0)));
    if (n_ == 3) {
      field("space", "left-posterior-superior");
    } else if (has_space()) {
      field("space dimension", text(n_));
    }
    per_axis("sizes", right_aligned(image_.pixel.components, number_field_width),
             [&](int axis) { return right_aligned(image_.region.size[axis], number_field_width); });
  }

  void write_axes() {
    const auto position = image_.first_pixel_position();
    if (has_space()) {
      per_axis("space directions", "none", [&](int axis) { return direction(axis); });
    } else {
      per_axis("spacings", "NaN", [&](int axis) { return double_text(image_.spacing[axis]); });
      per_axis("axis mins", "NaN", [&](int axis) { return double_text(position[axis] + 0.0); });
      per_axis("centers", "???", [](int) { return "node"; });
    }
    per_axis("kinds", kind_ ? kind_ : "", [](int) { return "domain"; });
  }

  std::string direction(int axis) const {
    double vector[max_dimensions];
    for (int row = 0; row < n_; ++row)
      vector[row] = image_.direction[row * n_ + axis] * image_.spacing[axis];
    return nrrd_vector_text(vector, n_);
  }

  void write_encoding() {
    if (swr_component_bytes(image_.pixel.component) > 1) field("endian", "little");
    field("encoding", compressed_ ? "gzip" : "raw");
    if (has_space())
      field("space origin", nrrd_vector_text(image_.first_pixel_position().data(), n_));
    if (const std::string* frame = metadata(measurement_frame_key))
      field("measurement frame", *frame);
    if (const std::string* units = metadata(sample_units_key)) field("sample units", *units);
  }

  void write_pairs() {
    for (const auto& [key, value] : image_.metadata) {
      if (key == content_key || key == sample_units_key || key == measurement_frame_key) continue;
      out_ += text(nrrd_escaped(key), ":=", nrrd_escaped(value), "\n");
    }
    const auto& index = image_.region.index;
    if (std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; })) {
      out_ += text(start_index_key, ":=", start_index_text(image_.region), "\n");
    }
    if (kind_ && nrrd_kind_read(kind_) != image_.pixel.kind)
      out_ += text(kind_key, ":=", swr_kind_name(image_.pixel.kind), "\n");
  }

  // Comments, so that with the empty line the header is a multiple of data_alignment.
  void fill() {
    constexpr size_t least = 4;  // "# .\n"
    size_t missing = (data_alignment - (out_.size() + 1) % data_alignment) % data_alignment;
    if (missing > 0 && missing < least) missing += data_alignment;
    while (missing > 0) {
      const size_t taken = missing < filler_line_bytes + least ? missing : filler_line_bytes;
      out_ += text("# ", std::string(taken - least + 1, '.'), "\n");
      missing -= taken;
    }
  }
};

bool is_one_line(std::string_view value) {
  return !value.empty() && trimmed(value) == value && value.find('\n') == std::string_view::npos;
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

// Why a header of `n` dimensions cannot hold a piece of metadata; nullptr if it can.
const char* fault_of(const std::string& key, const std::string& value, int n) {
  if (is_reserved_key(key)) return "swr uses that name itself";
  if (key.empty() || key.front() == '#' || trimmed(key) != key)
    return "the name is empty, begins with '#', or has blanks at its ends";
  if (key.find(":=") != std::string::npos || key.find(": ") != std::string::npos ||
      key.back() == ':')
    return "the name has ':' where NRRD separates";
  if (has_unescapable(key) || has_unescapable(value))
    return "it has a carriage return or a zero byte";
  if ((key == content_key || key == sample_units_key) && !is_one_line(value))
    return "the value is empty, has blanks at its ends, or several lines";
  if (key == measurement_frame_key &&
      (n > most_nrrd_space_axes || !is_one_line(value) || !is_measurement_frame(value, n))) {
    return "it is not one vector for each dimension, like (1,0,0) (0,1,0) (0,0,1)";
  }
  return nullptr;
}

void check_metadata(const Image& image, const std::string& path) {
  for (const auto& [key, value] : image.metadata) {
    if (const char* fault = fault_of(key, value, image.dimensions())) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": NRRD cannot hold the metadata \"", key, "\": ", fault);
    }
  }
}

void check_image(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  check_writable(image, path);
  const int axes = n + (nrrd_kind(image.pixel) ? 1 : 0);
  if (n < 1 || axes > most_nrrd_axes) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": NRRD has up to ", most_nrrd_axes,
         " axes, one of them for components; the image needs ", axes);
  }
  for (int axis = 0; axis < n; ++axis) {
    double length = 0;
    for (int row = 0; row < n; ++row)
      length = std::hypot(length, image.direction[row * n + axis] * image.spacing[axis]);
    if (length == 0 || !std::isfinite(length))
      fail(SWR_ERROR_UNSUPPORTED, path, ": the direction of axis ", axis, " has no length");
    for (int row = 0; row < n && n > most_nrrd_space_axes; ++row) {
      if (image.direction[row * n + axis] == (row == axis ? 1 : 0)) continue;
      fail(SWR_ERROR_UNSUPPORTED, path, ": NRRD has directions for up to ", most_nrrd_space_axes,
           " dimensions; for ", n, " they must be the identity");
    }
  }
  check_metadata(image, path);
}

// Some names mean something else in "data file".
void check_data_name(const std::string& path, const std::string& name) {
  bool is_plain = !name.starts_with("LIST") && !has_control_character(name) &&
                  trimmed(name) == name && name[1] != ':';
  for (size_t percent = name.find('%'); percent != std::string::npos;
       percent = name.find('%', percent + 1)) {
    if (name.find_first_not_of("0123456789", percent + 1) == name.find('d', percent + 1))
      is_plain = false;
  }
  if (!is_plain)
    fail(SWR_ERROR_UNSUPPORTED, path, ": a NRRD header cannot name the data file \"", name,
         "\"; choose another name, or .nrrd");
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  check_image(image, request.path);
  const NewData data = place_new_data(request, ".nhdr", ".raw.gz");
  const bool detached = data.path != request.path;
  const std::string data_file = detached ? data.name : "";
  if (detached && data.is_new_name) check_data_name(request.path, data_file);
  NewFile file;
  file.header = HeaderWriter(image, request.is_compressed()).write(data_file);
  check_header_length(file.header, request.path);
  Layout& layout = file.layout;
  layout.order.dimensions = image.dimensions();
  layout.order.size = image.region.size;
  layout.order.component_bytes = swr_component_bytes(image.pixel.component);
  layout.order.components = image.pixel.components;
  layout.storage = request.storage;
  if (detached) {
    layout.parts = {DataPart{data.path, 0, 0, image.bytes()}};
  } else {
    layout.parts = {
        DataPart{request.path, static_cast<int64_t>(file.header.size()), 0, image.bytes()}};
  }
  return file;
}

// Only "sizes" changes. Lists of files, planes, pixels that are found from the end of the file, and
// headers that say where the last axis ends are left to a rewrite.
std::optional<Growth> grow(const std::string& path, const Description& file, const Image& grown) {
  const Layout& layout = file.layout;
  if (layout.parts.size() != 1 || layout.parts[0].offset < 0 || layout.order.planar ||
      layout.is_text())
    return std::nullopt;
  NrrdHeader header = read_nrrd_header(path);
  if (header.find("axis maxs")) return std::nullopt;
  const NrrdAxes axes = read_nrrd_axes(header);
  HeaderValue sizes = header.require("sizes");
  // The blanks in front of the only number of a one-dimensional image are room too.
  while (sizes.offset > 1 && (*header.text)[sizes.offset - 1] == ' ' &&
         (*header.text)[sizes.offset - 2] == ' ')
    --sizes.offset;
  sizes.text =
      std::string_view(*header.text)
          .substr(sizes.offset, header.text->find_first_of("\r\n", sizes.offset) - sizes.offset);
  const int last = axes.count - (axes.component_axis == axes.count - 1 ? 2 : 1);
  auto patch =
      patch_number(sizes, static_cast<size_t>(last), grown.region.size[grown.dimensions() - 1]);
  if (!patch) return std::nullopt;
  return Growth{{std::move(*patch)}};
}

}  // namespace

extern const Format nrrd_format;
const Format nrrd_format = {
    .name = "NRRD",
    .suffixes = suffixes,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT,
    .least_dimensions = 1,
    .most_dimensions = most_nrrd_axes,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr
