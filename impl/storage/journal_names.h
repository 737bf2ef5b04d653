// Where the undo journals of a file are.
//
// The journal of the file "x.mha" is ".x.mha.swr-undo" beside it. The journals of further
// simultaneous writers, which change disjoint regions, are in the folder ".x.mha.swr-undos" under
// random names: creating and removing a folder costs a hundred times as much as a file, so the
// first writer (usually the only one) avoids it.
#pragma once

#include <string>
#include <vector>

#include "storage/file.h"

namespace swr {

// The first journal of `path`, and the folder of the others. Requires: `path` is not a symbolic
// link.
std::string first_journal(const std::string& path);
std::string journal_folder(const std::string& path);

// Whether the folder exists; it can be removed at any time.
enum class JournalFolder { absent, there, something_else };
JournalFolder look_at_journal_folder(const std::string& folder);

// The paths at which there may be a journal of `path`: the first one, and the others, sorted. If
// the folder of the others does not exist, or is not a folder, its own path is returned for them.
std::vector<std::string> journal_names(const std::string& path);

// Removes one name of a journal that is over. If that fails, the next process that finds the
// journal tries again. Allocates nothing.
void remove_journal_name(const File& journal, const std::string& name) noexcept;
// Removes all names of this journal beside `path`.
void remove_journal_names(const File& journal, const std::string& path) noexcept;
// Removes the folder of further journals if it is empty.
void remove_if_empty(const std::string& journal_folder) noexcept;

}  // namespace swr
