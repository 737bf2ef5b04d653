// NRRD, as teem and ITK write and read it (teem.sourceforge.net/nrrd/format.html, versions 1 to 5).
// Text lines up to an empty line, then the pixels; or only a header (.nhdr) that names its data
// files.
//
//   NRRD0004
//   # Complete NRRD file format specification at:
//   # http://teem.sourceforge.net/nrrd/format.html
//   type: float
//   dimension: 4                                            counts the axis of components
//   space: left-posterior-superior                          or "space dimension: n"
//   sizes: 3 512 512 200                                    components first
//   space directions: none (0.5,0,0) (0,0.5,0) (0,0,2)      direction times spacing
//   kinds: vector domain domain domain
//   endian: little
//   encoding: raw
//   space origin: (-10.5,20.25,30)                          the position of the first pixel
//   PatientName:=...                                        metadata
//   swr_index:=0 100 200                                    the start index, if it is not zero
//   # ........                                              pads a .nrrd to a multiple of 4096
//
// A space has at most 8 axes. Images of more dimensions have their spacing and origin in "spacings"
// and "axis mins", and their direction must be the identity. (teem reads such files; ITK 5.2
// crashes on more than nine dimensions.)
#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "base/error.h"
#include "formats/data_parts.h"
#include "formats/nrrd_axes.h"
#include "formats/nrrd_header.h"
#include "formats/nrrd_metadata.h"
#include "formats/nrrd_names.h"
#include "formats/nrrd_source.h"
#include "formats/nrrd_writer.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr Suffix suffixes[] = {{".nrrd"}, {".nhdr"}};

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
    layout.order.component_axis = axes_.axes_before_components();
    read_encoding();
    read_parts();
    read_skips();
  }

  bool lists_files() const { return lists_files_; }

 private:
  const NrrdHeader& header_;
  const NrrdAxes& axes_;
  Description& file_;
  const int component_bytes_;
  bool lists_files_ = false;

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
    } else if (name == "hex") {
      layout.storage = Text{axes_.image.pixel.component, true};
      file_.read_only = "its pixels are written as hexadecimal digits";
    } else if (name == "bzip2" || name == "bz2") {
      layout.storage = Bzip2{};
      file_.read_only = "its pixels are compressed with bzip2";
    } else {
      header_.unsupported("pixels of the encoding \"", name.substr(0, 80),
                          "\"; swr reads raw, gzip, bzip2, text and hex");
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
      lists_files_ = true;
      read_list(*data_file);
    } else if (read_pattern(*data_file)) {
      lists_files_ = true;
    } else {
      parts = {DataPart{data_path(header_.path, data_file->text), 0, 0, all_bytes()}};
    }
  }

  // The parts for files of `file_axes` axes each. If those are all axes, the files divide the last
  // axis evenly.
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

  // "slice_%03d.raw first last step", and the number of axes of each file if it is not one less
  // than the header's.
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

  // "line skip" comes first and counts in the file; then "byte skip", which counts in the file for
  // raw pixels and in the inflated data for compressed ones.
  void read_skips() {
    Layout& layout = file_.layout;
    const int64_t lines = header_.integer("line skip").value_or(0);
    const int64_t bytes = header_.integer("byte skip").value_or(0);
    if (lines < 0) header_.corrupt("\"line skip\" is ", lines);
    if (bytes < -1) header_.unsupported("\"byte skip\" is ", bytes);
    if (bytes == -1 && !layout.is_raw())
      header_.unsupported("\"byte skip\" is -1, but the pixels are not raw");
    if (auto* const stream = std::get_if<Deflate>(&layout.storage)) stream->prefix = bytes;
    if (auto* const stream = std::get_if<Bzip2>(&layout.storage)) stream->prefix = bytes;
    for (DataPart& part : layout.parts) {
      part.lines_to_skip = bytes == -1 ? 0 : lines;
      if (layout.is_compressed() || layout.is_bzip2()) continue;
      if (bytes == -1) {
        part.offset = -1;
      } else if (lines > 0) {
        part.bytes_to_skip = bytes;
      } else if (add_overflows(part.offset, bytes, part.offset)) {
        header_.corrupt("\"byte skip\" is ", bytes);
      }
    }
  }
};

// "slope intercept"; the identity if the text is anything else.
ValueScale scale_of(std::string_view text) {
  const auto words = words_of({text, 0}, 3);
  if (words.size() != 2) return {};
  const auto slope = double_of(words[0].text), intercept = double_of(words[1].text);
  if (!slope || !intercept || !std::isfinite(*slope) || !std::isfinite(*intercept) || *slope == 0)
    return {};
  return {*slope, *intercept, true};
}

Description read(const std::string& path, OpenFiles& files) {
  NrrdHeader header = read_nrrd_header(path, files);
  NrrdAxes axes = read_nrrd_axes(header);
  Description file;
  LayoutReader layout(header, axes, file);
  layout.read();
  find_gzipped_parts(file, files);
  file.header_bytes = static_cast<int64_t>(header.end);
  file.image = std::move(axes.image);
  if (const HeaderValue* content = header.find("content"); content && !content->text.empty())
    header.metadata.set(nrrd_content_key, content->text);
  if (const HeaderValue* units = header.find("sample units"); units && !units->text.empty())
    header.metadata.set(nrrd_sample_units_key, units->text);
  if (!axes.measurement_frame.empty())
    header.metadata.set(nrrd_measurement_frame_key, axes.measurement_frame);
  header.metadata.take(filler_key);
  if (const auto scale = header.metadata.take(nrrd_value_scale_key))
    file.image.scale = scale_of(*scale);
  header.metadata.close_gaps();
  file.image.metadata = std::move(header.metadata);
  std::string after =
      header.find("data file") ? header.text->substr(header.draft.bytes()) : std::string();
  axes.image = {};
  file.header =
      std::make_shared<NrrdSource>(std::move(header.draft), file.header_bytes, std::move(axes),
                                   std::move(after), layout.lists_files());
  return file;
}

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with("NRRD000") || head.starts_with("NRRD00.01");
}

void check_image(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  check_storable(image, path);
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
      fail(SWR_ERROR_UNSUPPORTED, path, ": the direction of ", axis_text(axis), " has no length");
    for (int row = 0; row < n && n > most_nrrd_space_axes; ++row) {
      if (image.direction[row * n + axis] == (row == axis ? 1 : 0)) continue;
      fail(SWR_ERROR_UNSUPPORTED, path, ": NRRD has directions for up to ", most_nrrd_space_axes,
           " dimensions; for ", n, " they must be the identity");
    }
  }
}

// Some names have another meaning in "data file".
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
  NewNrrdHeader header = write_nrrd_header(image, request, data_file);
  file.header = std::move(header.text);
  file.remarks = std::move(header.remarks);
  check_header_length(file.header, request.path);
  Layout& layout = file.layout;
  layout.order.dimensions = image.dimensions();
  layout.order.size = image.region.size;
  layout.order.component_bytes = swr_component_bytes(image.pixel.component);
  layout.order.components = image.pixel.components;
  layout.order.component_axis = header.component_axis;
  layout.storage = request.storage;
  if (detached) {
    layout.parts = {DataPart{data.path, 0, 0, image.bytes()}};
  } else {
    layout.parts = {
        DataPart{request.path, static_cast<int64_t>(file.header.size()), 0, image.bytes()}};
  }
  return file;
}

// "sizes" changes, and what depends on it. Images with a list of data files, with one plane per
// component, or whose pixels are located from the end of the file, must be rewritten.
std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const Layout& layout = file.layout;
  const bool planes =
      !layout.order.interleaved() && layout.order.component_axis == layout.order.dimensions;
  if (layout.parts.size() != 1 || layout.parts[0].offset < 0 || planes || layout.is_text())
    return std::nullopt;
  const auto& source = dynamic_cast<const NrrdSource&>(*file.header);
  if (source.lists_files) return std::nullopt;
  const auto lines = grown_nrrd_lines(source, file.image, grown);
  if (!lines) return std::nullopt;
  Growth growth;
  const std::string before = source.draft.text();
  const std::string& after = source.after;
  if (auto patch = lines->size() == before.size() ? patch_between(before, *lines)
                                                  : patch_between(before + after, *lines + after))
    growth.patches.push_back(std::move(*patch));
  return growth;
}

}  // namespace

extern const Format nrrd_format;
const Format nrrd_format = {
    .name = "NRRD",
    .suffixes = suffixes,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | holds_everything,
    .least_dimensions = 1,
    .most_dimensions = most_nrrd_axes,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr
