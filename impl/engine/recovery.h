// What died while it changed an image is rolled back, wherever its journals are: beside the path that
// the user names, beside the header, beside the data files, which another header may name too.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "storage/undo.h"

namespace swr {

// An image that is there: what its header says.
struct ExistingImage {
  const Format* format = nullptr;
  Description file;
};

// Reads the header at `path`.
ExistingImage open_existing(const std::string& path, OpenFiles& files);

// The same when nothing of the image is half done: what died is rolled back before, beside `path` and
// beside the files that the header names. `recovery`: what was found. If anything was rolled back,
// all files were opened again. Throws the refusal, if there is one.
ExistingImage open_recovered(const std::string& path, const RecoverOptions& options,
                             OpenFiles& files, Recovery& recovery);

// All of them; what is not there or no image has only those of its own name. Throws only what the
// system refuses; Recovery::refusal is for the caller.
Recovery recover_image(const std::string& path, const RecoverOptions& options);

// Those of `path` itself, which need not exist.
Recovery recover_path(const std::string& path, const RecoverOptions& options);

// A sentence for each file of the image that has several names (hard links): a journal is beside one
// of them.
std::vector<std::string> notes_of_names(const std::string& path, const Description& file);

// Throws the refusal, if there is one.
void require_recovered(const Recovery& recovery);

}  // namespace swr
