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
constexpr int64_t page_check_bytes = 4;
constexpr int64_t page_check_stored_bytes = 35;
constexpr int64_t footer_bytes = 40;
constexpr int64_t longest_stored_block = 65535;
constexpr char magic[4] = {'S', 'W', 'R', 'S'};
constexpr uint8_t version = 1;

uint32_t crc_of_page(std::span<const std::byte> entries, int64_t number) {
  std::array<std::byte, 4> number_bytes;
  store<uint32_t>(number_bytes.data(), static_cast<uint32_t>(number));
  return checksum_update(Checksum::crc32, checksum_of(Checksum::crc32, entries), number_bytes);
}

void store_u24(std::byte* at, uint32_t value) {
  for (int i = 0; i < 3; ++i) at[i] = static_cast<std::byte>(value >> (8 * i) & 255);
}

uint32_t load_u24(const std::byte* at) {
  return std::to_integer<uint32_t>(at[0]) | std::to_integer<uint32_t>(at[1]) << 8 |
         std::to_integer<uint32_t>(at[2]) << 16;
}

struct Footer {
  SlotDirectory facts;
  int64_t last_slot_bytes = 0;
  uint32_t checksum = 0;
};

// Checks every number of the footer against the stream's length, so that what follows cannot
// overflow or ask for more memory than the stream has bytes.
std::optional<Footer> read_footer(const File& file, int64_t begin, int64_t bytes, bool gzip) {
  std::array<std::byte, footer_stored_bytes + 2 + 8> stored;
  const std::span<std::byte> tail =
      std::span(stored).first(static_cast<size_t>(footer_stored_bytes + 2 + trailer_bytes(gzip)));
  if (bytes < static_cast<int64_t>(tail.size() + plain_head(gzip).size())) return std::nullopt;
  file.read_at(begin + bytes - static_cast<int64_t>(tail.size()), tail);
  std::array<std::byte, footer_bytes> raw;
  if (!find_in_pad_bits(tail.first(footer_stored_bytes), raw) ||
      std::memcmp(raw.data(), magic, sizeof(magic)) != 0)
    return std::nullopt;
  if (load<uint32_t>(&raw[36]) != checksum_of(Checksum::crc32, std::span(raw).first(36)))
    return std::nullopt;
  Footer footer;
  SlotDirectory& facts = footer.facts;
  facts.gzip = gzip;
  facts.level = std::to_integer<int>(raw[5]);
  facts.slot_raw_bytes = load<uint32_t>(&raw[8]);
  facts.prefix_bytes = load<uint32_t>(&raw[12]);
  const auto pixel_bytes = load<uint64_t>(&raw[16]);
  footer.last_slot_bytes = load<uint32_t>(&raw[24]);
  facts.prefix_checksum = load<uint32_t>(&raw[28]);
  footer.checksum = load<uint32_t>(&raw[32]);
  if (raw[4] != std::byte{version} || facts.level < 1 || facts.level > 9 ||
      load<uint16_t>(&raw[6]) != slots_of_page)
    return std::nullopt;
  if (facts.slot_raw_bytes < least_slot_raw_bytes || facts.slot_raw_bytes > most_slot_raw_bytes ||
      footer.last_slot_bytes > most_slot_bytes)
    return std::nullopt;
  if (pixel_bytes == 0 || pixel_bytes > uint64_t{1} << 62) return std::nullopt;
  if (pixel_bytes / static_cast<uint64_t>(facts.slot_raw_bytes) >
      static_cast<uint64_t>(bytes / entry_stored_bytes))
    return std::nullopt;
  facts.pixel_bytes = static_cast<int64_t>(pixel_bytes);
  const auto expected = trailer(gzip, footer.checksum, facts.prefix_bytes + facts.pixel_bytes);
  const auto ending = tail.subspan(footer_stored_bytes);
  if (ending[0] != std::byte{3} || ending[1] != std::byte{0} ||
      !std::equal(expected.begin(), expected.end(), ending.begin() + 2))
    return std::nullopt;
  return footer;
}

int64_t stored_page_bytes(int64_t slots) {
  return slots * entry_stored_bytes + page_check_stored_bytes;
}

bool read_page(const File& file, int64_t position, int64_t number, std::span<Slot> slots) {
  const auto entries = static_cast<int64_t>(slots.size());
  std::vector<std::byte> stored(static_cast<size_t>(stored_page_bytes(entries)));
  std::vector<std::byte> raw(static_cast<size_t>(entries * entry_bytes));
  std::array<std::byte, page_check_bytes> check;
  file.read_at(position, stored);
  const auto split = static_cast<size_t>(entries * entry_stored_bytes);
  if (!find_in_pad_bits(std::span(stored).first(split), raw) ||
      !find_in_pad_bits(std::span(stored).subspan(split), check))
    return false;
  if (load<uint32_t>(check.data()) != crc_of_page(raw, number)) return false;
  const std::byte* at = raw.data();
  for (Slot& slot : slots) {
    slot = {load_u24(at), load_u24(at + 3), load<uint32_t>(at + 6)};
    if (slot.run_bytes == 0 || slot.run_bytes > slot.bytes ||
        !fillable(int64_t{slot.bytes} - slot.run_bytes))
      return false;
    at += entry_bytes;
  }
  return true;
}

// Walks from the stream's end to its begin, a page at a time. Memory grows with the pages that are
// found right, not with what the footer claims.
bool read_slots(const File& file, int64_t begin, int64_t bytes, const Footer& footer,
                SlotDirectory& directory) {
  const int64_t count = slot_count(directory.pixel_bytes, directory.slot_raw_bytes);
  int64_t position = bytes - directory.tail_bytes() - footer.last_slot_bytes;
  std::array<Slot, slots_of_page> slots;
  for (int64_t page = (count - 1) / slots_of_page; page >= 0; --page) {
    const std::span<Slot> here = std::span(slots).first(
        static_cast<size_t>(std::min(slots_of_page, count - page * slots_of_page)));
    position -= stored_page_bytes(static_cast<int64_t>(here.size()));
    if (position < directory.pixels_begin() || !read_page(file, begin + position, page, here))
      return false;
    for (const Slot& slot : here) position -= slot.bytes;
    if (directory.slots.empty()) {
      if (here.back().bytes != footer.last_slot_bytes) return false;
      position += footer.last_slot_bytes;
    }
    directory.slots.insert(directory.slots.end(), here.rbegin(), here.rend());
  }
  std::reverse(directory.slots.begin(), directory.slots.end());
  return position == directory.pixels_begin();
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

int64_t room_before_last_run(int64_t run_end, int64_t behind) {
  // The last symbol of a run ends within a few bytes of it: a code for the block's end, and the
  // flush.
  constexpr int64_t gibibyte = int64_t{1} << 30, margin = 64;
  const int64_t pixels_end = std::max<int64_t>(run_end - margin, 0);
  const int64_t multiple = round_down(run_end + behind, gibibyte);
  if (multiple == 0 || multiple < pixels_end) return 0;
  return multiple - pixels_end + margin;
}

int64_t SlotDirectory::raw_bytes(int64_t slot) const {
  return std::min(slot_raw_bytes, pixel_bytes - slot * slot_raw_bytes);
}

uint32_t SlotDirectory::checksum() const {
  ChecksumChain chain(kind(), prefix_checksum, slot_raw_bytes);
  for (int64_t slot = 0; slot < count() - 1; ++slot)
    chain.add(slots[static_cast<size_t>(slot)].checksum);
  return checksum_combine(kind(), chain.value(), slots.back().checksum, raw_bytes(count() - 1));
}

int64_t SlotDirectory::page_count() const {
  return divide_up(count(), slots_of_page);
}

int64_t SlotDirectory::page_bytes(int64_t page) const {
  return stored_page_bytes(std::min(slots_of_page, count() - page * slots_of_page));
}

int64_t SlotDirectory::pixels_begin() const {
  return static_cast<int64_t>(plain_head(gzip).size()) + stored_prefix_bytes(prefix_bytes);
}

std::vector<std::byte> SlotDirectory::page(int64_t number) const {
  const int64_t first = number * slots_of_page;
  const int64_t entries = std::min(slots_of_page, count() - first);
  std::vector<std::byte> raw(static_cast<size_t>(entries * entry_bytes));
  for (int64_t i = 0; i < entries; ++i) {
    const Slot& slot = slots[static_cast<size_t>(first + i)];
    std::byte* at = raw.data() + i * entry_bytes;
    store_u24(at, slot.bytes);
    store_u24(at + 3, slot.run_bytes);
    store<uint32_t>(at + 6, slot.checksum);
  }
  std::array<std::byte, page_check_bytes> check;
  store<uint32_t>(check.data(), crc_of_page(raw, number));
  std::vector<std::byte> stored(static_cast<size_t>(page_bytes(number)));
  const auto split = static_cast<size_t>(entries * entry_stored_bytes);
  hide_in_pad_bits(raw, std::span(stored).first(split));
  hide_in_pad_bits(check, std::span(stored).subspan(split));
  return stored;
}

std::vector<std::byte> SlotDirectory::tail() const {
  const uint32_t whole = checksum();
  std::array<std::byte, footer_bytes> raw{};
  std::memcpy(raw.data(), magic, sizeof(magic));
  raw[4] = std::byte{version};
  raw[5] = static_cast<std::byte>(level);
  store<uint16_t>(&raw[6], slots_of_page);
  store<uint32_t>(&raw[8], static_cast<uint32_t>(slot_raw_bytes));
  store<uint32_t>(&raw[12], static_cast<uint32_t>(prefix_bytes));
  store<uint64_t>(&raw[16], static_cast<uint64_t>(pixel_bytes));
  store<uint32_t>(&raw[24], slots.back().bytes);
  store<uint32_t>(&raw[28], prefix_checksum);
  store<uint32_t>(&raw[32], whole);
  store<uint32_t>(&raw[36], checksum_of(Checksum::crc32, std::span(raw).first(36)));
  std::vector<std::byte> out(footer_stored_bytes);
  hide_in_pad_bits(raw, out);
  out.insert(out.end(), {std::byte{3}, std::byte{0}});
  const auto end = trailer(gzip, whole, prefix_bytes + pixel_bytes);
  out.insert(out.end(), end.begin(), end.end());
  return out;
}

std::optional<SlotDirectory> SlotDirectory::find(const File& file, int64_t begin, int64_t bytes) {
  std::array<std::byte, plain_gzip_head.size()> head;
  if (bytes < static_cast<int64_t>(head.size())) return std::nullopt;
  file.read_at(begin, head);
  const bool gzip = begins_like_gzip(head);
  const auto expected = plain_head(gzip);
  if (!std::equal(expected.begin(), expected.end(), head.begin())) return std::nullopt;
  auto footer = read_footer(file, begin, bytes, gzip);
  if (!footer) return std::nullopt;
  SlotDirectory directory = footer->facts;
  if (!read_slots(file, begin, bytes, *footer, directory) ||
      directory.checksum() != footer->checksum)
    return std::nullopt;
  return directory;
}

SlotPositions::SlotPositions(const SlotDirectory& directory) {
  const int64_t count = directory.count();
  int64_t position = directory.pixels_begin();
  const auto put_page = [&] {
    const auto page = static_cast<int64_t>(pages.size());
    pages.push_back(position);
    position += directory.page_bytes(page);
  };
  slots.reserve(directory.slots.size());
  for (int64_t slot = 0; slot < count; ++slot) {
    if (slot > 0 && slot % slots_of_page == 0) put_page();
    if (slot == count - 1) put_page();
    slots.push_back(position);
    position += directory.slots[static_cast<size_t>(slot)].bytes;
  }
  end = position;
}

}  // namespace swr
