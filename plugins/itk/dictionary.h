// ITK's dictionary of metadata and the metadata of a file.
#pragma once

#include <itkMetaDataDictionary.h>

#include <string>
#include <vector>

#include "swr/swr.h"

namespace swr_itk {

// Fills the dictionary with what the open file has: strings, as ITK's own readers give them.
void read_dictionary(swr_reader* reader, const std::string& format,
                     itk::MetaDataDictionary& dictionary);

// Sets what a new file of the format shall have. What the format cannot hold is left out, as ITK
// does, and said in `warnings`. Requires: all other settings of the writer are made.
void write_dictionary(const itk::MetaDataDictionary& dictionary, const std::string& format,
                      swr_writer* writer, std::vector<std::string>& warnings);

}  // namespace swr_itk
