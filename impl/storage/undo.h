// What undo journals say: writing old bytes back, and taking names back.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "storage/journal.h"
#include "storage/names.h"

namespace swr {

// A file as a journal knows it. Its journal holds the bytes that were overwritten or cut off.
struct UndoFile {
  File* file = nullptr;  // nullptr: there is no such file any more
  int64_t old_size = 0;
  bool resized = false;
};

// Writes the old bytes back, the last ones first, and gives resized files their old sizes.
// `file_of` has the file of each number. Can be repeated.
void write_back(JournalReader& journal, const std::function<UndoFile(uint32_t)>& file_of);

// How a journal beside `path` names `file`: relative to the folder of `path` if the file is in it,
// or below; otherwise in full.
std::string journal_name(const std::string& path, const std::string& file);

// A name that is given, as a journal's entry, and back.
std::string joined(const GivenName& name, const std::string& final_path);
std::optional<GivenName> split(std::string_view data, uint32_t number);

struct Recovery {
  int rolled_back = 0;
  int living = 0;  // journals whose writers live, and were left alone
};
// As recover() of in_place.h.
Recovery recover_all(const std::string& path, bool outside_allowed);

}  // namespace swr
