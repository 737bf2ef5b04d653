// HDF5, as ITK writes images into it, or as a plain dataset; hdf5_source.h has both layouts.
//
//   [superblock, groups, small datasets, attributes][pixels, x fastest]
//
// In new files the pixels are contiguous: they begin at a multiple of 4096 and end the file, and
// the HDF5 library, which makes the structure in front of them, is not needed any more. A
// contiguous dataset cannot grow: the file is written again. Chunked and compressed datasets of
// other programs are read.
//
// The library is built to trust files. What it opens is read through swr's own open file, links and
// pixels in other files are refused, and so are filters that it would load as plugins.
#include "formats/format.h"
#include "formats/hdf5_pixels.h"
#include "formats/hdf5_reading.h"
#include "formats/hdf5_writer.h"

namespace swr {
namespace {

constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
constexpr size_t first_user_block = 512;

// In front of the signature there may be a user block, of 512 bytes or a power of two above it.
bool recognise(std::string_view head, std::string_view) {
  if (head.starts_with(signature)) return true;
  for (size_t at = first_user_block; at < head.size(); at *= 2) {
    if (head.substr(at).starts_with(signature)) return true;
  }
  return false;
}

Description read(const std::string& path, OpenFiles& files) {
  return read_hdf5_image(files.open(path), files.dataset());
}

std::optional<Growth> grow(const std::string&, const Description&, const Image&) {
  return std::nullopt;
}

constexpr Suffix suffixes[] = {{".h5", Compression::never},
                               {".hdf5", Compression::never},
                               {".he5", Compression::never},
                               {".hd5", Compression::never}};

}  // namespace

extern const Format hdf5_format;
const Format hdf5_format = {
    .name = "HDF5",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING |
                    SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION | SWR_HOLDS_METADATA,
    .least_dimensions = 1,
    .most_dimensions = max_dimensions,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan_hdf5_file,
    .grow = grow,
    .form = form_of_hdf5_pixels,
    .reader = read_hdf5_pixels,
};

}  // namespace swr
