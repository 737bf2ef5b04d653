// The bytes of TIFF and BigTIFF files: the header, directories (IFDs), the values of their tags.
//
//   classic    "II", u16 42, u32 the first directory
//   directory  u16 n, n x {u16 tag, u16 type, u32 count, 4 bytes of values or u32 their offset},
//              u32 the next directory, 0 after the last one
//   Big        "II", u16 43, u16 8, u16 0, u64 the first directory
//   directory  u64 n, n x {u16 tag, u16 type, u64 count, 8 bytes of values or u64 their offset},
//              u64 the next directory
//
// "MM" instead of "II": all numbers are big-endian, the pixels too. (TIFF 6.0, and
// libtiff.gitlab.io/libtiff/specification/bigtiff.html)
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/file.h"

namespace swr {

namespace tiff_tag {
inline constexpr uint16_t subfile_type = 254, width = 256, height = 257, bits = 258,
                          compression = 259, photometric = 262, fill_order = 266, description = 270,
                          strip_offsets = 273, samples = 277, rows_per_strip = 278,
                          strip_bytes = 279, x_resolution = 282, y_resolution = 283, planar = 284,
                          resolution_unit = 296, page_number = 297, software = 305, predictor = 317,
                          tile_width = 322, tile_height = 323, tile_offsets = 324, tile_bytes = 325,
                          sub_directories = 330, extra_samples = 338, sample_format = 339,
                          image_depth = 32997;
}  // namespace tiff_tag

// Whether swr writes the tag itself for its own pages, or it says how the pixels are stored: a new
// file does not take it from an old one.
bool is_tiff_storage_tag(uint16_t tag);

// The numbers of a directory's types.
enum class TiffType : uint16_t {
  u8 = 1,
  text = 2,
  u16 = 3,
  u32 = 4,
  rational = 5,
  i8 = 6,
  bytes = 7,
  i16 = 8,
  i32 = 9,
  signed_rational = 10,
  f32 = 11,
  f64 = 12,
  directory = 13,
  u64 = 16,
  i64 = 17,
  directory64 = 18
};
// The bytes of one value; 0 for an unknown type.
int64_t tiff_type_bytes(uint16_t type);
struct TiffEntry;
// Whether the values are the places of other directories: smaller versions, Exif, GPS.
bool names_directories(const TiffEntry& entry);

struct TiffEntry {
  uint16_t tag = 0;
  uint16_t type = 0;
  uint64_t count = 0;  // of values
  int64_t field = 0;   // the offset of the entry itself in the file
  int64_t values = 0;  // the offset of its values in the file
  int64_t bytes = 0;   // of all its values
};

struct TiffDirectory {
  int64_t offset = 0;
  std::vector<TiffEntry> entries{};
  int64_t next_field = 0;  // where the offset of the next directory is
  int64_t next = 0;        // 0 after the last one

  const TiffEntry* find(uint16_t tag) const;  // nullptr if there is none
};

// What the 32-bit offsets of a file that is not BigTIFF reach.
inline constexpr int64_t most_classic_tiff_bytes =
    int64_t{std::numeric_limits<uint32_t>::max()} - 1;

// How a file has its numbers.
struct TiffNumbers {
  bool big = false;         // BigTIFF
  bool big_endian = false;  // "MM"

  int64_t header_bytes() const { return big ? 16 : 8; }
  int64_t first_field() const { return big ? 8 : 4; }  // where the first directory's offset is
  int64_t offset_bytes() const { return big ? 8 : 4; }
  int64_t count_bytes() const { return big ? 8 : 2; }  // of the number of a directory's entries
  int64_t entry_bytes() const { return big ? 20 : 12; }
};

// Whether these are the first bytes of a TIFF file.
bool begins_like_tiff(std::string_view head);

// Reads a file. Nothing that it says is believed: an offset after the end of the file, a directory
// or values that do not fit in it are SWR_ERROR_CORRUPT. Not thread-safe.
class TiffFile {
 public:
  // Reads the header. SWR_ERROR_CORRUPT.
  explicit TiffFile(std::shared_ptr<const File> file);

  const TiffNumbers& numbers() const { return numbers_; }
  const std::string& path() const { return file_->path(); }
  int64_t size() const { return size_; }
  // Whether these bytes are in the file, which another writer may be lengthening.
  bool has(uint64_t offset, uint64_t bytes);
  int64_t first_directory() const { return first_; }

  // `number` is for messages: which directory of the chain it is.
  TiffDirectory directory(int64_t offset, int64_t number);

  // SWR_ERROR_CORRUPT if the values of the tag are not in the file.
  void check(const TiffEntry& entry);
  // Value `which` of a tag of whole numbers. SWR_ERROR_CORRUPT if it has another type, fewer
  // values, or a negative one.
  int64_t whole(const TiffEntry& entry, uint64_t which = 0);
  // All values of a tag of whole numbers. SWR_ERROR_CORRUPT if there are more than `most`.
  std::vector<int64_t> all_whole(const TiffEntry& entry, int64_t most);
  // A rational or another number; 0 for 1 / 0 and other types.
  double real(const TiffEntry& entry);
  // The bytes of a text tag, with the zero at its end, no more than `most` of them.
  std::string text(const TiffEntry& entry, int64_t most);
  // Bytes that are in the file.
  void read(int64_t offset, std::span<std::byte> out);

 private:
  template <typename Value>
  Value load_at(int64_t offset);
  uint64_t offset_at(int64_t offset);
  int64_t checked_offset(uint64_t offset, int64_t bytes, std::string_view what);
  TiffEntry entry_at(int64_t field, int64_t number);
  int64_t whole_at(const TiffEntry& entry, uint64_t which);
  void fill_window(int64_t offset, int64_t bytes);
  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const;

  std::shared_ptr<const File> file_;
  int64_t size_ = 0;
  TiffNumbers numbers_;
  int64_t first_ = 0;
  // Bytes of the file that were read together.
  int64_t window_begin_ = 0;
  std::vector<std::byte> window_;
};

}  // namespace swr
