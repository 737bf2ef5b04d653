// Extensions follow the header, one after another:
//   i32 esize, a multiple of 16, with these eight bytes    i32 ecode    esize - 8 bytes
// The one of swr has the code of a comment and holds notes (notes.h), padded with zeros.
#include "formats/nifti_extension.h"

#include <algorithm>
#include <iterator>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/notes.h"

namespace swr {
namespace {

constexpr int32_t comment_code = 6;
constexpr int64_t head_bytes = 8;
constexpr int64_t extension_unit = 16;

struct CodeName {
  int32_t code;
  std::string_view name;
  bool describes_shape = false;
};
constexpr CodeName code_names[] = {{2, "DICOM"},
                                   {4, "AFNI", true},
                                   {6, "comment"},
                                   {8, "XCEDE"},
                                   {10, "JIM"},
                                   {12, "workflow"},
                                   {14, "FreeSurfer"},
                                   {18, "MIND"},
                                   {30, "CARET"},
                                   {32, "CIFTI", true},
                                   {34, "variable frame timing"},
                                   {38, "EVAL"},
                                   {40, "MATLAB"},
                                   {42, "QUANTIPHYSE"},
                                   {44, "MRS"}};

const CodeName* name_of_code(int32_t code) {
  const auto* const found = std::find_if(std::begin(code_names), std::end(code_names),
                                         [&](const CodeName& entry) { return entry.code == code; });
  return found == std::end(code_names) ? nullptr : found;
}

}  // namespace

std::string make_nifti_extension(const Metadata& entries, int64_t least_bytes) {
  if (entries.empty()) return {};
  std::string text = notes_text(entries);
  text += '\0';  // ends the text
  if (std::ssize(text) + head_bytes < least_bytes)
    text.resize(static_cast<size_t>(least_bytes - head_bytes));
  return nifti_extension_bytes({comment_code, std::move(text)});
}

std::string nifti_extension_bytes(const NiftiExtension& extension) {
  const int64_t bytes = round_up(head_bytes + std::ssize(extension.bytes), extension_unit);
  std::string out(static_cast<size_t>(bytes), '\0');
  auto* const at = reinterpret_cast<std::byte*>(out.data());
  store<int32_t>(at, static_cast<int32_t>(bytes));
  store<int32_t>(at + sizeof(int32_t), extension.code);
  return out.replace(head_bytes, extension.bytes.size(), extension.bytes);
}

NiftiExtensions read_nifti_extensions(std::string_view bytes, bool big_endian) {
  NiftiExtensions found;
  while (bytes.size() >= static_cast<size_t>(extension_unit)) {
    const auto* const at = reinterpret_cast<const std::byte*>(bytes.data());
    const int32_t length = load<int32_t>(at, big_endian);
    const int32_t code = load<int32_t>(at + sizeof(int32_t), big_endian);
    if (length == 0 && code == 0) return found;  // zeros up to the pixels
    if (length < extension_unit || length % extension_unit != 0 ||
        static_cast<size_t>(length) > bytes.size()) {
      found.damaged = true;
      return found;
    }
    const std::string_view content =
        bytes.substr(head_bytes, static_cast<size_t>(length - head_bytes));
    if (code != comment_code || !read_notes(content, found.entries))
      found.others.push_back({code, std::string(content)});
    bytes.remove_prefix(static_cast<size_t>(length));
    found.bytes += length;
  }
  return found;
}

std::string nifti_extension_name(int32_t code) {
  const CodeName* const entry = name_of_code(code);
  return entry ? text(entry->name, " (code ", code, ")") : text("code ", code);
}

bool describes_shape(int32_t code) {
  const CodeName* const entry = name_of_code(code);
  return entry && entry->describes_shape;
}

}  // namespace swr
