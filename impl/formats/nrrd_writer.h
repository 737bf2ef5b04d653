// The header of a new NRRD file, from scratch or from the header of an existing one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/format.h"
#include "formats/nrrd_axes.h"

namespace swr {

// Fields that are kept as metadata, under the keys that ITK gives them.
inline constexpr std::string_view nrrd_content_key = "NRRD_content";
inline constexpr std::string_view nrrd_sample_units_key = "NRRD_sample units";
inline constexpr std::string_view nrrd_measurement_frame_key = "NRRD_measurement frame";
// The key of the value scale, "slope intercept", for which NRRD has no field.
inline constexpr std::string_view nrrd_value_scale_key = "swr_value_scale";

// A header as it was read.
class NrrdSource : public SourceHeader {
 public:
  NrrdSource(HeaderDraft lines, NrrdAxes header_axes, std::string text_after, bool is_list)
      : draft(std::move(lines)),
        axes(std::move(header_axes)),
        after(std::move(text_after)),
        lists_files(is_list) {}
  std::vector<std::string> own_fields() const override;

  const HeaderDraft draft;
  const NrrdAxes axes;      // without its image
  const std::string after;  // what follows the lines: an empty one, and pixels
  const bool lists_files;   // each data file has a share of the pixels, also if there is only one
};

struct NewNrrdHeader {
  std::string text;
  int component_axis = 0;  // how many axes are faster than the components
  std::vector<Remark> remarks;
};

// `data_file` is empty if the pixels follow the header, which is then filled up if they are raw.
NewNrrdHeader write_nrrd_header(const Image& image, const NewFileRequest& request,
                                const std::string& data_file);

// The lines of the header with another size of the slowest axis: in as many bytes as before, unless
// its pixels are in a file of their own; nothing if it has no room. `now` is the image of the file.
std::optional<std::string> grown_nrrd_lines(const NrrdSource& source, const Image& now,
                                            const Image& grown);

}  // namespace swr
