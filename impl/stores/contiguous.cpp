#include "stores/contiguous.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "stores/part_files.h"

namespace swr {
namespace {

constexpr size_t most_parts_announced = 16;

// Where the line after `lines` of them begins; nothing if the file has no more of them.
std::optional<int64_t> skip_lines(const File& file, int64_t offset, int64_t lines) {
  if (lines == 0) return offset;
  std::vector<std::byte> buffer(65536);
  while (lines > 0) {
    const int64_t got = file.read_some(offset, buffer);
    if (got == 0) return std::nullopt;
    for (int64_t i = 0; i < got && lines > 0; ++i, ++offset) {
      if (buffer[static_cast<size_t>(i)] == std::byte{'\n'}) --lines;
    }
  }
  return offset;
}

class ContiguousReader : public ReadStore {
 public:
  ContiguousReader(const Layout& layout, const ReadOptions& options)
      : map_(layout, options.files.get()), files_(layout.parts, options.files.get()) {}

  void read(int64_t offset, std::span<std::byte> out) override {
    while (!out.empty()) {
      const auto extent = map_.locate(offset, static_cast<int64_t>(out.size()));
      files_.open(static_cast<size_t>(extent.part))
          .read_at(extent.file_offset, out.first(static_cast<size_t>(extent.bytes)));
      out = out.subspan(static_cast<size_t>(extent.bytes));
      offset += extent.bytes;
    }
  }

  void verify() override {}  // the sizes were checked when the store was opened

 private:
  PartMap map_;
  PartFiles files_;
};

}  // namespace

std::optional<int64_t> find_data_begin(const DataPart& part, const File& file) {
  if (part.offset < 0) return std::max<int64_t>(0, file.size() - part.bytes);
  const auto line = skip_lines(file, part.offset, part.lines_to_skip);
  int64_t begin;
  if (!line || add_overflows(*line, part.bytes_to_skip, begin)) return std::nullopt;
  return begin;
}

int64_t data_begin(const DataPart& part, const File& file) {
  if (const auto begin = find_data_begin(part, file)) return *begin;
  fail(SWR_ERROR_CORRUPT, file.path(), ": ends before the pixels, which follow ",
       part.lines_to_skip, " text lines and ", part.bytes_to_skip,
       " bytes according to the header");
}

int64_t checked_data_begin(const DataPart& part, const File& file) {
  const int64_t begin = data_begin(part, file);
  if (checked_add(begin, part.bytes) > file.size()) {
    fail(SWR_ERROR_CORRUPT, part.path, ": the header promises ", part.bytes,
         " bytes of pixels from byte ", begin, " on, but the file has only ", file.size());
  }
  return begin;
}

PartMap::PartMap(const Layout& layout, OpenFiles* files) {
  int64_t end = 0;
  for (const DataPart& part : layout.parts) {
    end = checked_add(end, part.bytes);
    offsets_.push_back(checked_data_begin(part, *open_to_read(files, part.path)));
    ends_.push_back(end);
  }
}

PartMap::Extent PartMap::locate(int64_t offset, int64_t bytes) const {
  const auto part = std::upper_bound(ends_.begin(), ends_.end(), offset);
  if (offset < 0 || part == ends_.end())
    fail(SWR_ERROR_INTERNAL, "byte ", offset, " is not in the sequence of ", this->bytes());
  const auto number = part - ends_.begin();
  const int64_t begin = number > 0 ? ends_[static_cast<size_t>(number - 1)] : 0;
  return {static_cast<int>(number), offsets_[static_cast<size_t>(number)] + offset - begin,
          std::min(bytes, *part - offset)};
}

void PartMap::grow(int64_t bytes) {
  ends_.back() = bytes;
}

void PartMap::add(const DataPart& part) {
  ends_.push_back(checked_add(bytes(), part.bytes));
  offsets_.push_back(part.offset);
}

std::unique_ptr<ReadStore> open_contiguous_store(const Layout& layout, const ReadOptions& options) {
  return std::make_unique<ContiguousReader>(layout, options);
}

NewContiguousStore::NewContiguousStore(File& file, int64_t data_offset)
    : file_(file), data_offset_(data_offset) {}

Encoded NewContiguousStore::encode(int64_t offset, std::span<const std::byte> raw) const {
  Encoded encoded;
  encoded.offset = offset;
  encoded.bytes = raw;
  return encoded;
}

void NewContiguousStore::place(const Encoded& encoded) {
  file_.write_at(data_offset_ + encoded.offset, encoded.bytes);
}

void NewContiguousStore::write(std::span<const Write> writes) {
  for (const Write& write : writes) file_.write_at(data_offset_ + write.offset, write.bytes);
}

ExistingContiguousStore::ExistingContiguousStore(const Layout& layout, FileChanges& change,
                                                 bool sole)
    : change_(change),
      sole_(sole),
      parts_(layout.parts),
      map_(layout, change.files()),
      files_(parts_.size(), -1) {}

int ExistingContiguousStore::file_of(int part) {
  int& file = files_[static_cast<size_t>(part)];
  if (file < 0) file = change_.add(parts_[static_cast<size_t>(part)].path);
  return file;
}

void ExistingContiguousStore::write_zeros(int file, int64_t begin, int64_t end) {
  constexpr int64_t most = int64_t{1} << 20;
  const std::vector<std::byte> zeros(
      static_cast<size_t>(std::clamp(end - begin, int64_t{0}, most)));
  for (; begin < end; begin += std::ssize(zeros)) {
    change_.write(file, begin,
                  std::span(zeros).first(static_cast<size_t>(std::min(most, end - begin))));
  }
}

void ExistingContiguousStore::grow(int64_t bytes) {
  const int file = file_of(static_cast<int>(parts_.size()) - 1);
  const auto last = map_.locate(map_.bytes() - 1, 1);
  const int64_t end = last.file_offset + 1;
  const int64_t grown_end = checked_add(end, bytes - map_.bytes());
  const int64_t size = change_.file(file).size();
  // Bytes after the pixels would become part of the new pixels. They are not cut off: their blocks
  // on the disk would be free for others, and a rollback could not write them back.
  write_zeros(file, end, std::min(size, grown_end));
  if (grown_end > size) change_.resize(file, grown_end);
  map_.grow(bytes);
}

void ExistingContiguousStore::add(const DataPart& part) {
  parts_.push_back(part);
  files_.push_back(-1);
  map_.add(part);
  change_.resize(file_of(static_cast<int>(parts_.size()) - 1),
                 checked_add(part.offset, part.bytes));
}

void ExistingContiguousStore::write_trailer(std::span<const std::byte> trailer) {
  const auto last = map_.locate(map_.bytes() - 1, 1);
  const int file = file_of(last.part);
  const int64_t begin = checked_add(last.file_offset, 1);
  const int64_t end = checked_add(begin, std::ssize(trailer));
  if (!trailer.empty()) change_.write(file, begin, trailer);
  if (end < change_.file(file).size()) change_.resize(file, end);
}

void ExistingContiguousStore::write(std::span<const Write> writes) {
  std::vector<FileChanges::Change> changes;
  changes.reserve(writes.size());
  for (Write write : writes) {
    while (!write.bytes.empty()) {
      const auto extent = map_.locate(write.offset, static_cast<int64_t>(write.bytes.size()));
      changes.push_back({file_of(extent.part), extent.file_offset,
                         write.bytes.first(static_cast<size_t>(extent.bytes))});
      write.bytes = write.bytes.subspan(static_cast<size_t>(extent.bytes));
      write.offset += extent.bytes;
    }
  }
  announce(changes);
  if (sole_) {
    write_spans(changes);
  } else {
    change_.write(changes);
  }
}

// The rows of a box are spread over many slices. Their old bytes are read for the undo journal and
// for partly filled pages. If the system knows all of them in advance, it reads them concurrently
// instead of slice by slice.
void ExistingContiguousStore::announce(std::span<const FileChanges::Change> changes) {
  constexpr int64_t most_gap = 65536, most_span = int64_t{1} << 20;
  if (parts_.size() > most_parts_announced) return;  // each would be opened again
  for (size_t first = 0, last; first < changes.size(); first = last) {
    const int64_t begin = changes[first].offset;
    int64_t end = begin + std::ssize(changes[first].bytes);
    for (last = first + 1; last < changes.size(); ++last) {
      const auto& next = changes[last];
      if (next.file != changes[first].file || next.offset < end || next.offset - end > most_gap ||
          next.offset - begin > most_span)
        break;
      end = next.offset + std::ssize(next.bytes);
    }
    if (first == 0 && last == changes.size()) return;  // one read anyway
    change_.file(changes[first].file).will_need(begin, end - begin);
  }
}

// Changes that are close together take one read and one write. The undo journal uses the same read.
void ExistingContiguousStore::write_spans(std::span<const FileChanges::Change> changes) {
  constexpr int64_t most_gap = 65536, most_span = int64_t{1} << 20;
  std::vector<std::byte> old, fresh;
  std::vector<std::span<const std::byte>> old_rows;
  for (size_t first = 0, last; first < changes.size(); first = last) {
    const int file = changes[first].file;
    const int64_t begin = changes[first].offset;
    int64_t end = begin + std::ssize(changes[first].bytes);
    for (last = first + 1; last < changes.size(); ++last) {
      const auto& next = changes[last];
      const int64_t next_end = next.offset + std::ssize(next.bytes);
      if (next.file != file || next.offset < end || next.offset - end > most_gap ||
          next_end - begin > most_span)
        break;
      end = next_end;
    }
    if (last == first + 1 || end > change_.file(file).size()) {
      change_.write(changes.subspan(first, last - first));
      continue;
    }
    const auto rows = changes.subspan(first, last - first);
    old.resize(static_cast<size_t>(end - begin));
    change_.file(file).read_at(begin, old);
    fresh = old;
    old_rows.clear();
    for (const auto& row : rows) {
      old_rows.push_back(
          std::span(old).subspan(static_cast<size_t>(row.offset - begin), row.bytes.size()));
      std::ranges::copy(row.bytes, fresh.begin() + (row.offset - begin));
    }
    // An entry of the journal for each row can take more than the whole span does.
    constexpr int64_t entry_bytes = 32;
    int64_t journal_bytes = 0;
    for (const auto& row : rows) journal_bytes += std::ssize(row.bytes) + entry_bytes;
    const FileChanges::Change whole{file, begin, fresh};
    const std::span<const std::byte> whole_old = old;
    if (journal_bytes > end - begin) {
      change_.write_whole(whole, {&whole, 1}, {&whole_old, 1});
    } else {
      change_.write_whole(whole, rows, old_rows);
    }
  }
}

}  // namespace swr
