// What a user does to an image with other programs.
#pragma once

#include "walk/folder.h"
#include "walk/random.h"

namespace swr::walk {

// Deflates the pixels again as another program would; false if they are not in a gzip stream.
bool compress_again(const Picture& picture, Random& random);

// Gives a detached data file another name, in the header too; false if the header names none.
bool rename_data(Folder& folder, const std::string& image, const std::string& name);

}  // namespace swr::walk
