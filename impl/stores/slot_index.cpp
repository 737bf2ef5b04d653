#include "stores/slot_index.h"

namespace swr {

void SlotIndex::set(int level, int64_t child, const IndexEntry& entry) {
  if (level >= std::ssize(nodes_)) return;
  Node& node = nodes_[static_cast<size_t>(level)];
  if (node.number != child / shape_.node_entries) {
    finish(level);
    load(level, child / shape_.node_entries);
  }
  node.entries[static_cast<size_t>(child % shape_.node_entries)] = entry;
  if (shape_.is_last_child(level - 1, child)) finish(level);
}

void SlotIndex::load(int level, int64_t number) {
  Node& node = nodes_[static_cast<size_t>(level)];
  node.number = number;
  node.entries.clear();
  if (old_ && level < old_->shape().levels() && number < old_->shape().nodes(level))
    node.entries = old_->index_node(level, number)->entries;
  node.entries.resize(static_cast<size_t>(shape_.entries(level, number)));
}

void SlotIndex::finish(int level) {
  Node& node = nodes_[static_cast<size_t>(level)];
  if (node.number < 0) return;
  const int64_t number = node.number;
  node.number = -1;
  const int64_t last_child = number * shape_.node_entries + std::ssize(node.entries) - 1;
  const IndexEntry entry{node.entries.back().position + shape_.node_bytes(level - 1, last_child),
                         checksum_of_index_node(shape_, level, number, node.entries)};
  emit_(entry.position, encode_index_node(node.entries, level, number));
  set(level + 1, number, entry);
}

void SlotIndex::finish() {
  for (int level = 1; level < std::ssize(nodes_); ++level) finish(level);
}

}  // namespace swr
