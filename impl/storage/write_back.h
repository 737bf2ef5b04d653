// Writes the old bytes of a journal back into the files.
#pragma once

#include <cstdint>
#include <functional>

#include "storage/file.h"
#include "storage/journal_reader.h"

namespace swr {

// A file that a journal refers to. The journal holds the bytes that were overwritten or cut off.
struct UndoFile {
  File* file;
  int64_t old_size = 0;
  bool resized = false;
};

// Writes the old bytes back, last entry first, and restores the sizes of resized files. Files are
// truncated before anything is written, and unchanged bytes are not written, so that this works on
// a full disk. After a failure it continues, and throws the first failure at the end. `file_of`
// returns the file for each number below `files`. Allocates nothing. Can be repeated.
void write_back(JournalReader& journal, uint32_t files,
                const std::function<UndoFile(uint32_t)>& file_of);

}  // namespace swr
