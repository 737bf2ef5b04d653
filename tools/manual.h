// The manual page and the completions of shells, made from the commands' own definitions.
#pragma once

#include <string>
#include <vector>

#include "command_line.h"

namespace swr::tool {

// `kind`: "man" (a page for man(1)), or "bash", "zsh", "fish" (what the shell completes).
std::string manual(const std::string& kind, const std::vector<CommandText>& commands);

}  // namespace swr::tool
