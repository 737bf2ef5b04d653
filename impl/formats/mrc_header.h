// The header of an MRC file: 1024 bytes of fields, and an extended header of any kind after them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/metadata.h"
#include "image/pixel_type.h"

namespace swr {

inline constexpr int64_t mrc_header_bytes = 1024;
// The most that swr reads of an extended header.
inline constexpr int64_t most_mrc_extended_bytes = int64_t{64} << 20;
inline constexpr int most_mrc_labels = 10;
inline constexpr size_t mrc_label_room = 80;
// Labels are metadata of this name with their number, from 1.
inline constexpr std::string_view mrc_label_key = "label_";

// Where the fields are. Those of three numbers hold one for each of x, y, z.
namespace mrc {
inline constexpr size_t size = 0, mode = 12, start = 16, grid = 28, cell = 40, angles = 52,
                        axes = 64, least = 76, most = 80, mean = 84, space_group = 88,
                        extended_bytes = 92, extended_type = 104, version = 108, imod_stamp = 152,
                        imod_flags = 156, origin = 196, mark = 208, stamp = 212, deviation = 216,
                        label_count = 220, labels = 224;
}  // namespace mrc

// The fields in the bytes of a header. Takes them as they are: callers check what they use.
class MrcHeader {
 public:
  // A new one, of little-endian numbers, that says nothing of its image.
  MrcHeader();
  // SWR_ERROR_CORRUPT, naming `path`, if the bytes are too few, or if the stamp says another order
  // than that in which they are an MRC header.
  MrcHeader(std::string_view head, const std::string& path);

  bool big_endian() const { return big_endian_; }
  const std::string& bytes() const { return bytes_; }

  int32_t integer(size_t at) const;
  int32_t integer(size_t at, int axis) const { return integer(at + 4 * static_cast<size_t>(axis)); }
  float number(size_t at) const;
  float number(size_t at, int axis) const { return number(at + 4 * static_cast<size_t>(axis)); }
  std::string_view text(size_t at, size_t length) const;
  void set_integer(size_t at, int32_t value);
  void set_integer(size_t at, int axis, int32_t value);
  void set_number(size_t at, float value);
  void set_number(size_t at, int axis, float value);
  void set_text(size_t at, size_t room, std::string_view value);

  // Files from before the year 2000 have none, and other fields in front of the labels.
  bool has_mark() const;
  // Makes such a header one of today, that says nothing of the origin and of statistics. Returns
  // whether the fields that give way held anything.
  bool add_mark();
  // A stack of images, which have no depth: their number is nz.
  bool is_stack() const { return integer(mrc::space_group) == 0; }
  // The number of volumes, one after the other, of a stack of volumes; 0 of any other file.
  int32_t volumes() const;
  // Whether nz, and not mz, is what the depth of the cell is divided by: in stacks mz may be 1.
  bool divides_by_size(int axis) const;

  // Whether pixel() is float32 for pixels that are stored in 16 bits.
  bool has_half_floats() const;
  // SWR_ERROR_UNSUPPORTED, SWR_ERROR_CORRUPT, naming `path`.
  PixelType pixel(const std::string& path) const;
  // SWR_ERROR_UNSUPPORTED if MRC has no such pixels. Bytes without sign stay what they are, but no
  // new header can say so to all readers.
  void set_pixel(const PixelType& pixel, const std::string& path);
  // Marks the statistics of the values as unknown.
  void forget_statistics();

  // The texts of the labels that count, without the empty ones at the end.
  std::vector<std::string> all_labels() const;
  // Changes those labels that differ from the texts, and their number if one does. Other labels
  // keep their bytes: blanks, zeros and control characters too.
  void set_labels(const std::vector<std::string>& texts);

 private:
  std::string bytes_;
  bool big_endian_ = false;

  bool has_unsigned_bytes() const;
};

// Whether the bytes begin like an MRC file. Under a name with one of its suffixes the mark is
// enough, so that the header's faults are told one by one, and so are plausible fields without it.
bool begins_like_mrc(std::string_view head, bool has_suffix);

}  // namespace swr
