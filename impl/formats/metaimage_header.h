// The header of a MetaImage file: its lines, as fields and metadata.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes_before.h"
#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/header_text.h"

namespace swr {

inline constexpr int most_metaimage_axes = 10;

// How MetaImage writes its lines.
const HeaderSyntax& metaimage_syntax(int dimensions);

// The lines of a header up to and including ElementDataFile.
class MetaImageSource : public BoundedHeader {
 public:
  MetaImageSource(HeaderDraft lines, int64_t end, bool is_all, bool is_list)
      : BoundedHeader(end), draft(std::move(lines)), is_whole_file(is_all), lists_files(is_list) {}
  std::vector<std::string> own_fields() const override;

  const HeaderDraft draft;
  const bool is_whole_file;  // nothing follows the lines in their file
  const bool lists_files;    // the data files are a list or a pattern, even if there is only one
};

struct MetaImageHeader {
  std::string path;
  std::unique_ptr<const std::string> text;  // what the views below refer to
  // MetaImage's own; if a name occurs twice, the last one
  std::map<std::string_view, HeaderValue> fields;
  Metadata metadata;                     // all other fields, and the descriptive ones
  std::vector<std::string_view> listed;  // the lines after ElementDataFile = LIST
  size_t end = 0;                        // the first byte after the line of ElementDataFile
  HeaderDraft draft{metaimage_syntax(3)};
};

MetaImageHeader read_metaimage_header(const std::string& path, OpenFiles& files);

// Splits "name = value"; the separator may also be a colon. False if there is none, or no name.
bool split_metaimage_line(const HeaderLine& line, std::string_view& name, HeaderValue& value);

}  // namespace swr
