#include "formats/tiff_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include "base/byte_order.h"
#include "base/error.h"

namespace swr {
namespace {

// Directories that follow one another are read many at a time, scattered ones with little else.
constexpr int64_t least_window = 1024, most_window = 65536;
constexpr int64_t most_entries = 4096;  // of a directory

constexpr uint16_t storage_tags[] = {tiff_tag::subfile_type,   tiff_tag::width,
                                     tiff_tag::height,         tiff_tag::bits,
                                     tiff_tag::compression,    tiff_tag::photometric,
                                     tiff_tag::fill_order,     tiff_tag::description,
                                     tiff_tag::strip_offsets,  tiff_tag::samples,
                                     tiff_tag::rows_per_strip, tiff_tag::strip_bytes,
                                     tiff_tag::x_resolution,   tiff_tag::y_resolution,
                                     tiff_tag::planar,         tiff_tag::resolution_unit,
                                     tiff_tag::page_number,    tiff_tag::predictor,
                                     tiff_tag::tile_width,     tiff_tag::tile_height,
                                     tiff_tag::tile_offsets,   tiff_tag::tile_bytes,
                                     tiff_tag::extra_samples,  tiff_tag::sample_format,
                                     tiff_tag::image_depth};

bool is_whole_type(uint16_t type) {
  switch (static_cast<TiffType>(type)) {
    case TiffType::u8:
    case TiffType::u16:
    case TiffType::u32:
    case TiffType::i8:
    case TiffType::i16:
    case TiffType::i32:
    case TiffType::directory:
    case TiffType::u64:
    case TiffType::i64:
    case TiffType::directory64: return true;
    default: return false;
  }
}

}  // namespace

bool is_tiff_storage_tag(uint16_t tag) {
  return std::ranges::find(storage_tags, tag) != std::end(storage_tags);
}

int64_t tiff_type_bytes(uint16_t type) {
  switch (static_cast<TiffType>(type)) {
    case TiffType::u8:
    case TiffType::text:
    case TiffType::i8:
    case TiffType::bytes: return 1;
    case TiffType::u16:
    case TiffType::i16: return 2;
    case TiffType::u32:
    case TiffType::i32:
    case TiffType::f32:
    case TiffType::directory: return 4;
    case TiffType::rational:
    case TiffType::signed_rational:
    case TiffType::f64:
    case TiffType::u64:
    case TiffType::i64:
    case TiffType::directory64: return 8;
  }
  return 0;
}

bool names_directories(const TiffEntry& entry) {
  // Of other types than offsets, in most files.
  constexpr uint16_t exif = 34665, gps = 34853, interoperability = 40965;
  const auto type = static_cast<TiffType>(entry.type);
  return type == TiffType::directory || type == TiffType::directory64 ||
         entry.tag == tiff_tag::sub_directories || entry.tag == exif || entry.tag == gps ||
         entry.tag == interoperability;
}

const TiffEntry* TiffDirectory::find(uint16_t tag) const {
  const auto found = std::ranges::find(entries, tag, &TiffEntry::tag);
  return found == entries.end() ? nullptr : &*found;
}

bool begins_like_tiff(std::string_view head) {
  using namespace std::string_view_literals;
  return head.starts_with("II\x2a\0"sv) || head.starts_with("MM\0\x2a"sv) ||
         head.starts_with("II\x2b\0\x08\0\0\0"sv) || head.starts_with("MM\0\x2b\0\x08\0\0"sv);
}

template <typename... Parts>
void TiffFile::refuse(const Parts&... parts) const {
  fail(SWR_ERROR_CORRUPT, path(), ": ", parts...);
}

TiffFile::TiffFile(std::shared_ptr<const File> file) : file_(std::move(file)) {
  size_ = file_->size();
  const std::string head = read_head(*file_, 16);
  if (!begins_like_tiff(head)) refuse("the file does not begin like TIFF");
  numbers_.big_endian = head[0] == 'M';
  numbers_.big = head[numbers_.big_endian ? 3 : 2] == '\x2b';
  if (std::ssize(head) < numbers_.header_bytes()) refuse("the file ends within its TIFF header");
  first_ = checked_offset(offset_at(numbers_.first_field()), numbers_.count_bytes(),
                          "the first directory");
}

// Requires: the window is not longer than the file.
void TiffFile::fill_window(int64_t offset, int64_t bytes) {
  const bool follows =
      !window_.empty() && offset >= window_begin_ && offset <= window_begin_ + std::ssize(window_);
  const int64_t wanted = std::max(follows ? most_window : least_window, bytes);
  window_.resize(static_cast<size_t>(std::min(wanted, size_ - offset)));
  window_begin_ = offset;
  file_->read_at(offset, window_);
}

void TiffFile::read(int64_t offset, std::span<std::byte> out) {
  const int64_t bytes = std::ssize(out);
  if (offset < 0 || !has(static_cast<uint64_t>(offset), out.size()))
    refuse("the file has ", size_, " bytes, and not those from ", offset, " on");
  if (bytes > most_window) {
    file_->read_at(offset, out);
    return;
  }
  if (offset < window_begin_ || offset + bytes > window_begin_ + std::ssize(window_))
    fill_window(offset, bytes);
  std::memcpy(out.data(), window_.data() + (offset - window_begin_), out.size());
}

template <typename Value>
Value TiffFile::load_at(int64_t offset) {
  std::byte bytes[sizeof(Value)];
  read(offset, bytes);
  return load<Value>(bytes, numbers_.big_endian);
}

uint64_t TiffFile::offset_at(int64_t offset) {
  return numbers_.big ? load_at<uint64_t>(offset) : load_at<uint32_t>(offset);
}

bool TiffFile::has(uint64_t offset, uint64_t bytes) {
  const auto is_within = [&] {
    const auto size = static_cast<uint64_t>(size_);
    return bytes <= size && offset <= size - bytes;
  };
  if (!is_within()) size_ = std::max(size_, file_->size_now());
  return is_within();
}

int64_t TiffFile::checked_offset(uint64_t offset, int64_t bytes, std::string_view what) {
  if (offset < static_cast<uint64_t>(numbers_.header_bytes()) ||
      !has(offset, static_cast<uint64_t>(bytes)))
    refuse(what, " of ", bytes, " bytes at ", offset, " is not within the file's ", size_,
           " bytes");
  return static_cast<int64_t>(offset);
}

TiffDirectory TiffFile::directory(int64_t offset, int64_t number) {
  TiffDirectory found;
  found.offset = checked_offset(static_cast<uint64_t>(offset), numbers_.count_bytes(),
                                swr::text("directory ", number));
  const uint64_t count = numbers_.big ? load_at<uint64_t>(offset) : load_at<uint16_t>(offset);
  if (count > static_cast<uint64_t>(most_entries))
    refuse("directory ", number, " has ", count, " tags, more than swr reads");
  const int64_t entries = offset + numbers_.count_bytes();
  const int64_t bytes = static_cast<int64_t>(count) * numbers_.entry_bytes();
  found.next_field = entries + bytes;
  checked_offset(static_cast<uint64_t>(entries), bytes + numbers_.offset_bytes(),
                 swr::text("directory ", number));
  found.entries.reserve(static_cast<size_t>(count));
  for (int64_t field = entries; field < found.next_field; field += numbers_.entry_bytes())
    found.entries.push_back(entry_at(field, number));
  const uint64_t next = offset_at(found.next_field);
  if (next != 0)
    found.next = checked_offset(next, numbers_.count_bytes(), swr::text("directory ", number + 1));
  return found;
}

// Values that are not in the file are refused when they are read: many programs have left tags
// that nobody needs in a bad state.
TiffEntry TiffFile::entry_at(int64_t field, int64_t) {
  TiffEntry entry;
  entry.tag = load_at<uint16_t>(field);
  entry.type = load_at<uint16_t>(field + 2);
  entry.count = numbers_.big ? load_at<uint64_t>(field + 4) : load_at<uint32_t>(field + 4);
  entry.field = field;
  const int64_t each = tiff_type_bytes(entry.type);
  const auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / 8);
  entry.bytes = entry.count > most ? std::numeric_limits<int64_t>::max()
                                   : each * static_cast<int64_t>(entry.count);
  const int64_t place = field + numbers_.entry_bytes() - numbers_.offset_bytes();
  if (entry.bytes <= numbers_.offset_bytes()) {
    entry.values = place;
  } else {
    const uint64_t offset = offset_at(place);
    entry.values =
        offset > most ? std::numeric_limits<int64_t>::max() : static_cast<int64_t>(offset);
  }
  return entry;
}

void TiffFile::check(const TiffEntry& entry) {
  checked_offset(static_cast<uint64_t>(entry.values), entry.bytes,
                 swr::text("the values of tag ", entry.tag));
}

int64_t TiffFile::whole_at(const TiffEntry& entry, uint64_t which) {
  const int64_t offset = entry.values + static_cast<int64_t>(which) * tiff_type_bytes(entry.type);
  const auto signed_value = [&](int64_t value) {
    if (value < 0) refuse("tag ", entry.tag, " is ", value);
    return value;
  };
  switch (static_cast<TiffType>(entry.type)) {
    case TiffType::u8: return load_at<uint8_t>(offset);
    case TiffType::u16: return load_at<uint16_t>(offset);
    case TiffType::u32:
    case TiffType::directory: return load_at<uint32_t>(offset);
    case TiffType::i8: return signed_value(load_at<int8_t>(offset));
    case TiffType::i16: return signed_value(load_at<int16_t>(offset));
    case TiffType::i32: return signed_value(load_at<int32_t>(offset));
    default: break;
  }
  const auto value = load_at<uint64_t>(offset);
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    refuse("tag ", entry.tag, " is ", value, ", which no file has");
  return static_cast<int64_t>(value);
}

int64_t TiffFile::whole(const TiffEntry& entry, uint64_t which) {
  if (!is_whole_type(entry.type))
    refuse("tag ", entry.tag, " has the type ", entry.type, ", not that of a whole number");
  if (which >= entry.count)
    refuse("tag ", entry.tag, " has ", entry.count, " values; ", which + 1, " are needed");
  check(entry);
  return whole_at(entry, which);
}

std::vector<int64_t> TiffFile::all_whole(const TiffEntry& entry, int64_t most) {
  if (entry.count > static_cast<uint64_t>(most))
    refuse("tag ", entry.tag, " has ", entry.count, " values; ", most, " is the most");
  std::vector<int64_t> values;
  if (entry.count == 0) return values;
  values.push_back(whole(entry));  // checks all
  values.reserve(static_cast<size_t>(entry.count));
  for (uint64_t which = 1; which < entry.count; ++which) values.push_back(whole_at(entry, which));
  return values;
}

double TiffFile::real(const TiffEntry& entry) {
  if (entry.count == 0) return 0;
  check(entry);
  double value = 0;
  switch (static_cast<TiffType>(entry.type)) {
    case TiffType::rational:
      value = static_cast<double>(load_at<uint32_t>(entry.values)) /
              static_cast<double>(load_at<uint32_t>(entry.values + 4));
      break;
    case TiffType::signed_rational:
      value = static_cast<double>(load_at<int32_t>(entry.values)) /
              static_cast<double>(load_at<int32_t>(entry.values + 4));
      break;
    case TiffType::f32: value = static_cast<double>(load_at<float>(entry.values)); break;
    case TiffType::f64: value = load_at<double>(entry.values); break;
    default: return is_whole_type(entry.type) ? static_cast<double>(whole(entry)) : 0;
  }
  return std::isfinite(value) ? value : 0;
}

std::string TiffFile::text(const TiffEntry& entry, int64_t most) {
  if (tiff_type_bytes(entry.type) != 1)
    refuse("tag ", entry.tag, " has the type ", entry.type, ", not that of a text");
  check(entry);
  std::string text(static_cast<size_t>(std::min(entry.bytes, most)), '\0');
  read(entry.values, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace swr
