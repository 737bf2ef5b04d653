// The commit of a staged set: all new files get their names, or none does.
#pragma once

#include <span>

#include "storage/lock.h"
#include "storage/names.h"

namespace swr {

// Gives the new files, which are complete, their names, in order, and takes those of the retired
// files away. If that is more than one step, a journal beside the last file that gets a name says
// what is being done, before anything is, for whoever finds it half done. If a step fails,
// everything is as it was before. Old files are locked exclusively in `locks`, if there are any.
// SWR_ERROR_BUSY if another process is changing one of the files. Returns the journal's bytes.
int64_t give_names(std::span<GivenName* const> given, std::span<GivenName* const> retired,
                   bool sync, FileLocks* locks);

// Rolls back what dead writers left of the file: a new file must not get the old bytes that they
// saved of the one before. Waits for a process that is replacing it. SWR_ERROR_BUSY if another one is
// changing it: it would go on with a file that has no name.
void settle_journals(const std::string& path);

}  // namespace swr
