// Changes of files that exist: the part of a transaction that a pixel store sees. Whether they last
// is decided by the transaction alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "storage/open_files.h"

namespace swr {

class FileChanges {
 public:
  struct Change {
    int file;  // the number that add() returned
    int64_t offset;
    std::span<const std::byte> bytes;
  };

  virtual ~FileChanges() = default;
  // Opens an existing file for the change. The same file always gets the same number. It may be in
  // another folder than the header.
  virtual int add(const std::string& path) = 0;
  virtual File& file(int number) = 0;
  // The files that are open already; nullptr if there are none.
  virtual OpenFiles* files() const = 0;
  // Saves the old bytes of all changes, then makes the changes, in order. A range after the end of
  // the file makes the file longer.
  virtual void write(std::span<const Change> changes) = 0;
  void write(int file, int64_t offset, std::span<const std::byte> bytes) {
    const Change change{file, offset, bytes};
    write(std::span(&change, 1));
  }
  // The same for a caller that has read the bytes around the changes too: old[i] are the bytes that
  // changes[i] overwrites, and `whole`, which contains all changes and the bytes between them, is
  // written with one call.
  virtual void write_whole(const Change& whole, std::span<const Change> changes,
                           std::span<const std::span<const std::byte>> old) = 0;
  // Makes a file longer (zeros) or shorter.
  virtual void resize(int file, int64_t size) = 0;
};

}  // namespace swr
