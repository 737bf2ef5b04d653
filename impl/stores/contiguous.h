// Uncompressed pixels: the sequence is a stretch of one file or of several consecutive files.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "storage/file.h"
#include "storage/file_changes.h"
#include "stores/open_store.h"
#include "stores/store.h"

namespace swr {

// Maps the sequence to the files of a layout.
class PartMap {
 public:
  struct Extent {
    int part;
    int64_t file_offset;
    int64_t bytes;
  };

  PartMap() = default;
  // Resolves what the header leaves open (data at the end of the file, text lines before it) and
  // checks that each file is long enough.
  // `files`: where the files are open already, if they are.
  explicit PartMap(const Layout& layout, OpenFiles* files = nullptr);

  int64_t bytes() const { return ends_.empty() ? 0 : ends_.back(); }
  // The stretch at `offset` within one part, at most `bytes`.
  Extent locate(int64_t offset, int64_t bytes) const;
  // Makes the last part longer, so that the sequence has `bytes`.
  void grow(int64_t bytes);
  // Adds a part whose pixels begin at its offset.
  void add(const DataPart& part);

 private:
  std::vector<int64_t> ends_;     // of each part in the sequence
  std::vector<int64_t> offsets_;  // of each part's first byte in its file
};

// Where the data of a part begins in its file, after what the header says is to be skipped; nothing
// if the file has fewer lines than that.
std::optional<int64_t> find_data_begin(const DataPart& part, const File& file);
// The same. SWR_ERROR_CORRUPT if there is no such place.
int64_t data_begin(const DataPart& part, const File& file);
// The same. SWR_ERROR_CORRUPT if the file does not hold the whole part.
int64_t checked_data_begin(const DataPart& part, const File& file);

std::unique_ptr<ReadStore> open_contiguous_store(const Layout& layout, const ReadOptions& options);

// Into a new file whose pixels begin at `data_offset`.
class NewContiguousStore : public WriteStore, public StreamStore {
 public:
  NewContiguousStore(File& file, int64_t data_offset);
  int64_t phase() const override { return data_offset_; }
  bool breaks_anywhere() const override { return true; }
  Encoded encode(int64_t offset, std::span<const std::byte> raw) const override;
  void place(const Encoded& encoded) override;
  void finish() override {}
  void write(std::span<const Write> writes) override;

 private:
  File& file_;
  int64_t data_offset_;
};

// Into existing files, under their undo journal.
class ExistingContiguousStore : public WriteStore {
 public:
  // `sole`: no other process writes to the files, so whole spans may be read, changed and written
  // back.
  ExistingContiguousStore(const Layout& layout, FileChanges& change, bool sole);
  void write(std::span<const Write> writes) override;
  // Makes the sequence longer by growing the last part.
  void grow(int64_t bytes);
  // Makes it longer by a part after the end of its file, in the file of another part.
  void add(const DataPart& part);
  // Writes what follows the last pixel of a grown sequence in its file, which ends there.
  void write_trailer(std::span<const std::byte> trailer);

 private:
  int file_of(int part);
  void write_zeros(int file, int64_t begin, int64_t end);
  void announce(std::span<const FileChanges::Change> changes);
  void write_spans(std::span<const FileChanges::Change> changes);

  FileChanges& change_;
  bool sole_;
  std::vector<DataPart> parts_;
  PartMap map_;
  std::vector<int> files_;  // number of each part's file in the change; -1: not yet
};

}  // namespace swr
