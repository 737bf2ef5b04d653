// How a journal stores file names, and names that are being given.
#pragma once

#include <optional>
#include <string>

#include "storage/journal_format.h"
#include "storage/names.h"

namespace swr {

// The name of `file` in a journal of `path`: relative to the folder of `path` if the file is in it
// or below it; otherwise absolute.
std::string journal_name(const std::string& path, const std::string& file);

// Encodes and decodes a name entry: its number says whether a file is replaced, a folder made, or a
// file made longer, of which its position is the old size; its data are both identities, then the
// names, separated by zero bytes. split() returns nothing if the entry is invalid.
uint32_t entry_number(const GivenName& name);
std::string joined(const GivenName& name, const std::string& final_path);
std::optional<GivenName> split(const JournalEntry& entry);

}  // namespace swr
