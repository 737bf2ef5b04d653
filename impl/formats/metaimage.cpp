// MetaImage, as MetaIO and ITK write and read it (itk.org/Wiki/MetaIO/Documentation). Text lines
// "name = value", then the pixels: in the same file (.mha), or in one or several of their own
// (.mhd). ElementDataFile is the last line.
//
//   ObjectType = Image
//   NDims = 3
//   BinaryData = True
//   BinaryDataByteOrderMSB = False
//   CompressedData = False
//   TransformMatrix = 1 0 0 0 1 0 0 0 1      the axes' directions one behind the other
//   Offset = -10.5 20.25 30                  the position of the first pixel
//   CenterOfRotation = 0 0 0
//   AnatomicalOrientation = RAI
//   ElementSpacing = 0.5 0.5 2
//   PatientName = ...                        metadata: fields that MetaImage does not know
//   swr_index = 0 100 200                    the start index, if it is not zero
//   swr_kind = complex                       the kind of the pixels, if it is not the usual one
//   swr_pad = ........                       so that the pixels of a .mha begin at a multiple of 4096
//   DimSize =                  512                  512                  200
//   ElementNumberOfChannels = 2
//   ElementType = MET_FLOAT
//   ElementDataFile = LOCAL
//
// MetaImage does not say what several components mean, and ITK reads them as vectors. Here three or
// four uint8 are colours, what they are in nearly every file, and swr_kind says so when it is
// otherwise. Readers stop at lines with '#', at lines that are too long, and at fields without a
// value: what follows from that is checked before a header is made.
#include "formats/metaimage_header.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "formats/data_parts.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr int most_axes = 10;
constexpr size_t most_key_bytes = 200;          // MetaIO keeps names in 255 bytes
constexpr size_t most_value_bytes = 31000;      // and values in 32768,
constexpr size_t most_descriptive_bytes = 200;  // but Comment and its like in 255
constexpr size_t filler_line_bytes = 400;

constexpr Suffix suffixes[] = {{".mha"}, {".mhd"}};

// Why a header cannot hold a piece of metadata so that every reader finds it; nullptr if it can.
const char* fault_of(const std::string& key, const std::string& value) {
  const bool descriptive = is_descriptive_field(key);
  if (is_reserved_key(key) || (is_metaimage_field(key) && !descriptive))
    return "the format uses that name itself";
  if (key.empty() || key.size() > most_key_bytes || trimmed(key) != key)
    return "the name is empty, too long, or has blanks at its ends";
  if (has_control_character(key) || key.find_first_of("=:#\t") != std::string::npos)
    return "the name has '=', ':', '#' or a control character";
  if (value.empty() || trimmed(value) != value || value.front() == '=' || value.front() == ':') {
    return "the value is empty, has blanks at its ends, or begins with a separator";
  }
  if (has_control_character(value))
    return "the value has more than one line, or control characters";
  if (value.size() > (descriptive ? most_descriptive_bytes : most_value_bytes))
    return "the value is too long for other programs";
  return nullptr;
}

void check_metadata(const Image& image, const std::string& path) {
  for (const auto& [key, value] : image.metadata) {
    if (const char* fault = fault_of(key, value))
      fail(SWR_ERROR_UNSUPPORTED, path, ": MetaImage cannot hold the metadata \"", key,
           "\": ", fault);
  }
}

void check_image(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  if (n < 1 || n > most_axes)
    fail(SWR_ERROR_UNSUPPORTED, path, ": MetaImage has 1 to ", most_axes,
         " dimensions, the image has ", n);
  check_writable(image, path);
  for (int axis = 0; axis < n; ++axis) {
    if (image.region.size[axis] > std::numeric_limits<int32_t>::max()) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": MetaImage holds sizes of up to 2147483647, axis ", axis,
           " has ", image.region.size[axis]);
    }
  }
  check_metadata(image, path);
}

// Some names mean something else in ElementDataFile.
void check_data_name(const std::string& path, const std::string& name) {
  if (name.starts_with("LIST") || name.find('%') != std::string::npos ||
      has_control_character(name) || trimmed(name) != name || name.front() == '=' ||
      name.front() == ':') {
    fail(SWR_ERROR_UNSUPPORTED, path, ": a MetaImage header cannot name the data file \"", name,
         "\"; choose another name, or .mha");
  }
}

// One letter an axis, the side that it comes from: R or L, A or P, I or S, as ITK finds them; '?'
// where there are not three axes.
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

class HeaderWriter {
 public:
  HeaderWriter(const Image& image, const NewFileRequest& request, std::string data_file)
      : image_(image),
        request_(request),
        n_(image.dimensions()),
        data_file_(std::move(data_file)) {}

  // The header; filled up if the pixels follow it as they are.
  std::string write() {
    write_head();
    write_geometry();
    write_metadata();
    const std::string tail = shape();
    if (data_file_ == "LOCAL" && !request_.is_compressed()) fill(out_.size() + tail.size());
    return out_ + tail;
  }

  NumberField stream_bytes_field() const { return stream_bytes_field_; }

 private:
  const Image& image_;
  const NewFileRequest& request_;
  const int n_;
  const std::string data_file_;
  std::string out_;
  NumberField stream_bytes_field_;

  static std::string line(std::string_view name, std::string_view value) {
    return text(name, " = ", value, "\n");
  }
  void field(std::string_view name, std::string_view value) { out_ += line(name, value); }

  template <typename Number>
  void list(std::string_view name, int count, const Number& number) {
    std::string values;
    for (int i = 0; i < count; ++i) values += (i > 0 ? " " : "") + double_text(number(i) + 0.0);
    field(name, values);
  }

  void write_head() {
    field("ObjectType", "Image");
    field("NDims", text(n_));
    field("BinaryData", "True");
    field("BinaryDataByteOrderMSB", "False");
    field("CompressedData", request_.is_compressed() ? "True" : "False");
    if (!request_.is_compressed()) return;
    field("CompressedDataSize", right_aligned(0, number_field_width));
    stream_bytes_field_ = {static_cast<int64_t>(out_.size()) - 1 - number_field_width,
                           number_field_width};
  }

  void write_geometry() {
    const auto position = image_.first_pixel_position();
    list("TransformMatrix", n_ * n_,
         [&](int i) { return image_.direction[(i % n_) * n_ + i / n_]; });
    list("Offset", n_, [&](int i) { return position[i]; });
    list("CenterOfRotation", n_, [](int) { return 0.0; });
    if (n_ == 3) field("AnatomicalOrientation", anatomical_orientation(image_));
    list("ElementSpacing", n_, [&](int i) { return image_.spacing[i]; });
  }

  void write_metadata() {
    for (const auto& [key, value] : image_.metadata) field(key, value);
    const auto& index = image_.region.index;
    if (std::any_of(index.begin(), index.begin() + n_, [](int64_t i) { return i != 0; }))
      field(start_index_key, start_index_text(image_.region));
    const PixelType& pixel = image_.pixel;
    if (pixel.kind != metaimage_default_kind(pixel.component, pixel.components))
      field(kind_key, swr_kind_name(pixel.kind));
  }

  // What stands behind the filler.
  std::string shape() const {
    std::string sizes;
    for (int axis = 0; axis < n_; ++axis)
      sizes += (axis > 0 ? " " : "") + right_aligned(image_.region.size[axis], number_field_width);
    std::string out = line("DimSize", sizes);
    if (n_ != 3) out += line("AnatomicalOrientation", anatomical_orientation(image_));
    if (image_.pixel.components > 1)
      out += line("ElementNumberOfChannels", text(image_.pixel.components));
    if (request_.slope != 1 || request_.intercept != 0) {
      out += line("ElementToIntensityFunctionSlope", double_text(request_.slope));
      out += line("ElementToIntensityFunctionOffset", double_text(request_.intercept));
    }
    out += line("ElementType", metaimage_type(image_.pixel.component));
    return out + line("ElementDataFile", data_file_);
  }

  void fill(size_t bytes) {
    const size_t least = text(filler_key, " = .\n").size();
    size_t missing = (data_alignment - bytes % data_alignment) % data_alignment;
    if (missing > 0 && missing < least) missing += data_alignment;
    while (missing > 0) {
      const size_t taken = missing < filler_line_bytes + least ? missing : filler_line_bytes;
      field(filler_key, std::string(taken - least + 1, '.'));
      missing -= taken;
    }
  }
};

bool recognise(std::string_view head, std::string_view path) {
  HeaderLines lines(head);
  std::string_view name;
  HeaderValue value;
  bool has_fields = false;
  for (HeaderLine line; lines.next(line);) {
    if (trimmed(line.text).empty()) continue;
    if (!split_metaimage_line(line, name, value) || has_control_character(name)) break;
    if (name == "NDims" || (name == "ObjectType" && value.text == "Image")) return true;
    has_fields = true;
  }
  return has_fields && (has_suffix(path, ".mha") || has_suffix(path, ".mhd"));
}

Description read(const std::string& path) {
  return describe_metaimage(read_metaimage_header(path));
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  check_image(image, request.path);
  if (!std::isfinite(request.slope) || !std::isfinite(request.intercept)) {
    fail(SWR_ERROR_UNSUPPORTED, request.path,
         ": the rule from stored to real values is not finite");
  }
  const NewData data = place_new_data(request, ".mhd", ".zraw");
  const bool detached = data.path != request.path;
  const std::string data_file = detached ? data.name : "LOCAL";
  if (detached && data.is_new_name) check_data_name(request.path, data_file);
  HeaderWriter writer(image, request, data_file);
  NewFile file;
  file.header = writer.write();
  check_header_length(file.header, request.path);
  Layout& layout = file.layout;
  layout.order.dimensions = image.dimensions();
  layout.order.size = image.region.size;
  layout.order.component_bytes = swr_component_bytes(image.pixel.component);
  layout.order.components = image.pixel.components;
  if (detached) {
    layout.parts = {DataPart{data.path, 0, 0, image.bytes()}};
  } else {
    layout.parts = {
        DataPart{request.path, static_cast<int64_t>(file.header.size()), 0, image.bytes()}};
  }
  layout.storage = request.storage;
  if (auto* const stream = std::get_if<Deflate>(&layout.storage))
    stream->stream_bytes_field = writer.stream_bytes_field();
  return file;
}

// Only DimSize changes. Lists of files and pixels that are found from the end of the file are left
// to a rewrite.
std::optional<Growth> grow(const std::string& path, const Description& file, const Image& grown) {
  const auto& parts = file.layout.parts;
  if (parts.size() != 1 || parts[0].offset < 0 || file.layout.is_text()) return std::nullopt;
  const int64_t size = grown.region.size[grown.dimensions() - 1];
  if (size > std::numeric_limits<int32_t>::max()) return std::nullopt;
  const MetaImageHeader header = read_metaimage_header(path);
  HeaderValue sizes = header.fields.at("DimSize");
  // The blanks in front of the only number of a one-dimensional image are room too.
  while (sizes.offset > 1 && (*header.text)[sizes.offset - 1] == ' ' &&
         (*header.text)[sizes.offset - 2] == ' ')
    --sizes.offset;
  sizes.text =
      std::string_view(*header.text)
          .substr(sizes.offset, header.text->find_first_of("\r\n", sizes.offset) - sizes.offset);
  auto patch = patch_number(sizes, static_cast<size_t>(grown.dimensions()) - 1, size);
  if (!patch) return std::nullopt;
  return Growth{{std::move(*patch)}};
}

}  // namespace

extern const Format metaimage_format;
const Format metaimage_format = {
    .name = "MetaImage",
    .suffixes = suffixes,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT,
    .least_dimensions = 1,
    .most_dimensions = most_axes,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr
