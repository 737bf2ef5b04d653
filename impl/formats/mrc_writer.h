// The header of a new MRC file, from scratch or from the header of an existing one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "formats/mrc_header.h"

namespace swr {

// The note of spacing and position of the axis of volumes, if they are not 1 and 0.
inline constexpr std::string_view mrc_volumes_key = "swr_volumes";
bool is_mrc_note(std::string_view key);
// The type of extended headers that hold notes.
inline constexpr std::string_view own_mrc_type = "SWR ";

// A header as it was read.
class MrcSource : public SourceHeader {
 public:
  MrcSource(MrcHeader read, std::string extended_header, bool in_stream)
      : header(std::move(read)), extended(std::move(extended_header)), compressed(in_stream) {}

  bool has_own_notes() const;
  bool has_foreign_header() const { return !extended.empty() && !has_own_notes(); }
  std::string type() const;  // what a user is told that it is
  std::vector<std::string> own_fields() const override;

  const MrcHeader header;
  const std::string extended;
  const bool compressed;  // the file is a gzip stream
};

Layout mrc_layout(const Image& image, const Storage& storage, int64_t offset,
                  const std::string& path);

NewFile write_mrc_header(const Image& image, const NewFileRequest& request);

// A warning of an extended header that describes another size.
std::vector<Remark> remarks_on_sections(const MrcSource& source);

}  // namespace swr
