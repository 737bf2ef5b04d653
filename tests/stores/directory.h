// The whole directory of a slotted stream, to look at and to forge.
#pragma once

#include "stores/slot_index.h"
#include "stores/slot_pages.h"

#include "streams.h"

namespace streams {

struct Directory {
  swr::SlotFooter footer{};
  std::vector<swr::Slot> slots{};
  std::vector<int64_t> begins{};  // of the slots, in the file
  std::vector<int64_t> pages{};   // positions in the file
  int64_t begin = 0, end = 0;     // of the stream, and of the last slot

  const swr::StreamShape& shape() const { return footer.shape; }
  uint32_t checksum() const {
    uint32_t sum = footer.prefix_checksum;
    for (size_t i = 0; i < slots.size(); ++i)
      sum = swr::checksum_combine(shape().kind(), sum, slots[i].checksum,
                                  shape().raw_bytes(static_cast<int64_t>(i)));
    return sum;
  }
};

inline Directory load_directory(const std::string& path, int64_t begin, int64_t bytes) {
  const swr::File file(path, swr::File::Mode::read);
  const auto footer = swr::SlotFooter::find(file, begin, bytes);
  assert_true(footer.has_value());
  swr::MemoryMeter meter;
  const swr::SlotPages pages(file, {begin, bytes}, *footer, 1 << 20, meter);
  Directory directory{.footer = *footer, .begin = begin, .end = begin + pages.end()};
  for (int64_t i = 0; i < footer->shape.pages(); ++i) {
    const auto page = pages.page(i);
    directory.slots.insert(directory.slots.end(), page->slots.begin(), page->slots.end());
    directory.pages.push_back(begin + page->position);
  }
  for (int64_t i = 0; i < footer->shape.count(); ++i)
    directory.begins.push_back(begin + pages.find(i).second);
  return directory;
}

// Writes it over the one that is there, in the same places; its checksums agree with each other.
inline void save_directory(const std::string& path, Directory directory) {
  Bytes file = load_file(path);
  const auto put = [&](int64_t at, std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), file.begin() + at);
  };
  swr::SlotIndex index(directory.shape(), nullptr, [&](int64_t position, const Bytes& node) {
    put(directory.begin + position, node);
  });
  for (size_t i = 0; i < directory.pages.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    const auto slots = std::span(directory.slots)
                           .subspan(static_cast<size_t>(directory.shape().first_slot(number)),
                                    static_cast<size_t>(directory.shape().entries(0, number)));
    put(directory.pages[i], swr::encode_page(slots, number));
    index.set_page(number, {directory.pages[i] - directory.begin,
                            swr::checksum_of_page(directory.shape(), number, slots)});
  }
  directory.footer.last_slot_bytes = directory.slots.back().bytes;
  directory.footer.checksum = directory.checksum();
  put(directory.end, directory.footer.tail());
  save(path, file);
}

}  // namespace streams
