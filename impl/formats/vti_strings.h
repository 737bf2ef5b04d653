// Metadata in VTK's XML image data: strings in FieldData, as VTK's writer has them.
//
//   <FieldData>
//     <Array type="String" Name="Modality" NumberOfTuples="1" format="ascii">77 82 0</Array>
//   </FieldData>
//
// The numbers are the bytes of the text with a zero at its end; VTK, whose characters have a sign,
// writes those from 128 on as negative numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/xml.h"
#include "formats/vti_header.h"
#include "image/metadata.h"

namespace swr {

// Whether the element may be one string; its bytes decide.
bool is_vti_string(const XmlElement& element);
// Nothing for bytes that are not those of one string.
std::optional<std::string> vti_string(std::string_view bytes);
// Why an entry cannot be a string; nullptr if it can.
const char* vti_string_fault(const std::string& name, const std::string& value);
// The FieldData of a new file: that of an old one, in which entries with other values change and
// those that are not in the metadata go, and then new entries. Each line begins with four blanks.
std::string vti_fields(const std::vector<VtiFields>& old, const Metadata& metadata);

}  // namespace swr
