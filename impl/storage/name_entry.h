// How journals name files, and what they say of names that are being given.
#pragma once

#include <optional>
#include <string>

#include "storage/journal_format.h"
#include "storage/names.h"

namespace swr {

// How a journal beside `path` names `file`: relative to the folder of `path` if the file is in it,
// or below; otherwise in full.
std::string journal_name(const std::string& path, const std::string& file);

// A name that is given, as the data of a journal's entry, and back: both identities, then the
// names, with zero bytes between them. Nothing if the entry is not such a one.
std::string joined(const GivenName& name, const std::string& final_path);
std::optional<GivenName> split(const JournalEntry& entry);

}  // namespace swr
