// Notes: metadata as text, for the parts of binary headers that other programs skip.
//   swr 1\n
//   swr_index = 0 100 200\n
//   Modality = MR\n
// In keys and values a backslash is \\, a line's end \n, a carriage return \r, a zero \0; in keys
// "=" is \=.
#pragma once

#include <string>
#include <string_view>

#include "image/metadata.h"

namespace swr {

std::string notes_text(const Metadata& entries);
// False, with no entries, for bytes that are no notes. A zero ends the text.
bool read_notes(std::string_view bytes, Metadata& entries);

}  // namespace swr
