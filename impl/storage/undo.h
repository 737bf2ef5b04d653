// What undo journals say: writing old bytes back, and taking names back.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/journal.h"
#include "storage/names.h"

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

// How a journal beside `path` names `file`: relative to the folder of `path` if the file is in it,
// or below; otherwise in full.
std::string journal_name(const std::string& path, const std::string& file);

// A name that is given, as the data of a journal's entry, and back: both identities, then the names,
// with zero bytes between them.
std::string joined(const GivenName& name, const std::string& final_path);
std::optional<GivenName> split(const JournalEntry& entry);

struct RecoverOptions {
  bool outside = false;        // also files that are not in the image's folder
  bool other_machine = false;  // also what a writer on another machine left
  // How long to wait for another process that does the same: SWR_ERROR_BUSY after that.
  std::chrono::milliseconds patience = Journals::usual_patience;
};

struct Recovery {
  int rolled_back = 0;
  int living = 0;        // journals whose writers live, and were left alone
  int giving_names = 0;  // those of them that are about names, and soon over
  // Sentences about what was found and left alone, because it is not about the files that are there.
  std::vector<std::string> notes;
  // Why a journal that is about these files was not rolled back: the first reason.
  std::optional<Error> refusal;

  void add(Recovery&& other);
};
// Rolls back every journal of `path` whose writer is dead, and which may be: see in_place.h. Nothing
// is changed outside the folder of `image`, unless that is allowed: a header can name data files, and
// with them their journals, anywhere. Throws only what the system refuses.
Recovery recover_all(const std::string& path, const RecoverOptions& options,
                     const std::string& image);
Recovery recover_all(const std::string& path, const RecoverOptions& options);

}  // namespace swr
