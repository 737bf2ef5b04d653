// HDF5, as ITK writes images into it, or as a plain dataset; hdf5_source.h has both layouts.
//
//   [superblock, groups, small datasets, attributes][pixels, x fastest]
//
// In new files that are not compressed the pixels are contiguous: they begin at a multiple of 4096
// and end the file, and the HDF5 library, which makes the structure in front of them, is not needed
// any more. So they grow in place, though the library itself cannot make a contiguous dataset
// longer; files of other programs are written again. Other pixels are in chunks, which swr encodes
// and decodes; the library gives them places and lists them.
//
// The library is built to trust files. What it opens is read through swr's own open file, links and
// pixels in other files are refused, and so are filters that it would load as plugins.
#include <array>

#include "formats/format.h"
#include "formats/hdf5_changes.h"
#include "formats/hdf5_growth.h"
#include "formats/hdf5_pixels.h"
#include "formats/hdf5_reading.h"
#include "formats/hdf5_signature.h"
#include "formats/hdf5_writer.h"

namespace swr {
namespace {

bool recognise(std::string_view head, std::string_view) {
  return is_hdf5(head);
}

Description read(const std::string& path, OpenFiles& files) {
  return read_hdf5_image(files.open(path), files.dataset());
}

constexpr std::array codecs{ChunkCodec::deflate};
constexpr std::array preparations{ChunkPreparation::shuffle};
constexpr ChunkAbilities chunk_abilities{
    .codecs = codecs, .preparations = preparations, .are_optional = true};

}  // namespace

extern const Format hdf5_format;
const Format hdf5_format = {
    .name = hdf5_name,
    .suffixes = hdf5_suffixes,
    .other_suffix = Compression::possible,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING |
                    SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION | SWR_HOLDS_METADATA,
    .least_dimensions = 1,
    .most_dimensions = max_dimensions,
    .wrapper = Deflate::Wrapper::zlib,
    .chunks = &chunk_abilities,
    .recognise = recognise,
    .read = read,
    .plan = plan_hdf5_file,
    .grow = grow_hdf5_file,
    .form = form_of_hdf5_pixels,
    .reader = read_hdf5_pixels,
    .sink = new_hdf5_pixels,
    .change = change_hdf5_pixels,
    .forecast = forecast_hdf5_change,
};

}  // namespace swr
