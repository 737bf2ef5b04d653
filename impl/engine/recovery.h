// Rolls back what died while it changed an image, wherever the journals are: beside the path that
// the user names, beside the header, and beside the data files, which another header may name too.
// Which files these are is known when the header is read, and a rollback can change the header. The
// rules for a single journal are in storage/undo.h.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "storage/undo.h"

namespace swr {

// An existing image: what its header says.
struct ExistingImage {
  const Format* format = nullptr;
  Description file;
};

// Reads the header at `path`.
ExistingImage open_existing(const std::string& path, OpenFiles& files);

// The same for an image of which no change is half done: interrupted changes are rolled back first.
// `recovery`: what was found. After a rollback all files are opened again. Throws the refusal, if
// there is one.
ExistingImage open_recovered(const std::string& path, const RecoverOptions& options,
                             OpenFiles& files, Recovery& recovery);

// Rolls back all interrupted changes of the image, and removes files that dead writers left. If
// `path` is no image, only its own journals count. Throws only errors of the system;
// Recovery::refusal is for the caller.
Recovery recover_image(const std::string& path, const RecoverOptions& options);

// The same for the journals of `path` itself, which need not exist.
Recovery recover_path(const std::string& path, const RecoverOptions& options);

// As in storage/undo.h, for all files of the image.
std::vector<std::string> notes_of_names(const std::string& path, const Description& file);

}  // namespace swr
