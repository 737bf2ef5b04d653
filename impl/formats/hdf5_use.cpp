#include "formats/hdf5_use.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
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
constexpr size_t end_field = 28, superblock_sum = 44, address_bytes = 8, sum_bytes = 4;

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
  if (!std::string_view(header).substr(static_cast<size_t>(object)).starts_with("OHDR"))
    return std::nullopt;
  const auto block = bytes.subspan(static_cast<size_t>(object));
  const Hdf5HeaderHead head = hdf5_header_head(block);
  const size_t messages = static_cast<size_t>(head.messages_at);
  if (messages == 0 || messages + head.message_bytes + sum_bytes > block.size())
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

struct Stretch {
  int64_t offset, bytes;
};

// A node of the tree of chunks, of version 1 (HDF5 File Format Specification 3.0, III.A.1):
//   "TREE" [type 1] [level] [entries: 2] [left: 8] [right: 8] key child key child ... key
//   key: [bytes: 4] [filters left out: 4] [place along each axis, the slowest first: 8, and 8 of 0]
// It has room for 64 children.
class TreeWalk {
 public:
  TreeWalk(const File& file, const Description& image, size_t rank)
      : file_(file),
        file_bytes_(file.size()),
        grid_(image.layout.grid()),
        chunk_(hdf5_chunk_form(image.layout)->chunk),
        key_bytes_(16 + 8 * static_cast<int64_t>(rank)),
        node_bytes_(head_bytes + most_entries * 8 + (most_entries + 1) * key_bytes_),
        chunks_(static_cast<size_t>(grid_.count())) {}

  // False if it is damaged, or of another kind.
  bool walk(int64_t at) { return walk(at, -1); }
  std::vector<Stretch> take_used() { return std::move(used_); }
  std::vector<Hdf5Use::Listed> take_chunks() { return std::move(chunks_); }

 private:
  static constexpr int64_t head_bytes = 24, most_entries = 64;

  const File& file_;
  const int64_t file_bytes_;
  const Grid& grid_;
  const Index chunk_;
  const int64_t key_bytes_, node_bytes_;
  std::vector<Stretch> used_;
  std::vector<Hdf5Use::Listed> chunks_;

  bool add(int64_t offset, int64_t bytes) {
    if (offset < 0 || bytes <= 0 || offset > file_bytes_ - bytes) return false;
    used_.push_back({offset, bytes});
    return true;
  }

  // The number of the chunk in the grid; -1 if it is not there.
  int64_t number_of(const std::byte* place) const {
    int64_t number = 0, stride = 1;
    for (int axis = 0; axis < grid_.dimensions; ++axis) {
      const auto begin = load<int64_t>(place + 8 * (grid_.dimensions - 1 - axis));
      const int64_t along = begin / chunk_[axis];
      if (begin < 0 || begin % chunk_[axis] != 0 || along >= grid_.chunks_along(axis)) return -1;
      number += along * stride;
      stride *= grid_.chunks_along(axis);
    }
    return number;
  }

  bool take_chunk(const std::byte* key, int64_t key_at) {
    const int64_t number = number_of(key + 8);
    const auto offset = load<int64_t>(key + key_bytes_);
    const auto bytes = int64_t{load<uint32_t>(key)};
    if (number < 0 || chunks_[static_cast<size_t>(number)].key > 0) return false;
    chunks_[static_cast<size_t>(number)] = {offset, bytes, key_at, key_at + key_bytes_};
    return add(offset, bytes);
  }

  bool walk(int64_t at, int level) {
    if (!add(at, node_bytes_)) return false;
    std::vector<std::byte> node(static_cast<size_t>(node_bytes_));
    file_.read_at(at, node);
    const int found = static_cast<int>(node[5]);
    const int64_t entries = load<uint16_t>(node.data() + 6);
    const bool is_node = std::string_view(reinterpret_cast<const char*>(node.data()), 4) == "TREE";
    if (!is_node || node[4] != std::byte{1} || entries > most_entries ||
        (level >= 0 && found != level) || std::ssize(used_) > 2 * grid_.count() + most_entries)
      return false;
    for (int64_t i = 0; i < entries; ++i) {
      const int64_t key = head_bytes + i * (key_bytes_ + 8);
      const std::byte* const entry = node.data() + key;
      const bool is_good = found > 0 ? walk(load<int64_t>(entry + key_bytes_), found - 1)
                                     : take_chunk(entry, at + key);
      if (!is_good) return false;
    }
    return true;
  }
};

// Nothing if two stretches share bytes.
std::optional<Holes> holes_between(std::vector<Stretch> used, int64_t begin, int64_t end) {
  std::ranges::sort(used, {}, &Stretch::offset);
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
std::optional<Hdf5Use> find_hdf5_use(const Description& file, const File& bytes) {
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
    planned.replace(superblock_sum, sum_bytes, found, superblock_sum, sum_bytes);
    planned.replace(field->address, address_bytes, found, field->address, address_bytes);
    planned.replace(field->checksum, sum_bytes, found, field->checksum, sum_bytes);
    if (planned != found) return std::nullopt;
    const auto* const from = reinterpret_cast<const std::byte*>(found.data());
    if (load<int64_t>(from + end_field) != bytes.size()) return std::nullopt;
    const auto tree = load<int64_t>(from + field->address);
    TreeWalk walk(bytes, file, rank);
    if (tree >= 0 && !walk.walk(tree)) return std::nullopt;
    auto holes = holes_between(walk.take_used(), std::ssize(planned), bytes.size());
    if (!holes) return std::nullopt;
    return Hdf5Use{std::move(*holes), walk.take_chunks()};
  }
  return std::nullopt;
}

void write_hdf5_end(const File& bytes, int64_t end,
                    const std::function<void(int64_t, std::span<const std::byte>)>& write) {
  std::array<std::byte, superblock_sum + sum_bytes> block{};
  bytes.read_at(0, block);
  store(block.data() + end_field, end);
  store(block.data() + superblock_sum, hdf5_checksum(std::span(block).first(superblock_sum)));
  write(0, block);
}

}  // namespace swr
