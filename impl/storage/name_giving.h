// Commits a staged set: all new files get their names, or none does.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "storage/lock.h"
#include "storage/names.h"

namespace swr {

// Gives the complete new files their names, in order, and removes the names of the retired files.
// If this takes more than one step, a journal beside the last given file first records what will be
// done, so that it can be undone if the process dies. If a step fails, everything is put back. Old
// files are locked exclusively through `locks`, if it is not null. SWR_ERROR_BUSY if another
// process is changing one of the files. Returns the bytes written to the journal.
int64_t give_names(std::span<GivenName* const> given, std::span<GivenName* const> retired,
                   bool sync, FileLocks* locks);

// The same for files of an image whose header is not one of them: the journal is beside the header.
// Other processes may give other files of the image their places at the same time. Requires: each
// one was made in a folder of temporary names (GivenName::made_at), and the header is locked.
int64_t give_places(std::vector<GivenName*> given, const std::string& header, bool sync);

// Rolls back the writes of dead writers of the file: their old bytes must not be written into a new
// file. Waits for a process that is replacing the file. SWR_ERROR_BUSY if a process is changing it,
// because it would continue with a file that has no name; Overtaken if there is such a file that
// must be new.
void settle_journals(const std::string& path, bool must_be_new = false);

}  // namespace swr
