// Recovery: finds what dead writers left of a file, and rolls it back. Readers recover too, before
// they read: so this is not part of a transaction, which only writers have. Which journals may be
// believed, and how far they reach, is decided here (dead_journal.h, journal_trust.h,
// recovery_scope.h); callers say which files belong to the image.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/journal_reader.h"
#include "storage/journal_writer.h"
#include "storage/name_entry.h"
#include "storage/recovery_scope.h"
#include "storage/write_back.h"

namespace swr {

struct Recovery {
  int rolled_back = 0;
  int living = 0;        // journals of living writers, which were left alone
  int giving_names = 0;  // those of them that are about its name, and will soon be gone
  // Sentences about journals that were left alone because they are about other files.
  std::vector<std::string> notes;
  // The first reason why a journal of these files was not rolled back.
  std::optional<Error> refusal;

  void add(Recovery&& other);
};

// Rolls back every journal of `path` whose writer is dead, as far as the rules permit. Nothing is
// changed outside the folder of `image`, unless the options allow that: a header can name data
// files, and with them their journals, anywhere. Throws only errors of the system; a journal that
// is not rolled back for another reason is Recovery::refusal.
Recovery recover_all(const std::string& path, const RecoverOptions& options,
                     const std::string& image);
Recovery recover_all(const std::string& path, const RecoverOptions& options);

// The same for several files of an image, in this order, those without a journal left out.
Recovery recover_files(const std::vector<std::string>& files, const std::string& image,
                       const RecoverOptions& options);

// The same for one file; the number of journals. Throws the refusal, if there is one. Records that
// are torn (checksum) end a journal: the bytes that they would have saved were never changed.
int recover(const std::string& path, bool outside_allowed);

// Throws the refusal, if there is one.
void require_recovered(const Recovery& recovery);

// Whether there is a journal of `path`, dead or alive: three system calls. A path that is a
// symbolic link stands for the file that it points to.
bool has_journal(const std::string& path);

// Whether a living writer has a journal of `path`: it is changing the image in place, or giving its
// new files their names.
bool is_being_changed(const std::string& path);

// A sentence for each of these files of the image at `path` that has several names (hard links): a
// journal is beside only one of them.
std::vector<std::string> notes_of_names(const std::set<std::string>& files,
                                        const std::string& path);

}  // namespace swr
