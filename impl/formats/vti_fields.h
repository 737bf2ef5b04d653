// FieldData in the header of VTK's XML image data: strings, which are metadata, and other arrays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "codecs/xml.h"
#include "formats/vti_document.h"
#include "formats/vti_header.h"
#include "storage/file.h"

namespace swr {

// Takes the elements in their order.
class VtiFieldScanner {
 public:
  // The document must outlive the scanner; the fields are added to the header's.
  VtiFieldScanner(const VtiDocument& document, std::vector<VtiFields>& fields)
      : document_(document), text_(document.text), fields_(fields) {}

  void begin_fields(const XmlElement& element);
  void finish_fields(size_t end);
  // offset: where its values are in the appended data, if they are there.
  void begin_field(const XmlElement& element, std::optional<int64_t> offset);
  // begin, tag, end: of its content, of its end tag and behind that, in the text.
  void finish_field(size_t begin, size_t tag, size_t end);

  // Reads the strings that are not text. Requires: the header has its place of the data.
  void add_stored_strings(const File& file, VtiHeader& header);

 private:
  struct StoredField {
    size_t fields;  // the number of its FieldData
    VtiString string;
    VtiArray array;
  };

  const VtiDocument& document_;
  std::string_view text_;
  std::vector<VtiFields>& fields_;
  size_t begin_ = 0;                           // of the FieldData around
  VtiArray array_{};                           // the array around
  std::optional<VtiString> string_{};          // the string around, without its value
  std::unordered_set<std::string> strings_{};  // the names of those before
  std::vector<StoredField> stored_{};          // strings that are not text

  void finish_stored_field(size_t begin, size_t tag);
  int64_t place_in_file(size_t at) const;
};

}  // namespace swr
