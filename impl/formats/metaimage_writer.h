// The header of a new MetaImage file, from scratch or from the header of an existing one.
#pragma once

#include <string>

#include "formats/format.h"
#include "formats/metaimage_header.h"

namespace swr {

struct NewMetaImageHeader {
  std::string text;
  NumberField stream_bytes_field;  // of compressed pixels
  std::vector<Remark> remarks;
};

// `data_file` is the value of ElementDataFile. The header is padded if raw pixels follow it.
NewMetaImageHeader write_metaimage_header(const Image& image, const NewFileRequest& request,
                                          const std::string& data_file);

// The unit in which the header states this axis (Format::stated_unit).
swr_unit metaimage_unit(const Image& image, const Image* old, int axis);

// The header with a new size of the slowest axis. It has the same length, unless the data file is
// detached. Returns nothing if it has no room.
std::optional<std::string> grown_metaimage_header(const MetaImageSource& source,
                                                  const Image& grown);

}  // namespace swr
