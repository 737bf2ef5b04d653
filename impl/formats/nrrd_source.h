// The header of an existing NRRD file, as lines that can be changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes_before.h"
#include "formats/format.h"
#include "formats/nrrd_axes.h"

namespace swr {

// The header of an existing file.
class NrrdSource : public BoundedHeader {
 public:
  NrrdSource(HeaderDraft lines, int64_t end, NrrdAxes header_axes, std::string text_after,
             bool is_list)
      : BoundedHeader(end),
        draft(std::move(lines)),
        axes(std::move(header_axes)),
        after(std::move(text_after)),
        lists_files(is_list) {}
  std::vector<std::string> own_fields() const override;

  const HeaderDraft draft;
  const NrrdAxes axes;      // without its image
  const std::string after;  // what follows the lines: the empty line and, perhaps, pixels
  const bool lists_files;   // the data files are a list or a pattern, even if there is only one
};

// The words of a field that has one for each axis, and the text that they make.
std::vector<std::string> nrrd_axis_words(const HeaderDraft::Line& line);
std::string joined_nrrd_words(const std::vector<std::string>& words);

// Changes "axis mins" and "axis maxs" as the sizes and the start index do. `axes` are those of the
// draft, which is the header of `before`.
void move_nrrd_bounds(HeaderDraft& draft, const NrrdAxes& axes, const Image& before,
                      const Image& image);
// Changes "number", where it is a number, to the product of the sizes.
void set_nrrd_number(HeaderDraft& draft, const std::vector<int64_t>& sizes);

// The lines of the header with a new size of the slowest axis. They have the same length, unless
// the data file is detached. Returns nothing if there is no room. `now` is the image of the file.
std::optional<std::string> grown_nrrd_lines(const NrrdSource& source, const Image& now,
                                            const Image& grown);

}  // namespace swr
