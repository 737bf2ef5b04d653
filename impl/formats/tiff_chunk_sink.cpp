#include "formats/tiff_chunk_sink.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/tiff_directory_bytes.h"
#include "image/copy.h"

namespace swr {
namespace {

// The largest value of a list's type.
int64_t most_of(uint16_t type) {
  switch (static_cast<TiffType>(type)) {
    case TiffType::u8: return std::numeric_limits<uint8_t>::max();
    case TiffType::u16: return std::numeric_limits<uint16_t>::max();
    case TiffType::u32:
    case TiffType::directory: return std::numeric_limits<uint32_t>::max();
    case TiffType::i8: return std::numeric_limits<int8_t>::max();
    case TiffType::i16: return std::numeric_limits<int16_t>::max();
    case TiffType::i32: return std::numeric_limits<int32_t>::max();
    default: return std::numeric_limits<int64_t>::max();
  }
}

void append(std::vector<std::byte>& list, int64_t value, int64_t width, bool big_endian) {
  list.resize(list.size() + static_cast<size_t>(width));
  std::byte* const at = &list.back() + 1 - width;
  switch (width) {
    case 1: store(at, static_cast<uint8_t>(value)); break;
    case 2: store(at, static_cast<uint16_t>(value), big_endian); break;
    case 4: store(at, static_cast<uint32_t>(value), big_endian); break;
    default: store(at, static_cast<uint64_t>(value), big_endian);
  }
}

}  // namespace

TiffChunkSink::TiffChunkSink(const Layout& layout, std::shared_ptr<TiffRoom> room,
                             TiffChunkPlaces known, const DeflateOptions& options)
    : layout_(layout),
      stored_(*layout.stored_chunks),
      room_(std::move(room)),
      bytes_(room_->bytes()),
      numbers_(bytes_.read_again().numbers()),
      encoding_(stored_.filters, layout.big_endian, options),
      decoder_(stored_.filters, layout.big_endian, bytes_.file().path()),
      known_(std::move(known)),
      in_plane_(layout.grid().chunks_along(0) * layout.grid().chunks_along(1)) {
  const auto pages = std::ssize(known_.directories);
  if (grid().count() != pages * in_plane_ || std::ssize(known_.places) != grid().count() * planes())
    fail(SWR_ERROR_INTERNAL, bytes_.file().path(), ": ", pages, " pages with ",
         known_.places.size(), " chunks for an image of ", grid().count());
}

Region TiffChunkSink::stored_box(int64_t chunk) const {
  Region box = grid().box(chunk);
  if (stored_.has_whole_edges) std::copy_n(grid().chunk.begin(), box.dimensions, box.size.begin());
  return box;
}

// The planes of a page follow one another.
int64_t TiffChunkSink::number_of(int64_t chunk, int plane) const {
  return (page_of(chunk) * planes() + plane) * in_plane_ + chunk % in_plane_;
}

// Several planes: their lengths, then each one.
std::vector<std::byte> TiffChunkSink::encode(int64_t chunk, std::vector<std::byte>&& pixels) const {
  const Region box = grid().box(chunk), whole = stored_box(chunk);
  const int64_t pixel_bytes = layout_.order.pixel_bytes();
  if (!(whole == box)) {
    std::vector<std::byte> padded(static_cast<size_t>(whole.pixels() * pixel_bytes));
    copy_region(box, pixel_bytes, pixels.data(), box, padded.data(), whole);
    pixels = std::move(padded);
  }
  if (planes() == 1) return encoding_.encode(std::move(pixels));
  std::vector<std::byte> all, lengths;
  for (int plane = 0; plane < planes(); ++plane) {
    std::vector<std::byte> component(pixels.size() / static_cast<size_t>(planes()));
    deinterleave(pixels.data(), component.data(), plane, planes(), layout_.order.component_bytes,
                 whole.pixels());
    const std::vector<std::byte> stored = encoding_.encode(std::move(component));
    append(lengths, std::ssize(stored), sizeof(int64_t), machine_is_big_endian);
    all.insert(all.end(), stored.begin(), stored.end());
  }
  all.insert(all.begin(), lengths.begin(), lengths.end());
  return all;
}

void TiffChunkSink::place(int64_t chunk, std::span<const std::byte> encoded) {
  if (planes() == 1) return place_one(chunk, 0, encoded);
  std::span<const std::byte> rest =
      encoded.subspan(sizeof(int64_t) * static_cast<size_t>(planes()));
  for (int plane = 0; plane < planes(); ++plane) {
    const auto bytes = static_cast<size_t>(load<int64_t>(
        encoded.data() + sizeof(int64_t) * static_cast<size_t>(plane), machine_is_big_endian));
    place_one(chunk, plane, rest.first(bytes));
    rest = rest.subspan(bytes);
  }
}

void TiffChunkSink::place_one(int64_t chunk, int plane, std::span<const std::byte> bytes) {
  const int64_t number = number_of(chunk, plane);
  const int64_t offset = room_for(number, std::ssize(bytes));
  bytes_.write(offset, bytes);
  known_.places[static_cast<size_t>(number)] = {offset, std::ssize(bytes)};
  known_.shared.erase(number);
  const int64_t of_page = in_plane_ * planes(), in_page = number % of_page;
  const auto [stretch, is_first] =
      changed_.try_emplace(number / of_page, Stretch{in_page, in_page});
  if (is_first) return;
  stretch->second.first = std::min(stretch->second.first, in_page);
  stretch->second.last = std::max(stretch->second.last, in_page);
}

int64_t TiffChunkSink::room_for(int64_t number, int64_t bytes) {
  constexpr int64_t even = 2;
  const TiffPlace old = known_.places[static_cast<size_t>(number)];
  if (old.bytes == 0 || known_.shared.contains(number)) return room_->take(bytes, even);
  if (bytes <= old.bytes) {
    room_->leave(old.offset + bytes, old.bytes - bytes);
    return old.offset;
  }
  room_->leave(old.offset, old.bytes);
  return room_->take(bytes, even);
}

void TiffChunkSink::read(int64_t chunk, std::span<std::byte> pixels) {
  const Region box = grid().box(chunk), whole = stored_box(chunk);
  const int64_t pixel_bytes = layout_.order.pixel_bytes(), count = whole.pixels();
  std::vector<std::byte> all(static_cast<size_t>(count * pixel_bytes));
  for (int plane = 0; plane < planes(); ++plane) {
    const TiffPlace& place = known_.places[static_cast<size_t>(number_of(chunk, plane))];
    if (place.bytes == 0) continue;  // its pixels are 0
    const int64_t raw = count * pixel_bytes / planes();
    const char* flaw = decoder_.flaw_of_sizes(place.bytes, raw);
    std::vector<std::byte> bytes;
    if (!flaw) {
      bytes.resize(static_cast<size_t>(decoder_.needed(place.bytes, raw)));
      bytes_.file().read_at(place.offset, bytes);
      flaw = decoder_.decode(bytes, raw);
    }
    if (flaw) fail(SWR_ERROR_CORRUPT, bytes_.file().path(), ": a ", stored_.noun, ": ", flaw);
    if (planes() == 1) {
      all = std::move(bytes);
    } else {
      interleave(bytes.data(), all.data(), plane, planes(), layout_.order.component_bytes, count);
    }
  }
  copy_region(box, pixel_bytes, all.data(), whole, pixels.data(), box);
}

void TiffChunkSink::finish() {
  TiffFile file = bytes_.read_again();
  for (const auto& [page, stretch] : changed_) write_places(file, page, stretch);
  room_->trim();
}

void TiffChunkSink::write_places(TiffFile& file, int64_t page, const Stretch& changed) {
  const TiffDirectory directory =
      file.directory(known_.directories[static_cast<size_t>(page)], page);
  const bool tiled = directory.find(tiff_tag::tile_offsets) != nullptr;
  const TiffEntry* const offsets =
      directory.find(tiled ? tiff_tag::tile_offsets : tiff_tag::strip_offsets);
  const TiffEntry* const sizes =
      directory.find(tiled ? tiff_tag::tile_bytes : tiff_tag::strip_bytes);
  const int64_t of_page = in_plane_ * planes();
  for (const TiffEntry* const list : {offsets, sizes}) {
    if (!list || static_cast<int64_t>(list->count) != of_page || tiff_type_bytes(list->type) == 0)
      fail(SWR_ERROR_CORRUPT, bytes_.file().path(), ": page ", page, " does not list its ", of_page,
           " ", stored_.noun, "s");
  }
  write_list(*offsets, page, changed, &TiffPlace::offset);
  write_list(*sizes, page, changed, &TiffPlace::bytes);
}

void TiffChunkSink::write_list(const TiffEntry& entry, int64_t page, const Stretch& changed,
                               int64_t TiffPlace::*value) {
  const int64_t width = tiff_type_bytes(entry.type), first = page * in_plane_ * planes();
  std::vector<std::byte> list;
  for (int64_t number = changed.first; number <= changed.last; ++number) {
    const int64_t number_value = known_.places[static_cast<size_t>(first + number)].*value;
    if (number_value > most_of(entry.type)) return move_list(entry, page, value);
    append(list, number_value, width, numbers_.big_endian);
  }
  const int64_t offset = entry.values + changed.first * width;
  if (std::ranges::binary_search(known_.shared_lists, entry.values)) {
    if (!has_bytes(offset, list)) move_list(entry, page, value);
  } else {
    bytes_.write(offset, list);
  }
}

bool TiffChunkSink::has_bytes(int64_t offset, const std::vector<std::byte>& expected) {
  std::vector<std::byte> found(expected.size());
  bytes_.file().read_at(offset, found);
  return found == expected;
}

// Also because old programs list lengths as 16-bit numbers where these are enough.
void TiffChunkSink::move_list(const TiffEntry& entry, int64_t page, int64_t TiffPlace::*value) {
  const TiffType type = tiff_offset_type(numbers_);
  const int64_t width = numbers_.offset_bytes(), of_page = in_plane_ * planes();
  std::vector<std::byte> list, field;
  for (int64_t number = page * of_page; number < (page + 1) * of_page; ++number)
    append(list, known_.places[static_cast<size_t>(number)].*value, width, numbers_.big_endian);
  append(field, static_cast<int64_t>(type), 2, numbers_.big_endian);
  bytes_.write(entry.field + 2, field);
  const int64_t value_field = entry.field + numbers_.entry_bytes() - width;
  if (of_page == 1) return bytes_.write(value_field, list);
  const int64_t offset = room_->take(std::ssize(list), tiff_alignment(numbers_));
  bytes_.write(offset, list);
  field.clear();
  append(field, offset, width, numbers_.big_endian);
  bytes_.write(value_field, field);
}

}  // namespace swr
