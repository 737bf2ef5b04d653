#include "stores/slot_pages.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {
namespace {

// The approximate overhead of a cached page or index node.
constexpr int64_t node_overhead = 256;
constexpr int64_t most_known_pages = 16384;

size_t nodes_in(int64_t memory, const StreamShape& shape) {
  const int64_t node_memory = shape.node_entries * entry_memory + node_overhead;
  return static_cast<size_t>(std::clamp<int64_t>(memory / node_memory, 4, 4096));
}

}  // namespace

SlotPages::SlotPages(const File& file, const StreamExtent& extent, const SlotFooter& footer,
                     int64_t memory, MemoryMeter& meter)
    : file_(file),
      extent_(extent),
      footer_(footer),
      levels_(footer.shape.levels()),
      end_(extent.bytes - footer.shape.tail_bytes()),
      meter_(meter),
      pages_(nodes_in(memory / 2, footer.shape)),
      index_nodes_(nodes_in(memory / 2, footer.shape)) {
  if (!shape().indexed) {
    scan();
  } else if (levels_ > 1) {
    index_node(levels_ - 1, 0);
  } else {
    page(0);
  }
}

void SlotPages::refuse(const char* what, int64_t position) const {
  throw DirectoryError(SWR_ERROR_CORRUPT,
                       text(file_.path(), ": the directory of the compressed pixels is damaged: ",
                            what, " at byte ", extent_.begin + position));
}

std::shared_ptr<const SlotPage> SlotPages::page(int64_t number) const {
  const MutexLock lock(mutex_);
  return locked_page(number);
}

std::shared_ptr<const IndexNode> SlotPages::index_node(int level, int64_t number) const {
  const MutexLock lock(mutex_);
  return locked_index_node(level, number);
}

Slot SlotPages::slot(int64_t number) const {
  return page(shape().page_of(number))->slots[static_cast<size_t>(number % shape().node_entries)];
}

std::pair<Slot, int64_t> SlotPages::find(int64_t number) const {
  const auto here = page(shape().page_of(number));
  const auto index = number % shape().node_entries;
  int64_t begin = here->begin;
  for (int64_t i = 0; i < index; ++i) begin += here->slots[static_cast<size_t>(i)].bytes;
  if (number == shape().count() - 1) begin += shape().chain_bytes(here->number);
  return {here->slots[static_cast<size_t>(index)], begin};
}

// From the parent. The children of a node follow each other without gaps.
SlotPages::Place SlotPages::place_of(int level, int64_t number) const {
  if (level == levels_ - 1) {
    return {shape().pixels_begin(),
            end_ - footer_.last_slot_bytes - shape().node_bytes(level, number), std::nullopt};
  }
  const auto parent = locked_index_node(level + 1, number / shape().node_entries);
  const auto child = static_cast<size_t>(number % shape().node_entries);
  const int64_t begin =
      child == 0 ? parent->begin
                 : parent->entries[child - 1].position + shape().node_bytes(level, number - 1);
  return {begin, parent->entries[child].position, parent->entries[child].checksum};
}

void SlotPages::check_checksum(const Place& place, uint32_t found) const {
  const bool is_right = place.checksum
                            ? found == *place.checksum
                            : checksum_combine(shape().kind(), footer_.prefix_checksum, found,
                                               shape().pixel_bytes) == footer_.checksum;
  if (!is_right) refuse("wrong checksums", place.position);
}

std::shared_ptr<const IndexNode> SlotPages::locked_index_node(int level, int64_t number) const {
  if (const auto* known = index_nodes_.find({level, number})) return *known;
  const Place place = place_of(level, number);
  const int64_t entries = shape().entries(level, number);
  auto found = read_index_node(file_, extent_.begin + place.position, entries, level, number);
  if (!found) refuse("no index node", place.position);
  const int64_t first_child = number * shape().node_entries;
  int64_t at = place.begin;
  for (int64_t i = 0; i < entries; ++i) {
    const int64_t child = (*found)[static_cast<size_t>(i)].position;
    if (child < at || child >= place.position) refuse("wrong positions", place.position);
    at = child + shape().node_bytes(level - 1, first_child + i);
  }
  if (at != place.position) refuse("wrong positions", place.position);
  check_checksum(place, checksum_of_index_node(shape(), level, number, *found));
  auto node = std::make_shared<IndexNode>();
  node->begin = place.begin;
  node->position = place.position;
  node->entries = std::move(*found);
  node->memory = MeterShare(entries * entry_memory + node_overhead, meter_);
  return index_nodes_.put({level, number}, std::move(node));
}

std::shared_ptr<const SlotPage> SlotPages::locked_page(int64_t number) const {
  if (const auto* known = pages_.find({0, number})) return *known;
  if (!shape().indexed) return page_from_the_next(number);
  const Place place = place_of(0, number);
  auto loaded = load_page(number, place.position);
  if (loaded->begin != place.begin) refuse("wrong lengths", place.position);
  check_checksum(place, loaded->checksum);
  return pages_.put({0, number}, loaded);
}

// The lengths of its slots give the position of the first one.
std::shared_ptr<const SlotPage> SlotPages::load_page(int64_t number, int64_t position) const {
  if (position < shape().pixels_begin()) refuse("no room for a page", position);
  const int64_t entries = shape().entries(0, number);
  auto slots = read_page(file_, extent_.begin + position, entries, number);
  if (!slots) refuse("no page", position);
  auto page = std::make_shared<SlotPage>();
  page->number = number;
  page->position = page->begin = position;
  for (const Slot& slot : *slots) page->begin -= slot.bytes;
  if (number == shape().pages() - 1) {
    if (slots->back().bytes != footer_.last_slot_bytes) refuse("wrong lengths", position);
    page->begin += slots->back().bytes;
  }
  page->checksum = checksum_of_page(shape(), number, *slots);
  page->slots = std::move(*slots);
  page->memory = MeterShare(entries * entry_memory + node_overhead, meter_);
  return page;
}

// Without an index, each page gives the position of the page before it. The search starts at the
// nearest page whose position is known.
std::shared_ptr<const SlotPage> SlotPages::page_from_the_next(int64_t number) const {
  const int64_t last = shape().pages() - 1;
  int64_t at = std::min(round_up(number, spacing_), last);
  int64_t position = known_pages_[static_cast<size_t>(divide_up(at, spacing_))];
  while (true) {
    auto page = pages_.put({0, at}, load_page(at, position));
    if (at == number) return page;
    --at;
    position = page->begin - shape().node_bytes(0, at);
  }
}

// Checks the directory as a whole: every page is where the next one says, the first slot begins
// where the prefix ends, and all checksums combine to the trailer's.
void SlotPages::scan() {
  const int64_t last = shape().pages() - 1;
  spacing_ = divide_up(last + 1, most_known_pages);
  std::vector<int64_t> known;  // from the end
  int64_t last_position = 0, raw_bytes = 0;
  uint32_t checksum = checksum_start(shape().kind()), last_checksum = 0;
  int64_t position = end_ - footer_.last_slot_bytes - shape().node_bytes(0, last);
  for (int64_t number = last; number >= 0; --number) {
    const auto page = load_page(number, position);
    if (number == last) {
      last_position = position;
      last_checksum = page->checksum;
    } else {
      checksum = checksum_combine(shape().kind(), page->checksum, checksum, raw_bytes);
      raw_bytes += shape().raw_end(0, number) - shape().raw_begin(0, number);
    }
    if (number % spacing_ == 0) known.push_back(position);
    position = page->begin - (number > 0 ? shape().node_bytes(0, number - 1) : 0);
  }
  if (position != shape().pixels_begin()) refuse("wrong lengths", position);
  before_last_page_ =
      checksum_combine(shape().kind(), footer_.prefix_checksum, checksum, raw_bytes);
  if (checksum_combine(shape().kind(), before_last_page_, last_checksum,
                       shape().pixel_bytes - raw_bytes) != footer_.checksum)
    refuse("wrong checksums", end_);
  std::reverse(known.begin(), known.end());
  if (last % spacing_ != 0) known.push_back(last_position);
  known_pages_ = std::move(known);
  known_pages_memory_ =
      MeterShare(static_cast<int64_t>(known_pages_.capacity() * sizeof(int64_t)), meter_);
}

uint32_t SlotPages::checksum_before_last_page() const {
  if (!shape().indexed) return before_last_page_;
  const MutexLock lock(mutex_);
  uint32_t checksum = footer_.prefix_checksum;
  for (int level = levels_ - 1; level > 0; --level) {
    const auto node = locked_index_node(level, shape().nodes(level) - 1);
    ChecksumChain chain(shape().kind(), checksum, shape().raw_begin(level - 1, 1));
    for (const IndexEntry& entry : std::span(node->entries).first(node->entries.size() - 1))
      chain.add(entry.checksum);
    checksum = chain.value();
  }
  return checksum;
}

}  // namespace swr
