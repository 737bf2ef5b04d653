// Raw arrays are
//
//   [bytes of the pixels][pixels]
//
// and those that a compressor (vti_compressor.h) made smaller are
//
//   [blocks][bytes of a block][bytes of the last one, 0 if it is whole][stored bytes of each block]
//   [zlib stream, LZ4 block or .xz stream of each block]
//
// with numbers of 4 or 8 bytes. Blocks need not end where rows or pixels do. In base64, what is in
// front of the blocks is encoded by itself. Arrays of text are numbers between blanks.
#include "formats/vti_pixels.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/header_text.h"
#include "formats/vti_bytes.h"
#include "formats/vti_compressor.h"
#include "stores/base64.h"
#include "stores/stored_blocks_reader.h"
#include "stores/stored_chunks_reader.h"

namespace swr {
namespace {

constexpr int64_t most_blocks = int64_t{1} << 24;
// In base64, pixels that are not compressed are read in blocks, to which nothing in the file
// corresponds.
constexpr int64_t base64_block_bytes = 65536, most_base64_blocks = int64_t{1} << 18;

// An array in the appended data.
struct Stretch {
  int64_t begin = 0, end = 0;  // bytes of the file
  bool is_pixels = false;
};

// Whether another array has some bytes of the pixels.
bool share_bytes(std::vector<Stretch> stretches) {
  std::ranges::sort(stretches, {}, &Stretch::begin);
  int64_t end = 0, pixels_end = 0;
  for (const Stretch& each : stretches) {
    if (each.begin < (each.is_pixels ? end : pixels_end)) return true;
    end = std::max(end, each.end);
    if (each.is_pixels) pixels_end = std::max(pixels_end, each.end);
  }
  return false;
}

const VtiArray& array_of(const VtiPiece& piece, const std::string& path) {
  const VtiArray* const array = pixel_array(piece);
  if (!array)
    fail(SWR_ERROR_UNSUPPORTED, path, ": it has no PointData, which are the pixels",
         piece.has_cells ? "; swr does not read CellData" : "");
  return *array;
}

// Finds the pixels of a header, whose pieces may be slabs in the order of the image.
class Pieces {
 public:
  Pieces(const VtiHeader& header, const VtiExtent& whole, const File& file)
      : header_(header), whole_(whole), file_(file), path_(file.path()) {
    while (axis_ > 0 && size_of_axis(whole_, axis_) == 1) --axis_;
  }

  int64_t find(Description& found) const {
    const PixelType& pixel = found.image.pixel;
    const VtiArray& first_array = array_of(header_.pieces.front(), path_);
    int64_t next = whole_[2 * axis_], end = 0;
    for (const VtiPiece& piece : header_.pieces) {
      const VtiExtent extent = vti_extent(piece.extent, path_);
      const VtiArray& array = array_of(piece, path_);
      if (vti_pixel(piece, array, path_) != pixel) refuse("have pixels of different types");
      if (!have_one_form(array, first_array)) refuse("have pixels that are stored differently");
      // VTK's pieces share the plane at which they meet.
      const int64_t twice = next - extent[2 * axis_];
      const bool is_first = next == whole_[2 * axis_];
      if (!is_slab(extent) || twice < 0 || twice > (is_first ? 0 : 1) ||
          size_of_axis(extent, axis_) <= twice)
        refuse("are not slabs of the image in their order");
      if (twice == 1) found.read_only = "its pieces have the planes at which they meet twice";
      end = add(piece, array, extent, twice, found);
      next = extent[2 * axis_ + 1] + 1;
    }
    if (next != whole_[2 * axis_ + 1] + 1) refuse("do not cover the image");
    if (found.layout.is_raw() && share_bytes(stretches(found.layout.parts)))
      found.read_only = "another array has some of the bytes of its pixels";
    if (found.layout.is_raw() && header_.has_inline)
      found.read_only = "it has arrays whose values are between its tags";
    return end;
  }

 private:
  const VtiHeader& header_;
  const VtiExtent& whole_;
  const File& file_;
  const std::string& path_;
  size_t axis_ = vti_axes - 1;  // along which the slabs follow each other

  [[noreturn]] void refuse(std::string_view what) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": its pieces ", what);
  }

  bool is_slab(const VtiExtent& extent) const {
    for (size_t axis = 0; axis < vti_axes; ++axis) {
      if (axis != axis_ &&
          (extent[2 * axis] != whole_[2 * axis] || extent[2 * axis + 1] != whole_[2 * axis + 1]))
        return false;
    }
    return extent[2 * axis_ + 1] <= whole_[2 * axis_ + 1];
  }

  int64_t number(const VtiBytes& bytes, int64_t offset) const {
    const auto number = bytes.number(offset);
    if (number) return *number;
    if (bytes.is_base64())
      fail(SWR_ERROR_CORRUPT, path_, ": there is no base64 at byte ", bytes.begin(),
           ", where an array should begin");
    fail(SWR_ERROR_CORRUPT, path_, ": the file ends before byte ", bytes.after(offset),
         ", where an array should begin");
  }

  // Returns the first byte after the pixels.
  int64_t add(const VtiPiece& piece, const VtiArray& array, const VtiExtent& extent, int64_t twice,
              Description& found) const {
    if (array.form == VtiForm::text) return add_text(piece, array, extent, twice, found);
    if (!header_.compressor.empty()) return add_blocks(array, found);
    return array.form == VtiForm::raw ? add_raw(piece, array, extent, twice, found)
                                      : add_base64(array, found);
  }

  int64_t bytes_of(const VtiPiece& piece, const VtiExtent& extent, const PixelType& pixel) const {
    std::array<int64_t, vti_axes> size{};
    for (size_t axis = 0; axis < vti_axes; ++axis) size[axis] = size_of_axis(extent, axis);
    const auto bytes = bytes_of_axes(size.data(), vti_axes, pixel.bytes());
    if (!bytes)
      fail(SWR_ERROR_CORRUPT, path_, ": the extent \"", piece.extent.text,
           "\" has more bytes than there can be");
    return *bytes;
  }

  int64_t add_text(const VtiPiece& piece, const VtiArray& array, const VtiExtent& extent,
                   int64_t twice, Description& found) const {
    if (twice > 0) refuse("are written as text and have the planes at which they meet twice");
    const PixelType& pixel = found.image.pixel;
    if (array.begin == array.end)
      fail(SWR_ERROR_CORRUPT, path_, ": the array ", in_quotes(array.name), " has no values");
    found.layout.storage = Text{.component = pixel.component, .ends_at_tag = true};
    found.layout.parts.push_back(DataPart{path_, array.begin, 0, bytes_of(piece, extent, pixel)});
    found.read_only = "its pixels are written as text";
    return array.end;
  }

  // One piece, in blocks that are not compressed.
  int64_t add_base64(const VtiArray& array, Description& found) const {
    if (header_.pieces.size() > 1) refuse("are in base64; swr reads one such piece");
    const VtiBytes stored(file_, header_, array);
    const int64_t length = number(stored, 0), bytes = found.image.bytes();
    if (length != bytes)
      fail(SWR_ERROR_CORRUPT, path_, ": the array ", in_quotes(array.name), " has ", length,
           " bytes, and the image has ", bytes);
    const int64_t end = stored.after(checked_add(header_.length_bytes, bytes));
    if (end > stored.end())
      fail(SWR_ERROR_CORRUPT, path_, ": the base64 of ", bytes, " bytes would end at byte ", end,
           ", and there are ", stored.end());
    auto blocks = std::make_shared<StoredChunks>();
    blocks->encoding = "base64";
    blocks->noun = "block";
    blocks->read_only = "its pixels are in base64; copy the image to another file";
    blocks->base64_begin = stored.begin();
    const int64_t block = std::max(base64_block_bytes, divide_up(bytes, most_base64_blocks));
    for (int64_t at = 0; at < bytes; at += block)
      blocks->chunks.push_back({header_.length_bytes + at, std::min(block, bytes - at)});
    set_blocks(std::move(blocks), block, found);
    return end;
  }

  void set_blocks(std::shared_ptr<const StoredChunks> blocks, int64_t block,
                  Description& found) const {
    const int64_t bytes = found.image.bytes();
    Layout& layout = found.layout;
    Grid grid{1, {}, {}};
    grid.size[0] = bytes;
    grid.chunk[0] = std::min(block, bytes);
    layout.storage = Chunked{grid};
    layout.parts = {DataPart{path_, 0, 0, bytes}};
    found.read_only = blocks->read_only;
    layout.stored_chunks = std::move(blocks);
  }

  int64_t add_raw(const VtiPiece& piece, const VtiArray& array, const VtiExtent& extent,
                  int64_t twice, Description& found) const {
    const VtiBytes stored(file_, header_, array);
    const int64_t bytes = bytes_of(piece, extent, found.image.pixel), length = number(stored, 0);
    if (length != bytes)
      fail(SWR_ERROR_CORRUPT, path_, ": the array \"", array.name, "\" has ", length,
           " bytes, and the extent \"", piece.extent.text, "\" needs ", bytes);
    const int64_t skipped = bytes / size_of_axis(extent, axis_) * twice;
    const int64_t first = checked_add(stored.begin() + header_.length_bytes, skipped);
    found.layout.parts.push_back(DataPart{path_, first, 0, bytes - skipped});
    return checked_add(first, bytes - skipped);
  }

  // All arrays; those of the pixels have the bytes that would be changed.
  std::vector<Stretch> stretches(const std::vector<DataPart>& parts) const {
    std::vector<Stretch> all;
    std::vector<int64_t> own;
    for (const VtiPiece& piece : header_.pieces) own.push_back(pixel_array(piece)->offset);
    std::ranges::sort(own);
    std::vector<int64_t> others = header_.offsets;
    std::ranges::sort(others);
    std::vector<int64_t> rest;
    std::ranges::set_difference(others, own, std::back_inserter(rest));
    for (const int64_t offset : rest) {
      const int64_t begin = header_.data + offset;
      VtiArray other;
      other.offset = offset;
      const int64_t length = VtiBytes(file_, header_, other).number(0).value_or(0);
      const int64_t end = begin + header_.length_bytes;
      all.push_back({begin, end + std::min(length, std::numeric_limits<int64_t>::max() - end)});
    }
    for (const DataPart& part : parts)
      all.push_back({part.offset - header_.length_bytes, part.offset + part.bytes, true});
    return all;
  }

  int64_t add_blocks(const VtiArray& array, Description& found) const {
    if (header_.pieces.size() > 1) refuse("are compressed; swr reads one compressed piece");
    const VtiBytes table(file_, header_, array);
    const int64_t width = header_.length_bytes, bytes = found.image.bytes();
    const int64_t blocks = number(table, 0), block = number(table, width);
    const int64_t last = number(table, 2 * width);
    if (block < 1 || blocks != divide_up(bytes, block) || last != bytes % block)
      fail(SWR_ERROR_CORRUPT, path_, ": the array \"", array.name, "\" has ", blocks, " blocks of ",
           block, " bytes, the last one of ", last, "; the image has ", bytes, " bytes");
    if (blocks > most_blocks)
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the array \"", array.name, "\" has ", blocks,
           " blocks; swr reads ", most_blocks, " at most");
    auto stored = std::make_shared<StoredChunks>();
    stored->noun = "block";
    const VtiCompressor& compressor = *find_vti_compressor(header_.compressor);
    stored->encoding = compressor.encoding;
    stored->read_only = text("its pixels are compressed with ", compressor.method,
                             "; copy the image to another file");
    stored->filters.push_back({.kind = compressor.kind});
    const int64_t end = add_places(table, blocks, *stored);
    set_blocks(std::move(stored), block, found);
    return end;
  }

  int64_t add_places(const VtiBytes& table, int64_t blocks, StoredChunks& stored) const {
    const int64_t width = header_.length_bytes;
    const int64_t data = table.after((3 + blocks) * width);
    std::vector<std::byte> numbers;
    if (data <= table.end()) numbers.resize(static_cast<size_t>(blocks * width));
    if (numbers.empty() || !table.read(3 * width, numbers))
      fail(SWR_ERROR_CORRUPT, path_, ": the file ends before the lengths of its ", blocks,
           " blocks do");
    // Places in the file; of base64, among the bytes that are encoded from `data`.
    const bool is_base64 = table.is_base64();
    const int64_t end = is_base64 ? (table.end() - data) / 4 * 3 : table.end();
    int64_t at = is_base64 ? 0 : data;
    if (is_base64) stored.base64_begin = data;
    for (size_t i = 0; i < numbers.size(); i += static_cast<size_t>(width)) {
      const uint64_t bytes = width == 8 ? load<uint64_t>(&numbers[i], header_.big_endian)
                                        : load<uint32_t>(&numbers[i], header_.big_endian);
      if (bytes == 0 || bytes > static_cast<uint64_t>(end - at))
        fail(SWR_ERROR_CORRUPT, path_, ": block ", stored.chunks.size(), " has ", bytes,
             " bytes at byte ", at, " of ", end);
      stored.chunks.push_back({at, static_cast<int64_t>(bytes)});
      at += static_cast<int64_t>(bytes);
    }
    return is_base64 ? data + base64_characters(at) : at;
  }
};

}  // namespace

int64_t size_of_axis(const VtiExtent& extent, size_t axis) {
  return extent[2 * axis + 1] - extent[2 * axis] + 1;
}

PixelType vti_pixel_of_pieces(const VtiHeader& header, const std::string& path) {
  const VtiPiece& first = header.pieces.front();
  return vti_pixel(first, array_of(first, path), path);
}

int64_t find_vti_pixels(const VtiHeader& header, const VtiExtent& whole, const File& file,
                        Description& found) {
  return Pieces(header, whole, file).find(found);
}

PixelForm form_of_vti_pixels(const Layout& layout, const FormOptions& options) {
  return layout.is_chunked() ? form_of_stored_chunks(layout)
                             : form_of_linear_pixels(layout, options);
}

std::unique_ptr<PixelReader> read_vti_pixels(const Layout& layout, const ReadOptions& options) {
  return layout.is_chunked() ? read_stored_blocks(layout, options)
                             : read_linear_pixels(layout, options);
}

}  // namespace swr
