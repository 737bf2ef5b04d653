// New headers of VTK's XML image data, and what is kept of an old one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "formats/vti_header.h"

namespace swr {

struct VtiSource final : SourceHeader {
  VtiSource(VtiHeader read, std::string after)
      : header(std::move(read)), trailer(std::move(after)) {}

  std::vector<std::string> own_fields() const override;
  // Those that a new header of pixels of so many components does not have.
  std::vector<std::string> lost_fields(int components) const;
  // Whether what the header says of the pixels' array is true of pixels of so many components.
  bool describes(int components) const;
  // Whether one array of one piece is all that is appended in front of the end.
  bool has_pixels_alone() const;
  // Whether nothing but end tags follows the pixels, or only some of their characters.
  bool has_plain_trailer() const;
  // The bytes of the end tags at its beginning, with the blanks after them; 0 if others precede.
  int64_t end_tag_bytes() const;
  bool has_cut_trailer() const;

  const VtiHeader header;
  const std::string trailer;  // the first bytes after the pixels
};

NewFile plan_vti(const Image& image, const NewFileRequest& request);
// The bytes of a number in front of an array.
std::string vti_length(int64_t bytes, int width, bool big_endian);

}  // namespace swr
