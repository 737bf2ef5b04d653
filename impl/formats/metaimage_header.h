// The header of a MetaImage file, as lines and as what they mean.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/header_text.h"

namespace swr {

// How MetaImage writes its lines.
const HeaderSyntax& metaimage_syntax(int dimensions);

// The lines of a header up to that of ElementDataFile.
class MetaImageSource : public SourceHeader {
 public:
  MetaImageSource(HeaderDraft lines, bool is_all, bool is_list)
      : draft(std::move(lines)), is_whole_file(is_all), lists_files(is_list) {}
  std::vector<std::string> own_fields() const override;

  const HeaderDraft draft;
  const bool is_whole_file;  // nothing follows the lines in their file
  const bool lists_files;    // each data file has a share of the pixels, also if there is only one
};

struct MetaImageHeader {
  std::string path;
  std::unique_ptr<const std::string> text;  // what the views below look at
  std::map<std::string_view, HeaderValue>
      fields;                            // MetaImage's own; of several with one name the last
  Metadata metadata;                     // all others, and the descriptive ones
  std::vector<std::string_view> listed;  // the lines behind ElementDataFile = LIST
  size_t end = 0;                        // the first byte behind the line of ElementDataFile
  HeaderDraft draft{metaimage_syntax(3)};
};

MetaImageHeader read_metaimage_header(const std::string& path, OpenFiles& files);

// What the header says of the image and of its pixels' place.
Description describe_metaimage(MetaImageHeader header);

// Splits "name = value"; the separator may also be a colon. False if there is none, or no name.
bool split_metaimage_line(const HeaderLine& line, std::string_view& name, HeaderValue& value);

// MetaImage's own fields, whose names metadata cannot have, but for the descriptive ones: they hold
// a text and change nothing else.
bool is_metaimage_field(std::string_view name);
bool is_descriptive_field(std::string_view name);

// What "True" and its like say.
bool metaimage_flag(std::string_view value);

// "MET_SHORT" and its like; SWR_COMPONENT_UNKNOWN if there is none.
swr_component metaimage_component(std::string_view type);
const char* metaimage_type(swr_component component);

// The kind of pixels of which the file says nothing more.
swr_kind metaimage_default_kind(swr_component component, int components);

}  // namespace swr
