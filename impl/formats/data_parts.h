// The files that a header names for its pixels: one, a list of them, or a pattern that is counted
// through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "image/layout.h"

namespace swr {

// A name with one number in it, as in "slice_%03d.raw".
struct FilePattern {
  std::string before, after;
  int width = 0;  // at least so many characters, filled with blanks or zeros in front
  bool zeros = false;
  int least_digits = 1;

  std::string name(int64_t number) const;
};

// Nothing if `name` has no place for a decimal number. SWR_ERROR_UNSUPPORTED if it has several, or
// a very wide one; `header` is named.
std::optional<FilePattern> parse_file_pattern(std::string_view name, const std::string& header);

// How the linear sequence is cut: `count` parts of `bytes` each.
struct PartSizes {
  int64_t count = 1;
  int64_t bytes = 0;
};

// How many numbers first, first + step, ... there are up to `last`; 0 if it is not approached, or
// the step is 0.
int64_t numbers_between(int64_t first, int64_t last, int64_t step);

// Files of `file_axes` of the axes each; all axes together are one file. The sizes are known to
// fit.
PartSizes part_sizes(const int64_t* sizes, int axes, int file_axes, int64_t element_bytes);

// The path of a data file that the header at `header` names. SWR_ERROR_CORRUPT for a name that
// cannot be one.
std::string data_path(const std::string& header, std::string_view name);

// Looks for files of raw pixels that someone has packed with gzip: "x.raw" is gone, and "x.raw.gz"
// is there. The file can then only be read. Requires: the parts are complete.
void find_gzipped_parts(Description& file, OpenFiles& files);

// Where the pixels of a new file go.
struct NewData {
  std::string path;          // that of the header, if they follow it
  std::string name;          // as the header says it, if they have a file of their own
  bool is_new_name = false;  // not that of a file that is rewritten
};
// By the rule of formats whose headers name any file: headers that end in `detached_suffix` have
// their pixels in a file with another suffix, ".raw" or `compressed_suffix`; and an image that is
// rewritten keeps the file that it has.
NewData place_new_data(const NewFileRequest& request, std::string_view detached_suffix,
                       std::string_view compressed_suffix);

std::vector<DataPart> listed_parts(const std::string& header,
                                   const std::vector<std::string_view>& names,
                                   const PartSizes& sizes);
// Numbers first, first + step, ... SWR_ERROR_UNSUPPORTED if there are more than a million.
std::vector<DataPart> numbered_parts(const std::string& header, const FilePattern& pattern,
                                     int64_t first, int64_t step, const PartSizes& sizes);

}  // namespace swr
