// The header of a new NRRD file, from scratch or from the header of an existing one.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"

namespace swr {

struct NewNrrdHeader {
  std::string text;
  int component_axis = 0;  // the number of axes that are faster than the components
  std::vector<Remark> remarks;
};

// `data_file` is empty if the pixels follow the header. The header is padded if raw pixels follow.
NewNrrdHeader write_nrrd_header(const Image& image, const NewFileRequest& request,
                                const std::string& data_file);

}  // namespace swr
