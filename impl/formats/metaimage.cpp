// MetaImage, as MetaIO and ITK write and read it (itk.org/Wiki/MetaIO/Documentation). Text lines
// "name = value", then the pixels: in the same file (.mha), or in one or several detached data
// files (.mhd). ElementDataFile is the last line.
//
//   ObjectType = Image
//   NDims = 3
//   BinaryData = True
//   BinaryDataByteOrderMSB = False
//   CompressedData = False
//   TransformMatrix = 1 0 0 0 1 0 0 0 1      the axes' directions, consecutive
//   Offset = -10.5 20.25 30                  the position of the first pixel
//   CenterOfRotation = 0 0 0
//   AnatomicalOrientation = RAI
//   ElementSpacing = 0.5 0.5 2
//   PatientName = ...                        metadata: fields that are not MetaImage's own
//   swr_index = 0 100 200                    the start index, if it is not zero
//   swr_kind = complex                       the kind of the pixels, if it is not the usual one
//   swr_pad = ........                       pads the header of a .mha to a multiple of 4096
//   DimSize = 512 512 200
//   ElementNumberOfChannels = 2
//   ElementType = MET_FLOAT
//   ElementDataFile = LOCAL
//
// MetaImage does not say what several components mean, and ITK reads them as vectors. swr reads
// three or four uint8 as colours, which they are in nearly every file; swr_kind states any other
// kind. Other readers fail at lines with '#', at lines that are too long, and at fields without a
// value, so that a new header must contain none of them.
#include <limits>

#include "base/error.h"
#include "formats/data_parts.h"
#include "formats/metaimage_description.h"
#include "formats/metaimage_header.h"
#include "formats/metaimage_names.h"
#include "formats/metaimage_writer.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr Suffix suffixes[] = {{".mha"}, {".mhd"}};

void check_image(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  if (n < 1 || n > most_metaimage_axes)
    fail(SWR_ERROR_UNSUPPORTED, path, ": MetaImage has 1 to ", most_metaimage_axes,
         " dimensions, the image has ", n);
  check_storable(image, path);
  for (int axis = 0; axis < n; ++axis) {
    if (image.region.size[axis] > std::numeric_limits<int32_t>::max()) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": MetaImage holds sizes of up to 2147483647, axis ", axis,
           " has ", image.region.size[axis]);
    }
  }
}

// Some names have another meaning in ElementDataFile.
void check_data_name(const std::string& path, const std::string& name) {
  if (name.starts_with("LIST") || name.find('%') != std::string::npos ||
      has_control_character(name) || trimmed(name) != name || name.front() == '=' ||
      name.front() == ':') {
    fail(SWR_ERROR_UNSUPPORTED, path, ": a MetaImage header cannot name the data file \"", name,
         "\"; choose another name, or .mha");
  }
}

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

Description read(const std::string& path, OpenFiles& files) {
  Description file = describe_metaimage(read_metaimage_header(path, files));
  find_gzipped_parts(file, files);
  return file;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  check_image(image, request.path);
  const NewData data = place_new_data(request, ".mhd", ".zraw");
  const bool detached = data.path != request.path;
  const std::string data_file = detached ? data.name : "LOCAL";
  if (detached && data.is_new_name) check_data_name(request.path, data_file);
  NewMetaImageHeader header = write_metaimage_header(image, request, data_file);
  NewFile file;
  file.header = std::move(header.text);
  file.remarks = std::move(header.remarks);
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
    stream->stream_bytes_field = header.stream_bytes_field;
  return file;
}

// Only DimSize changes. Images with a list of data files, or whose pixels are located from the end
// of the file, must be rewritten.
std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const auto& parts = file.layout.parts;
  if (parts.size() != 1 || parts[0].offset < 0 || file.layout.is_text()) return std::nullopt;
  const int64_t size = grown.region.size[grown.dimensions() - 1];
  if (size > std::numeric_limits<int32_t>::max()) return std::nullopt;
  const auto& source = dynamic_cast<const MetaImageSource&>(*file.header);
  if (source.lists_files) return std::nullopt;
  const auto header = grown_metaimage_header(source, grown);
  if (!header) return std::nullopt;
  Growth growth;
  if (auto patch = patch_between(source.draft.text(), *header))
    growth.patches.push_back(std::move(*patch));
  return growth;
}

}  // namespace

extern const Format metaimage_format;
const Format metaimage_format = {
    .name = "MetaImage",
    .suffixes = suffixes,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | holds_everything,
    .least_dimensions = 1,
    .most_dimensions = most_metaimage_axes,
    .stated_unit = metaimage_unit,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr
