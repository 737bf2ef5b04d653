// Entries of a help text, in lines of at most 100 columns.
#pragma once

#include <string>

namespace swr::tool {

// The title and, in a column of its own, the text that explains it.
std::string wrapped_entry(const std::string& title, const std::string& text, size_t column = 32);

}  // namespace swr::tool
