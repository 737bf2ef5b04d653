// The data files that a header names: one file, a list of files, or a pattern with a counter.
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
  int width = 0;  // at least so many characters, padded in front with blanks or zeros
  bool zeros = false;
  int least_digits = 1;

  std::string name(int64_t number) const;
};

// Returns nothing if `name` has no place for a decimal number. SWR_ERROR_UNSUPPORTED, naming
// `header`, if it has several places or a very wide one.
std::optional<FilePattern> parse_file_pattern(std::string_view name, const std::string& header);

// How the linear sequence is divided: `count` parts of `bytes` each.
struct PartSizes {
  int64_t count = 1;
  int64_t bytes = 0;
};

// How many numbers first, first + step, ... there are up to `last`; 0 if the step is 0 or leads
// away from `last`.
int64_t numbers_between(int64_t first, int64_t last, int64_t step);

// The parts if each file holds `file_axes` axes; with all axes there is one file. Requires: the
// sizes were checked by bytes_of_axes().
PartSizes part_sizes(const int64_t* sizes, int axes, int file_axes, int64_t element_bytes);

// The path of a data file that the header at `header` names. SWR_ERROR_CORRUPT for a name that
// cannot be one.
std::string data_path(const std::string& header, std::string_view name);

// Looks for raw data files that were compressed with gzip afterwards: "x.raw" does not exist,
// "x.raw.gz" does. The image can then only be read. Requires: the parts are complete.
void find_gzipped_parts(Description& file, OpenFiles& files);

// Where the pixels of a new file go.
struct NewData {
  std::string path;          // that of the header, if the pixels follow it
  std::string name;          // as the header states it, if there is a detached data file
  bool is_new_name = false;  // not the name of the file that is rewritten
};
// For formats whose headers name their data files: a header that ends in `detached_suffix` has its
// pixels in a file with another suffix, ".raw" or `compressed_suffix`. An image that is rewritten
// keeps its data file.
NewData place_new_data(const NewFileRequest& request, std::string_view detached_suffix,
                       std::string_view compressed_suffix);

std::vector<DataPart> listed_parts(const std::string& header,
                                   const std::vector<std::string_view>& names,
                                   const PartSizes& sizes);
// The parts of the files numbered first, first + step, ... SWR_ERROR_UNSUPPORTED if there are more
// than a million.
std::vector<DataPart> numbered_parts(const std::string& header, const FilePattern& pattern,
                                     int64_t first, int64_t step, const PartSizes& sizes);

}  // namespace swr
