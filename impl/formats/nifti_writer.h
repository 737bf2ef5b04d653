// The header of a new NIfTI file, from scratch or from the header of an existing one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes_before.h"
#include "formats/format.h"
#include "formats/nifti_extension.h"
#include "formats/nifti_header.h"
#include "formats/nifti_shape.h"

namespace swr {

// Keys in the extension for what the header has no field for.
inline constexpr std::string_view nifti_kind_key = "swr_kind";
inline constexpr std::string_view nifti_dimensions_key = "swr_dimensions";
inline constexpr std::string_view nifti_origin_key = "swr_origin";  // of the axes after the fourth
bool is_nifti_note(std::string_view key);
// Metadata keys of the header's text fields.
inline constexpr std::string_view nifti_description_key = "descrip";
inline constexpr std::string_view nifti_auxiliary_file_key = "aux_file";
inline constexpr std::string_view nifti_intent_name_key = "intent_name";

// A header as it was read.
class NiftiSource : public BoundedHeader {
 public:
  NiftiSource(NiftiHeader fields, NiftiExtensions found, bool in_stream)
      : BoundedHeader(fields.bytes() + 4 + found.bytes),
        header(std::move(fields)),
        extensions(std::move(found)),
        compressed(in_stream) {}
  std::vector<std::string> own_fields() const override;

  const NiftiHeader header;
  const NiftiExtensions extensions;
  const bool compressed;  // the file with the header is a gzip stream
};

struct NewNiftiHeader {
  std::string bytes;   // header and extensions
  int64_t offset = 0;  // of the first pixel, if the pixels follow
  NiftiShape shape;
  std::vector<Remark> remarks;
};

struct NiftiPlace {
  bool pair = false;     // the data file is detached
  bool aligned = false;  // the pixels follow at a multiple of the page size
};

NewNiftiHeader write_nifti_header(const Image& image, const NewFileRequest& request,
                                  const NiftiPlace& place);

// Warnings about extensions that describe the old size.
std::vector<Remark> remarks_on_size(const NiftiSource& source);

}  // namespace swr
