// How TIFF files get more pages.
#pragma once

#include <optional>
#include <string>

#include "formats/format.h"
#include "formats/tiff_source.h"

namespace swr {

// As Format::grow. The file of swr's own layout (tiff_writer.h) keeps it: the new pixels go over
// the directories, which are written again after them; unless these are long and the pixels few. To
// such a file, and to any other one, pages are appended, with the tags of the last one.
std::optional<Growth> grow_tiff(const std::string& path, const Description& file,
                                const Image& grown);

}  // namespace swr
