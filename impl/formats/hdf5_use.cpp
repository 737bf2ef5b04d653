#include "formats/hdf5_use.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_order.h"
#include "formats/hdf5_checks.h"
#include "formats/hdf5_chunk_form.h"
#include "formats/hdf5_source.h"
#include "formats/hdf5_writer.h"

namespace swr {
namespace {

// Fields of the superblock, and what is checked of both by the library.
constexpr size_t end_field = 28, superblock_sum = 44, address_bytes = 8, checksum_bytes = 4;

// Where a new dataset in chunks says that no tree lists them yet, and the checksum of that header.
struct TreeField {
  size_t address = 0, checksum = 0;
};

// The message of a layout: [version 3] [class 2: chunks] [axes and 1] [address: 8]
// [sizes of chunks: 4 each] [bytes of an element: 4].
std::optional<TreeField> find_tree_field(const std::string& header, int64_t object, size_t rank) {
  constexpr size_t before = 3;
  const auto bytes = std::as_bytes(std::span(header));
  if (object < 0 || object >= std::ssize(bytes)) return std::nullopt;
  const auto block = bytes.subspan(static_cast<size_t>(object));
  const Hdf5HeaderHead head = hdf5_header_head(block);
  const size_t messages = static_cast<size_t>(head.messages_at);
  if (messages == 0 || messages + head.message_bytes + checksum_bytes > block.size())
    return std::nullopt;
  std::string wanted{"\x03\x02"};
  wanted += static_cast<char>(rank + 1);
  wanted.append(address_bytes, '\xff');
  const auto begin = static_cast<size_t>(object) + messages;
  const size_t found = header.find(wanted, begin);
  const size_t checksum = begin + static_cast<size_t>(head.message_bytes);
  if (found == header.npos || found + wanted.size() > checksum) return std::nullopt;
  return TreeField{found + before, checksum};
}

// A node of the tree of chunks, of version 1 (HDF5 File Format Specification 3.0, III.A.1):
//   "TREE" [type 1] [level] [entries: 2] [left: 8] [right: 8] key child key child ... key
//   key: [bytes: 4] [filters left out: 4] [place along each axis: 8, and 8 that are 0]
// It has room for 64 children.
class TreeWalk {
 public:
  struct Stretch {
    int64_t offset, bytes;
  };

  TreeWalk(const File& file, size_t rank)
      : file_(file),
        file_bytes_(file.size()),
        key_bytes_(16 + 8 * static_cast<int64_t>(rank)),
        node_bytes_(head_bytes + most_entries * 8 + (most_entries + 1) * key_bytes_) {}

  // False if it is damaged, or of another kind.
  bool walk(int64_t at) { return walk(at, -1); }
  std::vector<Stretch> take() { return std::move(used_); }

 private:
  static constexpr int64_t head_bytes = 24, most_entries = 64;

  const File& file_;
  const int64_t file_bytes_, key_bytes_, node_bytes_;
  std::vector<Stretch> used_;

  bool add(int64_t offset, int64_t bytes) {
    if (offset < 0 || bytes <= 0 || offset > file_bytes_ - bytes) return false;
    used_.push_back({offset, bytes});
    return true;
  }

  bool walk(int64_t at, int level) {
    if (!add(at, node_bytes_)) return false;
    std::vector<std::byte> node(static_cast<size_t>(node_bytes_));
    file_.read_at(at, node);
    const int found = static_cast<int>(node[5]);
    const int64_t entries = load<uint16_t>(node.data() + 6);
    const bool is_node = std::string_view(reinterpret_cast<const char*>(node.data()), 4) == "TREE";
    if (!is_node || node[4] != std::byte{1} || entries > most_entries ||
        (level >= 0 && found != level) || std::ssize(used_) > file_bytes_)
      return false;
    for (int64_t i = 0; i < entries; ++i) {
      const std::byte* const key = node.data() + head_bytes + i * (key_bytes_ + 8);
      const auto child = load<int64_t>(key + key_bytes_);
      if (!(found > 0 ? walk(child, found - 1) : add(child, load<uint32_t>(key)))) return false;
    }
    return true;
  }
};

// Nothing if two stretches share bytes.
std::optional<Holes> holes_between(std::vector<TreeWalk::Stretch> used, int64_t begin,
                                   int64_t end) {
  std::ranges::sort(used, {}, &TreeWalk::Stretch::offset);
  Holes holes;
  for (const auto& [offset, bytes] : used) {
    if (offset < begin) return std::nullopt;
    holes.add(begin, offset - begin);
    begin = offset + bytes;
  }
  if (begin > end) return std::nullopt;
  holes.add(begin, end - begin);
  return holes;
}

// The structure of the image as a new file.
std::string planned_again(const Description& file) {
  NewFileRequest request;
  request.path = file.layout.parts[0].path;
  request.base = &file;
  request.rewritten = &file.layout;
  Chunked storage = std::get<Chunked>(file.layout.storage);
  storage.grid.chunk = hdf5_chunk_form(file.layout)->chunk;
  request.storage = storage;
  return plan_hdf5_file(file.image, request).header;
}

}  // namespace

// The structure is compared with what swr would write, without the fields that change when chunks
// are stored.
std::optional<Holes> find_hdf5_holes(const Description& file, const File& bytes) {
  const auto& source = dynamic_cast<const Hdf5Source&>(*file.header);
  const Layout& layout = file.layout;
  const bool has_components = file.image.pixel.components > 1;
  if (!source.others().foreign.empty()) return std::nullopt;
  std::string planned = planned_again(file);
  const std::string found = source.first_bytes(planned.size());
  if (found.size() != planned.size()) return std::nullopt;
  for (const size_t more : {size_t{0}, size_t{1}}) {
    const size_t rank = static_cast<size_t>(file.image.dimensions()) + more;
    const auto field = find_tree_field(planned, layout.parts[0].offset, rank);
    if (!field || (more == 1 && !has_components)) continue;
    planned.replace(end_field, address_bytes, found, end_field, address_bytes);
    planned.replace(superblock_sum, checksum_bytes, found, superblock_sum, checksum_bytes);
    planned.replace(field->address, address_bytes, found, field->address, address_bytes);
    planned.replace(field->checksum, checksum_bytes, found, field->checksum, checksum_bytes);
    if (planned != found) return std::nullopt;
    const auto* const from = reinterpret_cast<const std::byte*>(found.data());
    if (load<int64_t>(from + end_field) != bytes.size()) return std::nullopt;
    const auto tree = load<int64_t>(from + field->address);
    TreeWalk walk(bytes, rank);
    if (tree >= 0 && !walk.walk(tree)) return std::nullopt;
    return holes_between(walk.take(), std::ssize(planned), bytes.size());
  }
  return std::nullopt;
}

}  // namespace swr
