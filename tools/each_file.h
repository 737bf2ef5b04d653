// Commands that take several files.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "json.h"

namespace swr::tool {

// Calls act(file) for each file. One file: its failure is thrown. Several: a file that fails is
// reported, and the next ones follow; `exit_code` becomes that of the first failure.
void each_file(const std::vector<std::string>& files, int& exit_code,
               const std::function<void(const std::string&)>& act);
// Prints the object of the only file, or, for several, one object with the list "files".
void print_objects(const std::vector<std::string>& files, const Json& objects);

}  // namespace swr::tool
