// Formats that a build of the library may lack: their files are refused with the reason.
#pragma once

#include <string>
#include <string_view>

namespace swr {

// Each fails with SWR_ERROR_UNSUPPORTED if the format is one that was not built in, and else
// returns.
void refuse_left_out_name(std::string_view name);
void refuse_left_out_suffix(const std::string& path);
// `head`: the first bytes of the file at `path`.
void refuse_left_out_file(const std::string& path, std::string_view head);

}  // namespace swr
