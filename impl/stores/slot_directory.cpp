#include "stores/slot_directory.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/byte_order.h"
#include "base/checked.h"
#include "codecs/filler.h"
#include "codecs/pad_bits.h"

namespace swr {
namespace {

constexpr int64_t entry_bytes = 10;
constexpr int64_t entry_stored_bytes = 80;
constexpr int64_t check_bytes = 4;
constexpr int64_t check_stored_bytes = 35;
constexpr int64_t footer_bytes = 40;
constexpr int64_t longest_stored_block = 65535;
constexpr int64_t most_position = (int64_t{1} << 48) - 1;
constexpr char magic[4] = {'S', 'W', 'R', 'S'};
constexpr uint8_t plain_version = 1, indexed_version = 2;

void store_little(std::byte* at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) at[i] = static_cast<std::byte>(value >> (8 * i) & 255);
}

uint64_t load_little(const std::byte* at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= std::to_integer<uint64_t>(at[i]) << (8 * i);
  return value;
}

int64_t stored_node_bytes(int64_t entries) {
  return entries * entry_stored_bytes + check_stored_bytes;
}

// Pages are older than index nodes: their CRC does not include the level.
uint32_t crc_of_node(std::span<const std::byte> entries, int level, int64_t number) {
  std::array<std::byte, 8> place;
  store<uint32_t>(place.data(), static_cast<uint32_t>(number));
  store<uint32_t>(place.data() + 4, static_cast<uint32_t>(level));
  return checksum_update(Checksum::crc32, checksum_of(Checksum::crc32, entries),
                         std::span(place).first(level == 0 ? 4 : 8));
}

std::vector<std::byte> hide_node(std::span<const std::byte> entries, int level, int64_t number) {
  std::array<std::byte, check_bytes> check;
  store<uint32_t>(check.data(), crc_of_node(entries, level, number));
  const auto split = std::ssize(entries) / entry_bytes * entry_stored_bytes;
  std::vector<std::byte> stored(static_cast<size_t>(split + check_stored_bytes));
  hide_in_pad_bits(entries, std::span(stored).first(static_cast<size_t>(split)));
  hide_in_pad_bits(check, std::span(stored).subspan(static_cast<size_t>(split)));
  return stored;
}

std::optional<std::vector<std::byte>> find_node(const File& file, int64_t position, int64_t entries,
                                                int level, int64_t number) {
  std::vector<std::byte> stored(static_cast<size_t>(stored_node_bytes(entries)));
  std::vector<std::byte> raw(static_cast<size_t>(entries * entry_bytes));
  std::array<std::byte, check_bytes> check;
  file.read_at(position, stored);
  const auto split = static_cast<size_t>(entries * entry_stored_bytes);
  if (!find_in_pad_bits(std::span(stored).first(split), raw) ||
      !find_in_pad_bits(std::span(stored).subspan(split), check) ||
      load<uint32_t>(check.data()) != crc_of_node(raw, level, number))
    return std::nullopt;
  return raw;
}

// The checksum of consecutive stretches. All except the last have the length `stretch`.
template <typename Entry>
uint32_t combined(Checksum kind, std::span<const Entry> entries, int64_t stretch,
                  int64_t last_stretch) {
  ChecksumChain chain(kind, checksum_start(kind), stretch);
  for (const Entry& entry : entries.first(entries.size() - 1)) chain.add(entry.checksum);
  return checksum_combine(kind, chain.value(), entries.back().checksum, last_stretch);
}

// Whether the numbers are possible for a stream of `bytes`. Later computations then cannot overflow
// or need more memory than the stream has bytes.
bool is_possible(const StreamShape& shape, uint64_t pixel_bytes, int64_t bytes) {
  if (shape.compression_level < 1 || shape.compression_level > 9) return false;
  if (shape.slot_raw_bytes < least_slot_raw_bytes || shape.slot_raw_bytes > most_slot_raw_bytes)
    return false;
  if (pixel_bytes == 0 || pixel_bytes > uint64_t{1} << 62) return false;
  return pixel_bytes / static_cast<uint64_t>(shape.slot_raw_bytes) <=
         static_cast<uint64_t>(bytes / entry_stored_bytes);
}

}  // namespace

int64_t slot_count(int64_t pixel_bytes, int64_t slot_raw_bytes) {
  return divide_up(pixel_bytes, slot_raw_bytes);
}

int64_t stored_prefix_bytes(int64_t prefix_bytes) {
  return prefix_bytes + 5 * divide_up(prefix_bytes, longest_stored_block);
}

int64_t position_in_stored_prefix(int64_t offset) {
  return offset + 5 * (offset / longest_stored_block + 1);
}

std::vector<std::byte> store_prefix(std::span<const std::byte> prefix) {
  std::vector<std::byte> out;
  out.reserve(static_cast<size_t>(stored_prefix_bytes(static_cast<int64_t>(prefix.size()))));
  while (!prefix.empty()) {
    const size_t bytes = std::min<size_t>(prefix.size(), longest_stored_block);
    const std::byte low = static_cast<std::byte>(bytes & 255),
                    high = static_cast<std::byte>(bytes >> 8);
    out.insert(out.end(), {std::byte{0}, low, high, ~low, ~high});
    out.insert(out.end(), prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(bytes));
    prefix = prefix.subspan(bytes);
  }
  return out;
}

int64_t room_before_last_run(int64_t run_end, int64_t after) {
  // The last symbol of a run is within a few bytes of its end, before the end-of-block code and the
  // flush.
  constexpr int64_t gibibyte = int64_t{1} << 30, margin = 64;
  const int64_t pixels_end = std::max<int64_t>(run_end - margin, 0);
  const int64_t multiple = round_down(run_end + after, gibibyte);
  if (multiple == 0 || multiple < pixels_end) return 0;
  return multiple - pixels_end + margin;
}

int64_t StreamShape::count() const {
  return slot_count(pixel_bytes, slot_raw_bytes);
}

int64_t StreamShape::raw_bytes(int64_t slot) const {
  return std::min(slot_raw_bytes, pixel_bytes - slot * slot_raw_bytes);
}

int64_t StreamShape::pixels_begin() const {
  return static_cast<int64_t>(plain_head(gzip).size()) + stored_prefix_bytes(prefix_bytes);
}

int StreamShape::levels() const {
  int levels = 1;
  if (!indexed) return levels;
  for (int64_t nodes = pages(); nodes > 1; nodes = divide_up(nodes, node_entries)) ++levels;
  return levels;
}

int64_t StreamShape::nodes(int level) const {
  int64_t nodes = divide_up(count(), node_entries);
  for (int i = 0; i < level; ++i) nodes = divide_up(nodes, node_entries);
  return nodes;
}

int64_t StreamShape::entries(int level, int64_t node) const {
  const int64_t all = level == 0 ? count() : nodes(level - 1);
  return std::min(node_entries, all - node * node_entries);
}

bool StreamShape::is_last_child(int level, int64_t node) const {
  return (node + 1) % node_entries == 0 || node + 1 == nodes(level);
}

int64_t StreamShape::node_bytes(int level, int64_t node) const {
  return stored_node_bytes(entries(level, node));
}

int64_t StreamShape::raw_begin(int level, int64_t node) const {
  int64_t slot = node;
  for (int i = 0; i <= level; ++i) slot *= node_entries;
  return slot * slot_raw_bytes;
}

int64_t StreamShape::raw_end(int level, int64_t node) const {
  return node + 1 == nodes(level) ? pixel_bytes : raw_begin(level, node + 1);
}

int64_t StreamShape::chain_bytes(int64_t page) const {
  int64_t bytes = node_bytes(0, page), node = page;
  for (int level = 1; level < levels() && is_last_child(level - 1, node); ++level) {
    node /= node_entries;
    bytes += node_bytes(level, node);
  }
  return bytes;
}

int64_t StreamShape::directory_bytes() const {
  int64_t bytes = 0, entries = count();
  for (int level = 0; level < levels(); ++level) {
    const int64_t here = divide_up(entries, node_entries);
    bytes += entries * entry_stored_bytes + here * check_stored_bytes;
    entries = here;
  }
  return bytes;
}

std::vector<std::byte> encode_page(std::span<const Slot> slots, int64_t number) {
  std::vector<std::byte> raw(slots.size() * entry_bytes);
  std::byte* at = raw.data();
  for (const Slot& slot : slots) {
    store_little(at, slot.bytes, 3);
    store_little(at + 3, slot.run_bytes, 3);
    store_little(at + 6, slot.checksum, 4);
    at += entry_bytes;
  }
  return hide_node(raw, 0, number);
}

std::vector<std::byte> encode_index_node(std::span<const IndexEntry> entries, int level,
                                         int64_t number) {
  std::vector<std::byte> raw(entries.size() * entry_bytes);
  std::byte* at = raw.data();
  for (const IndexEntry& entry : entries) {
    if (entry.position > most_position)
      fail(SWR_ERROR_UNSUPPORTED, "a slotted stream of more than ", most_position, " bytes");
    store_little(at, static_cast<uint64_t>(entry.position), 6);
    store_little(at + 6, entry.checksum, 4);
    at += entry_bytes;
  }
  return hide_node(raw, level, number);
}

std::optional<std::vector<Slot>> read_page(const File& file, int64_t position, int64_t entries,
                                           int64_t number) {
  const auto raw = find_node(file, position, entries, 0, number);
  if (!raw) return std::nullopt;
  std::vector<Slot> slots;
  slots.reserve(static_cast<size_t>(entries));
  for (auto at = raw->data(); at < raw->data() + raw->size(); at += entry_bytes) {
    const Slot slot{static_cast<uint32_t>(load_little(at, 3)),
                    static_cast<uint32_t>(load_little(at + 3, 3)), load<uint32_t>(at + 6)};
    if (slot.run_bytes == 0 || slot.run_bytes > slot.bytes ||
        !fillable(int64_t{slot.bytes} - slot.run_bytes))
      return std::nullopt;
    slots.push_back(slot);
  }
  return slots;
}

std::optional<std::vector<IndexEntry>> read_index_node(const File& file, int64_t position,
                                                       int64_t entries, int level, int64_t number) {
  const auto raw = find_node(file, position, entries, level, number);
  if (!raw) return std::nullopt;
  std::vector<IndexEntry> found;
  found.reserve(static_cast<size_t>(entries));
  for (auto at = raw->data(); at < raw->data() + raw->size(); at += entry_bytes)
    found.push_back({static_cast<int64_t>(load_little(at, 6)), load<uint32_t>(at + 6)});
  return found;
}

uint32_t checksum_of_page(const StreamShape& shape, int64_t page, std::span<const Slot> slots) {
  const int64_t last = shape.first_slot(page) + std::ssize(slots) - 1;
  return combined(shape.kind(), slots, shape.slot_raw_bytes, shape.raw_bytes(last));
}

uint32_t checksum_of_index_node(const StreamShape& shape, int level, int64_t node,
                                std::span<const IndexEntry> entries) {
  const int64_t last = node * shape.node_entries + std::ssize(entries) - 1;
  return combined(shape.kind(), entries, shape.raw_begin(level - 1, 1),
                  shape.raw_end(level - 1, last) - shape.raw_begin(level - 1, last));
}

std::optional<SlotFooter> SlotFooter::find(const File& file, int64_t begin, int64_t bytes) {
  std::array<std::byte, plain_gzip_head.size()> head;
  if (bytes < static_cast<int64_t>(head.size())) return std::nullopt;
  file.read_at(begin, head);
  const bool gzip = begins_like_gzip(head);
  const auto expected_head = plain_head(gzip);
  if (!std::equal(expected_head.begin(), expected_head.end(), head.begin())) return std::nullopt;

  SlotFooter footer;
  StreamShape& shape = footer.shape;
  shape.gzip = gzip;
  std::array<std::byte, footer_stored_bytes + 2 + 8> stored;
  const auto tail = std::span(stored).first(static_cast<size_t>(shape.tail_bytes()));
  if (bytes < std::ssize(tail) + std::ssize(expected_head)) return std::nullopt;
  file.read_at(begin + bytes - std::ssize(tail), tail);
  std::array<std::byte, footer_bytes> raw;
  if (!find_in_pad_bits(tail.first(footer_stored_bytes), raw) ||
      std::memcmp(raw.data(), magic, sizeof(magic)) != 0 ||
      load<uint32_t>(&raw[36]) != checksum_of(Checksum::crc32, std::span(raw).first(36)))
    return std::nullopt;
  shape.compression_level = std::to_integer<int>(raw[5]);
  shape.node_entries = load<uint16_t>(&raw[6]);
  shape.slot_raw_bytes = load<uint32_t>(&raw[8]);
  shape.prefix_bytes = load<uint32_t>(&raw[12]);
  footer.last_slot_bytes = load<uint32_t>(&raw[24]);
  footer.prefix_checksum = load<uint32_t>(&raw[28]);
  footer.checksum = load<uint32_t>(&raw[32]);
  if (!is_possible(shape, load<uint64_t>(&raw[16]), bytes) ||
      footer.last_slot_bytes > most_slot_bytes)
    return std::nullopt;
  shape.pixel_bytes = static_cast<int64_t>(load<uint64_t>(&raw[16]));
  const auto version = std::to_integer<uint8_t>(raw[4]);
  if (version == plain_version) {
    if (shape.node_entries != most_node_entries) return std::nullopt;
    shape.indexed = shape.pages() == 1;
  } else if (version != indexed_version || shape.node_entries < 2 ||
             shape.node_entries > most_node_entries) {
    return std::nullopt;
  }
  if (shape.pixels_begin() + shape.directory_bytes() + footer.last_slot_bytes >
      bytes - shape.tail_bytes())
    return std::nullopt;
  const std::vector<std::byte> expected = footer.tail();
  if (!std::equal(expected.begin(), expected.end(), tail.begin(), tail.end())) return std::nullopt;
  return footer;
}

std::vector<std::byte> SlotFooter::tail() const {
  const bool has_index = shape.levels() > 1 || shape.node_entries != most_node_entries;
  std::array<std::byte, footer_bytes> raw{};
  std::memcpy(raw.data(), magic, sizeof(magic));
  raw[4] = std::byte{has_index ? indexed_version : plain_version};
  raw[5] = static_cast<std::byte>(shape.compression_level);
  store<uint16_t>(&raw[6], static_cast<uint16_t>(shape.node_entries));
  store<uint32_t>(&raw[8], static_cast<uint32_t>(shape.slot_raw_bytes));
  store<uint32_t>(&raw[12], static_cast<uint32_t>(shape.prefix_bytes));
  store<uint64_t>(&raw[16], static_cast<uint64_t>(shape.pixel_bytes));
  store<uint32_t>(&raw[24], static_cast<uint32_t>(last_slot_bytes));
  store<uint32_t>(&raw[28], prefix_checksum);
  store<uint32_t>(&raw[32], checksum);
  store<uint32_t>(&raw[36], checksum_of(Checksum::crc32, std::span(raw).first(36)));
  std::vector<std::byte> out(footer_stored_bytes);
  hide_in_pad_bits(raw, out);
  out.insert(out.end(), {std::byte{3}, std::byte{0}});
  const auto end = trailer(shape.gzip, checksum, shape.prefix_bytes + shape.pixel_bytes);
  out.insert(out.end(), end.begin(), end.end());
  return out;
}

}  // namespace swr
