// Executes a planned change of a slotted stream: writes everything that is new or moved, in an
// order that overwrites nothing that must still be read.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/in_place.h"
#include "stores/slot_plan.h"
#include "stores/slotted_file.h"

namespace swr {

struct PlannedBytes {
  int64_t position = 0;  // in the file
  std::vector<std::byte> bytes;
};

class SlotWriter {
 public:
  // `runs` holds the new runs of the plan's slots. Up to `memory` bytes are collected for one
  // write.
  SlotWriter(const SlottedFile& old, SlotPlan& plan, Scratch& runs, InPlace& change, int file,
             int64_t memory);

  // Adds changed bytes before the slots.
  void add_prefix(std::vector<PlannedBytes> bytes, uint32_t new_checksum);
  // Reads the needed part of the old directory and computes the new one. DirectoryError: nothing
  // was written.
  void prepare();
  // Writes everything, and truncates the file if the stream became shorter. Returns the number of
  // slots that only moved. Requires: prepare() was called.
  int64_t write();
  int64_t stream_bytes() const { return plan_.end() + plan_.shape().tail_bytes(); }

 private:
  // A slot in the new stream. If it keeps its run, that is copied from its old place.
  struct Item {
    int64_t begin, end;   // from the start of the stream
    int64_t old_run_end;  // -1: it has a new run
    const PlannedSlot* slot;
  };
  struct Batch;

  void note_checksum(int64_t page, uint32_t checksum);
  std::vector<Item> items_of(const PlannedPage& page) const;
  int64_t position_of(const PlannedPage& page) const;
  std::vector<std::byte> slot_bytes(const Item& item) const;
  void move_slots(Batch& batch);
  void write_new(Batch& batch);

  const SlottedFile& old_;
  SlotPlan& plan_;
  Scratch& runs_;
  InPlace& change_;
  int file_;
  int64_t memory_;
  struct Node {
    int64_t position;  // in the stream
    Scratch::Stretch bytes;
  };
  std::vector<Node> index_nodes_;
  std::vector<PlannedBytes> prefix_;
  SlotFooter footer_;
  int64_t checked_bytes_ = 0;  // bytes of pixels whose checksum is in footer_.checksum
  int64_t moved_ = 0;
};

}  // namespace swr
