// New TIFF files: where the pixels and the directories go.
//
//   [header][directory of the first page, with the description][zeros to a multiple of 4096]
//   [pages of pixels, one after the other][directories of all other pages]
//
// so that a program can map the pixels as one stretch, and the file can grow: the new pixels take
// the place of the directories, which go after them again. If pixels are compressed or in tiles:
//
//   [header][directories of all pages, the description with the first one]
//   [directories of their smaller versions, page by page][chunks, in any order]
#pragma once

#include "formats/format.h"

namespace swr {

// Classic while the whole file is shorter than 4 GiB, else Big; always Big for names of BigTIFF,
// and for a base that is Big.
NewFile write_tiff(const Image& image, const NewFileRequest& request);

}  // namespace swr
