// Writes the old bytes of a journal back into their files.
#pragma once

#include <cstdint>
#include <functional>

#include "storage/file.h"
#include "storage/journal_reader.h"

namespace swr {

// A file as a journal knows it. Its journal holds the bytes that were overwritten or cut off.
struct UndoFile {
  File* file;
  int64_t old_size = 0;
  bool resized = false;
};

// Writes the old bytes back, the last ones first, and gives resized files their old sizes: what is
// too long is cut off before anything is written, and bytes that are there already are not written,
// so that a full disk is enough. A failure does not end it: it is thrown when all else is done.
// `file_of` has the file of each number below `files`. Takes no memory. Can be repeated.
void write_back(JournalReader& journal, uint32_t files,
                const std::function<UndoFile(uint32_t)>& file_of);

}  // namespace swr
