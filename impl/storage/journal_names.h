// Where the undo journals of a file are.
//
// The journal of the file "x.mha" is ".x.mha.swr-undo" next to it. Those of further writers at the
// same time, which change disjoint regions, are in the folder ".x.mha.swr-undos" under random
// names: making and removing a folder costs a hundred times what a file does, so that the first
// writer, mostly the only one, goes without.
#pragma once

#include <string>
#include <vector>

#include "storage/file.h"

namespace swr {

// Of `path`, which is no symbolic link: the first one, and the folder of the others.
std::string first_journal(const std::string& path);
std::string journal_folder(const std::string& path);

// What has the name of the folder, from one look: it may go at any time.
enum class JournalFolder { absent, there, something_else };
JournalFolder look_at_journal_folder(const std::string& folder);

// The names under which there may be a journal of `path`: the first, and those of the others,
// sorted. What is no folder, a symbolic link to one too, stands for itself.
std::vector<std::string> journal_names(const std::string& path);

// Takes a name from a journal that is over. Where this fails, whoever finds the journal tries
// again. Takes no memory.
void remove_journal_name(const File& journal, const std::string& name) noexcept;
// Removes all names that this journal has beside `path`.
void remove_journal_names(const File& journal, const std::string& path) noexcept;
// Removes the folder of further journals if it is empty.
void remove_if_empty(const std::string& journal_folder) noexcept;

}  // namespace swr
