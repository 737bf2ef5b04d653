// What died while it changed an image is rolled back, wherever its journals are: beside the path that
// the user names, beside the header, beside the data files, which another header may name too.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "storage/undo.h"

namespace swr {

// All of them; what is not there or no image has only those of its own name. Throws only what the
// system refuses; Recovery::refusal is for the caller.
Recovery recover_image(const std::string& path, const RecoverOptions& options);

// Those of `path` itself, which need not exist.
void recover_path(const std::string& path, const RecoverOptions& options, Recovery& recovery);
// Those of the other files that the header at `path` names. The header is read again if any was
// rolled back.
void recover_named(const std::string& path, const Description& file, const RecoverOptions& options,
                   Recovery& recovery);

// A sentence for each file of the image that has several names (hard links): a journal is beside one
// of them.
std::vector<std::string> notes_of_names(const std::string& path, const Description& file);

// Throws the refusal, if there is one.
void require_recovered(const Recovery& recovery);

}  // namespace swr
