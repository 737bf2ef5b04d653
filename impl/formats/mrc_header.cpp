// MRC2014 (www.ccpem.ac.uk/mrc_format/mrc2014.php), a superset of CCP4's maps. Numbers have four
// bytes each; the stamp says in which order.
//
//     0 nx ny nz           12 mode             16 nxstart nystart nzstart: the start index
//    28 mx my mz: the pixels that the cell is divided into   40 its lengths   52 its angles, 90
//    64 mapc mapr maps: 1 2 3    76 dmin dmax dmean; dmax < dmin if they are unknown
//    88 ispg: 0 images, 1 to 230 a volume, 401 and more volumes of mz sections each
//    92 bytes of the extended header, and at 104 its type
//   108 version         152 and 156 IMOD's stamp and flags       196 origin x y z
//   208 "MAP "          212 stamp: 44 44 little-endian, 11 11 big-endian
//   216 rms             220 number of labels, and then ten of 80 characters
#include "formats/mrc_header.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/byte_order.h"
#include "base/error.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr int32_t imod_stamp = 1146047817;
constexpr int32_t imod_signed_bytes = 1;
constexpr char little_stamp = 0x44, big_stamp = 0x11;
constexpr int32_t version = 20141;
constexpr int32_t mode_of_bytes = 0, mode_of_half_floats = 12;

struct ModeRow {
  int32_t mode;
  PixelType pixel;
};
constexpr ModeRow modes[] = {
    {mode_of_bytes, {SWR_INT8, 1, SWR_KIND_SCALAR}},
    {1, {SWR_INT16, 1, SWR_KIND_SCALAR}},
    {2, {SWR_FLOAT32, 1, SWR_KIND_SCALAR}},
    {3, {SWR_INT16, 2, SWR_KIND_COMPLEX}},
    {4, {SWR_FLOAT32, 2, SWR_KIND_COMPLEX}},
    {mode_of_half_floats, {SWR_FLOAT32, 1, SWR_KIND_SCALAR}},  // new files have mode 2
    {6, {SWR_UINT16, 1, SWR_KIND_SCALAR}},
    {16, {SWR_UINT8, 3, SWR_KIND_RGB}},
};
constexpr int32_t unread_modes[] = {101};

const ModeRow* row_of(int32_t mode) {
  const auto* const row = std::find_if(std::begin(modes), std::end(modes),
                                       [&](const ModeRow& r) { return r.mode == mode; });
  return row == std::end(modes) ? nullptr : row;
}

int32_t word(std::string_view head, size_t at, bool big_endian) {
  return load<int32_t>(reinterpret_cast<const std::byte*>(head.data()) + at, big_endian);
}

// Old files have neither mark nor stamp.
bool is_plausible(std::string_view head, bool big_endian) {
  if (head.size() < mrc::mark + 8) return false;
  const auto integer = [&](size_t at) { return word(head, at, big_endian); };
  const int32_t mode = integer(mrc::mode);
  const bool known = row_of(mode) || std::find(std::begin(unread_modes), std::end(unread_modes),
                                               mode) != std::end(unread_modes);
  for (size_t axis = 0; axis < 3 && known; ++axis) {
    const int32_t order = integer(mrc::axes + 4 * axis);
    if (integer(mrc::size + 4 * axis) < 1 || order < 0 || order > 3) return false;
  }
  return known && integer(mrc::extended_bytes) >= 0;
}

bool has_mark_in(std::string_view head) {
  return head.size() >= mrc::mark + 8 && head.substr(mrc::mark, 3) == "MAP";
}

// The stamp counts where it is one; programs have written others too.
bool is_big_endian(std::string_view head) {
  const char stamp = head[mrc::stamp];
  if (has_mark_in(head) && (stamp == little_stamp || stamp == big_stamp)) return stamp == big_stamp;
  return !is_plausible(head, false) && is_plausible(head, true);
}

}  // namespace

bool begins_like_mrc(std::string_view head, bool has_suffix) {
  const bool is_sound = is_plausible(head, false) || is_plausible(head, true);
  return has_mark_in(head) ? is_sound || has_suffix : is_sound && has_suffix;
}

MrcHeader::MrcHeader() : bytes_(mrc_header_bytes, '\0') {
  for (int axis = 0; axis < 3; ++axis) {
    set_number(mrc::angles, axis, 90);
    set_integer(mrc::axes, axis, axis + 1);
  }
  set_integer(mrc::version, version);
  set_text(mrc::mark, 4, "MAP ");
  set_text(mrc::stamp, 2, std::string(2, little_stamp));
}

MrcHeader::MrcHeader(std::string_view head, const std::string& path) : bytes_(head) {
  if (head.size() < mrc_header_bytes)
    fail(SWR_ERROR_CORRUPT, path, ": the file ends within its MRC header of ", mrc_header_bytes,
         " bytes");
  big_endian_ = is_big_endian(head);
  if (is_plausible(head, big_endian_) || !is_plausible(head, !big_endian_)) return;
  fail(SWR_ERROR_CORRUPT, path, ": the stamp of the byte order (byte 212) says ",
       big_endian_ ? "big" : "little", "-endian, and the header's numbers are ",
       big_endian_ ? "little" : "big", "-endian");
}

int32_t MrcHeader::integer(size_t at) const {
  return word(bytes_, at, big_endian_);
}

float MrcHeader::number(size_t at) const {
  return load<float>(reinterpret_cast<const std::byte*>(bytes_.data()) + at, big_endian_);
}

std::string_view MrcHeader::text(size_t at, size_t length) const {
  return std::string_view(bytes_).substr(at, length);
}

void MrcHeader::set_integer(size_t at, int32_t value) {
  store(reinterpret_cast<std::byte*>(bytes_.data()) + at, value, big_endian_);
}

void MrcHeader::set_integer(size_t at, int axis, int32_t value) {
  set_integer(at + 4 * static_cast<size_t>(axis), value);
}

void MrcHeader::set_number(size_t at, float value) {
  store(reinterpret_cast<std::byte*>(bytes_.data()) + at, value, big_endian_);
}

void MrcHeader::set_number(size_t at, int axis, float value) {
  set_number(at + 4 * static_cast<size_t>(axis), value);
}

void MrcHeader::set_text(size_t at, size_t room, std::string_view value) {
  const std::string_view taken = value.substr(0, room);
  bytes_.replace(at, taken.size(), taken);
}

bool MrcHeader::has_mark() const {
  return has_mark_in(bytes_);
}

bool MrcHeader::add_mark() {
  constexpr size_t end_of_place = mrc::label_count;
  const bool held = text(mrc::origin, end_of_place - mrc::origin).find_first_not_of('\0') !=
                    std::string_view::npos;
  bytes_.replace(mrc::origin, end_of_place - mrc::origin, end_of_place - mrc::origin, '\0');
  set_text(mrc::mark, 4, "MAP ");
  set_text(mrc::stamp, 2, std::string(2, big_endian_ ? big_stamp : little_stamp));
  set_number(mrc::deviation, -1);
  return held;
}

int32_t MrcHeader::volumes() const {
  constexpr int32_t first = 401, last = 630;
  const int32_t group = integer(mrc::space_group), sections = integer(mrc::grid, 2);
  const int32_t depth = integer(mrc::size, 2);
  if (group < first || group > last || sections < 1 || depth % sections != 0) return 0;
  return depth / sections;
}

bool MrcHeader::divides_by_size(int axis) const {
  return axis == 2 && is_stack() && integer(mrc::grid, 2) == 1;
}

// Bytes have a sign by the standard, and had none in IMOD's old files, which its flags tell. Other
// programs' files without one are known by values that bytes with one cannot have.
bool MrcHeader::has_unsigned_bytes() const {
  if (integer(mrc::imod_stamp) == imod_stamp)
    return (integer(mrc::imod_flags) & imod_signed_bytes) == 0;
  return number(mrc::least) >= 0 && number(mrc::most) > std::numeric_limits<int8_t>::max();
}

bool MrcHeader::has_half_floats() const {
  return integer(mrc::mode) == mode_of_half_floats;
}

PixelType MrcHeader::pixel(const std::string& path) const {
  const int32_t mode = integer(mrc::mode);
  if (mode == mode_of_bytes && has_unsigned_bytes()) return {SWR_UINT8, 1, SWR_KIND_SCALAR};
  if (const ModeRow* const row = row_of(mode)) return row->pixel;
  if (mode == 101)
    fail(SWR_ERROR_UNSUPPORTED, path, ": pixels of four bits (mode 101) cannot be read");
  fail(SWR_ERROR_CORRUPT, path, ": mode ", mode, " is not one of MRC's");
}

void MrcHeader::set_pixel(const PixelType& pixel, const std::string& path) {
  if (pixel.component == SWR_UINT8 && pixel.components == 1) {
    if (integer(mrc::mode) == mode_of_bytes && has_unsigned_bytes()) return;
    fail(SWR_ERROR_UNSUPPORTED, path,
         ": MRC cannot hold pixels of uint8, which many programs take for int8; int16 and uint16 "
         "hold the same values");
  }
  const auto* const row = std::find_if(std::begin(modes), std::end(modes),
                                       [&](const ModeRow& r) { return r.pixel == pixel; });
  if (row == std::end(modes)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": MRC cannot hold pixels of ", pixel.text(),
         "; it has int8, int16, uint16, float32, complex int16 and float32, and rgb of uint8");
  }
  set_integer(mrc::mode, row->mode);
  if (row->mode != mode_of_bytes) return;
  set_number(mrc::least, std::numeric_limits<int8_t>::min());
  set_number(mrc::most, std::numeric_limits<int8_t>::max());
  if (integer(mrc::imod_stamp) == imod_stamp)
    set_integer(mrc::imod_flags, integer(mrc::imod_flags) | imod_signed_bytes);
}

// The standard has three numbers that cannot be. Of bytes the range tells readers whether they have
// a sign.
void MrcHeader::forget_statistics() {
  float least = 0, most = -1, mean = -2;
  if (integer(mrc::mode) == mode_of_bytes) {
    const bool no_sign = has_unsigned_bytes();
    least = no_sign ? 0 : std::numeric_limits<int8_t>::min();
    most = no_sign ? std::numeric_limits<uint8_t>::max() : std::numeric_limits<int8_t>::max();
    mean = least - 1;
  }
  set_number(mrc::least, least);
  set_number(mrc::most, most);
  set_number(mrc::mean, mean);
  if (has_mark()) set_number(mrc::deviation, -1);
}

std::vector<std::string> MrcHeader::all_labels() const {
  std::vector<std::string> all;
  const int32_t count = std::clamp(integer(mrc::label_count), 0, most_mrc_labels);
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    const std::string_view room = text(mrc::labels + mrc_label_room * i, mrc_label_room);
    all.emplace_back(trimmed(room.substr(0, room.find('\0'))));
  }
  while (!all.empty() && all.back().empty()) all.pop_back();
  return all;
}

void MrcHeader::set_labels(const std::vector<std::string>& texts) {
  std::vector<std::string> old = all_labels();
  if (texts == old) return;
  old.resize(most_mrc_labels);
  for (size_t i = 0; i < most_mrc_labels; ++i) {
    std::string padded = i < texts.size() ? texts[i] : std::string();
    if (padded == old[i]) continue;
    padded.resize(mrc_label_room, padded.empty() ? '\0' : ' ');
    set_text(mrc::labels + mrc_label_room * i, mrc_label_room, padded);
  }
  set_integer(mrc::label_count, static_cast<int32_t>(texts.size()));
}

}  // namespace swr
