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

// `data_file` is what ElementDataFile names. The header is filled up if raw pixels follow it.
NewMetaImageHeader write_metaimage_header(const Image& image, const NewFileRequest& request,
                                          const std::string& data_file);

// The header with another size of the slowest axis: in as many bytes as before, unless its pixels
// are in a file of their own; nothing if it has no room.
std::optional<std::string> grown_metaimage_header(const MetaImageSource& source,
                                                  const Image& grown);

}  // namespace swr
