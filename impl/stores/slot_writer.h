// Carries out a planned change of a slotted stream: writes what is new or lies elsewhere, in an
// order in which nothing is overwritten that is still to be read.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/in_place.h"
#include "stores/scratch.h"
#include "stores/slotted_file.h"

namespace swr {

struct PlannedBytes {
  int64_t position = 0;  // in the file
  std::vector<std::byte> bytes;
};

class SlotWriter {
 public:
  // `planned` has the new sizes and checksums of all slots. Up to `memory` bytes are gathered for
  // one write.
  SlotWriter(const SlottedFile& old, const SlotDirectory& planned, InPlace& change, int file,
             int64_t memory);

  // To be called for the slots in order: whether each gets a new run, or keeps its own.
  void add_run(int64_t number, Scratch& runs, const Scratch::Piece& run);
  void keep_run(int64_t number);
  void add_bytes(const PlannedBytes& bytes) { frame_.push_back(bytes); }

  // Writes everything, and cuts the file off behind the stream if it became shorter. The number of
  // slots that only moved.
  int64_t write();
  int64_t stream_bytes() const { return positions_.end + planned_.tail_bytes(); }

 private:
  // A stretch of the new stream; with a source, its run is copied from where it lay.
  struct Item {
    int64_t begin, end;                // from the stream's begin
    int64_t source_begin, source_end;  // -1: there is none
    int64_t number;                    // of the slot; of a page, negative: -1 - number
    Scratch* runs;
    Scratch::Piece run;
  };
  struct Batch;

  void add_pages_before(int64_t number);
  void add_page(int64_t page);
  void write_in_safe_order(Batch& batch) const;
  void add_item(const Item& item, Batch& batch) const;
  std::vector<std::byte> slot_bytes(const Item& item) const;

  const SlottedFile& old_;
  const SlotDirectory& planned_;
  SlotPositions positions_;
  InPlace& change_;
  int file_;
  int64_t memory_;
  std::vector<Item> items_;
  std::vector<PlannedBytes> frame_;
  int64_t moved_ = 0;
};

}  // namespace swr
